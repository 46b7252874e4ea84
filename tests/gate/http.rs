//! Requests go over a link and their answers come back.

use tether::server::Mode;

use super::bench::{Hall, Peer, WINDOW, until};

#[test]
fn a_connection_has_its_worker_and_its_answers_their_order() {
    let hall = Hall::http();
    let (even, odd) = (hall.worker(0, 0), hall.worker(1, 0));
    let (mut one, mut two) = (hall.connect(), hall.connect());
    for round in 0..3 {
        one.get(&format!("/a{round}"));
        one.get(&format!("/b{round}"));
        two.get("/c");
        let got = one.expect(&[&even, &odd], &format!("/b{round};"));
        let first = got.find(&format!("/a{round};")).unwrap();
        assert!(first < got.find(&format!("/b{round};")).unwrap());
        two.expect(&[&even, &odd], "/c;");
    }
    let all = [even.events(), odd.events()];
    let served = |text: &str| all.iter().map(|l| l.iter().any(|e| e == text)).collect::<Vec<_>>();
    assert_eq!(served("request /a0"), served("request /a2"));
    assert_ne!(served("connect 1"), served("connect 2"));
    assert_eq!(hall.stats.totals().accept_count, 2);
}

#[test]
fn bodies_arrive_whole_however_they_come() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    let upload = "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab";
    for byte in upload.chars() {
        peer.send(&byte.to_string());
        desk.turn();
    }
    assert_eq!(desk.events(), ["connect 1"]);
    peer.send("cdef");
    peer.expect(&[&desk], "0.0/upabcdef;");
    peer.send("POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    desk.turn();
    peer.send("4\r\ndefg\r\n0\r\n\r\n");
    peer.expect(&[&desk], "0.0/chunksabcdefg;");
    peer.send("POST /go HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    peer.expect(&[&desk], "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("ok");
    peer.expect(&[&desk], "0.0/gook;");
}

#[test]
fn what_can_not_be_read_is_refused_behind_the_answers_that_are_owed() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    desk.keeps.set(true);
    let mut peer = hall.connect();
    peer.get("/good");
    peer.send("NONSENSE\r\n\r\n");
    until(&[&desk], || !desk.kept.borrow().is_empty());
    (0..5).for_each(|_| desk.turn());
    peer.read();
    assert_eq!(peer.got, "");
    desk.answer_kept("fine");
    let got = peer.expect_end(&[&desk]);
    assert!(got.contains("200 OK") && got.contains("fine"), "{got}");
    assert!(got.find("fine").unwrap() < got.find("HTTP/1.1 400").unwrap(), "{got}");
    until(&[&desk], || desk.events().last().unwrap() == "close 1 true");
    until(&[], || hall.sessions.is_empty());
    assert_eq!(desk.worker.connection_count(), 0);
}

#[test]
fn a_client_that_asks_for_the_end_gets_it_and_so_does_its_worker() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    peer.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let got = peer.expect_end(&[&desk]);
    assert!(got.ends_with("0.0/;"), "{got}");
    assert_eq!(desk.events(), ["connect 1", "request /", "close 1 true"]);
    // One that says all and shuts its side is answered too.
    let mut peer = hall.connect();
    peer.get("/half");
    peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
    let got = peer.expect_end(&[&desk]);
    assert!(got.ends_with("0.0/half;"), "{got}");
    assert_eq!(desk.events().last().unwrap(), "close 2 false");
    drop(peer);
    until(&[&desk], || hall.sessions.is_empty());
    assert_eq!(desk.worker.connection_count(), 0);
}

