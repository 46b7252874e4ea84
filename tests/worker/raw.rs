//! Raw connections and the commands on sessions.

use std::{cell::RefCell, rc::Rc};

use tether::{
    proto::framing::Rule,
    server::{PortConfig, SessionError, Speaks},
};

use super::bench::{Bench, port, speaking, with_port};

#[test]
fn what_is_sent_back_arrives() {
    let bench = Bench::raw();
    let mut peer = bench.accept();
    peer.send("hello");
    bench.fill(&mut peer, 5);
    assert_eq!(peer.text(), "hello");
    peer.half_close();
    bench.to_end(&mut peer);
    assert_eq!(bench.closed(), [(1, false)]);
    let totals = bench.stats.totals();
    assert_eq!((totals.accept_count, totals.close_count, totals.request_count), (1, 1, 1));
}

#[test]
fn another_session_can_be_sent_to() {
    let bench = Bench {
        on_receive: Box::new(|bench, session, data| {
            bench.worker.send(3 - session, data).unwrap();
        }),
        ..Bench::raw()
    };
    let (mut one, mut two) = (bench.accept(), bench.accept());
    one.send("from one");
    bench.fill(&mut two, 8);
    two.send("from two");
    bench.fill(&mut one, 8);
    assert_eq!((one.text(), two.text()), ("from two".into(), "from one".into()));
    let mut sessions = bench.worker.sessions();
    sessions.sort_unstable();
    assert_eq!(sessions, [1, 2]);
}

#[test]
fn a_close_in_a_callback_sends_what_is_queued_first() {
    let bench = Bench {
        on_receive: Box::new(|bench, session, _| {
            bench.worker.send(session, b"last words").unwrap();
            assert_eq!(bench.closed(), []);
            bench.worker.close(session, false, bench).unwrap();
            assert_eq!(bench.closed(), [(session, true)], "onClose runs inside close");
            let again = bench.worker.close(session, false, bench);
            assert_eq!(again, Err(SessionError::Closing));
            assert_eq!(bench.worker.send(session, b"x"), Err(SessionError::Closing));
        }),
        on_close: Box::new(|bench, session, _| {
            assert!(!bench.worker.exists(session));
            let info = bench.worker.info(session).unwrap();
            assert_eq!((info.port, info.active), (0, false));
            assert_eq!(bench.worker.close(session, true, bench), Err(SessionError::Closing));
        }),
        ..Bench::raw()
    };
    let mut peer = bench.accept();
    assert!(bench.worker.exists(1) && !bench.worker.exists(2));
    assert_eq!(bench.worker.info(1).unwrap().peer, peer.socket.local_addr().ok());
    peer.send("x");
    assert_eq!(bench.to_end(&mut peer), "last words");
    assert_eq!(peer.end, Some(Ok(())));
    drop(peer);
    bench.until(|| bench.worker.connection_count() == 0);
    assert_eq!(bench.worker.close(1, false, &bench), Err(SessionError::NotExist));
    assert_eq!(bench.worker.send(1, b""), Err(SessionError::NotExist));
    assert!(bench.worker.info(1).is_none());
    assert!(bench.reactor.timers().borrow().is_empty());
}

#[test]
fn a_reset_drops_what_is_queued() {
    let bench = Bench {
        on_receive: Box::new(|bench, session, _| {
            bench.worker.send(session, b"never seen").unwrap();
            bench.worker.close(session, true, bench).unwrap();
            assert!(bench.worker.info(session).is_none());
        }),
        ..Bench::raw()
    };
    let mut peer = bench.accept();
    peer.send("x");
    assert_eq!(bench.to_end(&mut peer), "");
    assert_eq!(bench.closed(), [(1, true)]);
    assert!(bench.reactor.timers().borrow().is_empty());
}

#[test]
fn a_lingering_connection_is_not_kept_for_ever() {
    let bench = Bench::raw();
    let mut peer = bench.accept();
    bench.worker.close(1, false, &bench).unwrap();
    assert_eq!(bench.to_end(&mut peer), "");
    assert_eq!(bench.worker.connection_count(), 1);
    bench.until(|| bench.worker.connection_count() == 0);
    assert!(bench.reactor.timers().borrow().is_empty());
    assert_eq!(bench.closed(), [(1, true)]);
}

#[test]
fn more_than_may_wait_is_refused() {
    let bench = Bench::with(with_port(PortConfig {
        speaks: Speaks::Raw,
        socket_buffer_size: 10,
        ..port()
    }));
    let mut peer = bench.accept();
    bench.worker.send(1, b"12345678").unwrap();
    assert_eq!(bench.worker.send(1, b"abc"), Err(SessionError::Overflow));
    bench.worker.send(1, b"90").unwrap();
    bench.fill(&mut peer, 10);
    assert_eq!(peer.text(), "1234567890");
}

#[test]
fn connections_beyond_the_limit_are_closed_at_once() {
    let bench = Bench::with_most(2, speaking(Speaks::Raw));
    let (mut one, two) = (bench.accept(), bench.accept());
    let mut three = bench.connect();
    bench.to_end(&mut three);
    assert_eq!(bench.connected.borrow().len(), 2);
    drop(two);
    bench.until(|| bench.worker.connection_count() == 1);
    let mut four = bench.accept();
    four.send("four");
    bench.fill(&mut four, 4);
    one.send("one");
    bench.fill(&mut one, 3);
}

#[test]
fn packets_are_delivered_whole_however_they_come() {
    let rule = Rule::length(b'n', 0, 2).unwrap();
    let wire = b"\0\x05first\0\0\0\x06second";
    let whole: [&[u8]; 3] = [b"\0\x05first", b"\0\0", b"\0\x06second"];
    let got = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&got);
    let bench = Bench {
        on_receive: Box::new(move |_, _, data| seen.borrow_mut().push(data.to_vec())),
        ..Bench::with(speaking(Speaks::Packets(rule)))
    };
    for cut in 1..wire.len() {
        let mut peer = bench.accept();
        got.borrow_mut().clear();
        peer.send(&wire[..cut]);
        bench.until(|| bench.stats.totals().connection_num > 0);
        bench.turns(2);
        peer.send(&wire[cut..]);
        bench.until(|| got.borrow().len() == whole.len());
        assert_eq!(*got.borrow(), whole, "cut at {cut}");
    }
}

#[test]
fn a_broken_packet_ends_its_connection_after_what_was_queued() {
    let bench = Bench {
        on_receive: Box::new(|bench, session, data| bench.worker.send(session, data).unwrap()),
        ..Bench::with(speaking(Speaks::Packets(Rule::length(b'n', 0, 0).unwrap())))
    };
    let mut peer = bench.accept();
    peer.send(b"\0\x03x\0\x01more");
    assert_eq!(bench.to_end(&mut peer), "\0\x03x");
    assert_eq!(bench.closed(), [(1, false)]);
}
