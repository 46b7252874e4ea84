//! The life of one worker of a pool.

use std::{
    cell::{Cell, RefCell},
    io,
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
    time::Duration,
};

use crate::{
    net::{PIPE_MAX, Wait},
    reactor::{Arena, Interest, Key, Ready, Source, Token, monotonic},
    sys::{
        descriptor,
        message_queue::MESSAGE_MAX,
        process,
        signal::{self, SIGKILL, SIGTERM, Signals},
    },
    zend::{ObjRef, Thrown, Value, error, process::reseed_after_fork},
};

use super::{
    super::engine::{Engine, Part, Stop},
    ProcessState, enter, entropy,
    pool::{IPC_MSGQUEUE, IPC_NONE, IPC_SOCKET, IPC_UNIXSOCK, PoolState, forked, pool_and},
    pool_listen::{Got, Peer},
};

/// The longest package over a socket, bytes.
pub(super) const PACKAGE_MAX: usize = 8 << 20;
/// How long a peer may take for its package, and for reading the answer.
const DEADLINE: Duration = Duration::from_secs(60);
/// Connections that a worker has at once.
const PEERS: usize = 1024;

/// In the child: all of it. PHP unwinds afterwards.
pub(super) fn live(pool: &PoolState, me: &ObjRef, id: usize) -> Thrown {
    let manager = process::parent_id();
    let _ = signal::give_up_inherited();
    if process::die_with_parent(manager, SIGKILL).is_err() {
        let _ = process::kill(process::id(), SIGKILL);
    }
    let engine = match forked() {
        Ok(engine) => engine,
        Err(thrown) => return thrown,
    };
    reseed_after_fork(entropy());
    error::set_exit_status(0);
    pool.worker_id.set(Some(id));
    let process = pool.workers.borrow().get(id).cloned();
    if let Some(process) = process
        && enter(&process)
    {
        work(&engine, pool, me, id, &process);
    }
    engine.stop(Stop::Exit);
    engine.release_all();
    engine.set_part(None);
    error::throw_unwind_exit()
}

fn work(engine: &Rc<Engine>, pool: &PoolState, me: &ObjRef, id: usize, process: &ObjRef) {
    let number = || Value::long(i64::try_from(id).unwrap_or(-1));
    // A callback that works in a loop of its own ends by the signal's default.
    call(engine, pool, "workerstart", pool_and(me, number()));
    if engine.stop_reason().is_none() {
        let ran = match pool.ipc.get() {
            IPC_MSGQUEUE if pool.callbacks.has("message") => take_messages(engine, pool, me),
            _ => run_loop(engine, pool, me, process),
        };
        if ran.is_err() {
            error::set_exit_status(255);
        }
    }
    if engine.is_copy() || matches!(engine.stop_reason(), Some(Stop::Fatal | Stop::Failed)) {
        return;
    }
    engine.forget_stop();
    call(engine, pool, "workerstop", pool_and(me, number()));
}

fn call(engine: &Engine, pool: &PoolState, event: &'static str, args: [Value; 2]) {
    if let Some(callback) = pool.callbacks.get(event) {
        engine.call(0, callback, args);
    }
}

