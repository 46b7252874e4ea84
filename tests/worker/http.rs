//! Requests and answers.

use std::io::{Read, Write};

use tether::{
    proto::{http1::HeaderBlock, limits::Limits},
    server::{AnswerError, Head, PortConfig},
};

use super::bench::{Bench, get, gets, numbers, port, with_port};

#[test]
fn half_a_request_waits_for_its_rest() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    let request = get("/half");
    let (first, rest) = request.split_at(20);
    peer.send(first);
    bench.turns(3);
    assert_eq!(bench.worker.served(), 0);
    peer.send(rest);
    assert_eq!(bench.bodies(&mut peer, 1), ["/half"]);
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    let request =
        "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for byte in request.repeat(2).as_bytes() {
        peer.send([*byte]);
        bench.turn();
    }
    assert_eq!(bench.bodies(&mut peer, 2), ["/slow", "/slow"]);
}

#[test]
fn answers_of_one_packet_leave_together() {
    for count in [2, 16] {
        let bench = Bench::http();
        let mut peer = bench.accept();
        peer.send(gets(0..count));
        bench.until(|| bench.worker.served() == count as u64);
        let mut once = vec![0; 65536];
        let read = peer.socket.read(&mut once).unwrap();
        peer.got.extend_from_slice(&once[..read]);
        let bodies: Vec<_> = peer.answers().into_iter().map(|(_, body)| body).collect();
        assert_eq!(bodies, numbers(0..count));
    }
}

#[test]
fn answers_given_out_of_order_leave_in_order() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..5));
    bench.until(|| bench.kept.borrow().len() == 5);
    for index in [4, 2, 1, 3] {
        bench.respond(bench.kept(index), 200, format!("/{index}").as_bytes()).unwrap();
        bench.turn();
    }
    peer.read();
    assert_eq!(peer.text(), "");
    bench.respond(bench.kept(0), 200, b"/0").unwrap();
    assert_eq!(bench.bodies(&mut peer, 5), numbers(0..5));
    assert_eq!(bench.respond(bench.kept(0), 200, b""), Err(AnswerError::Gone));
}

#[test]
fn a_body_of_a_mebibyte_arrives_whole() {
    let bench = Bench {
        on_request: Box::new(|bench, id, request| {
            let body = request.body();
            assert!(body.iter().enumerate().all(|(n, byte)| *byte == n as u8));
            bench.respond(id, 200, body.len().to_string().as_bytes()).unwrap();
        }),
        ..Bench::http()
    };
    let mut peer = bench.accept();
    let body: Vec<u8> = (0..1 << 20).map(|n: usize| n as u8).collect();
    peer.send(format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len()));
    let mut sent = 0;
    while sent < body.len() {
        sent += peer.push(&body[sent..]);
        bench.turn();
    }
    assert_eq!(bench.bodies(&mut peer, 1), ["1048576"]);
}

#[test]
fn what_can_not_be_taken_is_refused_and_the_connection_closed() {
    let big = "x".repeat(5000);
    let many: String = (0..20).map(|n| format!("a{n}: {big}\r\n")).collect();
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"), "431"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n".into(), "413"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".into(), "400"),
        ("nonsense\r\n\r\n".into(), "400"),
    ] {
        let bench = Bench::http();
        let mut peer = bench.accept();
        peer.send(get("/before") + &request + &get("/after"));
        let text = bench.to_end(&mut peer);
        assert_eq!(peer.end, Some(Ok(())));
        let answers = peer.answers();
        assert_eq!(answers.len(), 2, "{text}");
        assert_eq!(answers[0].1, "/before");
        assert!(answers[1].0.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
        assert!(answers[1].0.contains("Connection: close"));
        assert_eq!(bench.closed(), [(1, true)]);
    }
}

#[test]
fn http_1_0_is_kept_alive_only_when_it_asks() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    peer.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(bench.bodies(&mut peer, 1), ["/a"]);
    peer.send("GET /b HTTP/1.0\r\n\r\n");
    let text = bench.to_end(&mut peer);
    assert_eq!(peer.answers()[1].1, "/b");
    assert!(text.contains("Connection: close"));
}

