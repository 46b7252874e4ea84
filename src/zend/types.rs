//! Declared types: from PHP's notation to PHP's masks.
use super::ffi::*;
use std::ffi::CString;

/// A parsed type; owns the class names that PHP reads at registration.
pub(super) struct Type {
    mask: u32,
    class: Option<CString>,
}

impl Type {
    /// Reads `?int`, `array|string|null`, `Swoole\Server|false`, `mixed`; empty = no type.
    pub(super) fn parse(text: &str) -> Type {
        let mut mask = 0;
        let mut classes: Vec<&str> = Vec::new();
        let text = text.strip_prefix('?').inspect(|_| mask |= 1 << T_NULL).unwrap_or(text);
        for part in text.split('|').filter(|p| !p.is_empty()) {
            match NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(part)) {
                Some((_, bits)) => mask |= bits,
                None => classes.push(part),
            }
        }
        let class =
            (!classes.is_empty()).then(|| CString::new(classes.join("|")).unwrap_or_default());
        Type { mask, class }
    }

    /// PHP's form; it points into `self`, which must live as long as the table.
    pub(super) fn zend(&self, flags: u32) -> zend_type {
        let name_bit = if PHP_83 { 1 << 23 } else { 1 << 24 };
        match &self.class {
            None => zend_type { ptr: std::ptr::null_mut(), type_mask: self.mask | flags },
            Some(c) => zend_type {
                ptr: c.as_ptr().cast_mut().cast(),
                type_mask: self.mask | flags | name_bit,
            },
        }
    }
}

const NAMES: [(&str, u32); 14] = [
    ("null", 1 << 1),
    ("false", 1 << 2),
    ("true", 1 << 3),
    ("bool", 3 << 2),
    ("int", 1 << 4),
    ("float", 1 << 5),
    ("string", 1 << 6),
    ("array", 1 << 7),
    ("object", 1 << 8),
    ("callable", 1 << 12),
    ("void", 1 << 14),
    ("static", 1 << 15),
    ("never", 1 << 17),
    ("mixed", 0x3fe),
];
