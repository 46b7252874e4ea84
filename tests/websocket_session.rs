//! The HTTP client session as a WebSocket, on a virtual clock, against the other role of the codec.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail by panic")]

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tether::client::http::{HttpConfig, HttpEvent, HttpSession, RequestRefused};
use tether::client::websocket::PushError;
use tether::client::{End, Session};
use tether::proto::http1::OutgoingRequest;
use tether::proto::websocket::{
    Decoder, Incoming, Opcode, Role, accept_key, encode_close, encode_frame,
};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A client session, and the server's end of its connection.
struct Run {
    session: HttpSession,
    server: Decoder,
    now: Instant,
}

impl Run {
    #[expect(clippy::disallowed_methods, reason = "the virtual clock needs some first instant")]
    fn asked(config: HttpConfig) -> Run {
        let now = Instant::now();
        let mut run =
            Run { session: HttpSession::new(config), server: Decoder::new(Role::Server), now };
        run.session.handle_connected(now);
        let request = OutgoingRequest { upgrade: Some(KEY.into()), ..OutgoingRequest::default() };
        run.session.request(&request, now).unwrap();
        assert_eq!(run.session.push(Opcode::Text, true, b"x"), Err(PushError::NotUpgraded));
        let mut out = BytesMut::new();
        run.session.poll_output(&mut out);
        assert!(out.ends_with(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        run
    }

    fn open() -> Run {
        let mut run = Run::asked(HttpConfig::default());
        run.input(&consent());
        assert!(
            matches!(run.session.poll_event(), Some(HttpEvent::Response(r)) if r.status == 101)
        );
        assert!(run.session.is_upgraded());
        run
    }

    fn input(&mut self, bytes: &[u8]) {
        self.session.handle_input(&mut BytesMut::from(bytes), self.now);
    }

    /// The server sends a frame.
    fn frame(&mut self, opcode: Opcode, fin: bool, data: &[u8]) {
        let mut wire = BytesMut::new();
        encode_frame(&mut wire, opcode, fin, data, None);
        self.input(&wire);
    }

    /// What the server gets.
    fn heard(&mut self) -> Vec<Incoming> {
        let mut wire = BytesMut::new();
        self.session.poll_output(&mut wire);
        let mut heard = Vec::new();
        while let Some(incoming) = self.server.decode(&mut wire, 1 << 20).unwrap() {
            heard.push(incoming);
        }
        heard
    }

    fn told(&mut self) -> Vec<Incoming> {
        let mut told = Vec::new();
        while let Some(event) = self.session.poll_event() {
            let HttpEvent::Message(incoming) = event else { panic!("{event:?}") };
            told.push(incoming);
        }
        told
    }
}

fn consent() -> Vec<u8> {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept_key(KEY.as_bytes())
    )
    .into_bytes()
}

fn message(opcode: Opcode, data: &'static [u8]) -> Incoming {
    Incoming::Message { opcode, data: Bytes::from_static(data) }
}

fn close(code: u16, reason: &'static str) -> Incoming {
    Incoming::Close { code, reason: Bytes::from_static(reason.as_bytes()) }
}

#[test]
fn what_follows_the_handshake_is_kept_at_every_cut() {
    let mut wire = BytesMut::from(&consent()[..]);
    encode_frame(&mut wire, Opcode::Text, true, b"first", None);
    encode_frame(&mut wire, Opcode::Binary, false, b"sec", None);
    encode_frame(&mut wire, Opcode::Continuation, true, b"ond", None);
    for cut in 0..wire.len() {
        let mut run = Run::asked(HttpConfig::default());
        let mut input = BytesMut::from(&wire[..cut]);
        run.session.handle_input(&mut input, run.now);
        input.extend_from_slice(&wire[cut..]);
        run.session.handle_input(&mut input, run.now);
        assert!(matches!(run.session.poll_event(), Some(HttpEvent::Response(_))), "{cut}");
        let want = [message(Opcode::Text, b"first"), message(Opcode::Binary, b"second")];
        assert_eq!(run.told(), want, "{cut}");
    }
}

#[test]
fn a_handshake_without_proof_is_refused() {
    let good = String::from_utf8(consent()).unwrap();
    for bad in [
        good.replace("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: A"),
        good.replace("Upgrade: websocket", "Upgrade: h2c"),
        good.replace("Connection: Upgrade", "Connection: keep-alive"),
        good.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n"),
        good.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n"),
    ] {
        let mut run = Run::asked(HttpConfig::default());
        run.input(bad.as_bytes());
        let Some(HttpEvent::Failed { status, why }) = run.session.poll_event() else {
            panic!("{bad}");
        };
        assert_eq!((status, why.err_code()), (-3, 8504));
        assert_eq!(run.session.poll_close(), Some(End::Refused(8504)));
    }
}

#[test]
fn a_refused_upgrade_is_a_response() {
    let mut run = Run::asked(HttpConfig::default());
    run.input(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
    assert!(matches!(run.session.poll_event(), Some(HttpEvent::Response(r)) if r.status == 404));
    assert!(!run.session.is_upgraded());
    run.session.request(&OutgoingRequest::default(), run.now).unwrap();
}

#[test]
fn frames_out_are_masked_and_in_order() {
    let mut run = Run::open();
    assert_eq!(run.session.poll_deadline(), None);
    assert_eq!(
        run.session.request(&OutgoingRequest::default(), run.now),
        Err(RequestRefused::Upgraded)
    );
    run.session.push(Opcode::Text, true, b"whole").unwrap();
    assert_eq!(run.session.push(Opcode::Continuation, true, b""), Err(PushError::Opcode));
    run.session.push(Opcode::Binary, false, b"pa").unwrap();
    assert_eq!(run.session.push(Opcode::Text, true, b""), Err(PushError::Opcode));
    run.session.push(Opcode::Ping, false, b"p").unwrap();
    run.session.push(Opcode::Continuation, true, b"rt").unwrap();
    assert_eq!(run.session.push(Opcode::Pong, true, &[0; 126]), Err(PushError::TooLong));
    let want = [
        message(Opcode::Text, b"whole"),
        message(Opcode::Ping, b"p"),
        message(Opcode::Binary, b"part"),
    ];
    assert_eq!(run.heard(), want);
}

#[test]
fn the_newest_ping_is_answered_and_all_are_told() {
    let mut run = Run::open();
    run.frame(Opcode::Ping, true, b"1");
    run.frame(Opcode::Ping, true, b"2");
    run.frame(Opcode::Pong, true, b"3");
    assert_eq!(run.heard(), [message(Opcode::Pong, b"2")]);
    let want =
        [message(Opcode::Ping, b"1"), message(Opcode::Ping, b"2"), message(Opcode::Pong, b"3")];
    assert_eq!(run.told(), want);
    // Nobody reads: pings add nothing to what waits.
    run.session.handle_flushed(1 << 20);
    for _ in 0..1000 {
        run.frame(Opcode::Ping, true, b"flood");
        assert_eq!(run.heard(), []);
    }
    run.session.handle_flushed(0);
    assert_eq!(run.heard(), [message(Opcode::Pong, b"flood")]);
}

#[test]
fn the_peer_closes() {
    let mut run = Run::open();
    let mut wire = BytesMut::new();
    encode_close(&mut wire, 4001, "enough", None);
    encode_frame(&mut wire, Opcode::Text, true, b"too late", None);
    run.input(&wire);
    assert_eq!(run.told(), [close(4001, "enough")]);
    assert_eq!(run.heard(), [close(4001, "")]);
    assert_eq!(run.session.push(Opcode::Text, true, b"x"), Err(PushError::NotConnected));
    assert_eq!(run.session.poll_close(), None);
    // The server ends the connection; one that does not has half a second.
    assert_eq!(run.session.poll_deadline(), Some(run.now + Duration::from_millis(500)));
    run.session.handle_timeout(run.session.poll_deadline().unwrap());
    assert_eq!(run.session.poll_close(), Some(End::Local));
}

#[test]
fn this_side_closes() {
    let mut run = Run::open();
    run.session.push_close(1000, "bye", run.now).unwrap();
    assert_eq!(run.session.push_close(1000, "", run.now), Err(PushError::NotConnected));
    assert_eq!(run.heard(), [close(1000, "bye")]);
    // Messages still come until the answer does.
    run.frame(Opcode::Text, true, b"still");
    let mut wire = BytesMut::new();
    encode_close(&mut wire, 1000, "", None);
    run.input(&wire);
    assert_eq!(run.told(), [message(Opcode::Text, b"still"), close(1000, "")]);
    assert_eq!(run.heard(), []);
    run.session.handle_end(End::Peer);
    assert!(!run.session.is_upgraded());

    let mut run = Run::open();
    run.session.push_close(1000, "", run.now).unwrap();
    run.session.handle_timeout(run.session.poll_deadline().unwrap());
    assert_eq!(run.session.poll_close(), Some(End::Deadline));

    let mut run = Run::open();
    run.frame(Opcode::Text, true, b"not told any more");
    run.session.handle_own_close(run.now);
    assert_eq!(run.heard(), [close(1000, "")]);
    assert_eq!(run.told(), []);
}

#[test]
fn what_breaks_the_protocol_is_told_to_the_peer() {
    let config = HttpConfig { message: 10, ..HttpConfig::default() };
    for (wire, code, end) in [
        (&b"\x81\x81\0\0\0\0a"[..], 1002, End::Protocol),
        (b"\x81\x01\xff", 1007, End::Protocol),
        (b"\x82\x0b", 1009, End::Refused(1201)),
        (b"\x02\x06abcdef\x80\x05", 1009, End::Refused(1201)),
    ] {
        let mut run = Run::asked(config);
        run.input(&consent());
        run.session.poll_event().unwrap();
        run.input(wire);
        assert_eq!(run.told(), []);
        assert_eq!(run.session.poll_close(), Some(end));
        assert_eq!(run.heard(), [close(code, "")]);
        run.input(b"\x81\x01a");
        run.session.handle_end(end);
        assert_eq!(run.told(), []);
    }
}

#[test]
fn what_waits_to_be_sent_is_counted() {
    let mut run = Run::asked(HttpConfig { budget: 1000, ..HttpConfig::default() });
    run.input(&consent());
    run.session.poll_event().unwrap();
    run.session.push(Opcode::Binary, true, &[1; 600]).unwrap();
    assert_eq!(run.session.push(Opcode::Binary, true, &[1; 600]), Err(PushError::Overflow));
    assert_eq!(run.heard().len(), 1);
    run.session.handle_flushed(600);
    assert_eq!(run.session.push(Opcode::Binary, true, &[1; 600]), Err(PushError::Overflow));
    run.session.handle_flushed(0);
    run.session.push(Opcode::Binary, true, &[1; 600]).unwrap();
}
