//! Callables: resolved once, called through the fence.
use super::{
    fence::{self, Outcome},
    ffi::*,
    string::ZStr,
    value::Value,
};
use std::{
    ffi::{CStr, c_char},
    mem::MaybeUninit,
    ptr,
};

/// One reference on a callable, with PHP's resolution of it. Clone adds a reference of its own, so
/// clone it for the call: user code may replace the registered one while it runs.
#[derive(Clone)]
pub struct Callback {
    value: Value,
    /// Borrows from `value`. `function_handler` is null for a `__call` trampoline, which PHP makes
    /// anew for every call and which must not be kept.
    fcc: zend_fcall_info_cache,
}

impl Callback {
    /// Resolves a callable; `Err` holds PHP's reason ("function "x" not found or invalid function
    /// name"). May autoload a class; an exception of that stays pending.
    pub fn from_value(value: &Value) -> Result<Callback, String> {
        let mut fcc = MaybeUninit::<zend_fcall_info_cache>::zeroed();
        let mut why: *mut c_char = ptr::null_mut();
        let mut ok = false;
        let (z, f, w, o) = (value.0.as_zval(), fcc.as_mut_ptr(), &raw mut why, &raw mut ok);
        // SAFETY: only C below; a cache of zeroes is what PHP expects.
        let done = unsafe {
            fence::leaf(|| {
                *o = zend_is_callable_ex(z, ptr::null_mut(), 0, ptr::null_mut(), f, w);
                if *o && (*(*f).function_handler).common.fn_flags & VIA_TRAMPOLINE != 0 {
                    zend_release_fcall_info_cache(f);
                    (*f).function_handler = ptr::null_mut();
                }
            })
        };
        let reason = take_reason(why);
        if !done || !ok {
            return Err(reason.unwrap_or_else(|| "no array or string given".into()));
        }
        // SAFETY: zeroed, then filled by PHP.
        Ok(Callback { value: value.clone(), fcc: unsafe { fcc.assume_init() } })
    }

    /// Calls it. The arguments stay the caller's, who decides when they are released.
    #[inline]
    pub fn call(&self, args: &[Value]) -> Outcome {
        if fence::bailed() {
            return Outcome::Bailed;
        }
        let mut rv = Raw::UNDEF;
        let (to, me) = (&raw mut rv, &raw const *self);
        let (at, n) = (args.as_ptr(), args.len());
        // SAFETY: only C below; everything named outlives the call. PHP copies the arguments.
        let done = unsafe { fence::leaf(|| (*me).enter(to, at, n)) };
        if !done {
            return Outcome::Bailed;
        }
        // SAFETY: the call's result is ours.
        fence::state(unsafe { Value::from_returned(rv) })
    }

    /// What was registered.
    pub fn value(&self) -> &Value {
        &self.value
    }
    /// References on the callable (closure, array, string); 0 where PHP counts none.
    pub fn refcount(&self) -> u32 {
        self.value.refcount()
    }
    /// Equal for two callbacks that share one closure, array or string in memory; 0 if uncounted.
    pub fn identity(&self) -> usize {
        // SAFETY: a counted value points at a live head.
        if self.value.0.is_counted() { unsafe { self.value.0.val.counted as usize } } else { 0 }
    }
    /// Whether `value` shares the closure, array or string with it.
    pub fn is(&self, value: &Value) -> bool {
        // SAFETY: as above.
        let other = if value.0.is_counted() { unsafe { value.0.val.counted as usize } } else { 0 };
        other != 0 && other == self.identity()
    }
    /// PHP's name of the callable ("Foo::bar", "Closure::__invoke").
    pub fn name(&self) -> ZStr {
        let mut out: *mut zend_string = ptr::null_mut();
        let (z, to) = (self.value.0.as_zval(), &raw mut out);
        // SAFETY: only C below.
        unsafe { fence::leaf(|| *to = zend_get_callable_name(z)) };
        // SAFETY: the answer is one new reference.
        if out.is_null() { ZStr::empty() } else { unsafe { ZStr::from_owned(out) } }
    }

    /// # Safety
    /// Inside a leaf.
    #[inline]
    unsafe fn enter(&self, rv: *mut Raw, args: *const Value, n: usize) {
        #[allow(clippy::cast_possible_truncation, reason = "a handful of arguments")]
        let n = n as u32;
        let args = args.cast_mut().cast::<zval>();
        // SAFETY: the cache borrows from `value`, which we hold.
        unsafe {
            if self.fcc.function_handler.is_null() {
                let z = self.value.0.as_zval();
                _call_user_function_impl(ptr::null_mut(), z, rv.cast(), n, args, ptr::null_mut());
                return;
            }
            zend_call_known_function(
                self.fcc.function_handler,
                self.fcc.object,
                self.fcc.called_scope,
                rv.cast(),
                n,
                args,
                ptr::null_mut(),
            );
        }
    }
}

pub(super) fn take_reason(why: *mut c_char) -> Option<String> {
    if why.is_null() {
        return None;
    }
    // SAFETY: PHP's text, ours to free.
    unsafe {
        let text = CStr::from_ptr(why).to_string_lossy().into_owned();
        ext_php_rs::alloc::efree(why.cast());
        Some(text)
    }
}

const VIA_TRAMPOLINE: u32 = 1 << 18;

unsafe extern "C" {
    fn zend_get_callable_name(z: *mut zval) -> *mut zend_string;
}
