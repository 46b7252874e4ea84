//! Exceptions, warnings, exit codes, and what to do with an exception that nobody caught.
//!
//! Everything here is fenced: a user's error handler or exception hook may run, throw (pending
//! afterwards) or bail out (recorded). So after `warning` look at [`pending`], or use its answer.
use super::{
    class::Class,
    fence::{self, Outcome},
    ffi::*,
    string::ZStr,
};
use std::{
    ffi::{CString, c_int},
    ptr,
};

/// An exception is pending, or a bailout is recorded: a method body returns this at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thrown;

/// What an uncaught exception is to its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Printed as "Warning: Uncaught ..." and over with.
    GoOn,
    /// "Fatal error: Uncaught ...": ends in `Reported::Bailed`.
    Fatal,
}

/// How reporting an exception ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// A handler of `set_exception_handler` took it.
    Handled,
    /// Nobody took it: it was printed.
    Printed,
    /// The handler called `exit()`, which is pending now.
    Exited,
    /// A fatal error, recorded (always so after printing with `Severity::Fatal`).
    Bailed,
}

/// Throws an exception of a registered class. Answers `Thrown` so that a body can
/// `return Err(throw(..))`.
pub fn throw(class: &Class, message: &str, code: i64) -> Thrown {
    throw_ce(class.as_ptr(), message, code)
}
/// Throws PHP's `Error`.
pub fn throw_error(message: &str) -> Thrown {
    // SAFETY: set by PHP at its start.
    throw_ce(unsafe { zend_ce_error }, message, 0)
}
/// Throws PHP's `TypeError`.
pub fn throw_type_error(message: &str) -> Thrown {
    // SAFETY: set by PHP at its start.
    throw_ce(unsafe { zend_ce_type_error }, message, 0)
}
/// Throws PHP's `ValueError`.
pub fn throw_value_error(message: &str) -> Thrown {
    // SAFETY: set by PHP at its start.
    throw_ce(unsafe { zend_ce_value_error }, message, 0)
}
/// `ValueError` in PHP's words: "C::m(): Argument #N ($name) {message}"; `arg` counts from 0.
pub fn throw_argument_value_error(arg: u32, message: &str) -> Thrown {
    let m = c_string(message);
    let p = m.as_ptr();
    // SAFETY: only C below; the text outlives the call.
    unsafe { fence::leaf(|| zend_argument_value_error(arg + 1, c"%s".as_ptr(), p)) };
    Thrown
}

/// `TypeError` in PHP's words: "C::m(): Argument #N ($name) {message}"; `arg` counts from 0.
pub fn throw_argument_type_error(arg: u32, message: &str) -> Thrown {
    let m = c_string(message);
    let p = m.as_ptr();
    // SAFETY: only C below; the text outlives the call.
    unsafe { fence::leaf(|| zend_argument_type_error(arg + 1, c"%s".as_ptr(), p)) };
    Thrown
}

/// Raises `E_WARNING`: "Warning: Swoole\Client::send(): {message}". `Err` if a handler threw.
pub fn warning(message: &str) -> Result<(), Thrown> {
    raise(E_WARNING, message)
}

/// Whether an exception (or an exit) is pending or a bailout recorded.
#[inline]
pub fn pending() -> bool {
    // SAFETY: the executor's globals are alive.
    fence::bailed() || unsafe { !(*eg()).exception.is_null() }
}

/// Takes the pending exception away, if it is a real one (no exit, no bailout).
pub fn take_exception() -> Option<super::ObjRef> {
    if !matches!(fence::check(), Outcome::Threw) {
        return None;
    }
    // SAFETY: `Threw` says that it is there; the reference moves to us, then PHP's own clearing
    // resets the opline that it changed.
    unsafe {
        let o = super::ObjRef::from_borrowed((*eg()).exception);
        zend_clear_exception();
        Some(o)
    }
}

/// Takes a pending `exit()` away, so that PHP code may run once more before the process ends; the
/// exit code stays. Whether there was one.
pub fn take_exit() -> bool {
    let exited = matches!(fence::check(), Outcome::Exited);
    if exited {
        // SAFETY: an exception is pending; PHP's own clearing releases it.
        unsafe { zend_clear_exception() };
    }
    exited
}

/// Makes the running PHP code unwind as `exit()` does; return `Err(Thrown)` afterwards.
pub fn throw_unwind_exit() -> Thrown {
    if !pending() {
        // SAFETY: nothing is pending, as PHP demands; only C below.
        unsafe { fence::leaf(|| zend_throw_unwind_exit()) };
    }
    Thrown
}

