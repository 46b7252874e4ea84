//! The limit to compare with: an HTTP server on mio and httparse and nothing else, which answers
//! every request with the same text. `limit PORT`, loopback only.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measuring tool: it may end at the first surprise"
)]

use std::io::{ErrorKind, Read, Write};

use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
}

const LISTENER: Token = Token(usize::MAX);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nServer: limit\r\nConnection: keep-alive\r\n\
    Content-Type: text/html\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 12\r\n\r\n\
    Hello World\n";

fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap();
    let mut listener = TcpListener::bind(([127, 0, 0, 1], port).into()).unwrap();
    let mut poll = Poll::new().unwrap();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let mut events = Events::with_capacity(256);
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut output = Vec::with_capacity(65536);
    let mut buffer = vec![0; 65536];
    loop {
        if poll.poll(&mut events, None).is_err() {
            continue;
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    let free = connections.iter().position(Option::is_none);
                    let index = free.unwrap_or(connections.len());
                    let _ = stream.set_nodelay(true);
                    poll.registry()
                        .register(&mut stream, Token(index), Interest::READABLE)
                        .unwrap();
                    let connection = Some(Connection { stream, input: Vec::new() });
                    match free {
                        Some(index) => connections[index] = connection,
                        None => connections.push(connection),
                    }
                }
                continue;
            }
            let place = &mut connections[event.token().0];
            let Some(connection) = place else { continue };
            if !serve(connection, &mut buffer, &mut output) {
                *place = None;
            }
        }
    }
}

/// Answers what has arrived, in one write. `false`: the connection is over.
fn serve(connection: &mut Connection, buffer: &mut [u8], output: &mut Vec<u8>) -> bool {
    loop {
        let received = match connection.stream.read(buffer) {
            Ok(0) => return false,
            Ok(received) => received,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        };
        let fresh = connection.input.is_empty();
        if !fresh {
            connection.input.extend_from_slice(&buffer[..received]);
        }
        let input = if fresh { &buffer[..received] } else { &connection.input[..] };
        let mut consumed = 0;
        output.clear();
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 32];
            let mut request = httparse::Request::new(&mut headers);
            match request.parse(&input[consumed..]) {
                Ok(httparse::Status::Complete(length)) => consumed += length,
                Ok(httparse::Status::Partial) => break,
                Err(_) => return false,
            }
            output.extend_from_slice(ANSWER);
        }
        connection.input = input[consumed..].to_vec();
        if !output.is_empty() && connection.stream.write_all(output).is_err() {
            return false;
        }
        if received < buffer.len() {
            return true;
        }
    }
}
