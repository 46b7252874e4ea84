//! The HTTP client session on a virtual clock: every outcome, and the default deadlines.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail by panic")]

use std::time::{Duration, Instant};

use bytes::BytesMut;
use tether::client::http::{HttpConfig, HttpEvent, HttpResponse, HttpSession, RequestRefused};
use tether::client::{End, Session};
use tether::proto::http1::{HeaderError, OutgoingRequest};
use tether::proto::limits::Limits;

/// A session and the time.
struct Run {
    session: HttpSession,
    start: Instant,
    now: Instant,
}

impl Run {
    #[expect(clippy::disallowed_methods, reason = "the virtual clock needs some first instant")]
    fn new(config: HttpConfig) -> Run {
        let start = Instant::now();
        Run { session: HttpSession::new(config), start, now: start }
    }

    /// Connected, with a GET written.
    fn asked() -> Run {
        let mut run = Run::new(HttpConfig::default());
        run.connect();
        run.get().unwrap();
        assert!(run.sent().starts_with("GET / HTTP/1.1\r\nHost: "));
        run
    }

    fn connect(&mut self) {
        self.session.handle_connected(self.now);
    }

    fn get(&mut self) -> Result<(), RequestRefused> {
        self.session.request(&OutgoingRequest::default(), self.now)
    }

