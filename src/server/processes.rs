//! The real system under the master: fork, and channels on the master's loop.

use std::{
    cell::{Cell, RefCell},
    io,
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use super::{
    Address, Channel, Mailbox, Message, PostOffice, Received,
    mailbox::Head,
    os::{Forked, Os},
};
use crate::{
    reactor::{Arena, Interest, Key, Reactor, Source, TimerKey, Token},
    sys::{
        descriptor,
        lifeline::Lifeline,
        process::{self, ExitStatus, Fork, Pid},
        signal::SIGKILL,
    },
};

/// The master's own among the extra boxes of the post office; nothing is sent there.
pub const MASTER_BOX: usize = 0;

/// The master's children. Channels are registered on the master's reactor as [`Source::Channel`];
/// so is the one timer of [`arm`](Self::arm).
#[derive(Debug)]
pub struct Processes {
    reactor: Rc<Reactor>,
    mailbox: Option<Mailbox>,
    channels: RefCell<Arena<Channel>>,
    timer: Cell<Option<(Instant, TimerKey)>>,
    lifeline: Option<Rc<Lifeline>>,
}

impl Processes {
    /// No child. The reactor is the master's; a worker drops this object and makes a reactor of its
    /// own.
    /// Workers end with the process behind the `lifeline` too.
    #[must_use]
    pub fn new(
        reactor: Rc<Reactor>,
        office: &Arc<PostOffice>,
        lifeline: Option<Rc<Lifeline>>,
    ) -> Processes {
        let own = office.extra(MASTER_BOX);
        let mailbox = own.map(|own| Mailbox::writer(Arc::clone(office), own, Rc::clone(&reactor)));
        let (channels, timer) = (RefCell::default(), Cell::new(None));
        Processes { reactor, mailbox, channels, timer, lifeline }
    }

    /// The channels to the workers: a process forked by somebody else would keep them.
    #[must_use]
    pub fn descriptors(&self) -> Vec<RawFd> {
        self.channels.borrow().iter().map(|(_, channel)| channel.as_raw_fd()).collect()
    }

    /// A token of [`Source::Mailbox`]: a full box takes letters again.
    pub fn handle_mailbox(&self, token: Token) {
        if let Some(mailbox) = &self.mailbox {
            mailbox.handle_ready(token, &mut |_| true);
        }
    }

    /// Sets the one timer to the master's next deadline, or to none. It fires as a
    /// [`Source::Channel`] token, which `Driver::timer` gives to `Master::handle_timeout`.
    pub fn arm(&self, deadline: Option<Instant>) {
        if self.timer.get().map(|(at, _)| at) == deadline && !self.fired() {
            return;
        }
        let mut timers = self.reactor.timers().borrow_mut();
        if let Some((_, key)) = self.timer.take() {
            timers.cancel(key);
        }
        let token = Token::new(Source::Channel, Key::fixed(u32::MAX));
        self.timer.set(deadline.map(|at| (at, timers.insert(at, token))));
    }

    /// The timer was due, so that it is not in the heap any more.
    fn fired(&self) -> bool {
        self.timer.get().is_some_and(|(at, _)| at <= self.reactor.now())
    }
}

impl Os for Processes {
    fn fork(&self) -> io::Result<Forked> {
        let (near, far) = descriptor::stream_pair()?;
        let master = process::id();
        match process::fork()? {
            Fork::Child => {
                drop(near);
                // The poll is the master's too: closing is enough, deregistering would be felt there.
                drop(self.channels.take());
                if process::die_with_parent(master, SIGKILL).is_err() {
                    let _ = process::kill(process::id(), SIGKILL);
                }
                if let Some(lifeline) = &self.lifeline {
                    lifeline.let_go();
                    // Where it can not be, the end of the parent is this one's, as said above.
                    let _ = lifeline.tie();
                }
                Ok(Forked::Child { channel: Channel::new(far) })
            }
            Fork::Parent(pid) => {
                drop(far);
                let channel = self.channels.borrow_mut().insert(Channel::new(near));
                let registered = match self.channels.borrow().get(channel) {
                    Some(near) => {
                        let token = Token::new(Source::Channel, channel);
                        self.reactor.register(near, token, Interest::READABLE)
                    }
                    None => Ok(()),
                };
                if let Err(error) = registered {
                    self.close(channel);
                    self.kill(pid, SIGKILL);
                    return Err(error);
                }
                Ok(Forked::Parent { pid, channel })
            }
        }
    }

    fn send(&self, channel: Key, message: Message) -> io::Result<()> {
        match self.channels.borrow().get(channel) {
            Some(channel) => channel.send(message),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn receive(&self, channel: Key) -> Received {
        match self.channels.borrow().get(channel) {
            Some(channel) => channel.receive(),
            None => Received { ended: true, ..Received::default() },
        }
    }

    /// What cannot be posted is lost: its reader is as good as dead.
    fn post(&self, to: Address, head: Head) {
        if let Some(mailbox) = &self.mailbox {
            let _ = mailbox.post_alone(to, head, &[]);
        }
    }

    fn close(&self, channel: Key) {
        let closed = self.channels.borrow_mut().remove(channel);
        if let Some(closed) = closed {
            self.reactor.deregister(&closed);
        }
    }

    fn kill(&self, pid: Pid, signo: i32) {
        let _ = process::kill(pid, signo);
    }

    /// A child whose status somebody else took (`pcntl_wait` in a callback of the master) counts as
    /// ended without error.
    fn wait(&self, pid: Pid) -> Option<ExitStatus> {
        match process::try_wait(pid) {
            Ok(status) => status,
            Err(_) => Some(ExitStatus { code: 0, signal: 0 }),
        }
    }
}
