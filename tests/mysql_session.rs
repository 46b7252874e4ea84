//! A MySQL connection on a virtual clock: its bytes cut anywhere, every outcome, in order, once.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tether::client::mysql::{Answer, MysqlEvent, MysqlSession, QueryError, Rows, Stage};
use tether::client::{End, Session};
use tether::options::MysqlConfig;
use tether::proto::mysql::{Column, Number, Refusal, write_packet};

#[path = "checks/mysql.rs"]
mod check;

/// A connection and its server, whose bytes are the test's own.
struct Bench {
    session: MysqlSession,
    now: Instant,
    input: BytesMut,
}

impl Bench {
    fn new(config: MysqlConfig, private: bool) -> Bench {
        #[expect(clippy::disallowed_methods, reason = "the virtual clock starts somewhere")]
        let now = Instant::now();
        let mut session = MysqlSession::new(config, None, private);
        session.handle_connected(now);
        Bench { session, now, input: BytesMut::new() }
    }

    /// Logged in.
    fn ready() -> Bench {
        let mut bench = Bench::new(config(), false);
        bench.takes(&greeting("mysql_native_password"));
        bench.sends();
        bench.takes(&packet(2, OK));
        assert_eq!(bench.events(), [MysqlEvent::Ready]);
        bench
    }

    fn takes(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        self.session.handle_input(&mut self.input, self.now);
    }

    fn sends(&mut self) -> Vec<u8> {
        let mut out = BytesMut::new();
        self.session.poll_output(&mut out);
        out.to_vec()
    }

    fn events(&mut self) -> Vec<MysqlEvent> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    fn asks(&mut self) {
        assert_eq!(self.session.query(b"SELECT", self.now), Ok(()));
        assert_eq!(self.sends(), packet(0, b"\x03SELECT"));
    }

    /// The query's one event, after `answer`.
    fn answered(answer: &[u8]) -> Vec<MysqlEvent> {
        let mut bench = Bench::ready();
        bench.asks();
        bench.takes(answer);
        bench.events()
    }
}

const OK: &[u8] = b"\0\0\0\x02\0\0\0";
const END: &[u8] = b"\xfe\0\0\x02\0";

fn config() -> MysqlConfig {
    MysqlConfig {
        user: b"tester".into(),
        password: b"secret".into(),
        database: b"test".into(),
        ..MysqlConfig::default()
    }
}

fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    write_packet(&mut out, number, payload, &[]);
    out.to_vec()
}

fn packets(payloads: &[&[u8]]) -> Vec<u8> {
    payloads.iter().zip(1..).flat_map(|(payload, number)| packet(number, payload)).collect()
}

fn greeting(plugin: &str) -> Vec<u8> {
    let mut payload = b"\x0a8.0.0\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xff\x15".to_vec();
    payload.extend_from_slice(&[0; 10]);
    payload.extend_from_slice(b"ijklmnopqrst\0");
    payload.extend_from_slice(plugin.as_bytes());
    payload.push(0);
    packet(0, &payload)
}

fn column(name: &str, kind: u8) -> Vec<u8> {
    let mut payload = b"\x03def\0\0\0".to_vec();
    payload.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    payload.extend_from_slice(name.as_bytes());
    payload.extend_from_slice(b"\0\x0c\x2d\0\xff\0\0\0");
    payload.push(kind);
    payload.extend_from_slice(&[0; 5]);
    payload
}

/// Two columns, two rows, a further result without rows.
fn two_results() -> Vec<u8> {
    let (a, b) = (column("id", 8), column("name", 0xFD));
    let more = b"\xfe\0\0\x0a\0";
    packets(&[b"\x02", &a, &b, END, b"\x017\xfb", b"\x018\x03abc", more, OK])
}

fn two_rows() -> Rows {
    let column = |name: &'static str, number| Column { name: name.into(), number };
    Rows {
        columns: vec![column("id", Some(Number::Integer)), column("name", None)],
        rows: vec![Bytes::from_static(b"\x017\xfb"), Bytes::from_static(b"\x018\x03abc")],
    }
}

