//! A peer that accepts and says nothing more is let go, at default settings, on a virtual clock
//! (contract A9).

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use tether::{
    client::{
        End, Session,
        http::{HttpConfig, HttpSession},
        mysql::MysqlSession,
        redis::{Mode, RedisSession},
        tcp::{Framing, TcpSession},
    },
    options::{ClientConfig, MysqlConfig, RedisConfig},
    proto::http1::OutgoingRequest,
};

/// The time after which a session has had enough of a peer that sent `hello` and then nothing, and what
/// it told meanwhile. `act` is its user's part. `None`: it waits for ever.
fn patience<S: Session<Event: Debug>>(
    mut session: S,
    hello: &[u8],
    act: impl FnOnce(&mut S, Instant),
) -> (Option<Duration>, String) {
    #[expect(clippy::disallowed_methods, reason = "the virtual clock starts somewhere")]
    let start = Instant::now();
    let mut now = start;
    session.handle_connected(now);
    session.handle_input(&mut BytesMut::from(hello), now);
    act(&mut session, now);
    session.poll_output(&mut BytesMut::new());
    let mut told = Vec::new();
    let mut tell = |session: &mut S| {
        told.extend(std::iter::from_fn(|| session.poll_event()).map(|event| format!("{event:?}")));
    };
    loop {
        tell(&mut session);
        if let Some(end) = session.poll_close() {
            assert_eq!(end, End::Deadline);
            session.handle_end(end);
            tell(&mut session);
            return (Some(now - start), told.join(", "));
        }
        let Some(deadline) = session.poll_deadline() else { return (None, told.join(", ")) };
        session.handle_timeout(deadline - Duration::from_nanos(1));
        assert_eq!(session.poll_close(), None, "early");
        now = deadline;
        session.handle_timeout(now);
    }
}

#[test]
fn a_silent_redis_is_let_go() {
    let session = |config, mode| RedisSession::new(config, mode);
    let login = RedisConfig { password: Some(b"secret".into()), ..RedisConfig::default() };
    let told = patience(session(login, Mode::Commands), b"", |_, _| ());
    assert_eq!(told, (secs(60), "ConnectFailed(Deadline)".into()));
    let command = |name: &'static [u8], args: &'static [&'static [u8]]| {
        move |session: &mut RedisSession, now| {
            assert_eq!(session.command(name, args, now), Ok(1));
        }
    };
    let failed = "Ready, Failed { serial: 1, why: Deadline }, Closed(Deadline)";
    let plain = || session(RedisConfig::default(), Mode::Commands);
    assert_eq!(patience(plain(), b"", command(b"GET", &[b"k"])), (secs(60), failed.into()));
    assert_eq!(
        patience(plain(), b"", command(b"BLPOP", &[b"k", b"100"])),
        (secs(105), failed.into())
    );
    assert_eq!(patience(plain(), b"", command(b"BLPOP", &[b"k", b"0"])).0, None);
    assert_eq!(patience(plain(), b"", |_, _| ()), (secs(300), "Ready, Closed(Deadline)".into()));
    let subscriber = session(RedisConfig::default(), Mode::Subscribe);
    assert_eq!(patience(subscriber, b"", |_, _| ()).0, None, "TCP keepalive watches it");
}

#[test]
fn a_silent_mysql_server_is_let_go() {
    let session = || MysqlSession::new(MysqlConfig::default(), None, false);
    let failed = "ConnectFailed(Deadline), Closed(Deadline)";
    assert_eq!(patience(session(), b"", |_, _| ()), (secs(1), failed.into()));
    assert_eq!(patience(session(), GREETING, |_, _| ()), (secs(1), failed.into()));
    let hello = [GREETING, OK].concat();
    let told = patience(session(), &hello, |_, _| ());
    assert_eq!(told, (secs(300), "Ready, Closed(Deadline)".into()));
    let told = patience(session(), &hello, |session, now| {
        assert_eq!(session.query(b"SELECT 1", now), Ok(()));
    });
    assert_eq!(told, (secs(3600), "Ready, Failed(Deadline), Closed(Deadline)".into()));
}

#[test]
fn a_silent_http_server_is_let_go() {
    let told = patience(HttpSession::new(HttpConfig::default()), b"", |session, now| {
        assert_eq!(session.request(&OutgoingRequest::default(), now), Ok(()));
    });
    assert_eq!(told.0, Some(Duration::from_millis(500)));
    assert!(told.1.starts_with("Failed { status: -2, why: Deadline }"), "{told:?}");
}

#[test]
fn a_silent_tcp_peer_is_let_go_until_it_has_spoken() {
    let session = || TcpSession::new(&ClientConfig::default(), Framing::Raw);
    let told = patience(session(), b"", |_, _| ());
    assert_eq!(told, (secs(300), "Connected, Closed(Deadline)".into()));
    assert_eq!(patience(session(), b"hello", |_, _| ()).0, None, "TCP keepalive watches it");
}

fn secs(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

const GREETING: &[u8] = b"\x49\0\0\0\x0a8.0.0\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xff\x15\
    \0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password\0";
const OK: &[u8] = b"\x07\0\0\x02\0\0\0\x02\0\0\0";
