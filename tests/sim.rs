//! Client connections with real sockets on loopback: how they come to stand, and every way in which
//! they end. Deadlines of the sessions themselves are tested without sockets, on a virtual clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

use std::{
    cell::{Cell, RefCell},
    fmt::Debug,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::net::UnixListener,
    rc::Rc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use socket2::{Domain, Socket, Type};
use tether::{
    client::{
        Buffers, Connection, End, Io, Session, Target,
        http::{HttpConfig, HttpEvent, HttpSession, Transfer},
        redis::{Mode, RedisEvent, RedisSession},
        tcp::{Framing, TcpEvent, TcpSession},
    },
    net::{Address, Answer, Resolver, dns_cache},
    options::{ClientConfig, RedisConfig},
    proto::{
        http1::OutgoingRequest,
        websocket::{Decoder, Incoming, Opcode, Role, accept_key, encode_close, encode_frame},
    },
    reactor::{Driver, Key, Reactor, Ready, Source, Token, monotonic, turn},
};

#[path = "sim/layers.rs"]
mod layers;

/// A loop with one connection.
struct Sim<S: Session> {
    reactor: Reactor,
    resolver: RefCell<Resolver>,
    buffers: RefCell<Buffers>,
    connection: RefCell<Connection<S>>,
    events: RefCell<Vec<S::Event>>,
    /// Given to the connection instead of what the resolver says.
    answer: RefCell<Option<Answer>>,
    /// Readiness that was delivered.
    woken: Cell<usize>,
}

impl<S: Session<Event: Debug>> Sim<S> {
    fn start(session: S, address: Address, timeout: Option<Duration>) -> Sim<S> {
        // Each test begins without names.
        dns_cache::clear();
        Sim::start_at(session, Target::new(address, timeout))
    }

    fn start_at(session: S, target: Target) -> Sim<S> {
        let reactor = Reactor::new().unwrap();
        let waker = reactor.waker(Token::new(Source::Waker, Key::fixed(0))).unwrap();
        let (resolver, buffers) = (RefCell::new(Resolver::new(waker)), RefCell::default());
        let io = Io { reactor: &reactor, resolver: &resolver, buffers: &buffers };
        let connection = Connection::start(io, session, target, client_token());
        let connection = RefCell::new(connection);
        Sim {
            connection,
            reactor,
            resolver,
            buffers,
            events: RefCell::default(),
            answer: RefCell::default(),
            woken: Cell::new(0),
        }
    }

    fn io(&self) -> Io<'_> {
        Io { reactor: &self.reactor, resolver: &self.resolver, buffers: &self.buffers }
    }

    fn turn(&self) {
        turn(&self.reactor, self, Some(Duration::from_millis(5))).unwrap();
    }

    fn turns(&self, n: usize) {
        (0..n).for_each(|_| self.turn());
    }

    #[track_caller]
    fn until(&self, mut done: impl FnMut() -> bool) {
        let end = monotonic() + Duration::from_secs(30);
        while !done() {
            assert!(monotonic() < end, "the connection stalls: {:?}", self.events.borrow());
            self.turn();
        }
    }

    /// Runs to the connection's end, which leaves nothing, and gives its events.
    #[track_caller]
    fn to_end(&self) -> Vec<S::Event> {
        self.until(|| self.connection.borrow().is_ended());
        assert!(self.reactor.timers().borrow().is_empty());
        assert_eq!(self.connection.borrow().descriptor(), None);
        self.events.take()
    }

    #[track_caller]
    fn open(&self) {
        self.until(|| self.connection.borrow().is_open());
    }

    /// A command, and what follows every command.
    fn tell(&self, command: impl FnOnce(&mut S)) {
        command(self.connection.borrow_mut().session());
        self.take_events();
    }

    fn take_events(&self) {
        let mut connection = self.connection.borrow_mut();
        while let Some(event) = connection.poll_event(self.io()) {
            self.events.borrow_mut().push(event);
        }
        connection.settle(self.io());
    }
}

