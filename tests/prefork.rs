//! A master with real processes: replacement, reload, shutdown, and the end of a master that dies.
//! One test, for forks and signals belong to the whole process.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::{
    cell::{Cell, RefCell},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    rc::Rc,
    thread,
    time::Duration,
};

use tether::{
    reactor::{self, Driver, Interest, Key, Reactor, Ready, Source, Token},
    server::{
        Crew, Level, Lifecycle, Listeners, Log, Master, MasterConfig, Message, PostOffice,
        Processes, Role, SharedParts, SocketKind, Stats, Step, TaskBoard, WorkerContext,
    },
    sys::{
        lifeline::Lifeline,
        process::{self, Fork, Pid},
        signal::{SIGKILL, SIGTERM, SIGUSR1, Signals},
    },
};

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Errors(RefCell<Vec<(usize, Pid, i32, i32)>>);

impl Lifecycle for Errors {
    fn on_worker_error(&self, worker_id: usize, pid: Pid, exit_code: i32, signal: i32) {
        self.0.borrow_mut().push((worker_id, pid, exit_code, signal));
    }
}

/// The master's side, as `php::engine` drives it.
struct Server {
    reactor: Rc<Reactor>,
    processes: Rc<Processes>,
    errors: Rc<Errors>,
    master: Master,
    signals: Signals,
    step: RefCell<Step>,
    address: SocketAddr,
}

impl Server {
    fn new(worker_num: usize) -> Server {
        let reactor = Rc::new(Reactor::new().unwrap());
        let signals = Role::Master.take_signals().unwrap();
        let signal = Token::new(Source::Signal, Key::fixed(0));
        reactor.register(&signals, signal, Interest::READABLE).unwrap();
        let listeners = Rc::new(Listeners::new());
        let (_, port) = listeners.bind_ip(SocketKind::Tcp, "127.0.0.1", 0).unwrap();
        let log = Rc::new(Log::new(reactor::wall));
        log.set_level(Level::Error);
        let stats = Stats::new(worker_num, reactor::wall()).unwrap();
        let crew = Crew { workers: worker_num, ..Crew::default() };
        let office = std::sync::Arc::new(PostOffice::new(worker_num, 1, 1 << 20).unwrap());
        let processes = Rc::new(Processes::new(Rc::clone(&reactor), &office, None));
        let errors = Rc::new(Errors::default());
        let config = MasterConfig { crew, max_wait_time: Duration::from_secs(5) };
        let master = Master::new(
            processes.clone(),
            errors.clone(),
            log,
            SharedParts {
                listeners,
                stats,
                office,
                sessions: None,
                tasks: TaskBoard::new(0).unwrap(),
            },
            config,
        );
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let step = RefCell::new(Step::Continue);
        Server { reactor, processes, errors, master, signals, step, address }
    }

    /// Forks the workers; they never return from here.
    fn start(mut self) -> Server {
        let step = self.master.start(self.reactor.now()).unwrap();
        self.take(step);
        self.become_worker();
        self
    }

    /// Turns until `done`, or until the server has ended.
    fn turn_until(mut self, done: impl Fn(&Server) -> bool) -> Server {
        let begin = self.reactor.refresh_now();
        while !done(&self) && !self.stopped() {
            reactor::turn(&self.reactor, &self, Some(Duration::from_millis(20))).unwrap();
            self.become_worker();
            assert!(self.reactor.now() - begin < PATIENCE, "waited in vain");
        }
        self
    }

    /// In a worker's copy of this process: leaves everything of the master's behind.
    fn become_worker(&mut self) {
        if matches!(*self.step.borrow(), Step::Child(_))
            && let Step::Child(context) = self.step.replace(Step::Continue)
        {
            self.reactor = Rc::new(Reactor::new().unwrap());
            serve(context);
        }
    }

    fn take(&self, step: Step) {
        *self.step.borrow_mut() = step;
    }

    fn pids(&self) -> Vec<Option<Pid>> {
        (0..2).map(|id| self.master.worker_pid(id)).collect()
    }
}

