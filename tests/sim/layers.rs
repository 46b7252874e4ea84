//! What lies between a connection and its session: racing addresses, proxies, TLS.

use std::{sync::Arc, thread};

use bytes::BytesMut;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tether::{
    client::Proxy,
    net::{TlsClient, TlsFailure, TlsSetup},
    proto::proxy::{Kind, ProxyError},
};

use super::*;

fn session() -> TcpSession {
    TcpSession::new(&ClientConfig::default(), Framing::Raw)
}

fn received(text: &'static [u8]) -> TcpEvent {
    TcpEvent::Received(Bytes::from_static(text))
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap()
}

/// A peer in a thread, for one connection.
fn peer(serve: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = local(&listener);
    thread::spawn(move || serve(listener.accept().unwrap().0));
    address
}

fn tls_file(name: &str) -> String {
    format!("{}/tests/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn secure(stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    let chain = CertificateDer::pem_file_iter(tls_file("cert.pem")).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(tls_file("key.pem")).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
    StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream)
}

fn trusting() -> TlsClient {
    let setup = TlsSetup { ca_file: Some(tls_file("ca.pem").into()), ..TlsSetup::default() };
    TlsClient::new(setup, "localhost").unwrap()
}

#[test]
fn an_address_that_does_not_answer_costs_a_quarter_of_a_second() {
    let (_listener, _sockets, silent) = full();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let start = monotonic();
    let sim = tcp(Address::Name("localhost".into(), 1), Some(Duration::from_secs(9)));
    sim.answer.replace(Some(Ok(vec![silent, local(&listener)])));
    sim.open();
    let took = monotonic() - start;
    assert!((250..8000).contains(&took.as_millis()), "{took:?}");
    let peer = sim.connection.borrow().stream().unwrap().peer_address();
    assert_eq!(peer, Some(local(&listener)));
    // The attempt that lost is gone: only the winner's descriptor and the deadline's timer are left.
    assert_eq!(*sim.events.borrow(), [TcpEvent::Connected]);
}

#[test]
fn a_name_is_asked_for_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::Name("localhost".into(), local(&listener).port());
    let sim = tcp(address.clone(), SECOND);
    sim.open();
    let again = Sim::start_at(session(), Target::new(address, SECOND));
    // The answer stays where it is: nobody asks.
    again.answer.replace(Some(Err(io::Error::from_raw_os_error(libc::ENOENT))));
    again.open();
    assert!(again.answer.borrow().is_some());
}

fn behind(kind: Kind, proxy: SocketAddr) -> Target {
    let proxy = Proxy { address: Address::Ip(proxy), kind };
    Target {
        proxy: Some(proxy),
        ..Target::new(Address::Name("far.test".into(), 80), Some(Duration::from_secs(9)))
    }
}

#[test]
fn what_follows_a_proxys_answer_is_the_peers() {
    let proxy = peer(|mut stream| {
        let mut head = [0; 1024];
        let size = stream.read(&mut head).unwrap();
        assert!(head[..size].starts_with(b"CONNECT far.test:80 HTTP/1.1\r\n"));
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
        let size = stream.read(&mut head).unwrap();
        assert_eq!(&head[..size], b"hi");
    });
    let sim = Sim::start_at(session(), behind(Kind::Http(None), proxy));
    sim.open();
    sim.tell(|session| session.send(b"hi", 0, monotonic()).unwrap());
    let events = sim.to_end();
    assert_eq!(events, [TcpEvent::Connected, received(b"hello"), TcpEvent::Closed(End::Peer)]);
}

#[test]
fn a_proxy_that_refuses_is_an_error() {
    let proxy = peer(|mut stream| {
        let mut asked = [0; 1024];
        let _ = stream.read(&mut asked);
        stream.write_all(b"\x05\x00").unwrap();
        let _ = stream.read(&mut asked);
        stream.write_all(b"\x05\x05\x00\x01\0\0\0\0\0\0").unwrap();
        let _ = stream.read(&mut asked);
    });
    let sim = Sim::start_at(session(), behind(Kind::Socks5(None), proxy));
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Proxy(ProxyError::Socks(5)))]);
}

#[test]
fn a_proxy_that_closes_or_is_silent_is_an_error() {
    let proxy = peer(drop);
    let sim = Sim::start_at(session(), behind(Kind::Socks5(None), proxy));
    let failed = sim.to_end();
    assert!(matches!(failed[..], [TcpEvent::Failed(End::Peer | End::Reset(_))]), "{failed:?}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut target = behind(Kind::Socks5(None), local(&listener));
    target.timeout = Some(Duration::from_millis(50));
    let sim = Sim::start_at(session(), target);
    assert_eq!(sim.to_end(), [TcpEvent::Failed(End::Deadline)]);
}

fn with_tls(peer: SocketAddr) -> Target {
    let tls = Some(trusting());
    Target { tls, ..Target::new(Address::Ip(peer), Some(Duration::from_secs(9))) }
}

#[test]
fn bytes_pass_through_tls_and_its_end_is_announced() {
    let peer = peer(|stream| {
        let mut tls = secure(stream);
        let mut got = [0; 4];
        tls.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"ping");
        tls.write_all(b"pong").unwrap();
        let mut rest = Vec::new();
        // Without a close_notify this would be an error.
        tls.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty());
    });
    let sim = Sim::start_at(session(), with_tls(peer));
    sim.open();
    assert!(sim.connection.borrow().tls().unwrap().verdict(false).is_ok());
    sim.tell(|session| session.send(b"ping", 0, monotonic()).unwrap());
    sim.until(|| sim.events.borrow().len() == 2);
    sim.tell(TcpSession::close);
    let events = sim.to_end();
    assert_eq!(events, [TcpEvent::Connected, received(b"pong"), TcpEvent::Closed(End::Local)]);
}

