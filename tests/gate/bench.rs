//! One I/O thread, workers in the test's thread, and peers that never block for ever.

use std::{
    cell::{Cell, RefCell},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    rc::Rc,
    time::{Duration, SystemTime},
};

use socket2::{Domain, Socket, Type};
use tether::{
    client::Buffers,
    options::ServerConfig,
    proto::{
        framing::Rule,
        http1::{HeaderBlock, Request},
    },
    reactor::{Driver, Reactor, Ready, Source, Token, monotonic, turn},
    server::{
        Doors, ExchangeId, GateConfig, GateParts, GateShared, Gates, Head, LinkOptions, Mode,
        Origin, PortConfig, Ports, Progress, SessionId, Sessions, SocketKind, Speaks, Stats,
        Uplink, WatchConfig, Worker, WorkerConfig, WorkerHooks, WorkerListener,
    },
};

fn ports(speaks: &Speaks) -> Ports {
    let config = ServerConfig { socket_buffer_size: 1 << 20, ..ServerConfig::default() };
    let port = PortConfig::new(&config, false, 9501).unwrap();
    Ports::new(PortConfig { speaks: speaks.clone(), ..port }, Vec::new())
}

/// The master's side: one thread, and what workers need to reach it.
pub(crate) struct Hall {
    pub(crate) gates: Gates,
    pub(crate) doors: Doors,
    pub(crate) progress: Progress,
    pub(crate) sessions: Sessions,
    pub(crate) stats: Stats,
    pub(crate) address: SocketAddr,
    speaks: Speaks,
    is_shared: bool,
}

pub(crate) const WORKERS: usize = 2;
pub(crate) const WINDOW: usize = 64 * 1024;

impl Hall {
    pub(crate) fn http() -> Hall {
        Hall::new(true, Mode::Session, WORKERS)
    }

    pub(crate) fn raw() -> Hall {
        Hall::new(false, Mode::Session, WORKERS)
    }

    pub(crate) fn packets(mode: Mode, workers: usize) -> Hall {
        Hall::with(Speaks::Packets(Rule::eof(b"\n", true).unwrap()), mode, workers)
    }

    pub(crate) fn new(http: bool, mode: Mode, workers: usize) -> Hall {
        Hall::with(if http { Speaks::Http } else { Speaks::Raw }, mode, workers)
    }

    fn with(speaks: Speaks, mode: Mode, workers: usize) -> Hall {
        let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None).unwrap();
        socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        socket.listen(512).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let stats = Stats::new(workers + 1, SystemTime::UNIX_EPOCH).unwrap();
        let sessions = Sessions::new(1000, monotonic()).unwrap();
        let progress = Progress::new(1, workers).unwrap();
        let mut doors = Doors::new(1).unwrap();
        let parts = GateParts {
            config: GateConfig {
                reactor_id: 0,
                workers,
                mode,
                announces: true,
                unsafe_events: false,
                discards: false,
                delay_receive: false,
                watch: WatchConfig {
                    header: Some(Duration::from_millis(400)),
                    ..WatchConfig::default()
                },
                ports: ports(&speaks),
                window: WINDOW,
                buffer_total_size: 256 << 20,
            },
            shared: GateShared {
                sessions: sessions.clone(),
                counters: stats.row(workers, 0),
                progress: progress.clone(),
            },
            listeners: vec![WorkerListener { port: 0, socket, kind: SocketKind::Tcp }],
            door: doors.take(0).unwrap(),
            cpu: None,
        };
        let gates = Gates::start(vec![parts]).unwrap();
        Hall {
            gates,
            doors,
            progress,
            sessions,
            stats,
            address,
            speaks,
            is_shared: mode.is_shared(),
        }
    }

    /// A worker process, as the threads see it. Dropping it is its death.
    pub(crate) fn worker(&self, worker_id: usize, lane: usize) -> Desk {
        let reactor = Rc::new(Reactor::new().unwrap());
        let config = WorkerConfig {
            worker_id: worker_id as u16,
            owner: worker_id as u16,
            ports: ports(&self.speaks),
            buffer_total_size: 256 << 20,
            delay_receive: false,
            watch: Default::default(),
            max_request: 0,
        };
        let worker = Worker::new(
            config,
            Rc::clone(&reactor),
            Rc::new(RefCell::new(Buffers::default())),
            self.stats.row(worker_id, lane),
            self.sessions.clone(),
            Vec::new(),
        )
        .unwrap();
        let how = LinkOptions {
            window: WINDOW,
            discards: false,
            is_shared: self.is_shared,
            event_workers: usize::MAX,
        };
        let uplink = Uplink::new(&self.doors, &self.progress, worker_id, lane, how).unwrap();
        worker.attach(uplink).unwrap();
        Desk {
            reactor,
            worker,
            name: format!("{worker_id}.{lane}"),
            events: RefCell::default(),
            kept: RefCell::default(),
            keeps: Cell::new(false),
            stopped: Cell::new(false),
        }
    }

    pub(crate) fn connect(&self) -> Peer {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nonblocking(true).unwrap();
        Peer { stream, got: String::new(), ended: false }
    }
}

