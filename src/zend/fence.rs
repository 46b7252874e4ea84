//! The one way into PHP code.
//!
//! PHP reports a fatal error by `longjmp`. A jump over a Rust frame runs no `Drop`, so every call
//! that may run PHP code stands alone in a [`leaf`]: `setjmp`, a trampoline that owns nothing, C.
//! A bailout is caught there and recorded; Rust goes on by ordinary returns (`Outcome::Bailed`,
//! `Err(Thrown)`), and the entry from PHP (method, property handler, free) raises it again.
use super::{callback::Callback, error, ffi::*, value::Value};
use std::{
    cell::Cell,
    ffi::c_void,
    ptr,
    sync::atomic::{AtomicBool, Ordering},
};

/// How a call into PHP ended. After `Threw` and `Exited` the exception is pending: return it to PHP
/// (`Err(Thrown)`), or dispose of it ([`error::report_exception`]). After `Bailed` run no more PHP
/// code: clean up and return.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// It returned this value.
    Value(Value),
    /// It threw; the exception is pending.
    Threw,
    /// It called `exit()`; PHP's unwind-exit is pending.
    Exited,
    /// A fatal error; recorded, raised again at the next return to PHP.
    Bailed,
}

impl Outcome {
    /// The value, or `Thrown` for a method body to return.
    pub fn into_result(self) -> Result<Value, error::Thrown> {
        match self {
            Outcome::Value(v) => Ok(v),
            Outcome::Threw | Outcome::Exited | Outcome::Bailed => Err(error::Thrown),
        }
    }
    /// Whether it returned normally.
    pub fn is_value(&self) -> bool {
        matches!(self, Outcome::Value(_))
    }
}

/// Whether a bailout waits to be raised again. Then every call answers `Bailed` without running.
#[inline]
pub fn bailed() -> bool {
    if USING_ZTS == 0 { BAILED.load(Ordering::Relaxed) } else { BAILED_ZTS.get() }
}

/// Gives a value back and tells how that went (a destructor may throw, exit or bail out).
pub fn release(value: Value) -> Outcome {
    drop(value);
    state(Value::null())
}

/// What the engine's state says after any fenced step: `Value(null)` when nothing is pending.
pub fn check() -> Outcome {
    state(Value::null())
}

/// Calls a PHP function by name. An unknown name throws PHP's own Error.
pub fn call_function(name: &str, args: &[Value]) -> Outcome {
    match Callback::from_value(&name.into()) {
        Ok(f) => f.call(args),
        Err(why) => {
            error::throw_error(&why);
            state(Value::null())
        }
    }
}

/// Runs `f` behind the guard. `false` = bailed out (recorded).
///
/// # Safety
/// `f` calls C only and no frame below it owns anything that needs `Drop` (the bound `Copy` sees to
/// what it captures); everything it points at outlives the call.
#[inline]
pub(super) unsafe fn leaf<F: Fn() + Copy>(f: F) -> bool {
    unsafe extern "C" fn go<F: Fn() + Copy>(f: *const c_void) -> *const c_void {
        // SAFETY: the address of `f` in `leaf`, which waits for us.
        unsafe { (*f.cast::<F>())() };
        ptr::null()
    }
    let mut out = ptr::null_mut();
    // SAFETY: `go` is the trampoline for exactly this context.
    let jumped = unsafe { ext_php_rs_zend_try_catch(go::<F>, (&raw const f).cast(), &raw mut out) };
    if jumped {
        record();
    }
    !jumped
}

/// Turns the engine's state after a call into an outcome.
#[inline]
pub(super) fn state(v: Value) -> Outcome {
    if bailed() {
        return Outcome::Bailed;
    }
    // SAFETY: the executor's globals are alive.
    let ex = unsafe { (*eg()).exception };
    if ex.is_null() {
        return Outcome::Value(v);
    }
    drop(v);
    // SAFETY: a pending exception is a live object.
    let exit = unsafe { zend_is_unwind_exit(ex) || zend_is_graceful_exit(ex) };
    if exit { Outcome::Exited } else { Outcome::Threw }
}

/// Raises a recorded bailout again. Called last by every entry from PHP, when nothing is owned.
#[inline]
pub(super) fn reraise() {
    if bailed() {
        raise();
    }
}

/// Forgets a recorded bailout: a new request begins.
pub(super) fn reset() {
    set(false);
}

#[cold]
fn raise() {
    set(false);
    // SAFETY: without a catcher PHP would end the process; such a bailout is over anyway.
    if unsafe { !(*eg()).bailout.is_null() } {
        // SAFETY: the calling frames up to PHP own nothing (the contract of `reraise`).
        unsafe { ext_php_rs_zend_bailout() }
    }
}

#[cold]
fn record() {
    set(true);
}

fn set(on: bool) {
    if USING_ZTS == 0 { BAILED.store(on, Ordering::Relaxed) } else { BAILED_ZTS.set(on) }
}

static BAILED: AtomicBool = AtomicBool::new(false);
thread_local! {
    static BAILED_ZTS: Cell<bool> = const { Cell::new(false) };
}