impl<S: Session<Event: Debug>> Driver for Sim<S> {
    fn cycle(&self, _: bool) {}
    fn io(&self, token: Token, ready: Ready) {
        if token.source() == Some(Source::Waker) {
            loop {
                let polled = self.resolver.borrow_mut().poll_answer(self.reactor.now());
                let Some((_, ticket, answer)) = polled else { break };
                let answer = self.answer.take().unwrap_or(answer);
                self.connection.borrow_mut().handle_answer(Sim::io(self), ticket, answer);
            }
        } else {
            self.woken.set(self.woken.get() + 1);
            self.connection.borrow_mut().handle_ready(Sim::io(self), ready);
        }
        self.take_events();
    }
    fn timer(&self, _: Token) {
        self.connection.borrow_mut().handle_timeout(Sim::io(self));
        self.take_events();
    }
    fn signals(&self) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        false
    }
    fn settle(&self) {}
    fn stopped(&self) -> bool {
        false
    }
    fn alive(&self) -> bool {
        true
    }
}

fn client_token() -> Token {
    Token::new(Source::Client, Key::fixed(0))
}

fn tcp(address: Address, timeout: Option<Duration>) -> Sim<TcpSession> {
    Sim::start(TcpSession::new(&ClientConfig::default(), Framing::Raw), address, timeout)
}

const SECOND: Option<Duration> = Some(Duration::from_secs(1));

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn refused() -> SocketAddr {
    listener().1
}

fn connected() -> (Sim<TcpSession>, TcpStream) {
    let (listener, address) = listener();
    let sim = tcp(Address::Ip(address), SECOND);
    let peer = listener.accept().unwrap().0;
    sim.open();
    assert_eq!(sim.events.take(), [TcpEvent::Connected]);
    (sim, peer)
}

fn received(text: &'static str) -> TcpEvent {
    TcpEvent::Received(Bytes::from_static(text.as_bytes()))
}

fn reset(peer: TcpStream) {
    Socket::from(peer).set_linger(Some(Duration::ZERO)).unwrap();
}

/// A listener whose queue is full: further connects are not answered.
fn full() -> (Socket, Vec<Socket>, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let fill = |_| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None).unwrap();
        let _ = socket.connect(&address);
        socket
    };
    let sockets = (0..8).map(fill).collect();
    (listener, sockets, address.as_socket().unwrap())
}

#[test]
fn a_refused_connect_fails_from_the_loop() {
    let sim = tcp(Address::Ip(refused()), SECOND);
    assert!(!sim.connection.borrow().is_ended());
    sim.take_events();
    assert_eq!(*sim.events.borrow(), []);
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Connect(libc::ECONNREFUSED))]);
}

#[test]
fn a_missing_unix_path_fails_from_the_loop() {
    let sim = tcp(Address::Unix("/nonexistent/tether.sock".into()), SECOND);
    sim.take_events();
    assert_eq!(*sim.events.borrow(), []);
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Connect(libc::ENOENT))]);
}

#[test]
fn a_unix_path_is_connected_to() {
    let path = std::env::temp_dir().join(format!("tether-sim-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let sim = tcp(Address::Unix(path.clone()), SECOND);
    let (mut peer, _) = listener.accept().unwrap();
    std::fs::remove_file(&path).unwrap();
    peer.write_all(b"hi").unwrap();
    drop(peer);
    assert_eq!(sim.to_end(), [TcpEvent::Connected, received("hi"), TcpEvent::Closed(End::Peer)]);
}

#[test]
fn a_name_is_resolved() {
    let (listener, address) = listener();
    let sim = tcp(Address::Name("localhost".into(), address.port()), Some(Duration::from_secs(9)));
    sim.open();
    assert_eq!(sim.events.take(), [TcpEvent::Connected]);
    listener.accept().unwrap();
}

#[test]
fn an_address_that_refuses_is_followed_by_the_next() {
    let (listener, address) = listener();
    let sim = tcp(Address::Name("localhost".into(), 1), Some(Duration::from_secs(9)));
    let unusable = "[ff02::1]:1".parse().unwrap();
    sim.answer.replace(Some(Ok(vec![refused(), unusable, refused(), address])));
    sim.open();
    assert_eq!(sim.events.take(), [TcpEvent::Connected]);
    let (mut peer, _) = listener.accept().unwrap();
    sim.turns(2);
    let before = sim.woken.get();
    peer.write_all(b"x").unwrap();
    sim.until(|| !sim.events.borrow().is_empty());
    sim.turns(3);
    assert_eq!(sim.woken.get(), before + 1, "the refusals do not stick to it");
}

#[test]
fn when_every_address_refuses_the_last_one_is_told() {
    let sim = tcp(Address::Name("localhost".into(), 1), Some(Duration::from_secs(9)));
    sim.answer.replace(Some(Ok(vec![refused(); 3])));
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Connect(libc::ECONNREFUSED))]);
}

