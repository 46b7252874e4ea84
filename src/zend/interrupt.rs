//! Asking the PHP code that runs for a word, from another thread: PHP looks for such a wish when it
//! enters a function and at each turn of a loop, not while it waits inside a C function.
use super::{fence, ffi::*};
use std::{
    cell::Cell,
    panic::catch_unwind,
    sync::atomic::{AtomicBool, Ordering},
};

/// Asks PHP's thread of the process that made it. May be sent to any thread, which must not outlive
/// PHP.
#[derive(Debug)]
pub struct Asker {
    flag: *const AtomicBool,
}

// SAFETY: it points at a static flag of PHP's executor, which is only ever stored to, atomically.
unsafe impl Send for Asker {}

impl Asker {
    /// From now on `answer` runs on this thread, between two steps of PHP code, when it is asked. It
    /// must leave no exception. `None`: this PHP has an executor for each thread.
    pub fn new(answer: fn()) -> Option<Asker> {
        if USING_ZTS != 0 {
            return None;
        }
        if ANSWER.replace(Some(answer)).is_none() {
            // SAFETY: PHP's thread owns this variable; whoever came before is called as well.
            unsafe {
                PREVIOUS.set(zend_interrupt_function);
                zend_interrupt_function = Some(interrupted);
            }
        }
        // SAFETY: the address of a field of a global. It is a `bool`, in PHP 8.2 and newer an atomic
        // one of the same layout.
        let flag = unsafe { (&raw const (*eg()).vm_interrupt).cast::<AtomicBool>() };
        Some(Asker { flag })
    }

    /// Asks; a question that has not been answered yet is the same one.
    pub fn ask(&self) {
        ASKED.store(true, Ordering::SeqCst);
        // SAFETY: a static of the process, valid as long as PHP is.
        unsafe { (*self.flag).store(true, Ordering::SeqCst) };
    }
}

unsafe extern "C" fn interrupted(frame: *mut zend_execute_data) {
    if ASKED.swap(false, Ordering::SeqCst)
        && let Some(answer) = ANSWER.get()
    {
        let _ = catch_unwind(answer);
    }
    if let Some(previous) = PREVIOUS.get() {
        // SAFETY: what PHP would have called in our place, with the same frame.
        unsafe { previous(frame) };
    }
    fence::reraise();
}

static ASKED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static ANSWER: Cell<Option<fn()>> = const { Cell::new(None) };
    static PREVIOUS: Cell<Option<unsafe extern "C" fn(*mut zend_execute_data)>> =
        const { Cell::new(None) };
}
