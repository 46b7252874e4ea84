//! One worker, its hooks, and peers that never block.

use std::{
    cell::{Cell, RefCell},
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    rc::Rc,
    time::{Duration, SystemTime},
};

use socket2::{Domain, Socket, Type};
use tether::{
    client::Buffers,
    proto::{
        http1::{HeaderBlock, Request},
        limits::Limits,
    },
    reactor::{Driver, Reactor, Ready, Source, Token, monotonic, turn},
    server::{
        AnswerError, ExchangeId, Head, Origin, Parcel, PortConfig, Ports, SessionId, Sessions,
        SocketKind, Speaks, Stats, WatchConfig, Worker, WorkerConfig, WorkerHooks, WorkerListener,
    },
};

type OnRequest = Box<dyn Fn(&Bench, ExchangeId, Request)>;
type OnReceive = Box<dyn Fn(&Bench, SessionId, &[u8])>;
type OnClose = Box<dyn Fn(&Bench, SessionId, bool)>;
type OnCycle = Box<dyn Fn(&Bench)>;

pub(crate) struct Bench {
    pub(crate) reactor: Rc<Reactor>,
    pub(crate) worker: Worker,
    pub(crate) stats: Stats,
    pub(crate) address: SocketAddr,
    /// Sessions that were connected, in order.
    pub(crate) connected: RefCell<Vec<SessionId>>,
    /// `on_close` calls, in order.
    pub(crate) closed: RefCell<Vec<(SessionId, bool)>>,
    /// Exchanges that a handler left for later.
    pub(crate) kept: RefCell<Vec<ExchangeId>>,
    /// `on_watermark` calls, in order.
    pub(crate) marks: RefCell<Vec<(SessionId, bool)>>,
    /// What a handler counted.
    pub(crate) kept_counts: RefCell<Vec<usize>>,
    pub(crate) sessions: Sessions,
    pub(crate) stopped: Cell<bool>,
    /// What was given away; `None`: it is refused.
    pub(crate) given: RefCell<Option<Vec<Parcel>>>,
    /// Something woke the loop in this turn. A turn that nothing woke would still be waiting, so
    /// it does nothing: what relies on it stalls.
    pub(crate) awake: Cell<bool>,
    /// The last flush left output to the next one. That it comes is for the worker to see to.
    pub(crate) left: Cell<bool>,
    pub(crate) on_request: OnRequest,
    pub(crate) on_receive: OnReceive,
    pub(crate) on_close: OnClose,
    pub(crate) before_poll: OnCycle,
}

impl Bench {
    pub(crate) fn http() -> Bench {
        Bench::with(config())
    }

    pub(crate) fn raw() -> Bench {
        Bench::with(speaking(Speaks::Raw))
    }

    pub(crate) fn with(config: WorkerConfig) -> Bench {
        Bench::with_most(1000, config)
    }

    /// A worker that takes at most so many connections.
    pub(crate) fn with_most(most: usize, config: WorkerConfig) -> Bench {
        Bench::sharing(Sessions::new(most, monotonic()).unwrap(), config)
    }