    fn sent(&mut self) -> String {
        let mut out = BytesMut::new();
        self.session.poll_output(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    fn input(&mut self, bytes: &[u8]) {
        self.session.handle_input(&mut BytesMut::from(bytes), self.now);
    }

    fn response(&mut self) -> HttpResponse {
        match self.session.poll_event() {
            Some(HttpEvent::Response(response)) => response,
            other => panic!("{other:?}"),
        }
    }

    fn failure(&mut self) -> (i32, i32) {
        match self.session.poll_event() {
            Some(HttpEvent::Failed { status, why }) => (status, why.err_code()),
            other => panic!("{other:?}"),
        }
    }

    /// Lets the time pass to just before the next deadline, then to it; says when that was.
    fn expire(&mut self) -> Duration {
        let deadline = self.session.poll_deadline().unwrap();
        self.session.handle_timeout(deadline - Duration::from_millis(1));
        assert_eq!(self.session.poll_deadline(), Some(deadline));
        self.session.handle_timeout(deadline);
        self.now = deadline;
        deadline - self.start
    }

    /// The end that the session asked for comes to pass.
    fn close(&mut self) -> End {
        let end = self.session.poll_close().unwrap();
        assert_eq!(self.session.poll_close(), None);
        self.session.handle_end(end);
        self.done();
        end
    }

    /// Nothing is left to be told.
    fn done(&mut self) {
        assert_eq!(self.session.poll_event(), None);
        assert_eq!(self.session.poll_close(), None);
        assert_eq!(self.session.poll_deadline(), None);
        assert!(!self.session.is_busy());
        assert_eq!(self.sent(), "");
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\nok";

#[test]
fn a_request_may_wait_for_its_connection() {
    let mut run = Run::new(HttpConfig::default());
    run.get().unwrap();
    assert_eq!(run.sent(), "");
    assert_eq!(run.session.poll_deadline(), None);
    run.now += Duration::from_millis(400);
    run.connect();
    assert!(run.sent().starts_with("GET / "));
    assert_eq!(run.expire(), Duration::from_millis(900));
    assert_eq!(run.failure(), (-2, 110));
    assert_eq!(run.close(), End::Deadline);
}

#[test]
fn responses_on_one_connection() {
    let mut run = Run::asked();
    for _ in 0..3 {
        assert_eq!(run.get(), Err(RequestRefused::Busy));
        run.input(OK);
        assert_eq!(run.get(), Err(RequestRefused::Busy));
        let response = run.response();
        assert_eq!((response.status, response.body.as_ref()), (200, &b"ok"[..]));
        assert_eq!(response.set_cookies, [&b"a=b"[..]]);
        assert_eq!(response.headers.len(), 2);
        assert_eq!(run.session.poll_close(), None);
        run.get().unwrap();
        assert!(!run.sent().is_empty());
    }
}

#[test]
fn an_idle_connection_ends_after_five_minutes() {
    let mut run = Run::asked();
    run.now += Duration::from_millis(100);
    run.input(OK);
    run.response();
    assert_eq!(run.expire(), Duration::from_millis(300_100));
    assert_eq!(run.close(), End::Deadline);
    let mut run = Run::new(HttpConfig::default());
    run.connect();
    assert_eq!(run.expire(), Duration::from_secs(300));
    assert_eq!(run.close(), End::Deadline);
}

#[test]
fn deadlines_can_be_turned_off() {
    let config = HttpConfig { response: None, idle: None, ..HttpConfig::default() };
    let mut run = Run::new(config);
    run.connect();
    assert_eq!(run.session.poll_deadline(), None);
    run.get().unwrap();
    assert_eq!(run.session.poll_deadline(), None);
}

#[test]
fn a_silent_or_slow_peer_is_a_timeout() {
    for bytes in [&b""[..], b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n\r\nhalf"] {
        let mut run = Run::asked();
        run.now += Duration::from_millis(300);
        run.input(bytes);
        assert_eq!(run.expire(), Duration::from_millis(500));
        assert_eq!(run.session.poll_close(), None, "the response callback runs first");
        assert_eq!(run.failure(), (-2, 110));
        assert_eq!(run.close(), End::Deadline);
    }
}

#[test]
fn a_connection_that_never_stood() {
    for (end, code) in [(End::Connect(111), 111), (End::Dns, 704), (End::Deadline, 110)] {
        let mut run = Run::new(HttpConfig::default());
        run.get().unwrap();
        run.session.handle_end(end);
        assert_eq!(run.failure(), (-1, code));
        run.done();
    }
    let mut run = Run::new(HttpConfig::default());
    run.get().unwrap();
    run.session.handle_end(End::Local);
    run.done();
}

#[test]
fn an_end_within_a_response() {
    for bytes in
        [&b""[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"]
    {
        for (end, code) in [(End::Peer, 104), (End::Reset(32), 32), (End::Local, 5001)] {
            let mut run = Run::asked();
            run.input(bytes);
            run.session.handle_end(end);
            assert_eq!(run.failure(), (-3, code));
            run.done();
        }
    }
    let mut run = Run::asked();
    run.input(b"HTTP/1.1 200 OK\r\n\r\nhalf");
    run.session.handle_end(End::Reset(104));
    assert_eq!(run.failure(), (-3, 104));
}

#[test]
fn a_body_that_lasts_until_the_end() {
    let mut run = Run::asked();
    run.input(b"HTTP/1.1 404 Not Found\r\n\r\nfirst ");
    run.input(b"second");
    assert_eq!(run.session.poll_event(), None);
    run.session.handle_end(End::Peer);
    let response = run.response();
    assert_eq!((response.status, response.body.as_ref()), (404, &b"first second"[..]));
    run.done();
}

#[test]
fn keep_alive_off_closes_after_the_response_was_taken() {
    let mut run = Run::asked();
    run.input(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(run.session.poll_close(), None);
    assert_eq!(run.response().status, 200);
    assert_eq!(run.get(), Err(RequestRefused::Closing));
    assert_eq!(run.close(), End::Local);

    let mut run = Run::new(HttpConfig::default());
    run.connect();
    let request = OutgoingRequest { keep_alive: false, ..OutgoingRequest::default() };
    run.session.request(&request, run.now).unwrap();
    assert!(run.sent().contains("Connection: close\r\n"));
    run.input(OK);
    run.response();
    assert_eq!(run.close(), End::Local);
}

#[test]
fn after_an_end_the_next_connection_serves() {
    let mut run = Run::asked();
    run.input(b"HTTP/1.1 200 O");
    run.session.handle_end(End::Peer);
    assert_eq!(run.failure(), (-3, 104));
    run.get().unwrap();
    run.connect();
    assert!(!run.sent().is_empty());
    run.input(OK);
    assert_eq!(run.response().status, 200);
}

#[test]
fn nonsense_is_a_protocol_error() {
    for bytes in [
        &b"220 smtp\r\n"[..],
        b"HTTP/1.1 200 OK\r\nbad line\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\nframes",
    ] {
        let mut run = Run::asked();
        run.input(bytes);
        assert_eq!(run.failure(), (-3, 104));
        assert_eq!(run.close(), End::Protocol);
    }
}

#[test]
fn an_answer_that_nobody_asked_for() {
    let mut run = Run::new(HttpConfig::default());
    run.connect();
    run.input(OK);
    assert_eq!(run.close(), End::Protocol);

    let mut run = Run::asked();
    run.input(&[OK, OK].concat());
    assert_eq!(run.response().status, 200);
    assert_eq!(run.get(), Err(RequestRefused::Closing));
    assert_eq!(run.close(), End::Protocol);

    let mut run = Run::new(HttpConfig::default());
    run.connect();
    run.get().unwrap();
    run.input(OK);
    assert_eq!(run.failure(), (-3, 104));
    assert_eq!(run.close(), End::Protocol);
}

#[test]
fn a_body_over_its_cap() {
    let limits = Limits { body: 10, ..Limits::RESPONSE };
    for bytes in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n12345678901",
    ] {
        let mut run = Run::new(HttpConfig { limits, ..HttpConfig::default() });
        run.connect();
        run.get().unwrap();
        run.sent();
        run.input(bytes);
        assert_eq!(run.failure(), (-3, 1201));
        assert_eq!(run.close(), End::Refused(1201));
    }
}

#[test]
fn a_big_body_is_collected() {
    let mut run = Run::asked();
    run.input(b"HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
    let piece = vec![b'x'; 20_000];
    for _ in 0..1000 {
        run.input(&piece);
    }
    assert_eq!(run.response().body.len(), 20_000_000);
}

#[test]
fn a_request_that_cannot_be_sent_changes_nothing() {
    let mut run = Run::new(HttpConfig::default());
    run.connect();
    let request = OutgoingRequest { target: b"/ x".to_vec(), ..OutgoingRequest::default() };
    let refused = run.session.request(&request, run.now);
    assert_eq!(refused, Err(RequestRefused::Invalid(HeaderError::Target)));
    run.get().unwrap();
}
