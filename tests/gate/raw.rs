//! Raw connections over a link.

use tether::server::{Mode, SessionError};

use super::bench::{Hall, until};

#[test]
fn a_connection_connects_receives_and_closes_in_this_order() {
    let hall = Hall::raw();
    let (one, two) = (hall.worker(0, 0), hall.worker(1, 0));
    let mut peer = hall.connect();
    peer.send("hello");
    peer.expect(&[&one, &two], "1.0:hello");
    assert!(hall.sessions.exists(1));
    assert_eq!(two.worker.info(1).unwrap().peer, peer.stream.local_addr().ok());
    drop(peer);
    until(&[&one, &two], || two.events().len() == 3);
    assert_eq!(two.events(), ["connect 1", "receive 1 hello", "close 1 false"]);
    assert_eq!(one.events(), Vec::<String>::new());
    until(&[&one, &two], || hall.sessions.is_empty());
    let totals = hall.stats.totals();
    assert_eq!((totals.accept_count, totals.close_count, totals.connection_num), (1, 1, 0));
}

#[test]
fn close_in_the_worker_sends_what_is_queued_and_a_reset_does_not() {
    let hall = Hall::new(false, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    until(&[&desk], || desk.events() == ["connect 1"]);
    desk.worker.send(1, b"last words").unwrap();
    desk.worker.close(1, false, &desk).unwrap();
    assert_eq!(desk.events(), ["connect 1", "close 1 true"], "onClose runs inside close()");
    assert_eq!(desk.worker.send(1, b"more"), Err(SessionError::NotExist));
    assert_eq!(peer.expect_end(&[&desk]), "last words");
    let mut peer = hall.connect();
    until(&[&desk], || desk.events().last().unwrap() == "connect 2");
    desk.worker.close(2, true, &desk).unwrap();
    assert_eq!(peer.expect_end(&[&desk]), "");
    until(&[&desk], || hall.sessions.len() <= 1);
}

#[test]
fn a_budget_holds_though_the_thread_has_some_of_it() {
    let hall = Hall::new(false, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    until(&[&desk], || desk.events() == ["connect 1"]);
    let block = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    let refused = loop {
        match desk.worker.send(1, &block) {
            Ok(()) => sent += block.len(),
            Err(error) => break error,
        }
        (0..3).for_each(|_| desk.turn());
        assert!(sent < 64 << 20, "nothing is refused");
    };
    assert_eq!(refused, SessionError::Overflow);
    until(&[&desk], || {
        peer.read();
        peer.got.len() == sent
    });
    desk.worker.send(1, b"after").unwrap();
    peer.expect(&[&desk], "after");
}
