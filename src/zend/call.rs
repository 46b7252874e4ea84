//! One call from PHP into Rust: `$this`, arguments with PHP's own coercions, the return value.
use super::{
    array::Array,
    callback::Callback,
    class::{self, State},
    error::{self, Thrown, pending},
    fence,
    ffi::*,
    object::ObjRef,
    string::ZStr,
    value::{Value, release},
};
use std::{
    marker::PhantomData,
    mem::MaybeUninit,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
};

/// The body of a method or function: a plain `fn(&Call<'_>) -> Result<(), Thrown>`. What it returns
/// stands in the call (`ret_*`; without one: null). A panic becomes PHP's `Error`.
pub trait Body: Fn(&Call<'_>) -> Result<(), Thrown> + Copy + 'static {}
impl<F: Fn(&Call<'_>) -> Result<(), Thrown> + Copy + 'static> Body for F {}

/// The running call. Arguments count from 0. Getters coerce as PHP does for the caller's
/// `strict_types`, and throw PHP's `TypeError` ("... must be of type int, string given").
pub struct Call<'a> {
    ex: *mut zend_execute_data,
    rv: *mut Raw,
    life: PhantomData<&'a ()>,
}

impl Call<'_> {
    /// Checks the number of arguments: `ArgumentCountError` in PHP's words.
    #[inline]
    pub fn args(&self, min: usize, max: usize) -> Result<(), Thrown> {
        let n = self.len();
        if n < min || n > max { Err(wrong_count(min, max)) } else { Ok(()) }
    }
    /// At least `min` arguments, for a variadic.
    pub fn args_from(&self, min: usize) -> Result<(), Thrown> {
        if self.len() < min { Err(wrong_count(min, u32::MAX as usize)) } else { Ok(()) }
    }
    /// How many arguments were passed.
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: the frame of this call.
        unsafe { (*(&raw const (*self.ex).This).cast::<Raw>()).extra as usize }
    }
    /// Whether argument `i` was passed and is not null.
    pub fn given(&self, i: usize) -> bool {
        self.at(i).is_some()
    }

    /// The state of `$this`. `Error` if the method runs without its object.
    #[inline]
    pub fn this<T: State>(&self) -> Result<&T, Thrown> {
        let o = self.object_ptr();
        // SAFETY: the caller's frame holds `$this` for the whole call.
        match (!o.is_null()).then(|| unsafe { class::state_of::<T>(o) }).flatten() {
            Some(t) => Ok(t),
            None => Err(error::throw_error("Cannot call this method without its object")),
        }
    }
    /// `$this` with a reference of its own. `Error` in a static call.
    pub fn this_object(&self) -> Result<ObjRef, Thrown> {
        let o = self.object_ptr();
        if o.is_null() {
            return Err(error::throw_error("Using $this when not in object context"));
        }
        // SAFETY: alive for the call.
        Ok(unsafe { ObjRef::from_borrowed(o) })
    }

    /// An int.
    #[inline]
    pub fn long(&self, i: usize) -> Result<i64, Thrown> {
        self.long_as(i, 0)
    }
    #[inline]
    fn long_as(&self, i: usize, null: u32) -> Result<i64, Thrown> {
        let z = self.raw(i)?;
        // SAFETY: a live argument; the type says which field is alive.
        unsafe {
            if (*z).kind() == T_LONG {
                Ok((*z).val.long)
            } else {
                slow(i, z, LONG + null, zend_parse_arg_long_slow)
            }
        }
    }
    /// An int, or `default` when it was not passed.
    pub fn long_or(&self, i: usize, default: i64) -> Result<i64, Thrown> {
        if self.missing(i) { Ok(default) } else { self.long(i) }
    }
    /// A `?float`: `None` for null or not passed.
    pub fn opt_double(&self, i: usize) -> Result<Option<f64>, Thrown> {
        let Some(z) = self.at(i) else { return Ok(None) };
        // SAFETY: as in `long`.
        unsafe {
            if (*z).kind() == T_DOUBLE {
                Ok(Some((*z).val.double))
            } else {
                slow(i, z, DOUBLE + OR_NULL, zend_parse_arg_double_slow).map(Some)
            }
        }
    }
    /// A bool.
    pub fn bool(&self, i: usize) -> Result<bool, Thrown> {
        self.bool_as(i, 0)
    }
    fn bool_as(&self, i: usize, null: u32) -> Result<bool, Thrown> {
        let z = self.raw(i)?;
        // SAFETY: as in `long`.
        unsafe {
            match (*z).kind() {
                T_TRUE => Ok(true),
                T_FALSE => Ok(false),
                _ => slow(i, z, BOOL + null, zend_parse_arg_bool_slow),
            }
        }
    }
    /// A bool, or `default` when it was not passed.
    pub fn bool_or(&self, i: usize, default: bool) -> Result<bool, Thrown> {
        if self.missing(i) { Ok(default) } else { self.bool(i) }
    }
    /// The bytes of a string, lent for the call. A by-reference parameter loses its reference by
    /// this: read such a one by `value`.
    #[inline]
    pub fn str(&self, i: usize) -> Result<&[u8], Thrown> {
        self.str_as(i, 0)
    }
    #[inline]
    fn str_as(&self, i: usize, null: u32) -> Result<&[u8], Thrown> {
        let s = self.string_ptr(i, null)?;
        // SAFETY: the frame's argument (no reference any more) holds the string for the call.
        Ok(unsafe { bytes(s) })
    }
    /// The bytes of a string, or `default` when it was not passed.
    pub fn str_or<'s>(&'s self, i: usize, default: &'s [u8]) -> Result<&'s [u8], Thrown> {
        if self.missing(i) { Ok(default) } else { self.str(i) }
    }
    /// The bytes of a `?string`.
    #[inline]
    pub fn opt_str(&self, i: usize) -> Result<Option<&[u8]>, Thrown> {
        if let Some(s) = self.plain_string(i) {
            // SAFETY: the frame's argument holds the string for the call.
            return Ok(Some(unsafe { bytes(s) }));
        }
        self.opt_str_slow(i)
    }
    fn opt_str_slow(&self, i: usize) -> Result<Option<&[u8]>, Thrown> {
        self.given(i).then(|| self.str_as(i, OR_NULL)).transpose()
    }
    /// A string as a handle to keep; no copy.
    pub fn string(&self, i: usize) -> Result<ZStr, Thrown> {
        self.string_as(i, 0)
    }
    fn string_as(&self, i: usize, null: u32) -> Result<ZStr, Thrown> {
        let s = self.string_ptr(i, null)?;
        // SAFETY: alive by the frame.
        Ok(unsafe { ZStr::from_borrowed(s) })
    }
    /// A `?string` as a handle to keep.
    pub fn opt_string(&self, i: usize) -> Result<Option<ZStr>, Thrown> {
        self.given(i).then(|| self.string_as(i, OR_NULL)).transpose()
    }
    /// An array; no copy.
    pub fn array(&self, i: usize) -> Result<Array, Thrown> {
        self.array_as(i, 0)
    }
    fn array_as(&self, i: usize, null: u32) -> Result<Array, Thrown> {
        let z = self.raw(i)?;
        // SAFETY: as in `long`.
        unsafe {
            if (*z).kind() == T_ARRAY {
                Ok(Array::from_borrowed((*z).val.array))
            } else {
                Err(wrong_type(i, z, ARRAY + null))
            }
        }
    }
    /// A `?array`.
    pub fn opt_array(&self, i: usize) -> Result<Option<Array>, Thrown> {
        self.given(i).then(|| self.array_as(i, OR_NULL)).transpose()
    }
    /// A callable; otherwise PHP's "must be a valid callback, ...".
    pub fn callable(&self, i: usize) -> Result<Callback, Thrown> {
        self.callable_or(i, "must be a valid callback")
    }
    /// A `?callable`: `None` for null or not passed.
    pub fn opt_callable(&self, i: usize) -> Result<Option<Callback>, Thrown> {
        if !self.given(i) {
            return Ok(None);
        }
        self.callable_or(i, "must be a valid callback or null").map(Some)
    }
    /// Any value (a by-reference parameter's present value); null when it was not passed.
    pub fn value(&self, i: usize) -> Value {
        if self.missing(i) {
            return Value::null();
        }
        // SAFETY: a live argument.
        unsafe { Value::from_borrowed(self.slot(i)) }
    }
    /// Assigns to a by-reference parameter a value of the type that it had. The old value goes:
    /// destructors may run.
    pub fn set_ref(&self, i: usize, v: impl Into<Value>) {
        if self.missing(i) {
            return;
        }
        let new = v.into().into_raw();
        // SAFETY: a live argument; the old value is taken out before it is released.
        unsafe {
            let z = deref(self.slot(i));
            let old = *z;
            (*z).val = new.val;
            (*z).info = new.info;
            if old.is_counted() {
                release(old);
            }
        }
    }
    /// The arguments from `i` on (a variadic).
    pub fn rest(&self, i: usize) -> Vec<Value> {
        (i..self.len()).map(|n| self.value(n)).collect()
    }

    /// Returns a bool.
    #[inline]
    pub fn ret_bool(&self, b: bool) {
        self.ret(Raw::bool(b));
    }
    /// Returns an int.
    #[inline]
    pub fn ret_long(&self, v: i64) {
        self.ret(Raw::long(v));
    }
    /// Returns a new string with these bytes.
    pub fn ret_str(&self, v: &[u8]) {
        self.ret_value(ZStr::from_bytes(v));
    }
    /// Returns any value or handle.
    pub fn ret_value(&self, v: impl Into<Value>) {
        self.ret(v.into().into_raw());
    }

    #[inline]
    fn ret(&self, z: Raw) {
        // SAFETY: PHP's return value, null before the call.
        unsafe {
            let old = *self.rv;
            (*self.rv).val = z.val;
            (*self.rv).info = z.info;
            if old.is_counted() {
                release(old);
            }
        }
    }
    #[inline]
    fn slot(&self, i: usize) -> *mut Raw {
        // SAFETY: arguments follow the frame's head; the callers have checked `i`.
        unsafe { self.ex.cast::<Raw>().add(FRAME + i) }
    }
    #[inline]
    fn missing(&self, i: usize) -> bool {
        // SAFETY: `i` is checked first.
        i >= self.len() || unsafe { (*self.slot(i)).kind() == T_UNDEF }
    }
    /// The argument, references followed, unless missing or null.
    fn at(&self, i: usize) -> Option<*mut Raw> {
        if self.missing(i) {
            return None;
        }
        // SAFETY: a live argument.
        unsafe {
            let z = deref(self.slot(i));
            ((*z).kind() > T_NULL).then_some(z)
        }
    }
    #[inline]
    fn raw(&self, i: usize) -> Result<*mut Raw, Thrown> {
        if self.missing(i) {
            return Err(wrong_count(i + 1, i + 1));
        }
        // SAFETY: a live argument.
        Ok(unsafe { deref(self.slot(i)) })
    }
    fn object_ptr(&self) -> *mut zend_object {
        // SAFETY: the frame of this call; `This` says by its type whether an object is there.
        unsafe {
            let this = &*(&raw const (*self.ex).This).cast::<Raw>();
            if this.kind() == T_OBJECT { this.val.object } else { ptr::null_mut() }
        }
    }
    #[inline]
    fn string_ptr(&self, i: usize, null: u32) -> Result<*mut zend_string, Thrown> {
        match self.plain_string(i) {
            Some(s) => Ok(s),
            None => self.string_ptr_slow(i, null),
        }
    }
    /// An argument that is a string and no reference on one.
    #[inline]
    fn plain_string(&self, i: usize) -> Option<*mut zend_string> {
        if i >= self.len() {
            return None;
        }
        let z = self.slot(i);
        // SAFETY: a live argument; the type says which field is alive.
        unsafe { ((*z).kind() == T_STRING).then(|| (*z).val.string) }
    }
    #[inline(never)]
    fn string_ptr_slow(&self, i: usize, null: u32) -> Result<*mut zend_string, Thrown> {
        self.raw(i)?;
        // SAFETY: a live argument of our own frame: replacing a reference by a counted copy of its
        // value keeps what is lent from it out of PHP code's reach.
        unsafe {
            let z = self.slot(i);
            if (*z).kind() == T_REFERENCE {
                let own = Value::from_borrowed(z).into_raw();
                let old = *z;
                (*z).val = own.val;
                (*z).info = own.info;
                release(old);
            }
            if (*z).kind() == T_STRING {
                return Ok((*z).val.string);
            }
            slow(i, z, STRING + null, zend_parse_arg_str_slow)
        }
    }
    fn callable_or(&self, i: usize, expected: &str) -> Result<Callback, Thrown> {
        self.raw(i)?;
        Callback::from_value(&self.value(i)).map_err(|why| {
            if !pending() {
                error::throw_argument_type_error(number(i) - 1, &format!("{expected}, {why}"));
            }
            Thrown
        })
    }
}