#[test]
fn an_answer_in_pieces_to_http_1_0_ends_with_the_connection() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    bench.until(|| bench.kept.borrow().len() == 1);
    let id = bench.kept(0);
    bench.begin(id);
    bench.worker.write(id, b"one").unwrap();
    bench.worker.write(id, b"two").unwrap();
    bench.worker.finish(id).unwrap();
    assert!(bench.to_end(&mut peer).ends_with("\r\n\r\nonetwo"));
}

#[test]
fn head_is_answered_without_a_body() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    peer.send("HEAD /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let text = bench.to_end(&mut peer);
    assert!(text.contains("Content-Length: 5\r\n") && text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn an_answer_in_pieces_is_chunked() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..2));
    bench.until(|| bench.kept.borrow().len() == 2);
    let (first, second) = (bench.kept(0), bench.kept(1));
    assert!(bench.worker.is_waiting(second));
    bench.begin(second);
    assert!(!bench.worker.is_waiting(second));
    bench.worker.write(second, b"second").unwrap();
    bench.begin(first);
    bench.worker.write(first, b"first").unwrap();
    bench.turns(2);
    peer.read();
    assert!(peer.text().ends_with("5\r\nfirst\r\n"));
    bench.worker.finish(second).unwrap();
    assert_eq!(bench.worker.write(second, b"late"), Err(AnswerError::Gone));
    bench.worker.write(first, b"").unwrap();
    bench.worker.finish(first).unwrap();
    bench.until(|| {
        peer.read();
        peer.text().ends_with("6\r\nsecond\r\n0\r\n\r\n")
    });
    assert!(peer.text().contains("5\r\nfirst\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
    peer.send(get("/next"));
    bench.until(|| bench.kept.borrow().len() == 3);
    assert_eq!(bench.closed(), []);
}

#[test]
fn an_answer_broken_off_has_no_last_chunk() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(get("/"));
    bench.until(|| bench.kept.borrow().len() == 1);
    let id = bench.kept(0);
    bench.begin(id);
    bench.worker.write(id, b"part").unwrap();
    bench.worker.break_off(id);
    assert!(bench.to_end(&mut peer).ends_with("4\r\npart\r\n"));
    assert_eq!(bench.closed(), [(1, true)]);
}

#[test]
fn a_file_is_sent_between_other_answers() {
    let path = std::env::temp_dir().join(format!("tether-worker-{}", std::process::id()));
    std::fs::File::create(&path).unwrap().write_all(&b"0123456789".repeat(100_000)).unwrap();
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..3));
    bench.until(|| bench.kept.borrow().len() == 3);
    let headers = HeaderBlock::new();
    let head = Head { status: 200, reason: None, headers: &headers };
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    bench.respond(bench.kept(2), 200, b"/2").unwrap();
    bench.worker.respond_file(bench.kept(1), head, file, 5, 900_000).unwrap();
    bench.respond(bench.kept(0), 200, b"/0").unwrap();
    let bodies = bench.bodies(&mut peer, 3);
    assert_eq!((bodies[0].as_str(), bodies[2].as_str()), ("/0", "/2"));
    assert_eq!(bodies[1].len(), 900_000);
    assert!(bodies[1].starts_with("56789012"));
}

#[test]
fn a_file_that_got_shorter_ends_the_connection() {
    let path = std::env::temp_dir().join(format!("tether-worker-short-{}", std::process::id()));
    std::fs::write(&path, b"short").unwrap();
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(get("/"));
    bench.until(|| bench.kept.borrow().len() == 1);
    let headers = HeaderBlock::new();
    let head = Head { status: 200, reason: None, headers: &headers };
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    bench.worker.respond_file(bench.kept(0), head, file, 0, 100).unwrap();
    assert!(bench.to_end(&mut peer).ends_with("short"));
    assert_eq!(bench.closed(), [(1, false)]);
}