#[test]
fn a_result_is_the_same_wherever_its_bytes_are_cut() {
    let answer = two_results();
    let expected = [MysqlEvent::Answer(Answer::Rows(two_rows()))];
    for cut in 0..=answer.len() {
        let mut bench = Bench::ready();
        bench.asks();
        bench.takes(&answer[..cut]);
        bench.takes(&answer[cut..]);
        assert_eq!(bench.events(), expected, "cut at {cut}");
        assert_eq!(bench.session.stage(), Stage::Ready);
    }
    let mut bench = Bench::ready();
    bench.asks();
    for byte in &answer {
        bench.takes(&[*byte]);
    }
    assert_eq!(bench.events(), expected);
}

#[test]
fn a_login_is_the_same_wherever_its_bytes_are_cut() {
    let script = [
        greeting("caching_sha2_password"),
        packet(2, b"\xfemysql_native_password\0ABCDEFGHIJKLMNOPQRST\0"),
        packet(4, OK),
    ];
    for cut in 0..script.iter().map(Vec::len).max().unwrap() {
        let mut bench = Bench::new(config(), false);
        for step in &script {
            let (head, tail) = step.split_at(cut.min(step.len()));
            bench.takes(head);
            bench.takes(tail);
        }
        let sent = bench.sends();
        assert!(sent.ends_with(&packet(3, &sent[sent.len() - 20..])), "the second proof");
        assert_eq!(bench.events(), [MysqlEvent::Ready], "cut at {cut}");
    }
}

/// What `fuzz/fuzz_targets/mysql.rs` looks for, on damages that are always the same.
#[test]
fn damaged_packets_in_pieces_tell_what_whole_ones_tell() {
    let key = packet(4, &[b"\x01", KEY].concat());
    let sealed = [greeting("caching_sha2_password"), packet(2, b"\x01\x04"), key, packet(6, OK)];
    let file = packet(1, b"\xfb/etc/passwd");
    let plain =
        [greeting("mysql_native_password"), packet(2, OK), two_results(), file, packet(3, OK)];
    // Encrypting takes its time.
    for (script, step) in [(&sealed[..], 23), (&plain[..], 1)] {
        for (number, turn) in script.iter().enumerate() {
            for at in (0..turn.len().min(120)).step_by(step) {
                for value in [0, 1, 0x0A, 0xFB, 0xFE, 0xFF] {
                    let mut damaged = turn.clone();
                    damaged[at] = value;
                    let mut turns: Vec<&[u8]> = script.iter().map(Vec::as_slice).collect();
                    turns[number] = &damaged;
                    check::assert_cuts_do_not_matter(&turns, 1 + at % 7, false);
                }
            }
        }
    }
}

#[test]
fn every_truncated_or_changed_packet_ends_without_a_panic() {
    let valid = [greeting("caching_sha2_password"), two_results()];
    for (number, bytes) in valid.iter().enumerate() {
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] = value;
                let mut bench = match number {
                    0 => Bench::new(config(), true),
                    _ => {
                        let mut bench = Bench::ready();
                        bench.asks();
                        bench
                    }
                };
                bench.takes(&changed);
                bench.session.handle_end(End::Peer);
                let last = bench.events().pop();
                assert!(matches!(last, Some(MysqlEvent::Closed(_))), "{at} {value}: {last:?}");
            }
        }
    }
}

#[test]
fn the_server_that_has_cached_the_account_is_content_with_the_proof() {
    let mut bench = Bench::new(config(), false);
    bench.takes(&greeting("caching_sha2_password"));
    let login = bench.sends();
    assert!(login.windows(6).all(|window| window != b"secret"));
    bench.takes(&packet(2, b"\x01\x03"));
    bench.takes(&packet(3, OK));
    assert_eq!(bench.events(), [MysqlEvent::Ready]);
}

#[test]
fn the_whole_password_is_sent_only_where_nobody_can_listen() {
    let mut bench = Bench::new(config(), true);
    bench.takes(&greeting("caching_sha2_password"));
    bench.sends();
    bench.takes(&packet(2, b"\x01\x04"));
    assert_eq!(bench.sends(), packet(3, b"secret\0"));
}

const KEY: &[u8] = include_bytes!("checks/server-key.pem");

