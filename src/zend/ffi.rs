//! The raw side: PHP's structs as this layer reads them, and symbols that bindgen leaves out.
//!
//! The layouts of `zval`, `zend_refcounted_h` and `zend_reference` are equal in PHP 8.1 to 8.4 and in
//! debug builds. bindgen's own `zval` has a `Drop`, so it must never be copied bit by bit: [`Raw`] can.
pub(super) use ext_php_rs::ffi::*;
use std::ffi::{c_char, c_int, c_uint, c_void};

/// A zval: plain bits, no ownership.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Raw {
    pub(super) val: Payload,
    pub(super) info: u32,
    pub(super) extra: u32,
}

/// The value part of a zval; which field is alive is said by `Raw::info`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) union Payload {
    pub(super) long: i64,
    pub(super) double: f64,
    pub(super) counted: *mut Counted,
    pub(super) string: *mut zend_string,
    pub(super) array: *mut zend_array,
    pub(super) object: *mut zend_object,
    pub(super) resource: *mut zend_resource,
    pub(super) reference: *mut Reference,
    pub(super) indirect: *mut Raw,
}

/// The head of everything with a reference count.
#[repr(C)]
pub(super) struct Counted {
    pub(super) refcount: u32,
    pub(super) info: u32,
}

/// A PHP reference (`&$x`).
#[repr(C)]
pub(super) struct Reference {
    pub(super) gc: Counted,
    pub(super) val: Raw,
    pub(super) sources: *mut c_void,
}

pub(super) const T_UNDEF: u32 = 0;
pub(super) const T_NULL: u32 = 1;
pub(super) const T_FALSE: u32 = 2;
pub(super) const T_TRUE: u32 = 3;
pub(super) const T_LONG: u32 = 4;
pub(super) const T_DOUBLE: u32 = 5;
pub(super) const T_STRING: u32 = 6;
pub(super) const T_ARRAY: u32 = 7;
pub(super) const T_OBJECT: u32 = 8;
pub(super) const T_RESOURCE: u32 = 9;
pub(super) const T_REFERENCE: u32 = 10;
pub(super) const T_INDIRECT: u32 = 12;
pub(super) const REFCOUNTED: u32 = 1 << 8;
const COLLECTABLE: u32 = 1 << 9;
/// `GC_IMMUTABLE`, which is `IS_STR_INTERNED` for strings: such a thing has no count to touch.
pub(super) const IMMUTABLE: u32 = 1 << 6;
/// `GC_INFO_MASK`: set while the collector has it among its possible roots.
pub(super) const GC_KNOWN: u32 = 0xffff_fc00;
/// `GC_NOT_COLLECTABLE`, as a flag in the head.
pub(super) const GC_NOT_COLLECTABLE: u32 = 1 << 4;
/// The type info of a string on the request's heap.
pub(super) const GC_STRING: u32 = T_STRING | 1 << 4;
/// PHP 8.2, 8.3 and 8.4 by module API number.
pub(super) const PHP_82: bool = ZEND_MODULE_API_NO >= 20_220_829;
pub(super) const PHP_83: bool = ZEND_MODULE_API_NO >= 20_230_831;

/// What C calls true: an `int` up to PHP 8.3, a `bool` since.
pub(super) trait Truth {
    fn truth(self) -> bool;
}
impl Truth for c_int {
    fn truth(self) -> bool {
        self != 0
    }
}
impl Truth for bool {
    fn truth(self) -> bool {
        self
    }
}

impl Raw {
    pub(super) const UNDEF: Raw = Raw::bare(T_UNDEF);
    pub(super) const NULL: Raw = Raw::bare(T_NULL);

    const fn bare(kind: u32) -> Raw {
        Raw { val: Payload { long: 0 }, info: kind, extra: 0 }
    }
    pub(super) const fn bool(b: bool) -> Raw {
        Raw::bare(if b { T_TRUE } else { T_FALSE })
    }
    pub(super) const fn long(v: i64) -> Raw {
        Raw { val: Payload { long: v }, info: T_LONG, extra: 0 }
    }
    pub(super) const fn double(v: f64) -> Raw {
        Raw { val: Payload { double: v }, info: T_DOUBLE, extra: 0 }
    }
    /// # Safety
    /// `s` is a live string.
    pub(super) unsafe fn string(s: *mut zend_string) -> Raw {
        // SAFETY: live by the caller's promise.
        let counted = unsafe { (*s.cast::<Counted>()).info } & IMMUTABLE == 0;
        let info = if counted { T_STRING | REFCOUNTED } else { T_STRING };
        Raw { val: Payload { string: s }, info, extra: 0 }
    }
    /// # Safety
    /// `a` is a live array.
    pub(super) unsafe fn array(a: *mut zend_array) -> Raw {
        // SAFETY: live by the caller's promise.
        let counted = unsafe { (*a.cast::<Counted>()).info } & IMMUTABLE == 0;
        let info = if counted { T_ARRAY | REFCOUNTED | COLLECTABLE } else { T_ARRAY };
        Raw { val: Payload { array: a }, info, extra: 0 }
    }
    pub(super) const fn resource(r: *mut zend_resource) -> Raw {
        Raw { val: Payload { resource: r }, info: T_RESOURCE | REFCOUNTED, extra: 0 }
    }
    pub(super) const fn object(o: *mut zend_object) -> Raw {
        Raw { val: Payload { object: o }, info: T_OBJECT | REFCOUNTED | COLLECTABLE, extra: 0 }
    }
    pub(super) const fn kind(&self) -> u32 {
        self.info & 0xff
    }
    pub(super) const fn is_counted(&self) -> bool {
        self.info & 0xff00 != 0
    }
    /// Adds one reference to what this zval points at.
    ///
    /// # Safety
    /// What it points at is alive.
    #[inline]
    pub(super) unsafe fn add_ref(&self) {
        if self.is_counted() {
            // SAFETY: a counted zval points at a live head.
            unsafe { (*self.val.counted).refcount += 1 };
        }
    }
    /// For C that writes to the zval.
    pub(super) fn as_mut(&mut self) -> *mut zval {
        (&raw mut *self).cast()
    }
    /// For C that only reads.
    pub(super) fn as_zval(&self) -> *mut zval {
        (&raw const *self).cast_mut().cast()
    }
}