#[test]
fn a_client_that_waits_for_100_is_told_to_go_on() {
    let bench = Bench::http();
    let mut peer = bench.accept();
    peer.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    bench.fill(&mut peer, 25);
    assert_eq!(peer.text(), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.got.clear();
    peer.send("body");
    assert_eq!(bench.bodies(&mut peer, 1), ["/e"]);
}

#[test]
fn a_client_that_closed_its_side_still_gets_its_answers() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..2));
    peer.half_close();
    bench.until(|| bench.kept.borrow().len() == 2);
    bench.turns(3);
    assert_eq!(bench.closed(), []);
    bench.respond(bench.kept(1), 200, b"/1").unwrap();
    bench.respond(bench.kept(0), 200, b"/0").unwrap();
    bench.to_end(&mut peer);
    let bodies: Vec<_> = peer.answers().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, numbers(0..2));
    assert_eq!(bench.closed(), [(1, false)]);
    assert_eq!(bench.worker.connection_count(), 0);
}

#[test]
fn a_reset_while_an_answer_is_owed_is_told_once() {
    for request in [get("/"), get("/").replace("Host", "Connection: close\r\nHost")] {
        let bench = Bench::keeping();
        let mut peer = bench.accept();
        peer.send(request);
        bench.until(|| bench.kept.borrow().len() == 1);
        peer.reset();
        bench.until(|| !bench.closed().is_empty());
        assert_eq!(bench.respond(bench.kept(0), 200, b""), Err(AnswerError::Gone));
        bench.turns(3);
        assert_eq!(bench.closed(), [(1, false)]);
        assert_eq!(bench.worker.connection_count(), 0);
    }
}

#[test]
fn a_client_still_sending_reads_the_whole_refusal() {
    let limits = Limits { body: 1000, ..Limits::REQUEST };
    let bench = Bench::with(with_port(PortConfig { limits, ..port() }));
    let mut peer = bench.accept();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n");
    let body = vec![b'x'; 8_000_000];
    let mut sent = 0;
    while sent < body.len() {
        sent += peer.push(&body[sent..]);
        bench.turn();
    }
    bench.to_end(&mut peer);
    assert_eq!(peer.end, Some(Ok(())));
    let answers = peer.answers();
    assert!(answers[0].0.starts_with("HTTP/1.1 413 "));
    assert!(answers[0].1.contains("413"));
    drop(peer);
    bench.until(|| bench.worker.connection_count() == 0);
    assert!(bench.reactor.timers().borrow().is_empty());
}

#[test]
fn a_handler_may_answer_and_close() {
    let bench = Bench {
        on_request: Box::new(|bench, id, _| {
            bench.respond(id, 200, b"bye").unwrap();
            let (session, _) = bench.worker.info_of(id).unwrap();
            bench.worker.close(session, false, bench).unwrap();
            assert_eq!(bench.worker.write(id, b"x"), Err(AnswerError::Gone));
        }),
        ..Bench::http()
    };
    let mut peer = bench.accept();
    peer.send(gets(0..2));
    assert!(bench.to_end(&mut peer).ends_with("bye"));
    assert_eq!((bench.worker.served(), bench.closed()), (1, vec![(1, true)]));
}

#[test]
fn a_100_does_not_get_between_the_pieces_of_an_answer() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(get("/first"));
    bench.until(|| bench.kept.borrow().len() == 1);
    let first = bench.kept(0);
    bench.begin(first);
    bench.worker.write(first, b"one").unwrap();
    peer.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    bench.turns(3);
    bench.worker.write(first, b"two").unwrap();
    bench.worker.finish(first).unwrap();
    let end = "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    bench.until(|| {
        peer.read();
        peer.text().ends_with("Continue\r\n\r\n")
    });
    assert!(peer.text().ends_with(end), "{}", peer.text());
    peer.send("body");
    bench.until(|| bench.kept.borrow().len() == 2);
}