    /// A worker of the same server as others.
    pub(crate) fn sharing(sessions: Sessions, config: WorkerConfig) -> Bench {
        let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None).unwrap();
        socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        socket.listen(512).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let reactor = Rc::new(Reactor::new().unwrap());
        let stats = Stats::new(1, SystemTime::UNIX_EPOCH).unwrap();
        let worker = Worker::new(
            config,
            Rc::clone(&reactor),
            Rc::new(RefCell::new(Buffers::default())),
            stats.row(0, 0),
            sessions.clone(),
            vec![WorkerListener { port: 0, socket, kind: SocketKind::Tcp }],
        )
        .unwrap();
        Bench {
            reactor,
            worker,
            stats,
            address,
            connected: RefCell::default(),
            closed: RefCell::default(),
            kept: RefCell::default(),
            marks: RefCell::default(),
            kept_counts: RefCell::default(),
            sessions,
            stopped: Cell::new(false),
            given: RefCell::default(),
            awake: Cell::new(false),
            left: Cell::new(false),
            on_request: Box::new(|bench, id, request| {
                bench.respond(id, 200, request.path()).unwrap();
            }),
            on_receive: Box::new(|bench, session, data| {
                bench.worker.send(session, data).unwrap();
            }),
            on_close: Box::new(|_, _, _| {}),
            before_poll: Box::new(|_| {}),
        }
    }

    /// Leaves every request for later.
    pub(crate) fn keeping() -> Bench {
        Bench { on_request: Box::new(|bench, id, _| bench.keep(id)), ..Bench::http() }
    }

    pub(crate) fn keep(&self, id: ExchangeId) {
        self.kept.borrow_mut().push(id);
    }

    pub(crate) fn kept(&self, index: usize) -> ExchangeId {
        self.kept.borrow()[index]
    }

    pub(crate) fn closed(&self) -> Vec<(SessionId, bool)> {
        self.closed.borrow().clone()
    }

    pub(crate) fn respond(
        &self,
        id: ExchangeId,
        status: u16,
        body: &[u8],
    ) -> Result<(), AnswerError> {
        let headers = HeaderBlock::new();
        self.worker.respond(id, Head { status, reason: None, headers: &headers }, body)
    }

    pub(crate) fn begin(&self, id: ExchangeId) {
        let headers = HeaderBlock::new();
        self.worker.begin(id, Head { status: 200, reason: None, headers: &headers }).unwrap();
    }

    pub(crate) fn connect(&self) -> Peer {
        Peer::new(TcpStream::connect(self.address).unwrap())
    }

    /// A peer whose connection the worker has accepted.
    pub(crate) fn accept(&self) -> Peer {
        let before = self.connected.borrow().len();
        let peer = self.connect();
        self.until(|| self.connected.borrow().len() > before);
        peer
    }

    pub(crate) fn turn(&self) {
        turn(&self.reactor, self, Some(Duration::from_millis(5))).unwrap();
    }

    pub(crate) fn turns(&self, n: usize) {
        (0..n).for_each(|_| self.turn());
    }

    /// Turns until `done`; a worker that stalls fails the test.
    #[track_caller]
    pub(crate) fn until(&self, mut done: impl FnMut() -> bool) {
        let end = monotonic() + Duration::from_secs(60);
        while !done() {
            assert!(monotonic() < end, "the worker stalls");
            self.turn();
        }
    }

    /// Turns until `peer` has `count` bytes or more.
    #[track_caller]
    pub(crate) fn fill(&self, peer: &mut Peer, count: usize) {
        self.until(|| {
            peer.read();
            assert!(peer.got.len() >= count || peer.end.is_none(), "{:?}", peer.text());
            peer.got.len() >= count
        });
    }

    /// Turns until `peer` has met the end, and gives what it read before.
    #[track_caller]
    pub(crate) fn to_end(&self, peer: &mut Peer) -> String {
        self.until(|| {
            peer.read();
            peer.end.is_some()
        });
        peer.text()
    }

    /// Turns until `peer` has `count` answers, and gives their bodies. For answers with
    /// `Content-Length` only.
    #[track_caller]
    pub(crate) fn bodies(&self, peer: &mut Peer, count: usize) -> Vec<String> {
        self.until(|| {
            peer.read();
            peer.has_answers(count) || peer.end.is_some()
        });
        peer.answers().into_iter().map(|(_, body)| body).collect()
    }
}

impl WorkerHooks for Bench {
    fn on_connect(&self, session: SessionId, _: u16) {
        self.connected.borrow_mut().push(session);
    }
    fn on_receive(&self, session: SessionId, _: u16, data: &[u8]) {
        assert!(!self.stopped.get());
        (self.on_receive)(self, session, data);
    }
    fn on_request(&self, exchange: ExchangeId, _: Origin, request: Request) {
        assert!(!self.stopped.get());
        (self.on_request)(self, exchange, request);
    }
    fn on_close(&self, session: SessionId, _: u16, by_server: bool) {
        assert!(!self.stopped.get());
        self.closed.borrow_mut().push((session, by_server));
        (self.on_close)(self, session, by_server);
    }
    fn on_watermark(&self, session: SessionId, _: u16, full: bool) {
        self.marks.borrow_mut().push((session, full));
    }
    fn give_away(&self, parcel: Parcel) -> bool {
        self.given.borrow_mut().as_mut().map(|given| given.push(parcel)).is_some()
    }
    fn stopped(&self) -> bool {
        self.stopped.get()
    }
}

