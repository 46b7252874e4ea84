//! Work that PHP itself does best: parsing query strings, and finding the descriptor behind a
//! PHP value.
use super::{
    array::Array,
    error::take_exception,
    fence::{self, Outcome, call_function},
    ffi::*,
    value::{Kind, Value},
};
use std::ffi::{c_int, c_void};

/// Parses an urlencoded query or body as `parse_str` does: `a[b][]`, `max_input_vars`.
pub fn parse_query(text: &[u8]) -> Array {
    let mut out = Value::from(Array::new(8));
    let z = out.0.as_mut();
    let (at, len) = (text.as_ptr(), text.len());
    // SAFETY: only C below; PHP's parser takes a NUL-terminated copy on its own heap and frees it.
    unsafe {
        fence::leaf(|| {
            let copy = ext_php_rs::alloc::emalloc(std::alloc::Layout::from_size_align_unchecked(
                len + 1,
                1,
            ));
            std::ptr::copy_nonoverlapping(at, copy, len);
            *copy.add(len) = 0;
            if let Some(parse) = (*ext_php_rs_sapi_module()).treat_data {
                parse(PARSE_STRING, copy.cast(), z);
            }
        });
    }
    out.as_array().unwrap_or_else(|| Array::new(0))
}

/// The OS descriptor behind an int, a stream, or a `Socket` of ext-sockets; `None` when there is none.
///
/// A `Socket` is asked through `socket_export_stream()`, the one public way that needs no link to
/// ext-sockets: PHP then keeps that stream inside the Socket, which goes on working.
pub fn descriptor_of(v: &Value) -> Option<i32> {
    match v.kind() {
        Kind::Long => v.as_long().and_then(|n| i32::try_from(n).ok()).filter(|n| *n >= 0),
        Kind::Resource => stream_descriptor(v),
        Kind::Object => {
            let o = v.as_object()?;
            if &*o.class_name() != b"Socket" {
                return None;
            }
            match call_function("socket_export_stream", std::slice::from_ref(v)) {
                Outcome::Value(stream) => stream_descriptor(&stream),
                Outcome::Threw => {
                    drop(take_exception());
                    None
                }
                Outcome::Exited | Outcome::Bailed => None,
            }
        }
        Kind::Null | Kind::Bool | Kind::Double | Kind::Str | Kind::Array => None,
    }
}

fn stream_descriptor(v: &Value) -> Option<i32> {
    if v.kind() != Kind::Resource {
        return None;
    }
    let mut fd: c_int = -1;
    let mut ok = false;
    let (z, to, said) = (v.0.as_zval(), &raw mut fd, &raw mut ok);
    // SAFETY: only C below; a null name makes PHP quiet about other resources. The cast for select
    // leaves buffered data alone.
    unsafe {
        fence::leaf(|| {
            let s = zend_fetch_resource2_ex(
                z,
                std::ptr::null(),
                php_file_le_stream(),
                php_file_le_pstream(),
            );
            if !s.is_null() {
                *said =
                    _php_stream_cast(s, AS_FD_FOR_SELECT | INTERNAL, to.cast::<*mut c_void>(), 0)
                        == 0;
            }
        });
    }
    (ok && fd >= 0).then_some(fd)
}

const PARSE_STRING: c_int = 3;
const AS_FD_FOR_SELECT: c_int = 3;
const INTERNAL: c_int = 0x2000_0000;