/// Follows `IS_INDIRECT` and `IS_REFERENCE`.
///
/// # Safety
/// `z` points at a live zval.
#[inline]
pub(super) unsafe fn deref(mut z: *mut Raw) -> *mut Raw {
    // SAFETY: an indirect or reference zval points at a live zval.
    unsafe {
        if (*z).kind() == T_INDIRECT {
            z = (*z).val.indirect;
        }
        if (*z).kind() == T_REFERENCE { &raw mut (*(*z).val.reference).val } else { z }
    }
}

/// The bytes of a string.
///
/// # Safety
/// `s` stays alive and unchanged for `'a`.
#[inline]
pub(super) unsafe fn bytes<'a>(s: *const zend_string) -> &'a [u8] {
    // SAFETY: `val` is the first of `len` bytes.
    unsafe { std::slice::from_raw_parts((&raw const (*s).val).cast(), (*s).len) }
}

/// The executor's globals of this thread.
#[inline]
pub(super) fn eg() -> *mut zend_executor_globals {
    // SAFETY: no precondition: the address of a global.
    unsafe { ext_php_rs_executor_globals() }
}

/// A declared property's slot.
///
/// # Safety
/// `o` is alive and its class has more than `n` slots.
#[inline]
pub(super) unsafe fn slot(o: *mut zend_object, n: usize) -> *mut Raw {
    // SAFETY: the table follows the object's head.
    unsafe { (&raw mut (*o).properties_table).cast::<Raw>().add(n) }
}

unsafe extern "C" {
    pub(super) static mut zend_ce_closure: *mut zend_class_entry;
    pub(super) fn zend_parse_arg_long_slow(a: *mut zval, d: *mut i64, n: u32) -> bool;
    pub(super) fn zend_parse_arg_bool_slow(a: *mut zval, d: *mut bool, n: u32) -> bool;
    pub(super) fn zend_parse_arg_double_slow(a: *mut zval, d: *mut f64, n: u32) -> bool;
    pub(super) fn zend_parse_arg_str_slow(a: *mut zval, d: *mut *mut zend_string, n: u32) -> bool;
    pub(super) fn zend_wrong_parameter_type_error(n: u32, expected: c_uint, a: *mut zval);
    pub(super) fn zval_get_string_func(z: *mut zval) -> *mut zend_string;
    pub(super) fn zval_get_long_func(z: *mut zval, is_legacy: bool) -> i64;
    pub(super) fn zval_get_double_func(z: *mut zval) -> f64;
    pub(super) fn zend_get_executed_filename_ex() -> *mut zend_string;
    pub(super) fn zend_get_executed_lineno() -> u32;
    pub(super) fn zend_ini_string_ex(
        name: *const c_char,
        len: usize,
        orig: c_int,
        exists: *mut bool,
    ) -> *mut c_char;
    pub(super) fn zend_unregister_ini_entries(module_number: c_int);
    pub(super) fn zend_register_functions(
        scope: *mut zend_class_entry,
        functions: *const zend_function_entry,
        table: *mut HashTable,
        kind: c_int,
    ) -> c_int;
    pub(super) fn zend_try_assign_typed_ref(r: *mut Reference, v: *mut zval) -> c_int;
    pub(super) fn zend_hash_get_current_key_ex(
        ht: *const HashTable,
        s: *mut *mut zend_string,
        n: *mut u64,
        pos: *const u32,
    ) -> c_int;
    pub(super) fn zend_hash_internal_pointer_reset_ex(ht: *mut HashTable, pos: *mut u32);
    pub(super) fn zend_fetch_resource2_ex(
        z: *mut zval,
        name: *const c_char,
        a: c_int,
        b: c_int,
    ) -> *mut c_void;
    pub(super) fn php_file_le_stream() -> c_int;
    pub(super) fn php_file_le_pstream() -> c_int;
    pub(super) fn _php_stream_cast(
        s: *mut c_void,
        castas: c_int,
        ret: *mut *mut c_void,
        show_err: c_int,
    ) -> c_int;
    pub(super) fn object_init_ex(z: *mut zval, ce: *mut zend_class_entry) -> c_int;
}