/// The C entry of a body.
pub(super) fn handler<F: Body>() -> zif_handler {
    const { assert!(size_of::<F>() == 0, "a body is a plain function") };
    Some(enter::<F>)
}

unsafe extern "C" fn enter<F: Body>(ex: *mut zend_execute_data, rv: *mut zval) {
    {
        let call = Call { ex, rv: rv.cast(), life: PhantomData };
        // SAFETY: F has no bytes (asserted), is Copy, and one of it was given to `Method::new`.
        let body = unsafe { NonNull::<F>::dangling().as_ptr().read() };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| body(&call))) {
            error::throw_panic(&*payload);
        }
    }
    fence::reraise();
}

/// PHP's coercion of an argument that has not the type already.
///
/// # Safety
/// `z` is a live argument and `parse` writes a `D`.
#[cold]
unsafe fn slow<D: Copy>(
    i: usize,
    z: *mut Raw,
    expected: u32,
    parse: unsafe extern "C" fn(*mut zval, *mut D, u32) -> bool,
) -> Result<D, Thrown> {
    let mut out = MaybeUninit::<D>::uninit();
    let mut ok = false;
    let (to, said, n) = (out.as_mut_ptr(), &raw mut ok, number(i));
    // SAFETY: only C below; both places outlive the call.
    unsafe { fence::leaf(|| *said = parse(z.cast(), to, n)) };
    if ok && !pending() {
        // SAFETY: PHP said that it wrote.
        return Ok(unsafe { out.assume_init() });
    }
    if pending() {
        return Err(Thrown);
    }
    Err(wrong_type(i, z, expected))
}

