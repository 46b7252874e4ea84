//! Workers die and leave; no connection is lost.

use std::time::Duration;

use tether::{
    proto::http1::HeaderBlock,
    server::{Head, Mode},
};

use super::bench::{Hall, until};

#[test]
fn what_a_dead_worker_had_begun_is_a_500_and_the_rest_is_its_successors() {
    let hall = Hall::new(true, Mode::Session, 1);
    let first = hall.worker(0, 0);
    first.keeps.set(true);
    let (mut one, mut two) = (hall.connect(), hall.connect());
    one.get("/begun");
    until(&[&first], || first.kept.borrow().len() == 1);
    // These lie in its box when it dies.
    one.get("/unbegun");
    two.get("/other");
    drop(first);
    one.expect(&[], "HTTP/1.1 500 Internal Server Error");
    let second = hall.worker(0, 0);
    let got = one.expect(&[&second], "0.0/unbegun;");
    assert!(got.contains("200 OK"), "{got}");
    two.expect(&[&second], "0.0/other;");
    one.get("/again");
    one.expect(&[&second], "0.0/again;");
    let events = second.events();
    assert!(events.contains(&"request /unbegun".to_owned()), "{events:?}");
    assert_eq!(hall.sessions.len(), 2);
}

#[test]
fn the_last_words_of_a_worker_and_its_end_may_come_at_once() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    desk.keeps.set(true);
    let (mut one, mut two) = (hall.connect(), hall.connect());
    one.get("/answered");
    until(&[&desk], || desk.kept.borrow().len() == 1);
    two.get("/begun");
    until(&[&desk], || desk.kept.borrow().len() == 2);
    let threads = hall.gates.pause();
    desk.answer_kept("last words");
    desk.turn();
    drop(desk);
    threads.resume();
    one.expect(&[], "last words");
    two.expect(&[], "HTTP/1.1 500 Internal Server Error");
}

#[test]
fn half_an_answer_is_cut_so_that_the_client_can_tell() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    desk.keeps.set(true);
    let mut peer = hall.connect();
    peer.get("/begun");
    until(&[&desk], || desk.kept.borrow().len() == 1);
    let (id, headers) = (desk.kept.borrow()[0], HeaderBlock::new());
    desk.worker.begin(id, Head { status: 200, reason: None, headers: &headers }).unwrap();
    desk.worker.write(id, b"half").unwrap();
    peer.expect(&[&desk], "half");
    drop(desk);
    let rest = peer.expect_end(&[]);
    assert!(!rest.contains("0\r\n\r\n"), "{rest:?}");
}

#[test]
fn a_worker_that_leaves_hands_its_connections_to_the_next() {
    let hall = Hall::new(false, Mode::Session, 1);
    let old = hall.worker(0, 0);
    let mut peer = hall.connect();
    peer.send("one");
    peer.expect(&[&old], "0.0:one");
    let new = hall.worker(0, 1);
    old.worker.retire(false);
    until(&[&old, &new], || !old.worker.owes());
    peer.send("two");
    peer.expect(&[&old, &new], "0.1:two");
    drop(old);
    peer.send("three");
    peer.expect(&[&new], "0.1:three");
    drop(peer);
    until(&[&new], || new.events().len() == 3);
    assert_eq!(new.events(), ["receive 1 two", "receive 1 three", "close 1 false"]);
}

#[test]
fn a_worker_that_leaves_answers_what_it_has_begun_first() {
    let hall = Hall::new(true, Mode::Session, 1);
    let old = hall.worker(0, 0);
    old.keeps.set(true);
    let mut peer = hall.connect();
    peer.get("/old");
    until(&[&old], || old.kept.borrow().len() == 1);
    let new = hall.worker(0, 1);
    old.worker.retire(false);
    peer.get("/new");
    (0..10).for_each(|_| {
        old.turn();
        new.turn();
    });
    assert!(old.worker.owes());
    assert_eq!(new.events(), Vec::<String>::new(), "answers keep their order");
    old.answer_kept("from the old");
    peer.expect(&[&old, &new], "from the old");
    peer.expect(&[&old, &new], "0.1/new;");
    assert!(!old.worker.owes());
}

#[test]
fn a_server_that_ends_answers_closes_and_refuses() {
    let mut hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    desk.keeps.set(true);
    let (mut idle, mut busy) = (hall.connect(), hall.connect());
    busy.get("/busy");
    until(&[&desk], || desk.kept.borrow().len() == 1 && desk.events().len() == 3);
    hall.gates.stop();
    desk.worker.retire(true);
    idle.expect_end(&[&desk]);
    assert!(desk.worker.owes());
    desk.answer_kept("done");
    let got = busy.expect_end(&[&desk]);
    assert!(got.contains("Connection: close") && got.ends_with("done"), "{got}");
    assert!(!desk.worker.owes());
    drop(desk);
    drop((idle, busy));
    hall.gates.finish(Duration::from_secs(5));
    assert!(hall.sessions.is_empty());
    assert!(std::net::TcpStream::connect(hall.address).is_err());
}

#[test]
fn threads_stand_still_for_a_fork_and_name_their_descriptors() {
    let hall = Hall::new(false, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    until(&[&desk], || desk.events() == ["connect 1"]);
    // A listener, a connection, a link, the door and the poll.
    let paused = hall.gates.pause();
    peer.send("x");
    (0..5).for_each(|_| desk.turn());
    assert_eq!(desk.events(), ["connect 1"]);
    assert_eq!(paused.descriptors().len(), 5);
    paused.resume();
    peer.expect(&[&desk], "0.0:x");
}