#[test]
fn elsewhere_the_password_is_sealed_with_the_servers_key() {
    let mut bench = Bench::new(config(), false);
    bench.takes(&greeting("caching_sha2_password"));
    bench.sends();
    bench.takes(&packet(2, b"\x01\x04"));
    assert_eq!(bench.sends(), packet(3, &[2]), "the key is asked for");
    bench.takes(&packet(4, &[b"\x01", KEY].concat()));
    let sealed = bench.sends();
    assert_eq!(sealed.len(), 4 + 256);
    assert!(sealed.windows(6).all(|window| window != b"secret"));
    bench.takes(&packet(6, OK));
    assert_eq!(bench.events(), [MysqlEvent::Ready]);
}

#[test]
fn under_tls_nothing_of_the_login_is_said_before_it_stands() {
    let mut bench = Bench::new(MysqlConfig { ssl: true, ..config() }, false);
    bench.takes(&greeting("caching_sha2_password"));
    let request = bench.sends();
    assert_eq!((request.len(), request[3]), (36, 1));
    assert_eq!(request[5] & 0x08, 0x08, "CLIENT_SSL");
    assert!(bench.session.poll_secure());
    assert!(!bench.session.poll_secure(), "told once");
    assert!(bench.sends().is_empty());
    bench.session.handle_secured(bench.now);
    let login = bench.sends();
    assert_eq!((login[3], &login[4..8]), (2, &request[4..8]));
    bench.takes(&packet(3, b"\x01\x04"));
    assert_eq!(bench.sends(), packet(4, b"secret\0"));
    bench.takes(&packet(5, OK));
    assert_eq!(bench.events(), [MysqlEvent::Ready]);
}