#[test]
fn many_addresses_that_fail_at_once_are_gone_through() {
    let sim = tcp(Address::Name("localhost".into(), 1), Some(Duration::from_secs(9)));
    let broadcast = "255.255.255.255:1".parse().unwrap();
    sim.answer.replace(Some(Ok(vec![broadcast; 50_000])));
    assert!(matches!(sim.to_end()[..], [TcpEvent::Failed(End::Connect(_))]));
}

#[test]
fn a_name_that_does_not_resolve_fails() {
    let sim = tcp(Address::Name("nonexistent.invalid".into(), 1), None);
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Dns)]);
    let sim = tcp(Address::Name("localhost".into(), 1), SECOND);
    sim.answer.replace(Some(Err(io::Error::from_raw_os_error(libc::ENOENT))));
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Dns)]);
    // The loop keeps what the resolver had said before the test changed it.
    dns_cache::clear();
    let sim = tcp(Address::Name("localhost".into(), 1), SECOND);
    sim.answer.replace(Some(Ok(vec![])));
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Dns)]);
}

#[test]
fn a_connect_that_nobody_answers_ends_at_its_deadline() {
    let (_listener, _sockets, address) = full();
    let start = monotonic();
    let sim = tcp(Address::Ip(address), Some(Duration::from_millis(60)));
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Deadline)]);
    let took = monotonic() - start;
    assert!((60..800).contains(&took.as_millis()), "{took:?}");
}

#[test]
fn an_own_close_before_it_stood_tells_nothing_and_leaves_nothing() {
    let (_listener, _sockets, address) = full();
    let sim = tcp(Address::Ip(address), Some(Duration::from_secs(9)));
    sim.turn();
    assert_eq!(sim.reactor.timers().borrow().len(), 1);
    sim.tell(TcpSession::close);
    assert_eq!(sim.to_end(), []);
    let sim = tcp(Address::Name("localhost".into(), 1), SECOND);
    sim.tell(TcpSession::close);
    assert_eq!(sim.to_end(), []);
    sim.turns(20);
    assert_eq!(*sim.events.borrow(), [], "a late answer is nobody's");
}

#[test]
fn discarding_leaves_no_timer_and_no_registration() {
    let (sim, mut peer) = connected();
    sim.turns(2);
    assert_eq!(sim.reactor.timers().borrow().len(), 1, "the idle deadline");
    let woken = sim.woken.get();
    sim.connection.borrow_mut().discard(sim.io());
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
    peer.write_all(b"late").unwrap();
    sim.turns(3);
    assert_eq!(sim.woken.get(), woken);
    assert_eq!(sim.to_end(), []);
}

#[test]
fn data_that_comes_with_the_end_is_delivered_first() {
    let (sim, mut peer) = connected();
    peer.write_all(b"last words").unwrap();
    drop(peer);
    assert_eq!(sim.to_end(), [received("last words"), TcpEvent::Closed(End::Peer)]);
}

