//! More than fits: long pipelines, peers that do not read, connections that never wake by themselves.

use std::{cell::Cell, net::TcpStream, rc::Rc, time::Duration};

use socket2::{Domain, Socket, Type};
use tether::{
    proto::http1::Request,
    reactor::monotonic,
    server::{ExchangeId, Flags, PortConfig, SessionError, Speaks, WatchConfig, WorkerConfig},
};

use super::bench::{Bench, Peer, config, get, gets, numbers, port, speaking, with_port};

/// Answers with the path and so many bytes.
fn padded(size: usize) -> Bench {
    let pad = "x".repeat(size);
    Bench {
        on_request: Box::new(move |bench, id, request| {
            let body = [request.path(), b" ", pad.as_bytes()].concat();
            bench.respond(id, 200, &body).unwrap();
        }),
        ..Bench::http()
    }
}

fn paths(bodies: Vec<String>) -> Vec<String> {
    bodies.iter().map(|body| body.split(' ').next().unwrap().to_owned()).collect()
}

/// A peer whose receive buffer is small.
fn narrow(bench: &Bench) -> Peer {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&bench.address.into()).unwrap();
    Peer::new(TcpStream::from(socket))
}

#[test]
fn a_long_pipeline_that_came_at_once_is_answered_to_its_end() {
    let bench = padded(1000);
    let mut peer = bench.accept();
    peer.send(gets(0..1000));
    assert_eq!(paths(bench.bodies(&mut peer, 1000)), numbers(0..1000));
}

#[test]
fn a_long_pipeline_goes_on_when_its_answers_come_late() {
    let bench = Bench::keeping();
    let mut peer = bench.accept();
    peer.send(gets(0..200));
    let mut answered = 0;
    while answered < 200 {
        bench.until(|| bench.kept.borrow().len() == (answered + 64).min(200));
        bench.turns(2);
        let kept = bench.kept.borrow().len();
        assert!(kept - answered <= 64, "more than the cap are under way");
        for index in answered..kept {
            bench.respond(bench.kept(index), 200, format!("/{index}").as_bytes()).unwrap();
        }
        answered = kept;
    }
    assert_eq!(bench.bodies(&mut peer, 200), numbers(0..200));
}

#[test]
fn a_peer_that_reads_nothing_stops_being_served_until_it_reads() {
    let bench = padded(64 * 1024);
    let mut peer = narrow(&bench);
    peer.send(gets(0..1000));
    bench.turns(50);
    let served = bench.worker.served();
    bench.turns(20);
    assert_eq!(bench.worker.served(), served);
    assert!(served < 300, "{served}");
    peer.widen();
    assert_eq!(paths(bench.bodies(&mut peer, 1000)), numbers(0..1000));
}

#[test]
fn raw_input_is_read_while_output_waits() {
    let seen = Rc::new(Cell::new(0));
    let count = Rc::clone(&seen);
    let bench = Bench {
        on_receive: Box::new(move |bench, session, data| {
            if count.replace(count.get() + data.len()) == 0 {
                bench.worker.send(session, &[b'y'; 8 * 1024 * 1024]).unwrap();
            }
        }),
        ..Bench::raw()
    };
    let mut peer = narrow(&bench);
    let data = vec![b'x'; 4 * 1024 * 1024];
    let mut sent = 0;
    bench.until(|| {
        sent += peer.push(&data[sent..]);
        seen.get() == data.len()
    });
    peer.widen();
    bench.fill(&mut peer, 8 * 1024 * 1024);
}

#[test]
fn a_peer_that_closes_with_output_waiting_is_let_go() {
    let bench = padded(8 * 1024 * 1024);
    let mut peer = narrow(&bench);
    peer.send(get("/"));
    bench.until(|| bench.worker.served() == 1);
    bench.turns(3);
    drop(peer);
    bench.until(|| bench.worker.connection_count() == 0);
    assert_eq!(bench.closed(), [(1, false)]);
}

