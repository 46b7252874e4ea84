//! What the server tells the world above it about its life.

use crate::sys::process::Pid;

/// Events in the master's process. Each runs with no borrow of the server's held: it may call
/// `Master::shutdown`, `reload` and `stop_worker`, which take effect after it returned.
pub trait Lifecycle {
    /// Whether this is not the master any more, but a process that one of these calls has forked: it
    /// only leaves the loop.
    fn has_left(&self) -> bool {
        false
    }
    /// Before the first worker is forked.
    fn on_start(&self) {}
    /// The first workers are forked.
    fn on_manager_start(&self) {}
    /// A process was forked for that place.
    fn on_forked(&self, worker_id: usize, pid: Pid) {
        let _ = (worker_id, pid);
    }
    /// A reload begins: workers that are forked from now on are to run new code.
    fn on_reload(&self) {}
    /// A worker ended with a code that is not 0, or by a signal that the master did not send.
    fn on_worker_error(&self, worker_id: usize, pid: Pid, exit_code: i32, signal: i32) {
        let _ = (worker_id, pid, exit_code, signal);
    }
    /// The last worker has ended; only after `on_manager_start`.
    fn on_manager_stop(&self) {}
    /// The very last: the sockets are closed.
    fn on_shutdown(&self) {}
}