/// The system's queues cannot be watched: the worker waits for a message and for nothing else.
fn take_messages(engine: &Rc<Engine>, pool: &PoolState, me: &ObjRef) -> io::Result<()> {
    let Some(queue) = pool.queue.get() else { return Ok(()) };
    let signals = Signals::new(&[SIGTERM])?;
    while signals.drain().next().is_none() && engine.stop_reason().is_none() {
        // It is interrupted by the signal; the manager sends that again, for one that comes right
        // before the call is not noticed.
        match queue.pop(0, MESSAGE_MAX, true) {
            Ok(message) => call(engine, pool, "message", pool_and(me, message.as_slice())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Messages as events of the loop; without messages as long as something is pending.
fn run_loop(
    engine: &Rc<Engine>,
    pool: &PoolState,
    me: &ObjRef,
    process: &ObjRef,
) -> io::Result<()> {
    let hears = pool.callbacks.has("message") && pool.ipc.get() != IPC_NONE;
    if !hears && !engine.has_pending() {
        return Ok(());
    }
    let signals = Signals::new(&[SIGTERM])?;
    let token = Token::new(Source::Signal, Key::fixed(0));
    engine.reactor.register(&signals, token, Interest::READABLE)?;
    let worker = Rc::new(PoolWorker {
        pool: me.clone(),
        process: process.clone(),
        signals,
        peers: RefCell::default(),
        hears,
        leaves: Cell::new(false),
    });
    if hears && pool.ipc.get() == IPC_SOCKET {
        if let Some(listening) = &*pool.listening.borrow() {
            let token = Token::new(Source::Listener, Key::fixed(0));
            engine.reactor.register(&listening.socket, token, Interest::READABLE)?;
        }
    } else if hears && pool.ipc.get() == IPC_UNIXSOCK {
        let token = Token::new(Source::Channel, Key::fixed(0));
        if let Some(state) = process.as_state::<ProcessState>()
            && let Some(pipe) = &*state.worker.borrow()
        {
            descriptor::set_nonblocking(pipe, true)?;
            engine.reactor.register(pipe, token, Interest::READABLE)?;
        }
    }
    engine.set_part(Some(worker as Rc<dyn Part>));
    let ran = engine.run_loop();
    engine.set_part(None);
    ran
}

struct PoolWorker {
    pool: ObjRef,
    process: ObjRef,
    signals: Signals,
    peers: RefCell<Arena<Peer>>,
    /// Messages keep it going; else what is pending does.
    hears: bool,
    leaves: Cell<bool>,
}

impl PoolWorker {
    fn state(&self) -> Option<&PoolState> {
        self.pool.as_state::<PoolState>()
    }

    fn hear(&self, engine: &Engine, message: &[u8]) {
        if let Some(pool) = self.state() {
            call(engine, pool, "message", pool_and(&self.pool, message));
        }
    }

    fn accept(&self, engine: &Engine) {
        let Some(pool) = self.state() else { return };
        loop {
            if self.leaves.get() || self.peers.borrow().len() >= PEERS {
                return;
            }
            let accepted = match &*pool.listening.borrow() {
                Some(listening) => listening.socket.accept(),
                None => return,
            };
            match accepted {
                Ok((socket, _)) => {
                    let _ = socket.set_nonblocking(true);
                    let key = self.peers.borrow_mut().insert(Peer::new(socket));
                    let token = Token::new(Source::Conn, key);
                    let both = Interest::READABLE | Interest::WRITABLE;
                    if let Some(peer) = self.peers.borrow().get(key) {
                        let _ = engine.reactor.register(peer, token, both);
                    }
                    let at = engine.reactor.now() + DEADLINE;
                    engine.reactor.timers().borrow_mut().insert(at, token);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn serve(&self, engine: &Engine, key: Key) {
        let Some(pool) = self.state() else { return };
        let got = match self.peers.borrow_mut().get_mut(key) {
            Some(peer) => peer.read(PACKAGE_MAX),
            None => return,
        };
        let is_over = match got {
            Got::More => false,
            Got::Ended => true,
            Got::Package(message) => {
                pool.answer.replace(Some(Vec::new()));
                self.hear(engine, &message);
                let answer = pool.answer.take().unwrap_or_default();
                if let Some(peer) = self.peers.borrow_mut().get_mut(key) {
                    peer.answer(&answer);
                }
                false
            }
        };
        let is_over = is_over || self.peers.borrow_mut().get_mut(key).is_some_and(Peer::flush);
        if is_over {
            self.forget(engine, key);
        }
    }

    fn forget(&self, engine: &Engine, key: Key) {
        let peer = self.peers.borrow_mut().remove(key);
        if let Some(peer) = peer {
            engine.reactor.deregister(&peer);
            // One that waits in the queue may have been passed over when there was no room.
            engine.reactor.again(Token::new(Source::Listener, Key::fixed(0)));
        }
    }

    fn read_pipe(&self, engine: &Engine) {
        let Some(state) = self.process.as_state::<ProcessState>() else { return };
        let taken = match &*state.worker.borrow() {
            Some(pipe) => pipe.read(PIPE_MAX, Wait::default(), monotonic),
            None => return,
        };
        if let Ok(message) = taken
            && !message.is_empty()
        {
            // Others have their turn between two messages.
            engine.reactor.again(Token::new(Source::Channel, Key::fixed(0)));
            self.hear(engine, &message);
        }
    }
}

impl Part for PoolWorker {
    fn io(&self, engine: &Engine, token: Token, _: Ready) {
        match token.source() {
            Some(Source::Listener) => self.accept(engine),
            Some(Source::Conn) => self.serve(engine, token.key()),
            Some(Source::Channel) if !self.leaves.get() => self.read_pipe(engine),
            _ => {}
        }
    }

    fn timer(&self, engine: &Engine, token: Token) {
        if token.source() == Some(Source::Conn) {
            self.forget(engine, token.key());
        }
    }

    fn signals(&self, engine: &Engine) {
        for signo in self.signals.drain() {
            if signo == SIGTERM {
                self.leaves.set(true);
            }
            engine.signals.handle_arrived(signo);
        }
    }

    fn descriptors(&self) -> Vec<RawFd> {
        let mut all: Vec<_> =
            self.peers.borrow().iter().map(|(_, peer)| peer.as_raw_fd()).collect();
        if let Some(pool) = self.state() {
            all.extend(
                pool.listening.borrow().iter().map(|listening| listening.socket.as_raw_fd()),
            );
        }
        all
    }

    fn take_signal(&self, signo: i32) -> io::Result<()> {
        if self.signals.holds(signo) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.signals.add(signo)
    }

    fn settle(&self, engine: &Engine) {
        if self.leaves.get() || !self.hears && !engine.has_pending() {
            engine.stop(Stop::Asked);
        }
    }
}
