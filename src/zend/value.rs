//! One owned PHP value.
use super::{
    array::Array,
    error::{Thrown, pending},
    fence,
    ffi::*,
    object::ObjRef,
    string::ZStr,
};
use std::{fmt, marker::PhantomData, mem::ManuallyDrop};

/// One reference on a PHP value of any type; never itself a PHP reference (`&`): taking a value in
/// follows references. Clone adds a reference. Drop gives it back at once, inside a fence: a
/// destructor may run, throw (the exception is then pending) or bail out (then recorded).
#[repr(transparent)]
pub struct Value(pub(super) Raw, PhantomData<*mut ()>);

/// The type of a [`Value`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Null,
    Bool,
    Long,
    Double,
    Str,
    Array,
    Object,
    Resource,
}

impl Value {
    /// `null`.
    pub const fn null() -> Value {
        Value(Raw::NULL, PhantomData)
    }
    /// `true` or `false`.
    pub const fn bool(b: bool) -> Value {
        Value(Raw::bool(b), PhantomData)
    }
    /// An int.
    pub const fn long(v: i64) -> Value {
        Value(Raw::long(v), PhantomData)
    }
    /// A float.
    pub const fn double(v: f64) -> Value {
        Value(Raw::double(v), PhantomData)
    }
    /// A new string with these bytes.
    pub fn str(v: &[u8]) -> Value {
        ZStr::from_bytes(v).into()
    }

    /// The type.
    pub fn kind(&self) -> Kind {
        match self.0.kind() {
            T_FALSE | T_TRUE => Kind::Bool,
            T_LONG => Kind::Long,
            T_DOUBLE => Kind::Double,
            T_STRING => Kind::Str,
            T_ARRAY => Kind::Array,
            T_OBJECT => Kind::Object,
            T_RESOURCE => Kind::Resource,
            _ => Kind::Null,
        }
    }
    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.0.kind() <= T_NULL
    }
    /// Exactly `false`.
    pub fn is_false(&self) -> bool {
        self.0.kind() == T_FALSE
    }
    /// The bool, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.0.kind() {
            T_FALSE => Some(false),
            T_TRUE => Some(true),
            _ => None,
        }
    }
    /// The int, if it is one.
    pub fn as_long(&self) -> Option<i64> {
        // SAFETY: plain bits, used only if the type says so.
        (self.0.kind() == T_LONG).then_some(unsafe { self.0.val.long })
    }
    /// The float, if it is one.
    pub fn as_double(&self) -> Option<f64> {
        // SAFETY: plain bits, used only if the type says so.
        (self.0.kind() == T_DOUBLE).then_some(unsafe { self.0.val.double })
    }
    /// The bytes, if it is a string.
    pub fn as_str(&self) -> Option<&[u8]> {
        // SAFETY: the type says which field is alive; our reference keeps the string unchanged.
        (self.0.kind() == T_STRING).then(|| unsafe { bytes(self.0.val.string) })
    }
    /// The string as a handle of its own, if it is a string.
    pub fn as_zstr(&self) -> Option<ZStr> {
        // SAFETY: the type says which field is alive.
        (self.0.kind() == T_STRING).then(|| unsafe { ZStr::from_borrowed(self.0.val.string) })
    }
    /// The array as a handle of its own, if it is one.
    pub fn as_array(&self) -> Option<Array> {
        // SAFETY: the type says which field is alive.
        (self.0.kind() == T_ARRAY).then(|| unsafe { Array::from_borrowed(self.0.val.array) })
    }
    /// The object as a handle of its own, if it is one.
    pub fn as_object(&self) -> Option<ObjRef> {
        // SAFETY: the type says which field is alive.
        (self.0.kind() == T_OBJECT).then(|| unsafe { ObjRef::from_borrowed(self.0.val.object) })
    }

    /// The object with this value's own reference, if it is one.
    pub fn into_object(self) -> Option<ObjRef> {
        if self.0.kind() != T_OBJECT {
            return None;
        }
        // SAFETY: the type says which field is alive; the reference moves.
        Some(unsafe { ObjRef::from_owned(self.into_raw().val.object) })
    }

    /// PHP's truth (`(bool)$x`).
    pub fn is_true(&self) -> bool {
        match self.0.kind() {
            T_TRUE => true,
            T_UNDEF | T_NULL | T_FALSE => false,
            T_OBJECT => {
                let mut out = true;
                let (z, to) = (self.0.as_zval(), &raw mut out);
                // SAFETY: only C below; an object may have its own conversion.
                unsafe { fence::leaf(|| *to = zend_is_true(z).truth()) };
                out
            }
            // SAFETY: a live value that is no object: no PHP code runs.
            _ => unsafe { zend_is_true(self.0.as_zval()).truth() },
        }
    }
    /// PHP's string conversion. Runs `__toString` and user error handlers.
    pub fn to_zstr(&self) -> Result<ZStr, Thrown> {
        if let Some(s) = self.as_zstr() {
            return Ok(s);
        }
        let mut out: *mut zend_string = std::ptr::null_mut();
        let (z, to) = (self.0.as_zval(), &raw mut out);
        // SAFETY: only C below.
        unsafe { fence::leaf(|| *to = zval_get_string_func(z)) };
        if out.is_null() {
            return Err(Thrown);
        }
        // SAFETY: the conversion gave one reference.
        let s = unsafe { ZStr::from_owned(out) };
        if pending() { Err(Thrown) } else { Ok(s) }
    }
    /// PHP's int conversion (`(int)$x`); 0 if the conversion threw, with the exception pending.
    pub fn to_long(&self) -> i64 {
        if let Some(v) = self.as_long() {
            return v;
        }
        let mut out = 0;
        let (z, to) = (self.0.as_zval(), &raw mut out);
        // SAFETY: only C below.
        unsafe { fence::leaf(|| *to = zval_get_long_func(z, false)) };
        out
    }
    /// PHP's float conversion (`(float)$x`).
    pub fn to_double(&self) -> f64 {
        if let Some(v) = self.as_double() {
            return v;
        }
        let mut out = 0.0;
        let (z, to) = (self.0.as_zval(), &raw mut out);
        // SAFETY: only C below.
        unsafe { fence::leaf(|| *to = zval_get_double_func(z)) };
        out
    }
    /// How many references stand on what this value points at; 0 where PHP counts none.
    pub fn refcount(&self) -> u32 {
        // SAFETY: a counted value points at a live head.
        if self.0.is_counted() { unsafe { (*self.0.val.counted).refcount } } else { 0 }
    }

    /// # Safety
    /// `z` points at a live zval. Follows references, adds one to the value.
    pub(super) unsafe fn from_borrowed(z: *mut Raw) -> Value {
        // SAFETY: live by the caller's promise.
        unsafe {
            let raw = *deref(z);
            raw.add_ref();
            Value(if raw.kind() == T_UNDEF { Raw::NULL } else { raw }, PhantomData)
        }
    }
    /// # Safety
    /// The reference in `raw` is handed over; `raw` is no PHP reference.
    pub(super) const unsafe fn from_owned(raw: Raw) -> Value {
        Value(raw, PhantomData)
    }
    /// Takes a return value over: follows a reference that a by-reference function gave back.
    ///
    /// # Safety
    /// The reference in `raw` is handed over.
    pub(super) unsafe fn from_returned(mut raw: Raw) -> Value {
        match raw.kind() {
            T_UNDEF => Value::null(),
            T_REFERENCE => {
                // SAFETY: the value is copied with its own count before the reference goes.
                let v = unsafe { Value::from_borrowed(&raw mut raw) };
                // SAFETY: handed over by the caller.
                drop(Value(raw, PhantomData));
                v
            }
            // SAFETY: handed over by the caller, and no reference.
            _ => unsafe { Value::from_owned(raw) },
        }
    }
    pub(super) fn into_raw(self) -> Raw {
        ManuallyDrop::new(self).0
    }
}

