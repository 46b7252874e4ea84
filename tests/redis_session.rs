//! A Redis connection on a virtual clock: every outcome, in order, once.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tether::client::redis::{CommandError, Mode, RedisEvent, RedisSession};
use tether::client::{End, Session};
use tether::options::RedisConfig;
use tether::proto::redis::Reply;

/// A session, its peer and the clock.
struct Sim {
    session: RedisSession,
    now: Instant,
    input: BytesMut,
}

impl Sim {
    fn new(config: RedisConfig, mode: Mode) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the virtual clock starts somewhere")]
        let now = Instant::now();
        Sim { session: RedisSession::new(config, mode), now, input: BytesMut::new() }
    }

    /// Connected and ready, with the default deadlines.
    fn ready() -> Self {
        Sim::of(RedisConfig::default())
    }

    fn of(config: RedisConfig) -> Self {
        let mut sim = Sim::new(config, Mode::Commands);
        sim.session.handle_connected(sim.now);
        assert_eq!(sim.events(), [RedisEvent::Ready]);
        sim
    }

    fn command(&mut self, line: &str) -> Result<u64, CommandError> {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().as_bytes();
        self.session.command(name, &words.collect::<Vec<_>>(), self.now)
    }

    fn receive(&mut self, wire: &[u8]) {
        self.input.extend_from_slice(wire);
        self.session.handle_input(&mut self.input, self.now);
    }

    fn sent(&mut self) -> String {
        let mut out = BytesMut::new();
        self.session.poll_output(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn events(&mut self) -> Vec<RedisEvent> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    fn advance(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
    }

    /// Seconds until the deadline.
    fn due(&self) -> Option<f64> {
        self.session.poll_deadline().map(|at| (at - self.now).as_secs_f64())
    }

    /// Lets the deadline pass, not a moment early.
    fn expire(&mut self) {
        let deadline = self.session.poll_deadline().expect("a deadline");
        self.session.handle_timeout(deadline - Duration::from_millis(1));
        assert_eq!(self.session.poll_close(), None, "early");
        self.now = deadline;
        self.session.handle_timeout(deadline);
    }

    /// Does what the connection does when the session wants its end.
    fn closes(&mut self) -> End {
        let why = self.session.poll_close().expect("a wish to close");
        assert_eq!(self.session.poll_close(), None, "told once");
        self.session.handle_end(why);
        why
    }
}

fn reply(serial: u64, text: &'static str) -> RedisEvent {
    RedisEvent::Reply { serial, reply: Reply::Status(Bytes::from_static(text.as_bytes())) }
}

fn failed(serial: u64, why: End) -> RedisEvent {
    RedisEvent::Failed { serial, why }
}

fn with_greeting() -> RedisConfig {
    RedisConfig { password: Some(b"secret".to_vec()), database: Some(3), ..RedisConfig::default() }
}

#[test]
fn it_is_ready_at_once_without_password_and_database() {
    let mut sim = Sim::ready();
    assert!(sim.session.is_ready());
    assert_eq!(sim.sent(), "");
}

#[test]
fn ready_comes_after_the_replies_to_auth_and_select() {
    let mut sim = Sim::new(with_greeting(), Mode::Commands);
    assert_eq!(sim.command("GET k"), Err(CommandError::NotConnected));
    sim.session.handle_connected(sim.now);
    assert_eq!(sim.sent(), "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n");
    assert_eq!(sim.command("GET k"), Err(CommandError::NotConnected));
    sim.receive(b"+OK\r\n+O");
    assert_eq!(sim.events(), []);
    sim.receive(b"K\r\n");
    assert_eq!(sim.events(), [RedisEvent::Ready]);
}

#[test]
fn a_username_goes_before_the_password() {
    let config = RedisConfig { username: Some(b"me".to_vec()), ..with_greeting() };
    let mut sim = Sim::new(RedisConfig { database: None, ..config }, Mode::Commands);
    sim.session.handle_connected(sim.now);
    assert_eq!(sim.sent(), "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\nsecret\r\n");
    sim.receive(b"+OK\r\n");
    assert_eq!(sim.events(), [RedisEvent::Ready]);
}

#[test]
fn a_refusal_is_told_in_the_servers_words_and_closes() {
    for wire in [&b"-ERR bad\r\n"[..], b"-ERR bad\r\n-NOAUTH\r\n", b"+OK\r\n-ERR bad\r\n"] {
        let mut sim = Sim::new(with_greeting(), Mode::Commands);
        sim.session.handle_connected(sim.now);
        sim.receive(wire);
        assert_eq!(sim.closes(), End::Local);
        let message = Bytes::from_static(b"ERR bad");
        assert_eq!(sim.events(), [RedisEvent::Refused { message }, RedisEvent::Closed(End::Local)]);
    }
}

#[test]
fn what_never_stood_fails_once() {
    for why in [End::Connect(111), End::Dns, End::Deadline] {
        let mut sim = Sim::new(with_greeting(), Mode::Commands);
        sim.session.handle_end(why);
        sim.session.handle_end(why);
        assert_eq!(sim.events(), [RedisEvent::ConnectFailed(why)]);
        assert_eq!(sim.due(), None);
    }
}

#[test]
fn a_greeting_that_ends_early_fails_the_connect() {
    let mut sim = Sim::new(with_greeting(), Mode::Commands);
    sim.session.handle_connected(sim.now);
    sim.session.handle_end(End::Peer);
    assert_eq!(sim.events(), [RedisEvent::ConnectFailed(End::Peer)]);

    let mut sim = Sim::new(with_greeting(), Mode::Subscribe);
    sim.session.handle_connected(sim.now);
    assert_eq!(sim.due(), Some(60.0));
    sim.expire();
    assert_eq!(sim.closes(), End::Deadline);
    assert_eq!(sim.events(), [RedisEvent::ConnectFailed(End::Deadline)]);
}

#[test]
fn an_own_close_before_it_was_ready_tells_nothing() {
    for connected in [false, true] {
        let mut sim = Sim::new(with_greeting(), Mode::Commands);
        if connected {
            sim.session.handle_connected(sim.now);
        }
        sim.session.quit(sim.now);
        sim.receive(b"+OK\r\n+OK\r\n");
        assert_eq!(sim.closes(), End::Local);
        assert_eq!(sim.events(), []);
    }
}

#[test]
fn pipelined_replies_come_in_order() {
    let mut sim = Sim::ready();
    assert_eq!(sim.command("SET k v"), Ok(1));
    assert_eq!(sim.command("get k"), Ok(2));
    assert_eq!(sim.session.waiting(), 2);
    assert_eq!(
        sim.sent(),
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nget\r\n$1\r\nk\r\n"
    );
    sim.receive(b"+a\r\n+b\r\n");
    assert_eq!(sim.events(), [reply(1, "a"), reply(2, "b")]);
    assert_eq!(sim.command("PING"), Ok(3));
    sim.receive(b"-ERR x\r\n");
    let error = Reply::Error(Bytes::from_static(b"ERR x"));
    assert_eq!(sim.events(), [RedisEvent::Reply { serial: 3, reply: error }]);
    assert!(sim.session.is_ready(), "an error is an answer");
}

#[test]
fn what_waits_at_the_end_fails_in_order_once() {
    for why in [End::Peer, End::Reset(104)] {
        let mut sim = Sim::ready();
        for serial in 1..=3 {
            assert_eq!(sim.command("GET k"), Ok(serial));
        }
        sim.receive(b"+a\r\n$100\r\nhalf");
        sim.session.handle_end(why);
        sim.session.handle_end(why);
        assert_eq!(
            sim.events(),
            [reply(1, "a"), failed(2, why), failed(3, why), RedisEvent::Closed(why)]
        );
        assert_eq!(why.err_code(), 104);
        assert_eq!(sim.command("GET k"), Err(CommandError::NotConnected));
        assert_eq!(sim.session.poll_close(), None);
    }
}

#[test]
fn the_response_deadline_is_60_seconds_for_the_oldest() {
    let mut sim = Sim::ready();
    sim.command("GET a").unwrap();
    sim.advance(50.0);
    sim.command("GET b").unwrap();
    assert_eq!(sim.due(), Some(10.0));
    sim.receive(b"+a\r\n");
    assert_eq!(sim.due(), Some(60.0), "b is the oldest now");
    sim.receive(b"$9\r\nh");
    sim.advance(59.0);
    sim.receive(b"alf");
    assert_eq!(sim.due(), Some(1.0), "a trickle lifts nothing");
    sim.expire();
    assert_eq!(sim.closes(), End::Deadline);
    assert_eq!(
        sim.events(),
        [reply(1, "a"), failed(2, End::Deadline), RedisEvent::Closed(End::Deadline)]
    );
    assert_eq!(End::Deadline.err_code(), 110);
}

#[test]
fn blocking_commands_have_their_own_time_and_five_seconds() {
    let mut sim = Sim::ready();
    sim.command("BLPOP q 100").unwrap();
    sim.command("XREAD BLOCK 2000 STREAMS s $").unwrap();
    sim.command("brpop q 0").unwrap();
    sim.command("GET k").unwrap();
    assert_eq!(sim.due(), Some(105.0));
    sim.receive(b"*-1\r\n");
    assert_eq!(sim.due(), Some(7.0));
    sim.receive(b"*-1\r\n");
    assert_eq!(sim.due(), None);
    sim.receive(b"*-1\r\n");
    assert_eq!(sim.due(), Some(60.0));
}

#[test]
fn an_idle_connection_ends_after_300_seconds() {
    let mut sim = Sim::ready();
    assert_eq!(sim.due(), Some(300.0));
    sim.advance(299.0);
    sim.command("PING").unwrap();
    sim.advance(1.0);
    sim.receive(b"+PONG\r\n");
    assert_eq!(sim.due(), Some(300.0));
    sim.events();
    sim.expire();
    assert_eq!(sim.closes(), End::Deadline);
    assert_eq!(sim.events(), [RedisEvent::Closed(End::Deadline)]);
}

#[test]
fn deadlines_can_be_switched_off() {
    let config =
        RedisConfig { response_timeout: None, idle_timeout: None, ..RedisConfig::default() };
    let mut sim = Sim::new(config, Mode::Commands);
    sim.session.handle_connected(sim.now);
    assert_eq!(sim.due(), None);
    sim.command("GET k").unwrap();
    assert_eq!(sim.due(), None);
    sim.session.quit(sim.now);
    assert_eq!(sim.due(), None);
}

#[test]
fn quit_with_nothing_waiting_ends_at_once() {
    let mut sim = Sim::ready();
    sim.session.quit(sim.now);
    assert_eq!(sim.command("GET k"), Err(CommandError::NotConnected));
    assert_eq!(sim.closes(), End::Local);
    assert_eq!(sim.events(), [RedisEvent::Closed(End::Local)]);
}

#[test]
fn quit_waits_for_the_replies() {
    let mut sim = Sim::ready();
    sim.command("GET a").unwrap();
    sim.command("GET b").unwrap();
    sim.session.quit(sim.now);
    sim.session.quit(sim.now);
    assert_eq!(sim.command("GET c"), Err(CommandError::Closing));
    assert!(sim.sent().ends_with("b\r\n"), "what was taken is sent");
    sim.receive(b"+a\r\n");
    assert_eq!(sim.session.poll_close(), None);
    sim.receive(b"+b\r\n");
    assert_eq!(sim.closes(), End::Local);
    assert_eq!(sim.events(), [reply(1, "a"), reply(2, "b"), RedisEvent::Closed(End::Local)]);
}

#[test]
fn quit_waits_no_longer_than_the_response_deadline() {
    let mut sim = Sim::ready();
    sim.command("BLPOP q 0").unwrap();
    assert_eq!(sim.due(), None);
    sim.session.quit(sim.now);
    assert_eq!(sim.due(), Some(60.0));
    sim.expire();
    assert_eq!(sim.closes(), End::Deadline);
    assert_eq!(sim.events(), [failed(1, End::Deadline), RedisEvent::Closed(End::Deadline)]);
}

#[test]
fn abort_ends_now_with_5001() {
    let mut sim = Sim::ready();
    sim.command("GET a").unwrap();
    sim.session.abort();
    assert_eq!(sim.sent(), "");
    sim.receive(b"+late\r\n");
    assert!(sim.input.is_empty());
    assert_eq!(sim.closes(), End::Local);
    assert_eq!(sim.events(), [failed(1, End::Local), RedisEvent::Closed(End::Local)]);
    assert_eq!(End::Local.err_code(), 5001);
}

#[test]
fn the_first_reason_stays() {
    let mut sim = Sim::ready();
    sim.command("GET a").unwrap();
    sim.expire();
    sim.session.handle_end(End::Reset(32));
    assert_eq!(sim.events(), [failed(1, End::Deadline), RedisEvent::Closed(End::Deadline)]);
}

#[test]
fn garbage_and_unasked_replies_break_the_protocol() {
    let mut sim = Sim::ready();
    sim.command("GET a").unwrap();
    sim.receive(b"HTTP/1.1 400 Bad Request\r\n");
    assert_eq!(sim.closes(), End::Protocol);
    assert_eq!(sim.events(), [failed(1, End::Protocol), RedisEvent::Closed(End::Protocol)]);

    let mut sim = Sim::ready();
    sim.receive(b"+hello\r\n+again\r\n");
    assert_eq!(sim.closes(), End::Protocol);
    assert_eq!(sim.events(), [RedisEvent::Closed(End::Protocol)]);
}

#[test]
fn what_waits_to_be_sent_meets_its_cap() {
    let mut sim = Sim::of(RedisConfig { socket_buffer_size: 100, ..RedisConfig::default() });
    let long = "set k ".to_owned() + &"x".repeat(60);
    assert_eq!(sim.command(&long), Ok(1));
    assert_eq!(sim.command(&long), Err(CommandError::Overflow));
    sim.sent();
    // The system took only a part of it.
    sim.session.handle_flushed(50);
    assert_eq!(sim.command(&long), Err(CommandError::Overflow));
    sim.session.handle_flushed(0);
    assert_eq!(sim.command(&long), Ok(2));
}

#[test]
fn a_reply_that_is_too_long_ends_the_connection_before_it_arrives() {
    for wire in [&b"$1001\r\n"[..], b"*20\r\n", b"*2\r\n$600\r\n"] {
        let mut sim = Sim::of(RedisConfig { package_max_length: 1000, ..RedisConfig::default() });
        let serial = sim.command("get k").unwrap();
        sim.receive(wire);
        if wire.starts_with(b"*2\r") {
            sim.receive(&[&[b'x'; 600][..], b"\r\n$600\r\n"].concat());
        }
        let why = End::Reset(90);
        assert_eq!(sim.closes(), why, "{wire:?}");
        assert_eq!(sim.events(), [failed(serial, why), RedisEvent::Closed(why)]);
    }
}

#[test]
fn a_push_answers_no_command() {
    let mut sim = Sim::ready();
    sim.command("GET a").unwrap();
    sim.receive(b">1\r\n+invalidate\r\n+a\r\n");
    let push = Reply::Push(vec![Reply::Status(Bytes::from_static(b"invalidate"))]);
    assert_eq!(sim.events(), [RedisEvent::Message(push), reply(1, "a")]);
}

#[test]
fn subscriptions_have_messages_and_no_deadline() {
    let mut sim = Sim::new(RedisConfig::default(), Mode::Subscribe);
    assert_eq!(sim.session.subscribe(b"subscribe", &["a"]), Err(CommandError::NotConnected));
    sim.session.handle_connected(sim.now);
    assert_eq!(sim.events(), [RedisEvent::Ready]);
    for name in ["subscribe", "PSUBSCRIBE", "unsubscribe", "punsubscribe", "ssubscribe"] {
        assert_eq!(sim.session.subscribe(name.as_bytes(), &["a"]), Ok(()));
    }
    assert_eq!(sim.session.subscribe(b"get", &["a"]), Err(CommandError::Mode));
    assert_eq!(sim.command("get a"), Err(CommandError::Mode));
    assert_eq!(sim.due(), None);
    sim.receive(b"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*1\r\n+m\r\n-ERR no\r\n");
    let text = |text: &'static [u8]| Reply::Bulk(Bytes::from_static(text));
    let ack = Reply::Array(vec![text(b"subscribe"), text(b"a"), Reply::Integer(1)]);
    let message = Reply::Array(vec![Reply::Status(Bytes::from_static(b"m"))]);
    let error = Reply::Error(Bytes::from_static(b"ERR no"));
    assert_eq!(sim.events(), [ack, message, error].map(RedisEvent::Message));
    assert_eq!(sim.due(), None);
    sim.session.quit(sim.now);
    assert_eq!(sim.closes(), End::Local);
    assert_eq!(sim.events(), [RedisEvent::Closed(End::Local)]);
}

#[test]
fn subscriptions_are_refused_among_commands() {
    let mut sim = Sim::ready();
    assert_eq!(sim.command("SUBSCRIBE a"), Err(CommandError::Mode));
    assert_eq!(sim.session.subscribe(b"subscribe", &["a"]), Err(CommandError::Mode));
    assert_eq!(sim.sent(), "");
}