#[test]
fn a_slow_reader_costs_a_window_in_the_thread_and_the_rest_waits_in_the_worker() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    desk.keeps.set(true);
    let mut peer = hall.connect();
    peer.get("/big");
    until(&[&desk], || !desk.kept.borrow().is_empty());
    let id = desk.kept.borrow()[0];
    let size = 24 << 20;
    desk.answer_kept(&"x".repeat(size));
    (0..50).for_each(|_| desk.turn());
    let queued = desk.worker.queued(id);
    assert!(queued > size / 2 && queued < size - WINDOW, "{queued}");
    until(&[&desk], || {
        peer.read();
        desk.worker.queued(id) == 0 && peer.got.len() > size && peer.got.ends_with('x')
    });
    until(&[&desk], || {
        peer.read();
        peer.got.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() == size)
    });
    next(&mut peer, &desk);
}

fn next(peer: &mut Peer, desk: &super::bench::Desk) {
    peer.got.clear();
    desk.keeps.set(false);
    peer.get("/next");
    peer.expect(&[desk], "/next;");
}

#[test]
fn a_file_is_sent_in_its_place() {
    use std::io::Write;
    use tether::{proto::http1::HeaderBlock, server::Head};
    let path = std::env::temp_dir().join(format!("tether-gate-{}", std::process::id()));
    std::fs::File::create(&path)
        .unwrap()
        .write_all("0123456789".repeat(30_000).as_bytes())
        .unwrap();
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    desk.keeps.set(true);
    let mut peer = hall.connect();
    peer.get("/file");
    until(&[&desk], || !desk.kept.borrow().is_empty());
    let (file, headers) = (std::fs::File::open(&path).unwrap(), HeaderBlock::new());
    std::fs::remove_file(&path).unwrap();
    let head = Head { status: 200, reason: None, headers: &headers };
    let id = desk.kept.borrow()[0];
    desk.worker.respond_file(id, head, file, 5, 299_990).unwrap();
    let got = peer.expect(&[&desk], "\r\n\r\n56789");
    assert!(got.contains("Content-Length: 299990"), "{got}");
    until(&[&desk], || {
        peer.read();
        peer.got.len() == 299_985
    });
    assert!(peer.got.ends_with(
        "56789\
01234"
    ));
    next(&mut peer, &desk);
}

#[test]
fn a_round_gives_each_worker_its_turn_and_a_busy_one_is_passed_over() {
    let hall = Hall::new(true, Mode::RoundRobin, 2);
    let (one, two) = (hall.worker(0, 0), hall.worker(1, 0));
    let mut peer = hall.connect();
    let mut names = Vec::new();
    for _ in 0..4 {
        peer.get("/");
        let got = peer.expect(&[&one, &two], "/;");
        names.push(got[got.len() - 5..].to_owned());
    }
    assert_eq!(names, ["0.0/;", "1.0/;", "0.0/;", "1.0/;"]);
    assert_eq!(one.events(), ["request /", "request /"], "no connect and no close");
    drop(peer);
    until(&[&one, &two], || one.worker.connection_count() + two.worker.connection_count() == 0);
    assert_eq!(one.events().len() + two.events().len(), 4);

    let hall = Hall::new(true, Mode::Idle, 2);
    let (one, two) = (hall.worker(0, 0), hall.worker(1, 0));
    let (mut a, mut b) = (hall.connect(), hall.connect());
    one.keeps.set(true);
    two.keeps.set(true);
    a.get("/slow");
    until(&[&one, &two], || one.kept.borrow().len() + two.kept.borrow().len() == 1);
    let (busy, free) = if one.kept.borrow().is_empty() { (&two, &one) } else { (&one, &two) };
    free.keeps.set(false);
    for _ in 0..3 {
        b.get("/fast");
        b.expect(&[busy, free], "/fast;");
    }
    busy.answer_kept("at last");
    a.expect(&[busy, free], "at last");
}

#[test]
fn a_head_that_does_not_come_to_its_end_is_not_waited_for() {
    let hall = Hall::new(true, Mode::Session, 1);
    let desk = hall.worker(0, 0);
    let mut peer = hall.connect();
    peer.send("GET / HT");
    let got = peer.expect_end(&[&desk]);
    assert!(got.starts_with("HTTP/1.1 408"), "{got}");
    until(&[&desk], || desk.events() == ["connect 1", "close 1 true"]);
}