impl Clone for Value {
    #[inline]
    fn clone(&self) -> Value {
        // SAFETY: our reference keeps it alive.
        unsafe { self.0.add_ref() };
        Value(self.0, PhantomData)
    }
}

impl Drop for Value {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_counted() {
            // SAFETY: gives back the one reference we hold.
            unsafe { release(self.0) };
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?})", self.kind())
    }
}

impl From<ZStr> for Value {
    fn from(s: ZStr) -> Value {
        // SAFETY: the handle's reference moves into the value.
        Value(unsafe { Raw::string(s.into_raw()) }, PhantomData)
    }
}
impl From<&super::Interned> for Value {
    fn from(s: &super::Interned) -> Value {
        s.zstr().into()
    }
}
impl From<Array> for Value {
    fn from(a: Array) -> Value {
        // SAFETY: the handle's reference moves into the value.
        Value(unsafe { Raw::array(a.into_raw()) }, PhantomData)
    }
}
impl From<ObjRef> for Value {
    fn from(o: ObjRef) -> Value {
        Value(Raw::object(o.into_raw()), PhantomData)
    }
}
impl From<&ObjRef> for Value {
    fn from(o: &ObjRef) -> Value {
        o.clone().into()
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::bool(b)
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Value {
        Value::long(v)
    }
}
impl From<i32> for Value {
    fn from(v: i32) -> Value {
        Value::long(v.into())
    }
}
impl From<f64> for Value {
    fn from(v: f64) -> Value {
        Value::double(v)
    }
}
impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Value {
        Value::str(v)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Value {
        Value::str(v.as_bytes())
    }
}

/// Gives one reference back. What may run PHP code (the last reference on an object, array or
/// resource, or a collector run that the count triggers) does so inside a fence.
///
/// # Safety
/// `raw` is counted and its reference is handed over.
pub(super) unsafe fn release(raw: Raw) {
    if raw.kind() == T_STRING {
        // SAFETY: handed over; freeing a string runs no PHP code.
        unsafe { zval_ptr_dtor(raw.as_zval()) };
        return;
    }
    // SAFETY: handed over. Only C below; the copy of the zval lives in this frame, which outlives the
    // call.
    unsafe {
        if !give_back(raw) {
            fence::leaf(|| zval_ptr_dtor(raw.as_zval()));
        }
    }
}

/// Gives back one reference if nothing can run: it is not the last, and the collector knows the value
/// already or need not. `false`: nothing was done.
///
/// # Safety
/// `raw` is counted; with `true` its reference is gone.
#[inline]
pub(super) unsafe fn give_back(raw: Raw) -> bool {
    // SAFETY: a counted value points at a live head.
    unsafe {
        let head = raw.val.counted;
        let quiet = (*head).refcount > 1 && (*head).info & (GC_KNOWN | GC_NOT_COLLECTABLE) != 0;
        if quiet {
            (*head).refcount -= 1;
        }
        quiet
    }
}