/// Reports the pending exception as PHP does at the top: to the handler of `set_exception_handler`,
/// else by printing. Clears it. Without a pending exception: `Handled`; with a pending exit: `Exited`.
pub fn report_exception(severity: Severity) -> Reported {
    match fence::check() {
        Outcome::Value(_) => return Reported::Handled,
        Outcome::Exited => return Reported::Exited,
        Outcome::Bailed => return Reported::Bailed,
        Outcome::Threw => {}
    }
    let mut printed = false;
    let said = &raw mut printed;
    // SAFETY: only C below, and the trampoline owns nothing.
    let done = unsafe { fence::leaf(|| report(severity, said)) };
    if !done {
        return Reported::Bailed;
    }
    // SAFETY: the executor's globals are alive.
    if unsafe { !(*eg()).exception.is_null() } {
        return Reported::Exited;
    }
    if printed { Reported::Printed } else { Reported::Handled }
}

/// Sets that exit code.
pub fn set_exit_status(code: i32) {
    // SAFETY: the executor's globals are alive.
    unsafe { (*eg()).exit_status = code as _ };
}
/// The type (`E_*`) of the last error of this request; 0 = none.
pub fn last_error_type() -> i32 {
    // SAFETY: the core globals are alive.
    unsafe {
        let pg = ext_php_rs_process_globals();
        if (*pg).last_error_message.is_null() { 0 } else { (*pg).last_error_type }
    }
}

/// File and line of the PHP code that runs now; no copy of the name.
pub fn calling_site() -> (Option<ZStr>, u32) {
    // SAFETY: walks the frames of this thread; the name is alive while its code runs.
    unsafe {
        let f = zend_get_executed_filename_ex();
        if f.is_null() {
            (None, 0)
        } else {
            (Some(ZStr::from_borrowed(f)), zend_get_executed_lineno())
        }
    }
}

pub(super) fn throw_ce(ce: *mut zend_class_entry, message: &str, code: i64) -> Thrown {
    let m = c_string(message);
    let p = m.as_ptr();
    // SAFETY: only C below; the text outlives the call.
    unsafe {
        fence::leaf(|| {
            zend_throw_exception(ce, p, code as _);
        })
    };
    Thrown
}

pub(super) fn throw_panic(payload: &(dyn std::any::Any + Send)) {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    throw_error(&format!("internal error: {text}"));
}

fn raise(level: u32, message: &str) -> Result<(), Thrown> {
    let m = c_string(message);
    let p = m.as_ptr();
    // SAFETY: only C below; the text outlives the call.
    unsafe {
        fence::leaf(|| php_error_docref(ptr::null(), level.cast_signed(), c"%s".as_ptr(), p))
    };
    if pending() { Err(Thrown) } else { Ok(()) }
}

fn c_string(s: &str) -> CString {
    CString::new(s).unwrap_or_else(|_| CString::new(s.replace('\0', "\\0")).unwrap_or_default())
}

/// # Safety
/// An exception is pending. Owns nothing that needs `Drop`: a bailout may jump over it.
unsafe fn report(severity: Severity, printed: *mut bool) {
    // SAFETY: the globals are alive; each object is handed on exactly once.
    unsafe {
        let g = eg();
        let mut ex = (*g).exception;
        (*ex.cast::<Counted>()).refcount += 1;
        zend_clear_exception();
        let handler = (&raw mut (*g).user_exception_handler).cast::<Raw>();
        if (*handler).kind() != T_UNDEF {
            // As the engine does: the handler is disabled while it runs.
            let own = *handler;
            (*handler) = Raw::UNDEF;
            let arg = Raw::object(ex);
            let mut rv = Raw::UNDEF;
            _call_user_function_impl(
                ptr::null_mut(),
                own.as_zval(),
                rv.as_mut(),
                1,
                arg.as_zval(),
                ptr::null_mut(),
            );
            zval_ptr_dtor(rv.as_mut());
            if (*handler).kind() == T_UNDEF {
                *handler = own;
            } else {
                zval_ptr_dtor(own.as_zval());
            }
            ext_php_rs_zend_object_release(ex);
            ex = (*g).exception;
            if ex.is_null() || zend_is_unwind_exit(ex) || zend_is_graceful_exit(ex) {
                return;
            }
            (*g).exception = ptr::null_mut();
        }
        *printed = true;
        let level = if severity == Severity::Fatal { E_ERROR } else { E_WARNING };
        zend_exception_error(ex, level as c_int);
    }
}

unsafe extern "C" {
    fn zend_clear_exception();
    fn zend_argument_type_error(arg: u32, format: *const std::ffi::c_char, ...);
}
