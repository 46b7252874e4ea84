//! The end of a worker: retiring, recycling, and processes that stop in a hook.

use std::cell::Cell;

use tether::server::{AnswerError, WorkerConfig};

use super::bench::{Bench, config, get, gets, numbers};

/// The next worker in a bench's place, and what was given away, taken over.
fn successor(bench: &Bench) -> Bench {
    let next = Bench::sharing(bench.sessions.clone(), WorkerConfig { owner: 1, ..config() });
    let given = bench.given.replace(Some(Vec::new()));
    for parcel in given.unwrap_or_default() {
        next.worker.take_over(parcel, &next);
    }
    next
}

#[test]
fn a_retiring_worker_gives_idle_connections_away() {
    let bench = Bench::http();
    bench.given.replace(Some(Vec::new()));
    let (mut peer, mut quiet) = (bench.accept(), bench.accept());
    peer.send(get("/before"));
    assert_eq!(bench.bodies(&mut peer, 1), ["/before"]);
    quiet.send("GET /half HT");
    bench.turns(2);
    bench.worker.retire(false);
    bench.turns(1);
    assert_eq!((bench.worker.connection_count(), bench.worker.given_away()), (0, 2));
    assert!(std::net::TcpStream::connect(bench.address).is_err(), "it accepts no more");
    assert!(bench.sessions.iter().all(|row| row.is_moving() && row.opening.owner == 0));
    peer.send(get("/after"));
    let next = successor(&bench);
    quiet.send("TP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(next.bodies(&mut peer, 2), ["/before", "/after"]);
    assert_eq!(next.bodies(&mut quiet, 1), ["/half"]);
    assert!(!peer.text().contains("close") && next.connected.borrow().is_empty());
    assert!(next.sessions.iter().all(|row| !row.is_moving() && row.opening.owner == 1));
    assert_eq!((bench.stats.totals().accept_count, next.stats.totals().accept_count), (0, 2));
    // Without anybody to take them they end.
    next.worker.retire(true);
    assert_eq!(next.to_end(&mut quiet).matches("HTTP").count(), 1);
    next.to_end(&mut peer);
    assert_eq!((bench.closed(), next.closed()), (vec![], vec![(1, true), (2, true)]));
    drop((peer, quiet));
    next.until(|| next.sessions.is_empty());
}

#[test]
fn a_connection_is_given_away_when_its_exchange_is_over_and_begins_no_other() {
    let bench = Bench::keeping();
    bench.given.replace(Some(Vec::new()));
    let (mut peer, mut gone) = (bench.accept(), bench.accept());
    peer.send(gets(0..2));
    gone.send(get("/left"));
    bench.until(|| bench.kept.borrow().len() == 3);
    bench.worker.retire(false);
    peer.send(get("/2"));
    gone.half_close();
    bench.turns(3);
    assert_eq!((bench.worker.connection_count(), bench.kept.borrow().len()), (2, 3));
    for id in bench.kept.take() {
        bench.respond(id, 200, b"kept").unwrap();
    }
    bench.to_end(&mut gone);
    bench.until(|| bench.worker.given_away() == 1);
    assert_eq!(bench.closed(), [(2, false)]);
    let next = successor(&bench);
    assert_eq!(next.bodies(&mut peer, 3), ["kept", "kept", "/2"]);
}

#[test]
fn a_connection_that_cannot_go_now_is_tried_again() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    bench.worker.retire(false);
    peer.send(get("/waits"));
    bench.turns(5);
    assert_eq!(bench.worker.given_away(), 0);
    assert!(bench.sessions.iter().all(|row| !row.is_moving()));
    bench.given.replace(Some(Vec::new()));
    bench.until(|| bench.worker.given_away() == 1);
    assert_eq!(successor(&bench).bodies(&mut peer, 1), ["/waits"]);
}

#[test]
fn a_connection_that_is_lost_on_its_way_has_ended() {
    let bench = Bench::http();
    bench.given.replace(Some(Vec::new()));
    let mut peer = bench.accept();
    bench.worker.retire(false);
    bench.turns(2);
    for parcel in bench.given.borrow_mut().iter_mut().flatten() {
        parcel.socket = None;
    }
    let next = successor(&bench);
    assert_eq!((next.to_end(&mut peer), next.closed()), (String::new(), vec![(1, false)]));
    assert!(bench.sessions.is_empty());
    assert_eq!(next.stats.totals().connection_num, 0);
}

#[test]
fn what_a_program_said_of_a_connection_goes_with_it() {
    let config = WorkerConfig { delay_receive: true, ..config() };
    let bench = Bench::with(config);
    bench.given.replace(Some(Vec::new()));
    let (mut unconfirmed, mut paused) = (bench.accept(), bench.accept());
    bench.worker.confirm(2).unwrap();
    bench.worker.pause(2).unwrap();
    bench.worker.retire(false);
    bench.turns(2);
    let next = successor(&bench);
    unconfirmed.send(get("/unconfirmed"));
    paused.send(get("/paused"));
    next.turns(5);
    unconfirmed.read();
    assert!(unconfirmed.got.is_empty());
    assert_eq!(next.worker.confirm(1), Ok(true));
    next.worker.resume(2).unwrap();
    assert_eq!(next.bodies(&mut unconfirmed, 1), ["/unconfirmed"]);
    assert_eq!(next.bodies(&mut paused, 1), ["/paused"]);
}