#[test]
fn much_data_is_read_over_several_turns() {
    let (sim, mut peer) = connected();
    let writer = std::thread::spawn(move || peer.write_all(&[7; 3_000_000]));
    let events = sim.to_end();
    writer.join().unwrap().unwrap();
    let sizes = events
        .iter()
        .map(|event| if let TcpEvent::Received(data) = event { data.len() } else { 0 });
    assert_eq!(sizes.sum::<usize>(), 3_000_000);
    assert_eq!(events.last(), Some(&TcpEvent::Closed(End::Peer)));
}

#[test]
fn output_that_waits_leaves_when_the_peer_reads() {
    let (sim, mut peer) = connected();
    sim.tell(|session| session.send(&[7; 8_000_000], 0, monotonic()).unwrap());
    let mut got = 0;
    peer.set_nonblocking(true).unwrap();
    let mut buffer = vec![0; 1 << 20];
    sim.until(|| {
        while let Ok(n) = peer.read(&mut buffer) {
            got += n;
        }
        got == 8_000_000
    });
}

#[test]
fn a_reset_is_told() {
    let (sim, peer) = connected();
    reset(peer);
    assert_eq!(sim.to_end(), [TcpEvent::Closed(End::Reset(libc::ECONNRESET))]);
}

#[test]
fn what_a_closed_peer_had_sent_is_delivered_before_the_failed_send_counts() {
    let (sim, mut peer) = connected();
    peer.write_all(b"last words").unwrap();
    drop(peer);
    for _ in 0..3 {
        sim.tell(|session| session.send(b"too late", 0, monotonic()).unwrap());
    }
    let events = sim.to_end();
    assert_eq!(events[0], received("last words"));
    assert!(matches!(events[1..], [TcpEvent::Closed(End::Peer | End::Reset(_))]), "{events:?}");
}