impl Driver for Server {
    fn io(&self, token: Token, _: Ready) {
        if token.source() == Some(Source::Channel) {
            self.take(self.master.handle_channel(token, self.reactor.now()));
        }
    }
    fn timer(&self, token: Token) {
        if token.source() == Some(Source::Channel) {
            self.take(self.master.handle_timeout(self.reactor.now()));
        }
    }
    fn signals(&self) {
        for signo in self.signals.drain() {
            if !self.stopped() {
                self.take(self.master.handle_signal(signo, self.reactor.now()));
            }
        }
    }
    fn settle(&self) {
        self.processes.arm(self.master.poll_deadline());
    }
    fn stopped(&self) -> bool {
        !matches!(*self.step.borrow(), Step::Continue)
    }
    fn alive(&self) -> bool {
        true
    }
    fn cycle(&self, _: bool) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        false
    }
}

/// The worker's side: answers each connection with its process id and keeps it.
struct Worker {
    reactor: Reactor,
    context: WorkerContext,
    signals: Signals,
    connections: RefCell<Vec<socket2::Socket>>,
    stopped: Cell<bool>,
}

#[expect(clippy::disallowed_methods, reason = "a forked child must not return to the harness")]
fn serve(context: WorkerContext) -> ! {
    let reactor = Reactor::new().unwrap();
    let signals = Role::Worker.take_signals().unwrap();
    let key = Key::fixed(0);
    reactor.register(&signals, Token::new(Source::Signal, key), Interest::READABLE).unwrap();
    let channel = Token::new(Source::Channel, key);
    reactor.register(&context.channel, channel, Interest::READABLE).unwrap();
    let listener = Token::new(Source::Listener, key);
    reactor.register(&context.listeners[0].socket, listener, Interest::READABLE).unwrap();
    context.channel.send(Message::Ready).unwrap();
    let (connections, stopped) = (RefCell::default(), Cell::new(false));
    let worker = Worker { reactor, context, signals, connections, stopped };
    reactor::run(&worker.reactor, &worker).unwrap();
    std::process::exit(0)
}

impl Driver for Worker {
    fn io(&self, token: Token, _: Ready) {
        match token.source() {
            Some(Source::Listener) => {
                while let Ok((mut connection, _)) = self.context.listeners[0].socket.accept() {
                    connection.write_all(&process::id().to_be_bytes()).unwrap();
                    self.connections.borrow_mut().push(connection);
                }
            }
            Some(Source::Channel) => {
                let received = self.context.channel.receive();
                let ends = |message: &Message| {
                    matches!(message, Message::Retire { .. } | Message::Shutdown)
                };
                let told = received.messages.iter().any(ends);
                self.stopped.set(told || received.ended);
            }
            _ => {}
        }
    }
    fn signals(&self) {
        if self.signals.drain().any(|signo| signo == SIGTERM) {
            self.stopped.set(true);
        }
    }
    fn stopped(&self) -> bool {
        self.stopped.get()
    }
    fn alive(&self) -> bool {
        true
    }
    fn cycle(&self, _: bool) {}
    fn timer(&self, _: Token) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        false
    }
    fn settle(&self) {}
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn answer(stream: &mut TcpStream) -> Pid {
    let mut pid = [0; 4];
    stream.read_exact(&mut pid).unwrap();
    Pid::from_be_bytes(pid)
}

#[test]
fn workers_are_replaced_reloaded_and_ended() {
    a_life();
    a_master_that_is_killed_takes_its_workers_with_it();
    one_that_is_killed_takes_those_with_it_that_are_tied();
}