#[test]
fn a_retiring_worker_keeps_raw_connections_until_there_is_no_more_time() {
    let bench = Bench::raw();
    bench.given.replace(Some(Vec::new()));
    let mut peer = bench.accept();
    bench.worker.retire(false);
    peer.send("still here");
    bench.fill(&mut peer, 10);
    assert_eq!((bench.worker.given_away(), bench.closed()), (0, vec![]));
    bench.worker.end_rest(&bench);
    assert_eq!((bench.to_end(&mut peer), bench.closed()), ("still here".into(), vec![(1, true)]));
    assert_eq!(bench.worker.cut(), 1);
}

#[test]
fn a_retiring_worker_answers_what_had_arrived() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    peer.send(get("/arrived"));
    assert!(!bench.worker.owes());
    bench.worker.retire(true);
    assert!(bench.worker.owes(), "what has arrived is looked at first");
    bench.to_end(&mut peer);
    assert!(!bench.worker.owes());
    let answers = peer.answers();
    assert_eq!(answers[0].1, "/arrived");
    assert!(answers[0].0.contains("Connection: close"));
}

#[test]
fn a_retiring_worker_waits_for_the_rest_of_a_request() {
    let bench = Bench::http();
    let (mut head, mut body) = (bench.accept(), bench.accept());
    head.send("GET /head HT");
    body.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo");
    bench.turns(3);
    bench.worker.retire(true);
    bench.turns(3);
    head.send("TP/1.1\r\nHost: x\r\n\r\n");
    body.send("dy");
    assert!(bench.to_end(&mut head).ends_with("/head"));
    assert!(bench.to_end(&mut body).ends_with("/body"));
}

#[test]
fn a_retiring_worker_answers_a_whole_pipeline() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..3));
    bench.until(|| bench.kept.borrow().len() == 3);
    bench.worker.retire(true);
    for index in 0..3 {
        bench.turns(2);
        bench.respond(bench.kept(index), 200, format!("/{index}").as_bytes()).unwrap();
    }
    bench.to_end(&mut peer);
    let bodies: Vec<_> = peer.answers().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, numbers(0..3));
    assert_eq!(peer.text().matches("Connection: close").count(), 1);
}

#[test]
fn an_idle_raw_connection_is_closed_by_a_retiring_worker() {
    let bench = Bench::raw();
    let mut peer = bench.accept();
    bench.turns(2);
    peer.send("late");
    bench.worker.retire(true);
    assert_eq!(bench.to_end(&mut peer), "late");
    assert_eq!(peer.end, Some(Ok(())));
    assert_eq!(bench.closed(), [(1, true)]);
}

#[test]
fn nothing_is_taken_behind_an_answer_that_closes() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..2));
    bench.until(|| bench.kept.borrow().len() == 2);
    let mut headers = tether::proto::http1::HeaderBlock::new();
    headers.set(b"Connection", b"close", false).unwrap();
    let head = tether::server::Head { status: 200, reason: None, headers: &headers };
    bench.worker.respond(bench.kept(1), head, b"last").unwrap();
    peer.send(get("/behind"));
    bench.turns(3);
    assert_eq!(bench.kept.borrow().len(), 2);
    bench.respond(bench.kept(0), 200, b"first").unwrap();
    bench.to_end(&mut peer);
    let bodies: Vec<_> = peer.answers().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, ["first", "last"]);
}

#[test]
fn a_worker_that_served_its_requests_asks_for_its_successor_once() {
    let bench = Bench::with(WorkerConfig { max_request: 3, ..config() });
    let mut peer = bench.accept();
    peer.send(gets(0..2));
    bench.bodies(&mut peer, 2);
    assert!(!bench.worker.poll_recycle());
    peer.send(gets(2..4));
    bench.bodies(&mut peer, 4);
    assert!(bench.worker.poll_recycle());
    assert!(!bench.worker.poll_recycle());
}

#[test]
fn a_stopped_process_sends_what_is_finished_and_calls_no_hook() {
    let bench = Bench {
        on_request: Box::new(|bench, id, request| {
            if request.path() == b"/2" {
                bench.stopped.set(true);
            } else {
                bench.respond(id, 200, request.path()).unwrap();
            }
        }),
        ..Bench::http()
    };
    let mut peer = bench.accept();
    peer.send(gets(0..5));
    bench.until(|| bench.stopped.get());
    bench.worker.flush(&bench);
    assert_eq!(bench.bodies(&mut peer, 2), numbers(0..2));
    assert_eq!(bench.worker.served(), 3);
}

#[test]
fn a_stopped_process_hears_of_no_close() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(get("/").replace("Host", "Connection: close\r\nHost"));
    bench.until(|| bench.kept.borrow().len() == 1);
    bench.stopped.set(true);
    bench.respond(bench.kept(0), 200, b"end").unwrap();
    bench.worker.flush(&bench);
    assert!(bench.to_end(&mut peer).ends_with("end"));
    assert_eq!(bench.closed(), []);
}

#[test]
fn a_hook_may_close_every_connection() {
    let calls = Cell::new(0);
    let bench = Bench {
        on_request: Box::new(move |bench, id, _| {
            calls.set(calls.get() + 1);
            for session in bench.worker.sessions() {
                bench.worker.close(session, calls.get() == 1, bench).unwrap();
            }
            assert_eq!(bench.respond(id, 200, b""), Err(AnswerError::Gone));
        }),
        ..Bench::http()
    };
    let (mut one, mut two) = (bench.accept(), bench.accept());
    one.send(gets(0..3));
    two.send(gets(0..3));
    bench.to_end(&mut one);
    bench.to_end(&mut two);
    assert_eq!((bench.worker.served(), bench.closed().len()), (1, 2));
    assert_eq!(bench.worker.connection_count(), 0);
}
