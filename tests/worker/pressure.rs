//! More than fits: long pipelines, peers that do not read, connections that never wake by themselves.

use std::{cell::Cell, net::TcpStream, rc::Rc, time::Duration};

use socket2::{Domain, Socket, Type};
use tether::{proto::http1::Request, reactor::monotonic, server::ExchangeId};

use super::bench::{Bench, Peer, get, gets, numbers};

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