#[test]
fn a_file_goes_through_tls_in_its_place() {
    let text: Vec<u8> = (0..1_000_000_u32).map(|n| n as u8).collect();
    let path = std::env::temp_dir().join(format!("tether-tls-file-{}", std::process::id()));
    std::fs::write(&path, &text).unwrap();
    let wanted = [b"<", &text[10..], b">"].concat();
    let peer = peer(move |stream| {
        let mut tls = secure(stream);
        let mut got = vec![0; wanted.len()];
        tls.read_exact(&mut got).unwrap();
        assert!(got == wanted);
        tls.write_all(b"all").unwrap();
    });
    let sim = Sim::start_at(session(), with_tls(peer));
    sim.open();
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    sim.tell(|session| session.send(b"<", 0, monotonic()).unwrap());
    sim.connection.borrow_mut().send_file(file, 10, text.len() as u64 - 10);
    sim.tell(|session| session.send(b">", 0, monotonic()).unwrap());
    sim.until(|| sim.events.borrow().contains(&received(b"all")));
}

#[test]
fn a_handshake_counts_into_the_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut target = with_tls(local(&listener));
    target.timeout = Some(Duration::from_millis(50));
    assert_eq!(Sim::start_at(session(), target).to_end(), [TcpEvent::Failed(End::Deadline)]);
    let peer = peer(|mut stream| stream.write_all(b"220 hello\r\n").unwrap());
    let failed = Sim::start_at(session(), with_tls(peer)).to_end();
    assert_eq!(failed, [TcpEvent::Failed(End::Tls(TlsFailure::NotTls))]);
}

#[test]
fn a_connection_may_last_no_longer_than_its_total_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut target = Target::new(Address::Ip(local(&listener)), SECOND);
    target.total = Some(Duration::from_millis(50));
    let sim = Sim::start_at(session(), target);
    assert_eq!(sim.to_end(), [TcpEvent::Connected, TcpEvent::Closed(End::Deadline)]);
}

/// Asks for TLS when the peer has said `go`.
#[derive(Default)]
struct Upgrading {
    out: BytesMut,
    wants: bool,
    events: std::collections::VecDeque<String>,
}

impl Session for Upgrading {
    type Event = String;

    fn handle_connected(&mut self, _: std::time::Instant) {
        self.out.extend_from_slice(b"STARTTLS");
    }
    fn handle_input(&mut self, input: &mut BytesMut, _: std::time::Instant) {
        self.wants = **input == *b"go";
        self.events.push_back(String::from_utf8_lossy(input).into_owned());
        input.clear();
        if self.wants {
            self.out.extend_from_slice(b"!");
        }
    }
    fn handle_end(&mut self, why: End) {
        self.events.push_back(format!("{why:?}"));
    }
    fn handle_timeout(&mut self, _: std::time::Instant) {}
    fn poll_output(&mut self, out: &mut BytesMut) {
        out.unsplit(self.out.split());
    }
    fn poll_secure(&mut self) -> bool {
        std::mem::take(&mut self.wants)
    }
    fn handle_secured(&mut self, _: std::time::Instant) {
        self.events.push_back("secured".into());
        self.out.extend_from_slice(b"secret");
    }
    fn poll_event(&mut self) -> Option<String> {
        self.events.pop_front()
    }
    fn poll_deadline(&self) -> Option<std::time::Instant> {
        None
    }
    fn poll_close(&mut self) -> Option<End> {
        None
    }
}

fn later(peer: SocketAddr) -> Target {
    Target { tls_later: true, ..with_tls(peer) }
}

#[test]
fn a_session_asks_for_tls_when_it_wants() {
    let peer = peer(|mut stream| {
        let mut asked = [0; 8];
        stream.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"STARTTLS");
        stream.write_all(b"go").unwrap();
        let mut last = [0; 1];
        stream.read_exact(&mut last).unwrap();
        assert_eq!(&last, b"!", "what was said before leaves in the clear");
        let mut tls = secure(stream);
        let mut got = [0; 6];
        tls.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"secret");
        tls.write_all(b"done").unwrap();
        tls.conn.send_close_notify();
        tls.flush().unwrap();
    });
    let sim = Sim::start_at(Upgrading::default(), later(peer));
    assert_eq!(sim.to_end(), ["go", "secured", "done", "Peer"]);
}

#[test]
fn a_peer_that_cuts_tls_off_is_told_from_one_that_ends_it() {
    let peer = peer(|mut stream| {
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.write_all(b"go").unwrap();
        stream.read_exact(&mut [0; 1]).unwrap();
        let mut tls = secure(stream);
        tls.read_exact(&mut [0; 6]).unwrap();
        tls.write_all(b"half").unwrap();
    });
    let sim = Sim::start_at(Upgrading::default(), later(peer));
    assert_eq!(sim.to_end(), ["go", "secured", "half", "Truncated"]);
}

#[test]
fn an_upgrade_has_the_connects_time() {
    let peer = peer(|mut stream| {
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.write_all(b"go").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut target = later(peer);
    target.timeout = Some(Duration::from_millis(100));
    let sim = Sim::start_at(Upgrading::default(), target);
    assert_eq!(sim.to_end(), ["go", "Deadline"]);
}