#[cold]
fn wrong_type(i: usize, z: *mut Raw, expected: u32) -> Thrown {
    let n = number(i);
    // SAFETY: only C below; a live argument.
    unsafe { fence::leaf(|| zend_wrong_parameter_type_error(n, expected as _, z.cast())) };
    Thrown
}

#[cold]
fn wrong_count(min: usize, max: usize) -> Thrown {
    let (min, max) = (number(min) - 1, u32::try_from(max).unwrap_or(u32::MAX));
    // SAFETY: only C below.
    unsafe { fence::leaf(|| zend_wrong_parameters_count_error(min, max)) };
    Thrown
}

fn number(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(0) + 1
}

const FRAME: usize = size_of::<zend_execute_data>().div_ceil(size_of::<Raw>());
/// In PHP's table each type is followed by the same type "or null".
const OR_NULL: u32 = 1;
const LONG: u32 = _zend_expected_type_Z_EXPECTED_LONG;
const DOUBLE: u32 = _zend_expected_type_Z_EXPECTED_DOUBLE;
const BOOL: u32 = _zend_expected_type_Z_EXPECTED_BOOL;
const STRING: u32 = _zend_expected_type_Z_EXPECTED_STRING;
const ARRAY: u32 = _zend_expected_type_Z_EXPECTED_ARRAY;
