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
    assert!(desk.worker.send(1, b"more").is_err());
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

#[test]
fn any_worker_sends_to_any_connection_and_closes_it() {
    let hall = Hall::raw();
    let (one, two) = (hall.worker(0, 0), hall.worker(1, 0));
    let mut peer = hall.connect();
    peer.send("hello");
    peer.expect(&[&one, &two], "1.0:hello");
    one.worker.send(1, b"from the other").unwrap();
    peer.expect(&[&one, &two], "from the other");
    assert_eq!(one.worker.send(7, b"x"), Err(SessionError::NotExist));
    one.worker.close(1, false, &one).unwrap();
    assert_eq!(one.events(), ["close 1 true"]);
    peer.expect_end(&[&one, &two]);
    until(&[&one, &two], || two.worker.connection_count() == 0);
    assert_eq!(two.events(), ["connect 1", "receive 1 hello"], "onClose runs once");
    // One that was only spoken to is forgotten with its end.
    let mut peer = hall.connect();
    peer.send("again");
    peer.expect(&[&one, &two], "0.0:again");
    two.worker.send(2, b"word").unwrap();
    peer.expect(&[&one, &two], "word");
    drop(peer);
    until(&[&one, &two], || one.worker.connection_count() + two.worker.connection_count() == 0);
    assert_eq!(two.events().len(), 2);
}

#[test]
fn packets_are_whole_before_a_worker_gets_them() {
    let hall = Hall::packets(Mode::RoundRobin, 2);
    let (one, two) = (hall.worker(0, 0), hall.worker(1, 0));
    let mut peer = hall.connect();
    for text in ["fir", "st\nsec", "ond\n", "thi"] {
        peer.send(text);
        (0..3).for_each(|_| [&one, &two].iter().for_each(|desk| desk.turn()));
    }
    peer.expect(&[&one, &two], "second\n");
    peer.send("rd\n");
    peer.expect(&[&one, &two], "third\n");
    assert_eq!(one.events(), ["receive 1 first\n", "receive 1 third\n"]);
    assert_eq!(two.events(), ["receive 1 second\n"]);
}

#[test]
fn a_connection_that_is_paused_is_not_read_until_it_resumes() {
    let hall = Hall::new(false, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    until(&[&desk], || desk.events() == ["connect 1"]);
    desk.worker.pause(1).unwrap();
    (0..5).for_each(|_| desk.turn());
    peer.send("later");
    (0..20).for_each(|_| desk.turn());
    assert_eq!(desk.events(), ["connect 1"]);
    desk.worker.resume(1).unwrap();
    peer.expect(&[&desk], "0.0:later");
}