#[test]
fn a_hook_may_answer_another_connection_while_output_is_flushed() {
    let waiting: Rc<Cell<Option<ExchangeId>>> = Rc::default();
    let bench = Bench {
        on_request: Box::new(move |bench: &Bench, id: ExchangeId, request: Request| match request
            .path()
        {
            b"/wait" => waiting.set(Some(id)),
            b"/0" => bench.keep(id),
            _ => {
                bench.respond(id, 200, b"now").unwrap();
                if request.path() == b"/64"
                    && let Some(other) = waiting.take()
                {
                    bench.respond(other, 200, b"at last").unwrap();
                }
            }
        }),
        ..Bench::http()
    };
    let (mut one, mut two) = (bench.accept(), bench.accept());
    one.send(get("/wait"));
    two.send(gets(0..65));
    bench.until(|| bench.kept.borrow().len() == 1);
    bench.turns(2);
    bench.respond(bench.kept(0), 200, b"first").unwrap();
    assert_eq!(bench.bodies(&mut two, 65).len(), 65);
    assert_eq!(bench.bodies(&mut one, 1), ["at last"]);
}

#[test]
fn a_closing_connection_whose_peer_never_reads_has_a_deadline() {
    let bench = Bench::raw();
    let peer = narrow(&bench);
    bench.until(|| bench.connected.borrow().len() == 1);
    bench.worker.send(1, &[b'y'; 8 * 1024 * 1024]).unwrap();
    bench.worker.close(1, false, &bench).unwrap();
    bench.turns(5);
    assert_eq!(bench.worker.connection_count(), 1);
    let later = monotonic() + Duration::from_secs(600);
    for _ in 0..2 {
        // The first look finds that something left since the close.
        let due = bench.reactor.timers().borrow_mut().pop_due(later);
        if let Some((_, token)) = due {
            bench.worker.handle_timer(token);
        }
    }
    assert_eq!(bench.worker.connection_count(), 0);
    assert!(bench.reactor.timers().borrow().is_empty());
    drop(peer);
}

#[test]
fn a_large_output_of_a_closing_connection_arrives_whole() {
    let bench = Bench::raw();
    let mut peer = narrow(&bench);
    bench.until(|| bench.connected.borrow().len() == 1);
    bench.worker.send(1, &[b'y'; 8 * 1024 * 1024]).unwrap();
    bench.worker.close(1, false, &bench).unwrap();
    assert_eq!(bench.to_end(&mut peer).len(), 8 * 1024 * 1024);
    drop(peer);
    bench.until(|| bench.worker.connection_count() == 0);
    assert!(bench.reactor.timers().borrow().is_empty());
}

#[test]
fn watermarks_are_told_once_each_way() {
    let bench = Bench {
        on_receive: Box::new(|bench, session, _| {
            bench.worker.send(session, &vec![b'x'; 6 << 20]).unwrap();
        }),
        ..Bench::with(with_port(PortConfig {
            speaks: Speaks::Raw,
            high_watermark: 100_000,
            low_watermark: 1000,
            ..port()
        }))
    };
    let mut peer = bench.accept();
    peer.send("go");
    bench.until(|| !bench.marks.borrow().is_empty());
    assert!(bench.worker.buffered() > 100_000);
    assert_eq!(bench.stats.totals().buffered, bench.worker.buffered() as u64);
    bench.fill(&mut peer, 6 << 20);
    bench.until(|| bench.marks.borrow().len() == 2);
    assert_eq!(*bench.marks.borrow(), [(1, true), (1, false)]);
    assert_eq!(bench.worker.buffered(), 0);
}

#[test]
fn all_connections_together_have_a_budget() {
    let bench = Bench {
        on_receive: Box::new(|bench, session, _| {
            let piece = vec![b'x'; 1 << 20];
            let sent = (0..100).take_while(|_| bench.worker.send(session, &piece).is_ok()).count();
            bench.kept_counts.borrow_mut().push(sent);
        }),
        ..Bench::with(WorkerConfig {
            buffer_total_size: 10 << 20,
            ..with_port(PortConfig { speaks: Speaks::Raw, socket_buffer_size: 8 << 20, ..port() })
        })
    };
    let mut peers = [bench.accept(), bench.accept(), bench.accept()];
    for peer in &mut peers {
        peer.send("go");
        let before = bench.kept_counts.borrow().len();
        bench.until(|| bench.kept_counts.borrow().len() > before);
        bench.turns(2);
        assert!(bench.worker.buffered() <= 10 << 20);
    }
    assert_eq!(bench.kept_counts.borrow()[0], 8, "one connection has its own");
    assert!(bench.kept_counts.borrow()[2] < 8, "{:?}", bench.kept_counts.borrow());
    for peer in peers {
        peer.reset();
    }
    bench.until(|| bench.worker.connection_count() == 0);
    assert_eq!(bench.worker.buffered(), 0);
}

