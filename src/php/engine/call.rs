//! Calling PHP, and what becomes of an exception, an `exit()` or a fatal error.

use crate::{
    ledger::Number,
    sys::process::was_forked,
    zend::{
        Callback, Outcome, Severity, Thrown, Value,
        error::{self, Reported},
        fence, process,
    },
};

use super::{super::settings::warn, Engine, Stop, leave_parent};

impl Engine {
    /// Calls PHP: the one way in. `row` is whose callback it is (0: nobody's). Then releases, in
    /// the order of contract C2: the arguments; if this was the outermost call, the tethers of the
    /// clients that ended during it; the callback. `None`: it did not return normally.
    pub(in crate::php) fn call<const N: usize>(
        &self,
        row: Number,
        callback: Callback,
        args: [Value; N],
    ) -> Option<Value> {
        self.call_slice(row, callback, args)
    }

    /// [`call`](Self::call) with any number of arguments.
    pub(in crate::php) fn call_slice(
        &self,
        row: Number,
        callback: Callback,
        args: impl AsRef<[Value]>,
    ) -> Option<Value> {
        if self.stop.get() == Some(Stop::Fatal) {
            return None;
        }
        let parent = self.ledger.enter(row);
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        if depth == 0 {
            self.outermost.set(row);
        }
        let frames = self.frames.get();
        self.frames.set(frames + 1);
        self.watchers.suspect();
        let outcome = callback.call(args.as_ref());
        if was_forked() {
            leave_parent();
        }
        self.frames.set(frames);
        let threw = matches!(outcome, Outcome::Threw);
        let value = self.handle_outcome(outcome);
        let unwound = self.unwinding.replace(threw || self.unwinding.get());
        drop(args);
        self.report_pending();
        if depth == 0 {
            self.release_ended();
        }
        drop(callback);
        self.report_pending();
        if depth == 0 {
            self.release_ended();
        }
        self.depth.set(depth);
        self.unwinding.set(unwound);
        self.ledger.enter(parent);
        value
    }

    /// Deals with what is pending after a release: an exception of a destructor, an exit.
    pub(in crate::php) fn report_pending(&self) {
        if error::pending() {
            self.handle_outcome(fence::check());
        }
    }

    /// What a callback's outcome means for the process (contract F1-F3).
    pub(super) fn handle_outcome(&self, outcome: Outcome) -> Option<Value> {
        match outcome {
            Outcome::Value(value) => return Some(value),
            Outcome::Bailed => self.stop(Stop::Fatal),
            Outcome::Exited => self.handle_exit(),
            Outcome::Threw => self.handle_exception(),
        }
        None
    }

    pub(super) fn handle_exit(&self) {
        // Some versions of PHP end a callback that ran out of memory by an exit of their own.
        let fatal = error::last_error_type() & FATAL_ERRORS != 0;
        self.stop(if fatal { Stop::Fatal } else { Stop::Exit });
        if !self.is_inside() {
            error::take_exit();
        }
    }

    /// Whether PHP code below us has called in and must unwind when the process ends: an outer
    /// callback, or a plain script outside its loop.
    fn is_inside(&self) -> bool {
        let in_loop = self.running.get() || self.part.borrow().is_some();
        self.frames.get() > 0 || (!in_loop && process::in_php_code())
    }

    pub(super) fn handle_exception(&self) {
        let goes_on = self.part.borrow().is_some() && !self.ends_on_exception.get();
        let severity = if goes_on { Severity::GoOn } else { Severity::Fatal };
        match error::report_exception(severity) {
            Reported::Handled => {}
            Reported::Printed if goes_on => {}
            Reported::Printed => {
                self.stop(Stop::Failed);
                if self.is_inside() {
                    error::throw_unwind_exit();
                }
            }
            Reported::Exited => self.handle_exit(),
            Reported::Bailed => self.stop(Stop::Fatal),
        }
    }

    /// After the loop: lets PHP end the process if a callback asked for that.
    pub(super) fn end_process(&self) -> Result<(), Thrown> {
        match self.stop.get() {
            None | Some(Stop::Asked) => Ok(()),
            Some(Stop::Exit | Stop::Failed | Stop::Fatal) => Err(error::throw_unwind_exit()),
        }
    }

    /// Raises a warning from the loop: an error handler is PHP code as a callback is.
    pub(in crate::php) fn warn(&self, text: &str) {
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        if warn(text).is_err() {
            self.report_pending();
        }
        self.depth.set(depth);
        if depth == 0 {
            self.release_ended();
        }
    }
}

/// E_ERROR, E_CORE_ERROR, E_COMPILE_ERROR and E_USER_ERROR.
pub(super) const FATAL_ERRORS: i32 = 1 | 16 | 64 | 256;