fn a_life() {
    const SIGSTOP: i32 = 19;
    const SIGCONT: i32 = 18;

    let server = Server::new(2).start();
    let first = server.pids();
    let mut all = first.clone();
    assert!(first.iter().all(Option::is_some));
    let [Some(killed), Some(stays)] = first[..] else { panic!("two workers") };
    assert_eq!(server.errors.0.borrow().len(), 0);

    // Both sleep while connections come: each has some in its queue.
    process::kill(killed, SIGSTOP).unwrap();
    process::kill(stays, SIGSTOP).unwrap();
    let mut clients: Vec<_> = (0..32).map(|_| connect(server.address)).collect();
    process::kill(killed, SIGKILL).unwrap();
    let server = server.turn_until(|server| server.pids()[0].is_some_and(|pid| pid != killed));
    process::kill(stays, SIGCONT).unwrap();
    let second = server.pids();
    all.extend(&second);
    let answers: Vec<_> = clients.iter_mut().map(answer).collect();
    assert!(answers.iter().all(|&pid| second.contains(&Some(pid))), "{answers:?} {second:?}");
    assert!(second.iter().all(|pid| answers.contains(&pid.unwrap())), "{answers:?} {second:?}");
    assert_eq!(*server.errors.0.borrow(), [(0, killed, 0, SIGKILL)]);

    process::kill(process::id(), SIGUSR1).unwrap();
    let server = server.turn_until(|server| {
        server.pids().iter().all(|pid| pid.is_some() && !second.contains(pid))
    });
    let third = server.pids();
    all.extend(&third);
    let pid = answer(&mut connect(server.address));
    assert!(third.contains(&Some(pid)));

    process::kill(process::id(), SIGTERM).unwrap();
    let server = server.turn_until(|server| server.master.finished());
    assert!(matches!(*server.step.borrow(), Step::Finished));
    assert_eq!(server.master.exit_code(), 0);
    assert_eq!(server.errors.0.borrow().len(), 1);
    assert!(TcpStream::connect(server.address).is_err());
    assert_eq!(process::reap_all().unwrap(), []);
    for pid in all.into_iter().flatten() {
        assert!(process::kill(pid, 0).is_err(), "{pid} is still there");
    }
}

#[expect(clippy::disallowed_methods, reason = "a forked child must not return to the harness")]
fn a_master_that_is_killed_takes_its_workers_with_it() {
    let (mut near, mut far) = std::os::unix::net::UnixStream::pair().unwrap();
    near.set_read_timeout(Some(PATIENCE)).unwrap();
    let master = match process::fork().unwrap() {
        Fork::Child => {
            drop(near);
            let server = Server::new(1).start();
            far.write_all(&server.address.port().to_be_bytes()).unwrap();
            drop(server.turn_until(|_| false));
            std::process::exit(1)
        }
        Fork::Parent(pid) => pid,
    };
    drop(far);
    let mut port = [0; 2];
    near.read_exact(&mut port).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], u16::from_be_bytes(port)));
    let mut client = connect(address);
    assert_ne!(answer(&mut client), master);
    process::kill(master, SIGKILL).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0, "the worker's connection ends");
    assert_eq!(near.read(&mut [0]).unwrap(), 0, "whoever had the other end is gone");
    // The system takes the last sockets away when it has time for it.
    let begin = reactor::monotonic();
    while process::try_wait(master).is_ok() || TcpStream::connect(address).is_ok() {
        assert!(reactor::monotonic() - begin < PATIENCE);
    }
}

#[expect(clippy::disallowed_methods, reason = "a forked child must not return to the harness")]
fn one_that_is_killed_takes_those_with_it_that_are_tied() {
    let (mut near, mut far) = std::os::unix::net::UnixStream::pair().unwrap();
    near.set_read_timeout(Some(PATIENCE)).unwrap();
    let wait_for_ever = || {
        thread::sleep(PATIENCE * 10);
        std::process::exit(1)
    };
    let lifeline = Lifeline::new().unwrap();
    let one = match process::fork().unwrap() {
        Fork::Child => wait_for_ever(),
        Fork::Parent(pid) => pid,
    };
    lifeline.let_go();
    // A sibling of the one: its parent lives on.
    let tied = match process::fork().unwrap() {
        Fork::Child => {
            lifeline.tie().unwrap();
            far.write_all(b"!").unwrap();
            wait_for_ever()
        }
        Fork::Parent(pid) => pid,
    };
    drop(far);
    near.read_exact(&mut [0]).unwrap();
    assert_eq!(process::try_wait(tied).unwrap(), None);
    process::kill(one, SIGKILL).unwrap();
    let status = |pid| loop {
        if let Some(status) = process::try_wait(pid).unwrap() {
            return status.signal;
        }
        thread::yield_now();
    };
    assert_eq!((status(one), status(tied)), (SIGKILL, SIGKILL));
}
