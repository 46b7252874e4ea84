//! The load for what wrk can not do: exact numbers of requests on one connection, a raw echo, and
//! connections that stay idle. Loopback only.
//!
//! `load requests PORT N PATH`, `load pipeline PORT N` (N batches of 16), `load echo PORT N`,
//! `load echoes PORT CONNECTIONS SECONDS` (prints the number of echoes), `load crowd PORT CONNECTIONS
//! SECONDS IDLE` (the same beside IDLE connections that stand: prints a line when they do, and waits for
//! one before the echoes and before its end), `load idle PORT N` (one exchange on each of N
//! connections, prints a line, stays until its input ends).
//! `%` in a PATH stands for the number of the request.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring tool: it may end at the first surprise"
)]

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

const PIPELINE: usize = 16;
const ECHO: [u8; 64] = [b'x'; 64];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let port: u16 = words[1].parse().unwrap();
    let count: u64 = words[2].parse().unwrap();
    match words[0].as_str() {
        "requests" => {
            let mut peer = Peer::connect(port);
            for number in 0..count {
                peer.send(&request(&words[3].replace('%', &number.to_string())));
                peer.answers(1);
            }
        }
        "pipeline" => {
            let mut peer = Peer::connect(port);
            let batch = request("/").repeat(PIPELINE);
            for _ in 0..count {
                peer.send(&batch);
                peer.answers(PIPELINE);
            }
        }
        "echo" => {
            let mut peer = Peer::connect(port);
            for _ in 0..count {
                peer.send(&ECHO);
                peer.echo();
            }
        }
        "echoes" => {
            println!("{}", echoes(port, count, words[3].parse().unwrap()));
        }
        "crowd" => {
            let mut crowd: Vec<Peer> = Vec::new();
            for _ in 0..words[4].parse().unwrap() {
                let mut peer = Peer::connect(port);
                peer.send(&ECHO);
                peer.echo();
                crowd.push(peer);
            }
            println!("{}", crowd.len());
            wait_for_line();
            println!("{}", echoes(port, count, words[3].parse().unwrap()));
            wait_for_line();
        }
        "idle" => {
            let mut peers = Vec::new();
            for _ in 0..count {
                let mut peer = Peer::connect(port);
                peer.send(&request("/"));
                peer.answers(1);
                peers.push(peer);
            }
            println!("{}", peers.len());
            let _ = std::io::stdin().read(&mut [0]);
        }
        other => panic!("no such load: {other}"),
    }
}

fn echoes(port: u16, connections: u64, seconds: u64) -> u64 {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut peers: Vec<Peer> = (0..connections).map(|_| Peer::connect(port)).collect();
    let mut echoes = 0;
    while Instant::now() < until {
        peers.iter_mut().for_each(|peer| peer.send(&ECHO));
        peers.iter_mut().for_each(Peer::echo);
        echoes += connections;
    }
    echoes
}

fn wait_for_line() {
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\n\r\n").into_bytes()
}

struct Peer {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Peer {
    fn connect(port: u16) -> Peer {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Peer { stream, input: Vec::new() }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    fn more(&mut self) {
        let mut buffer = [0; 16384];
        let received = self.stream.read(&mut buffer).unwrap();
        assert!(received > 0, "the server closed");
        self.input.extend_from_slice(&buffer[..received]);
    }

    fn echo(&mut self) {
        while self.input.len() < ECHO.len() {
            self.more();
        }
        self.input.clear();
    }

    /// Reads so many answers; every one has a length and status 200.
    fn answers(&mut self, count: usize) {
        let mut start = 0;
        for _ in 0..count {
            let end = loop {
                if let Some(end) = answer_length(&self.input[start..])
                    && start + end <= self.input.len()
                {
                    break end;
                }
                self.more();
            };
            start += end;
        }
        self.input.drain(..start);
    }
}

/// The length of the first answer, head and body, as soon as its head is there.
fn answer_length(input: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(input).unwrap() else { return None };
    assert_eq!(answer.code, Some(200));
    let length = answer.headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-length"));
    Some(head + std::str::from_utf8(length.unwrap().value).unwrap().parse::<usize>().unwrap())
}