#[test]
fn a_server_that_goes_on_without_tls_is_not_logged_in_to() {
    let mut bench = Bench::new(MysqlConfig { ssl: true, ..config() }, false);
    bench.takes(&greeting("mysql_native_password"));
    bench.sends();
    bench.takes(&packet(2, OK));
    assert_eq!(bench.session.poll_close(), Some(End::Protocol));
    assert!(bench.events().is_empty());

    let mut bench = Bench::new(MysqlConfig { ssl: true, ..config() }, false);
    let mut plain = greeting("mysql_native_password");
    let flags = plain.windows(2).position(|pair| pair == b"\xff\xff").unwrap();
    plain[flags + 1] &= !0x08;
    bench.takes(&plain);
    assert!(bench.sends().is_empty());
    let events = bench.events();
    let [MysqlEvent::Refused(refusal)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(refusal.code, 2026);
}

#[test]
fn a_key_that_is_known_is_not_asked_for() {
    let known = MysqlConfig { server_public_key: Some(KEY.to_vec()), ..config() };
    let mut bench = Bench::new(known, false);
    bench.takes(&greeting("caching_sha2_password"));
    bench.sends();
    bench.takes(&packet(2, b"\x01\x04"));
    assert_eq!(bench.sends().len(), 4 + 256);
    bench.takes(&packet(4, OK));
    assert_eq!(bench.events(), [MysqlEvent::Ready]);
}

#[test]
fn a_key_that_is_none_is_refused_and_a_second_question_too() {
    for (answer, told) in [(&b"\x01nonsense"[..], true), (b"\x01\x04", false), (b"\x01", false)] {
        let mut bench = Bench::new(config(), false);
        bench.takes(&greeting("caching_sha2_password"));
        bench.sends();
        bench.takes(&packet(2, b"\x01\x04"));
        bench.sends();
        bench.takes(&packet(4, answer));
        assert!(bench.sends().is_empty());
        let events = bench.events();
        match &events[..] {
            [MysqlEvent::Refused(refusal)] if told => assert_eq!(refusal.code, 2061),
            [] if !told => assert_eq!(bench.session.poll_close(), Some(End::Protocol)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn other_methods_are_refused_by_name() {
    for (request, name) in [
        (&b"\xfemysql_clear_password\0"[..], "mysql_clear_password"),
        (b"\xfe", "mysql_old_password"),
    ] {
        let mut bench = Bench::new(config(), true);
        bench.takes(&greeting("mysql_native_password"));
        bench.sends();
        bench.takes(&packet(2, request));
        assert!(bench.sends().is_empty());
        let events = bench.events();
        let [MysqlEvent::Refused(refusal)] = &events[..] else { panic!("{events:?}") };
        assert!(String::from_utf8_lossy(&refusal.message).contains(name));
        bench.session.handle_end(End::Local);
        assert_eq!(bench.events(), [MysqlEvent::Closed(End::Local)]);
    }
}

#[test]
fn a_file_is_never_sent() {
    let mut bench = Bench::ready();
    bench.asks();
    bench.takes(&packet(1, b"\xfb/etc/passwd"));
    assert_eq!(bench.sends(), packet(2, b""));
    bench.takes(&packet(3, OK));
    let events = bench.events();
    let [MysqlEvent::Answer(Answer::Refused(refusal))] = &events[..] else { panic!("{events:?}") };
    assert_eq!(refusal.code, 2068);
    assert_eq!(bench.session.stage(), Stage::Ready);
}

#[test]
fn the_first_result_counts_unless_a_later_one_fails() {
    let (one, two) = (column("a", 3), column("b", 3));
    let more = b"\xfe\0\0\x0a\0";
    let error = b"\xff\x26\x04#42000no";
    let start: [&[u8]; 8] = [b"\x01", &one, END, b"\x011", more, b"\x01", &two, END];
    let all = [&start[..], &[b"\x012", END]].concat();
    let events = Bench::answered(&packets(&all));
    let [MysqlEvent::Answer(Answer::Rows(rows))] = &events[..] else { panic!("{events:?}") };
    assert_eq!(rows.columns.len(), 1);
    assert_eq!(rows.rows, [Bytes::from_static(b"\x011")]);
    let all = [&start[..], &[error]].concat();
    let refusal = Refusal { code: 1062, message: Bytes::from_static(b"no") };
    assert_eq!(Bench::answered(&packets(&all)), [MysqlEvent::Answer(Answer::Refused(refusal))]);
}

#[test]
fn what_breaks_the_protocol_ends_the_connection() {
    let id = column("id", 3);
    for (what, answer) in [
        ("no columns", packets(&[b"\0"])),
        ("too many columns", packets(&[b"\xfc\xff\xff"])),
        ("a number", packet(2, OK)),
        ("an empty packet", packet(1, b"")),
        (
            "an endless length",
            packets(&[b"\x01", &id, END, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff"]),
        ),
        ("too few values", packets(&[b"\x02", &id, &id, END, b"\x011"])),
        ("too many values", packets(&[b"\x01", &id, END, b"\x011\x012"])),
        ("a column that ends", packets(&[b"\x01", b"\x03def\0\0"])),
    ] {
        let mut bench = Bench::ready();
        bench.asks();
        bench.takes(&answer);
        assert_eq!(bench.session.poll_close(), Some(End::Protocol), "{what}");
        bench.session.handle_end(End::Protocol);
        let failed = [MysqlEvent::Failed(End::Protocol), MysqlEvent::Closed(End::Protocol)];
        assert_eq!(bench.events(), failed, "{what}");
    }
}

#[test]
fn a_result_that_is_too_long_is_told_and_ends_the_connection() {
    let (a, b) = (column("id", 8), column("name", 0xFD));
    let rows: Vec<Vec<u8>> = (0..100).map(|_| b"\x017\xfb".to_vec()).collect();
    let mut many: Vec<&[u8]> = vec![b"\x02", &a, &b, END];
    many.extend(rows.iter().map(Vec::as_slice));
    let long = packet(4, &[b'x'; 5000]);
    let few = packets(&[b"\x02", &a, &b]);
    for answer in [packets(&many), [few, long].concat()] {
        let short = MysqlConfig { package_max_length: 4000, ..config() };
        let mut bench = Bench::new(short, false);
        bench.takes(&greeting("mysql_native_password"));
        bench.takes(&packet(2, OK));
        bench.sends();
        bench.events();
        bench.asks();
        bench.takes(&answer);
        assert_eq!(bench.events(), [MysqlEvent::TooLong]);
        assert_eq!(bench.session.poll_close(), Some(End::Local));
        bench.session.handle_end(End::Local);
        assert_eq!(bench.events(), [MysqlEvent::Closed(End::Local)]);
    }
}

#[test]
fn a_query_meets_its_cap() {
    let mut bench = Bench::new(MysqlConfig { socket_buffer_size: 100, ..config() }, false);
    bench.takes(&greeting("mysql_native_password"));
    bench.takes(&packet(2, OK));
    assert_eq!(bench.session.query(&[b'x'; 100], bench.now), Err(QueryError::TooLong));
    assert_eq!(bench.session.query(&[b'x'; 99], bench.now), Ok(()));
}

#[test]
fn one_query_at_a_time() {
    let mut bench = Bench::new(config(), false);
    assert_eq!(bench.session.query(b"SELECT", bench.now), Err(QueryError::NotConnected));
    let mut bench = Bench::ready();
    bench.asks();
    assert_eq!(bench.session.query(b"SELECT", bench.now), Err(QueryError::Busy));
    bench.takes(&packets(&[OK]));
    assert_eq!(bench.session.query(b"SELECT", bench.now), Ok(()));
    bench.session.quit();
    assert_eq!(bench.session.query(b"SELECT", bench.now), Err(QueryError::NotConnected));
    bench.session.handle_end(End::Local);
    let events = bench.events();
    assert_eq!(events[1..], [MysqlEvent::Failed(End::Local), MysqlEvent::Closed(End::Local)]);
}

#[test]
fn every_stage_has_its_deadline() {
    let second = Duration::from_secs(1);
    let mut bench = Bench::new(config(), false);
    assert_eq!(bench.session.poll_deadline(), Some(bench.now + second));
    bench.session.handle_timeout(bench.now + second);
    assert_eq!(bench.session.poll_close(), Some(End::Deadline));
    bench.session.handle_end(End::Deadline);
    let failed = [MysqlEvent::ConnectFailed(End::Deadline), MysqlEvent::Closed(End::Deadline)];
    assert_eq!(bench.events(), failed);

    let mut bench = Bench::ready();
    assert_eq!(bench.session.poll_deadline(), Some(bench.now + 300 * second));
    bench.now += 200 * second;
    bench.asks();
    assert_eq!(bench.session.poll_deadline(), Some(bench.now + 3600 * second));
    bench.session.handle_timeout(bench.now + 3599 * second);
    assert_eq!(bench.session.poll_close(), None);
    bench.session.handle_timeout(bench.now + 3600 * second);
    assert_eq!(bench.session.poll_close(), Some(End::Deadline));
}

#[test]
fn a_session_takes_leave_of_a_server_that_waits() {
    let mut bench = Bench::ready();
    bench.session.quit();
    assert_eq!(bench.sends(), packet(0, b"\x01"));
    assert_eq!(bench.session.poll_close(), Some(End::Local));
}

#[test]
fn an_error_before_the_greeting_has_no_state() {
    let mut bench = Bench::new(config(), false);
    bench.takes(&packet(0, b"\xff\x10\x04Too many connections"));
    let message = Bytes::from_static(b"Too many connections");
    assert_eq!(bench.events(), [MysqlEvent::Refused(Refusal { code: 1040, message })]);
}

#[test]
fn a_result_costs_as_much_as_it_is_long_in_any_pieces() {
    let id = column("id", 0xFD);
    let mut row = vec![0xFE];
    row.extend_from_slice(&(20 * 1024 * 1024_u64).to_le_bytes());
    row.resize(row.len() + 20 * 1024 * 1024, b'x');
    let mut answer = BytesMut::new();
    let mut number = 1;
    for payload in [b"\x01", &id[..], END, &row, END] {
        number = write_packet(&mut answer, number, payload, &[]).wrapping_add(1);
    }
    let mut bench = Bench::ready();
    bench.asks();
    for piece in answer.chunks(1460) {
        bench.takes(piece);
    }
    let events = bench.events();
    let [MysqlEvent::Answer(Answer::Rows(rows))] = &events[..] else { panic!("no rows") };
    assert!(rows.rows == [row]);
}
