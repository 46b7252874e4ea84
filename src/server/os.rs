//! What the master asks of the system, so that its life can be tested without processes.

use std::io;

use super::{Address, Channel, Message, Received, mailbox::Head};
use crate::{
    reactor::Key,
    sys::process::{ExitStatus, Pid},
};

/// Both sides of a fork, each with its end of a new channel.
#[derive(Debug)]
pub enum Forked {
    /// The master: the worker's process, and the name of the channel to it.
    Parent {
        /// The worker.
        pid: Pid,
        /// For `send`, `receive` and `close`.
        channel: Key,
    },
    /// The worker, in which all other channels are closed.
    Child {
        /// To the master.
        channel: Channel,
    },
}

/// Processes and the channels to them.
pub trait Os {
    /// Forks a worker.
    ///
    /// # Errors
    /// When the system has no room for a process or its channel.
    fn fork(&self) -> io::Result<Forked>;
    /// Sends to a worker.
    ///
    /// # Errors
    /// When it is gone or does not read.
    fn send(&self, channel: Key, message: Message) -> io::Result<()>;
    /// What a worker has said. A channel that is closed has ended.
    fn receive(&self, channel: Key) -> Received;
    /// Posts a letter to a process's box.
    fn post(&self, to: Address, head: Head);
    /// Forgets a channel.
    fn close(&self, channel: Key);
    /// Sends a signal to a child; one that has ended is no error.
    fn kill(&self, pid: Pid, signo: i32);
    /// How a child has ended, told once; `None` while it lives.
    fn wait(&self, pid: Pid) -> Option<ExitStatus>;
}