impl Driver for Bench {
    fn cycle(&self, before: bool) {
        if before {
            (self.before_poll)(self);
        }
    }
    fn io(&self, token: Token, ready: Ready) {
        self.awake.set(true);
        match token.source() {
            Some(Source::Listener) => self.worker.handle_listener(token, self),
            Some(Source::Conn) => self.worker.handle_ready(token, ready, self),
            other => panic!("{other:?}"),
        }
    }
    fn timer(&self, token: Token) {
        self.awake.set(true);
        match token.source() {
            Some(Source::Listener) => self.worker.handle_listener(token, self),
            Some(Source::Conn) => self.worker.handle_timer(token),
            other => panic!("{other:?}"),
        }
    }
    fn signals(&self) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        self.awake.set(self.worker.has_unsent() && !self.left.get());
        self.awake.get()
    }
    fn settle(&self) {
        if self.awake.get() {
            self.worker.flush(self);
            self.worker.give_away(self);
            self.left.set(self.worker.has_unsent());
        }
    }
    fn stopped(&self) -> bool {
        self.stopped.get()
    }
    fn alive(&self) -> bool {
        true
    }
}

/// The other end of a connection.
pub(crate) struct Peer {
    pub(crate) socket: TcpStream,
    pub(crate) got: Vec<u8>,
    /// How its input ended: in order, or with this error.
    pub(crate) end: Option<Result<(), ErrorKind>>,
    scanned: usize,
    heads: usize,
}

impl Peer {
    pub(crate) fn new(socket: TcpStream) -> Peer {
        socket.set_nonblocking(true).unwrap();
        socket.set_nodelay(true).unwrap();
        Peer { socket, got: Vec::new(), end: None, scanned: 0, heads: 0 }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as much as the socket takes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> usize {
        let mut sent = 0;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            match self.socket.write(rest) {
                Ok(n) => sent += n,
                Err(_) => break,
            }
        }
        sent
    }

    pub(crate) fn half_close(&self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    /// Closes with a reset instead of a FIN.
    pub(crate) fn reset(self) {
        let socket = Socket::from(self.socket);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Reads what is there.
    pub(crate) fn read(&mut self) {
        let mut buffer = vec![0; 256 * 1024];
        while self.end.is_none() {
            match self.socket.read(&mut buffer) {
                Ok(0) => self.end = Some(Ok(())),
                Ok(n) => self.got.extend_from_slice(&buffer[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => self.end = Some(Err(error.kind())),
            }
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.got).into_owned()
    }

    /// Whether so many answers may be there: cheap, for peers that get a lot.
    fn has_answers(&mut self, count: usize) -> bool {
        let from = self.scanned.saturating_sub(8);
        let seen = self.got[from..].windows(9).filter(|nine| nine == b"HTTP/1.1 ").count();
        self.scanned = self.got.len();
        self.heads += seen;
        self.heads >= count && self.answers().len() >= count
    }

    /// Makes room for what the peer was kept from taking.
    pub(crate) fn widen(&self) {
        socket2::SockRef::from(&self.socket).set_recv_buffer_size(4 << 20).unwrap();
    }

    /// The complete answers with their bodies.
    pub(crate) fn answers(&self) -> Vec<(String, String)> {
        let mut rest = &self.got[..];
        let mut answers = Vec::new();
        while let Some(head) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&rest[..head + 4]).into_owned();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            let Some(body) = rest.get(head + 4..head + 4 + length) else { break };
            answers.push((text, String::from_utf8_lossy(body).into_owned()));
            rest = &rest[head + 4 + length..];
        }
        answers
    }
}

pub(crate) fn config() -> WorkerConfig {
    speaking(Speaks::Http)
}

pub(crate) fn speaking(speaks: Speaks) -> WorkerConfig {
    with_port(PortConfig { speaks, ..port() })
}

pub(crate) fn with_port(port: PortConfig) -> WorkerConfig {
    WorkerConfig {
        worker_id: 0,
        owner: 0,
        ports: Ports::new(port, Vec::new()),
        buffer_total_size: 256 * 1024 * 1024,
        delay_receive: false,
        watch: WatchConfig::default(),
        max_request: 0,
    }
}

pub(crate) fn port() -> PortConfig {
    PortConfig {
        speaks: Speaks::Http,
        number: 9501,
        limits: Limits::REQUEST,
        package_max_length: 65_536,
        socket_buffer_size: 8 * 1024 * 1024,
        high_watermark: 6 * 1024 * 1024,
        low_watermark: 0,
        nodelay: true,
        keepalive: Some((Duration::from_secs(60), Duration::from_secs(10), 3)),
    }
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

pub(crate) fn gets(paths: impl IntoIterator<Item = usize>) -> String {
    paths.into_iter().map(|n| get(&format!("/{n}"))).collect()
}

pub(crate) fn numbers(paths: impl IntoIterator<Item = usize>) -> Vec<String> {
    paths.into_iter().map(|n| format!("/{n}")).collect()
}