#[test]
fn a_message_that_does_not_fit_the_budget_is_not_waited_for() {
    let bench = Bench::with(WorkerConfig { buffer_total_size: 100_000, ..config() });
    let mut peer = bench.accept();
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
    peer.push(&vec![b'x'; 150_000]);
    assert!(bench.to_end(&mut peer).starts_with("HTTP/1.1 503 "), "{}", peer.text());
    assert_eq!(bench.worker.served(), 0);
    bench.until(|| bench.worker.connection_count() == 0);
    assert_eq!(bench.worker.buffered(), 0);
}

#[test]
fn a_request_that_trickles_is_given_up() {
    let short = Some(Duration::from_millis(40));
    let watch = WatchConfig { header: short, body: short, ..WatchConfig::default() };
    let bench = Bench::with(WorkerConfig { watch, ..config() });
    let (mut idle, mut head, mut body) = (bench.accept(), bench.accept(), bench.accept());
    idle.send(get("/idle"));
    bench.bodies(&mut idle, 1);
    head.send("GET / HTTP/1.1\r\nHo");
    body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
    assert!(bench.to_end(&mut head).starts_with("HTTP/1.1 408 "), "{}", head.text());
    assert!(bench.to_end(&mut body).starts_with("HTTP/1.1 408 "), "{}", body.text());
    idle.send(get("/again"));
    assert_eq!(bench.bodies(&mut idle, 2), ["/idle", "/again"]);
}

#[test]
fn a_peer_that_takes_no_answer_is_given_up() {
    let watch = WatchConfig { write: Some(Duration::from_millis(40)), ..WatchConfig::default() };
    let bench = Bench {
        on_request: Box::new(|bench, id, _| {
            bench.respond(id, 200, &vec![b'x'; 8 << 20]).unwrap();
        }),
        ..Bench::with(WorkerConfig { watch, ..config() })
    };
    let mut peer = bench.accept();
    peer.send(get("/"));
    bench.until(|| bench.worker.connection_count() == 0);
    assert_eq!(bench.closed(), [(1, false)]);
}

#[test]
fn silence_ends_a_connection_unless_it_is_protected() {
    let beat = Duration::from_millis(40);
    let watch = WatchConfig { heartbeat: Some((beat, beat)), ..WatchConfig::default() };
    let bench = Bench::with(WorkerConfig { watch, ..speaking(Speaks::Raw) });
    let (mut silent, mut kept) = (bench.accept(), bench.accept());
    bench.sessions.mark(2, Flags::PROTECTED, true).unwrap();
    bench.to_end(&mut silent);
    assert_eq!(bench.closed(), [(1, true)]);
    bench.turns(20);
    kept.send("still here");
    bench.fill(&mut kept, 10);
}

#[test]
fn a_paused_connection_is_not_read_and_goes_on_where_it_was() {
    let bench = Bench::raw();
    let mut peer = bench.accept();
    bench.worker.pause(1).unwrap();
    peer.send("one");
    bench.turns(3);
    assert_eq!(bench.worker.served(), 0);
    bench.worker.resume(1).unwrap();
    bench.fill(&mut peer, 3);
    let bench = Bench::with(WorkerConfig { delay_receive: true, ..speaking(Speaks::Raw) });
    let mut peer = bench.accept();
    peer.send("two");
    bench.turns(3);
    assert_eq!(bench.worker.served(), 0);
    assert_eq!(bench.worker.confirm(1), Ok(true));
    assert_eq!(bench.worker.confirm(1), Ok(false));
    bench.fill(&mut peer, 3);
    assert_eq!(bench.worker.pause(9), Err(SessionError::NotExist));
}