/// A worker.
pub(crate) struct Desk {
    pub(crate) reactor: Rc<Reactor>,
    pub(crate) worker: Worker,
    name: String,
    pub(crate) events: RefCell<Vec<String>>,
    pub(crate) kept: RefCell<Vec<ExchangeId>>,
    /// Requests are left for later.
    pub(crate) keeps: Cell<bool>,
    pub(crate) stopped: Cell<bool>,
}

impl Desk {
    pub(crate) fn turn(&self) {
        turn(&self.reactor, self, Some(Duration::from_millis(2))).unwrap();
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.events.borrow().clone()
    }

    pub(crate) fn answer(&self, id: ExchangeId, body: &[u8]) {
        let headers = HeaderBlock::new();
        let head = Head { status: 200, reason: None, headers: &headers };
        self.worker.respond(id, head, body).unwrap();
    }

    pub(crate) fn answer_kept(&self, body: &str) {
        let id = self.kept.borrow_mut().remove(0);
        self.answer(id, body.as_bytes());
    }
}

/// Turns of these workers until `done`; what stalls fails the test.
#[track_caller]
pub(crate) fn until(desks: &[&Desk], mut done: impl FnMut() -> bool) {
    let end = monotonic() + Duration::from_secs(10);
    while !done() {
        assert!(monotonic() < end, "nothing more happens");
        if desks.is_empty() {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        desks.iter().for_each(|desk| desk.turn());
    }
}

impl WorkerHooks for Desk {
    fn on_connect(&self, session: SessionId, _: u16) {
        self.events.borrow_mut().push(format!("connect {session}"));
    }
    fn on_receive(&self, session: SessionId, _: u16, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        self.events.borrow_mut().push(format!("receive {session} {text}"));
        self.worker.send(session, format!("{}:{text}", self.name).as_bytes()).unwrap();
    }
    fn on_request(&self, exchange: ExchangeId, _: Origin, request: Request) {
        let path = String::from_utf8_lossy(request.path()).into_owned();
        self.events.borrow_mut().push(format!("request {path}"));
        if self.keeps.get() {
            self.kept.borrow_mut().push(exchange);
        } else {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            self.answer(exchange, format!("{}{path}{body};", self.name).as_bytes());
        }
    }
    fn on_close(&self, session: SessionId, _: u16, by_server: bool) {
        self.events.borrow_mut().push(format!("close {session} {by_server}"));
    }
    fn stopped(&self) -> bool {
        self.stopped.get()
    }
}

impl Driver for Desk {
    fn cycle(&self, _: bool) {}
    fn io(&self, token: Token, ready: Ready) {
        match token.source() {
            Some(Source::Listener) => self.worker.handle_listener(token, self),
            Some(Source::Conn) => self.worker.handle_ready(token, ready, self),
            other => panic!("{other:?}"),
        }
    }
    fn timer(&self, token: Token) {
        self.worker.handle_timer(token);
    }
    fn signals(&self) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        self.worker.has_unsent()
    }
    fn settle(&self) {
        self.worker.flush(self);
    }
    fn stopped(&self) -> bool {
        self.stopped.get()
    }
    fn alive(&self) -> bool {
        true
    }
}

/// A client.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) got: String,
    pub(crate) ended: bool,
}

impl Peer {
    pub(crate) fn send(&mut self, text: &str) {
        self.stream.set_nonblocking(false).unwrap();
        self.stream.write_all(text.as_bytes()).unwrap();
        self.stream.set_nonblocking(true).unwrap();
    }

    pub(crate) fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    }

    pub(crate) fn read(&mut self) {
        let mut chunk = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return self.ended = true,
                Ok(n) => self.got.push_str(&String::from_utf8_lossy(&chunk[..n])),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(_) => return self.ended = true,
            }
        }
    }

    /// Turns until `text` has come, and forgets everything up to its end.
    #[track_caller]
    pub(crate) fn expect(&mut self, desks: &[&Desk], text: &str) -> String {
        until(desks, || {
            self.read();
            assert!(!self.ended || self.got.contains(text), "{text:?} not in {:?}", self.got);
            self.got.contains(text)
        });
        let end = self.got.find(text).unwrap() + text.len();
        let before = self.got[..end].to_owned();
        self.got.drain(..end);
        before
    }

    #[track_caller]
    pub(crate) fn expect_end(&mut self, desks: &[&Desk]) -> String {
        until(desks, || {
            self.read();
            self.ended
        });
        std::mem::take(&mut self.got)
    }
}
