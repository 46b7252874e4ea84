//! An I/O thread: a gate on a loop of its own.
//!
//! The thread talks with its master through commands and a count of what it has done; it shares no
//! lock with PHP's thread, writes no log and takes no signal.

use std::{
    cell::{Cell, RefCell},
    io,
    mem::ManuallyDrop,
    os::fd::RawFd,
    rc::Rc,
    sync::{
        Arc, Barrier,
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::{
    reactor::{self, Driver, Key, Reactor, Ready, Source, TimerKey, Token},
    sys::{child, signal},
};

use super::super::listen::WorkerListener;
use super::{
    gate::{Gate, GateConfig, GateShared},
    hello::Door,
};

/// What a thread is made of.
#[derive(Debug)]
pub struct GateParts {
    /// What it needs to know.
    pub config: GateConfig,
    /// What it shares.
    pub shared: GateShared,
    /// Where it accepts.
    pub listeners: Vec<WorkerListener>,
    /// Where workers make themselves known.
    pub door: Door,
    /// The CPU to run on, if it is to be one.
    pub cpu: Option<usize>,
}

/// The master's side of its I/O threads. Dropping it ends no thread.
#[derive(Debug)]
pub struct Gates {
    threads: Vec<Handle>,
}

#[derive(Debug)]
struct Handle {
    commands: Sender<Command>,
    waker: mio::Waker,
    /// Not dropped: in a forked process there is no such thread to let go.
    thread: Option<ManuallyDrop<JoinHandle<()>>>,
}

#[derive(Debug)]
enum Command {
    /// Say which descriptors are yours, then stand still until the second meeting.
    Pause(Sender<Vec<RawFd>>, Arc<Barrier>),
    /// Accept no more.
    Stop,
    /// No worker will answer: send what is queued, close, and end within this time.
    Finish(Duration),
}

impl Gates {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptor; those that were started go on.
    pub fn start(parts: Vec<GateParts>) -> io::Result<Gates> {
        let threads = parts.into_iter().map(Handle::start).collect::<io::Result<_>>()?;
        Ok(Gates { threads })
    }

    /// Accepts no more. What is open is served on.
    pub fn stop(&self) {
        self.tell(|| Command::Stop);
    }

    /// Sends what waits, at most for `limit`, closes every connection and ends the threads.
    pub fn finish(&mut self, limit: Duration) {
        self.tell(|| Command::Finish(limit));
        for handle in &mut self.threads {
            if let Some(thread) = handle.thread.take() {
                let _ = ManuallyDrop::into_inner(thread).join();
            }
        }
    }

    /// Has all threads stand still between two turns, so that this one may fork: no lock is taken
    /// then. They go on with [`Paused::resume`].
    #[must_use]
    pub fn pause(&self) -> Paused {
        let meeting = Arc::new(Barrier::new(self.threads.len() + 1));
        let (sender, receiver) = mpsc::channel();
        self.tell(|| Command::Pause(sender.clone(), Arc::clone(&meeting)));
        drop(sender);
        let descriptors = receiver.iter().flatten().collect();
        meeting.wait();
        Paused { descriptors, meeting }
    }

    fn tell(&self, command: impl Fn() -> Command) {
        for handle in &self.threads {
            if handle.commands.send(command()).is_ok() {
                let _ = handle.waker.wake();
            }
        }
    }
}

/// Threads that stand still.
#[derive(Debug)]
pub struct Paused {
    descriptors: Vec<RawFd>,
    meeting: Arc<Barrier>,
}

impl Paused {
    /// The threads' descriptors: a process forked now has to close them.
    #[must_use]
    pub fn descriptors(&self) -> &[RawFd] {
        &self.descriptors
    }

    /// Lets the threads go on. Not for the child, which has none.
    pub fn resume(self) {
        self.meeting.wait();
    }
}

impl Handle {
    fn start(parts: GateParts) -> io::Result<Handle> {
        let (commands, inbox) = mpsc::channel();
        let (ready, started) = mpsc::channel();
        let name = format!("tether-io-{}", parts.config.reactor_id);
        let run = move || {
            if let Some(cpu) = parts.cpu {
                // One that has been taken away meanwhile binds nothing.
                let _ = child::set_affinity(&[cpu]);
            }
            let turns = signal::block_for_thread().and_then(|()| Turns::new(parts, inbox));
            match turns {
                Ok((turns, waker)) => {
                    if ready.send(Ok(waker)).is_ok() {
                        let _ = reactor::run(&turns.reactor, &turns);
                    }
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        };
        let thread = std::thread::Builder::new().name(name).spawn(run)?;
        let waker = started.recv().map_err(|_| io::ErrorKind::BrokenPipe)??;
        Ok(Handle { commands, waker, thread: Some(ManuallyDrop::new(thread)) })
    }
}

/// The thread's loop.
struct Turns {
    reactor: Rc<Reactor>,
    gate: RefCell<Gate>,
    inbox: Receiver<Command>,
    /// Set by [`Command::Finish`].
    finishing: Cell<Option<TimerKey>>,
    ended: Cell<bool>,
}

impl Turns {
    fn new(parts: GateParts, inbox: Receiver<Command>) -> io::Result<(Turns, mio::Waker)> {
        let reactor = Rc::new(Reactor::new()?);
        let waker = reactor.waker(Token::new(Source::Waker, Key::fixed(0)))?;
        let GateParts { config, shared, listeners, door, cpu: _ } = parts;
        let gate = Gate::new(config, Rc::clone(&reactor), shared, listeners, door)?;
        let gate = RefCell::new(gate);
        let turns =
            Turns { reactor, gate, inbox, finishing: Cell::new(None), ended: Cell::new(false) };
        Ok((turns, waker))
    }

    fn handle_command(&self, command: Command) {
        match command {
            Command::Pause(descriptors, meeting) => {
                let mut own = self.gate.borrow().descriptors();
                own.push(self.reactor.poll_fd());
                let _ = descriptors.send(own);
                drop(descriptors);
                meeting.wait();
                meeting.wait();
            }
            Command::Stop => self.gate.borrow_mut().stop(),
            Command::Finish(limit) => {
                self.gate.borrow_mut().finish();
                let token = Token::new(Source::Waker, Key::fixed(1));
                let at = self.reactor.now() + limit;
                self.finishing.set(Some(self.reactor.timers().borrow_mut().insert(at, token)));
            }
        }
    }
}

impl Driver for Turns {
    fn cycle(&self, _: bool) {}

    fn io(&self, token: Token, ready: Ready) {
        if token.source() == Some(Source::Waker) {
            while let Ok(command) = self.inbox.try_recv() {
                self.handle_command(command);
            }
        } else {
            self.gate.borrow_mut().handle_ready(token, ready);
        }
    }

    fn timer(&self, token: Token) {
        if token.source() == Some(Source::Waker) {
            self.ended.set(true);
        } else {
            self.gate.borrow_mut().handle_timer(token);
        }
    }

    fn signals(&self) {}

    fn deferred(&self) {}

    fn has_deferred(&self) -> bool {
        false
    }

    fn settle(&self) {
        let mut gate = self.gate.borrow_mut();
        gate.settle();
        if self.finishing.get().is_some() && gate.is_done() {
            self.ended.set(true);
        }
    }

    fn stopped(&self) -> bool {
        self.ended.get()
    }

    fn alive(&self) -> bool {
        true
    }
}