#[test]
fn a_peer_that_only_stopped_reading_ends_the_connection() {
    let path = std::env::temp_dir().join(format!("tether-sim-rd-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let sim = tcp(Address::Unix(path.clone()), SECOND);
    let (peer, _) = listener.accept().unwrap();
    std::fs::remove_file(&path).unwrap();
    sim.open();
    peer.shutdown(std::net::Shutdown::Read).unwrap();
    sim.tell(|session| session.send(b"x", 0, monotonic()).unwrap());
    let events = sim.to_end();
    assert_eq!(events, [TcpEvent::Connected, TcpEvent::Closed(End::Reset(libc::EPIPE))]);
}

#[test]
fn an_own_close_sends_what_was_queued_first() {
    let (sim, mut peer) = connected();
    sim.tell(|session| {
        session.send(b"bye", 0, monotonic()).unwrap();
        session.close();
    });
    assert_eq!(sim.to_end(), [TcpEvent::Closed(End::Local)]);
    let mut text = String::new();
    peer.read_to_string(&mut text).unwrap();
    assert_eq!(text, "bye");
}

#[test]
fn an_idle_connection_ends_at_its_deadline() {
    let (listener, address) = listener();
    let read_timeout = Some(Duration::from_millis(60));
    let config = ClientConfig { read_timeout, ..ClientConfig::default() };
    let sim = Sim::start(TcpSession::new(&config, Framing::Raw), Address::Ip(address), SECOND);
    let _peer = listener.accept().unwrap();
    assert_eq!(sim.to_end(), [TcpEvent::Connected, TcpEvent::Closed(End::Deadline)]);
}

fn http(response: Duration) -> (Sim<HttpSession>, TcpStream) {
    let (listener, address) = listener();
    let config = HttpConfig { response: Some(response), ..HttpConfig::default() };
    let sim = Sim::start(HttpSession::new(config), Address::Ip(address), SECOND);
    sim.tell(|session| session.request(&OutgoingRequest::default(), monotonic()).unwrap());
    let mut peer = listener.accept().unwrap().0;
    sim.open();
    let mut request = [0; 4096];
    let n = peer.read(&mut request).unwrap();
    assert!(request[..n].starts_with(b"GET / HTTP/1.1\r\n"));
    (sim, peer)
}

#[test]
fn an_http_response_may_come_in_halves() {
    let (sim, mut peer) = http(Duration::from_secs(9));
    for half in ["HTTP/1.1 200 OK\r\nConte", "nt-Length: 4\r\n\r\nbo", "dy"] {
        assert!(sim.events.borrow().is_empty());
        peer.write_all(half.as_bytes()).unwrap();
        sim.turns(2);
    }
    let events = sim.events.take();
    let [HttpEvent::Response(response)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((response.status, &response.body[..]), (200, &b"body"[..]));
    assert!(sim.connection.borrow().is_open());
    drop(peer);
    assert_eq!(sim.to_end(), []);
}

#[test]
fn an_http_peer_that_stays_silent_is_let_go() {
    let (sim, _peer) = http(Duration::from_millis(60));
    assert_eq!(sim.to_end(), [HttpEvent::Failed { status: -2, why: End::Deadline }]);
}

#[test]
fn an_http_connect_that_fails_fails_the_request() {
    let address = Address::Ip(refused());
    let sim = Sim::start(HttpSession::new(HttpConfig::default()), address, SECOND);
    sim.tell(|session| session.request(&OutgoingRequest::default(), monotonic()).unwrap());
    let why = End::Connect(libc::ECONNREFUSED);
    assert_eq!(sim.to_end(), [HttpEvent::Failed { status: -1, why }]);
}

#[test]
fn an_upload_leaves_as_the_peer_takes_it() {
    const SIZE: usize = 6 << 20;
    let path = std::env::temp_dir().join(format!("tether-sim-upload-{}", std::process::id()));
    let data: Vec<u8> = (0..SIZE).map(|n| (n / 7) as u8).collect();
    std::fs::write(&path, &data).unwrap();
    let (listener, address) = listener();
    let config = HttpConfig { response: Some(Duration::from_secs(9)), ..HttpConfig::default() };
    let sim = Sim::start(HttpSession::new(config), Address::Ip(address), SECOND);
    let mut transfer = Transfer::default();
    transfer.upload.file(&path, 0, SIZE as u64).unwrap();
    std::fs::remove_file(&path).unwrap();
    let request = OutgoingRequest { following: SIZE as u64, ..OutgoingRequest::default() };
    sim.tell(|session| session.transfer(&request, &mut transfer, monotonic()).unwrap());
    let mut peer = listener.accept().unwrap().0;
    sim.open();
    // A peer that does not read: what waits in memory stays small.
    sim.turns(10);
    assert!(sim.connection.borrow_mut().queued() <= 128 * 1024);
    let reader = std::thread::spawn(move || {
        let mut wire = vec![0; 1 << 16];
        let head = loop {
            let n = peer.peek(&mut wire).unwrap();
            if let Some(end) = wire[..n].windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let mut got = vec![0; head + SIZE];
        peer.read_exact(&mut got).unwrap();
        peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        (peer, got.split_off(head))
    });
    sim.until(|| !sim.events.borrow().is_empty());
    let events = sim.events.take();
    assert!(matches!(&events[..], [HttpEvent::Response(response)] if response.status == 200));
    assert!(sim.connection.borrow().is_open());
    assert!(reader.join().unwrap().1 == data);
}

/// The server's end: what it has read, as messages.
fn read_messages(peer: &mut TcpStream, decoder: &mut Decoder) -> Vec<Incoming> {
    let mut wire = vec![0; 4096];
    let n = peer.read(&mut wire).unwrap();
    let mut wire = BytesMut::from(&wire[..n]);
    std::iter::from_fn(|| decoder.decode(&mut wire, 4096).unwrap()).collect()
}

#[test]
fn two_ends_of_a_websocket_talk_and_close() {
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    let (listener, address) = listener();
    let sim = Sim::start(HttpSession::new(HttpConfig::default()), Address::Ip(address), SECOND);
    let request = OutgoingRequest { upgrade: Some(KEY.into()), ..OutgoingRequest::default() };
    sim.tell(|session| session.request(&request, monotonic()).unwrap());
    let mut peer = listener.accept().unwrap().0;
    sim.open();
    assert!(peer.read(&mut [0; 4096]).unwrap() > 0);
    let mut wire = BytesMut::from(
        format!(
            "HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            accept_key(KEY.as_bytes())
        )
        .as_bytes(),
    );
    encode_frame(&mut wire, Opcode::Ping, true, b"there?", None);
    peer.write_all(&wire).unwrap();
    sim.until(|| sim.events.borrow().len() == 2);
    let mut server = Decoder::new(Role::Server);
    let pong = Incoming::Message { opcode: Opcode::Pong, data: Bytes::from_static(b"there?") };
    assert_eq!(read_messages(&mut peer, &mut server), [pong]);
    sim.tell(|session| session.push(Opcode::Text, true, b"hello").unwrap());
    let hello = Incoming::Message { opcode: Opcode::Text, data: Bytes::from_static(b"hello") };
    assert_eq!(read_messages(&mut peer, &mut server), [hello]);
    wire.clear();
    encode_close(&mut wire, 1001, "", None);
    peer.write_all(&wire).unwrap();
    sim.events.take();
    sim.until(|| !sim.events.borrow().is_empty());
    let close = Incoming::Close { code: 1001, reason: Bytes::new() };
    assert_eq!(read_messages(&mut peer, &mut server), std::slice::from_ref(&close));
    drop(peer);
    let events = sim.to_end();
    assert!(matches!(&events[..], [HttpEvent::Message(incoming)] if *incoming == close));
    assert!(!sim.connection.borrow_mut().session().is_upgraded());
}

#[test]
fn redis_commands_are_answered_and_fail_at_the_end_in_order() {
    let (listener, address) = listener();
    let session = RedisSession::new(RedisConfig::default(), Mode::Commands);
    let sim = Sim::start(session, Address::Ip(address), SECOND);
    let mut peer = listener.accept().unwrap().0;
    sim.until(|| !sim.events.borrow().is_empty());
    for name in ["PING", "GET", "SET"] {
        sim.tell(|session| {
            session.command::<&[u8]>(name.as_bytes(), &[], monotonic()).unwrap();
        });
    }
    peer.write_all(b"+PO").unwrap();
    sim.turns(2);
    peer.write_all(b"NG\r\n").unwrap();
    let mut commands = [0; 40];
    peer.read_exact(&mut commands).unwrap();
    drop(peer);
    let events = sim.to_end();
    let why = End::Peer;
    assert!(matches!(events[..2], [RedisEvent::Ready, RedisEvent::Reply { serial: 1, .. }]));
    assert_eq!(
        events[2..],
        [
            RedisEvent::Failed { serial: 2, why },
            RedisEvent::Failed { serial: 3, why },
            RedisEvent::Closed(why)
        ]
    );
}

#[test]
fn answers_of_the_resolver_come_in_their_order() {
    let reactor = Rc::new(Reactor::new().unwrap());
    let waker = reactor.waker(Token::new(Source::Waker, Key::fixed(0))).unwrap();
    let mut resolver = Resolver::new(waker);
    let ticket = resolver.resolve(client_token(), "127.0.0.1", 80).unwrap();
    let end = monotonic() + Duration::from_secs(9);
    let answer = loop {
        assert!(monotonic() < end);
        if let Some(answer) = resolver.poll_answer(monotonic()) {
            break answer;
        }
        std::thread::yield_now();
    };
    assert_eq!((answer.0, answer.1), (client_token(), ticket));
    let known = resolver.cached("127.0.0.1", 0, monotonic()).unwrap();
    let again = resolver.answer(client_token(), "127.0.0.1", known.clone());
    let (asker, ticket_again, told) = resolver.poll_answer(monotonic()).unwrap();
    assert_eq!((asker, ticket_again, told.unwrap()), (client_token(), again, known));
    assert_eq!(answer.2.unwrap(), ["127.0.0.1:80".parse::<SocketAddr>().unwrap()]);
}
