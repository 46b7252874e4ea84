//! A stream cut anywhere gives what the whole gives.

use bytes::BytesMut;
use tether::proto::http1::{
    Request, RequestDecoder, RequestError, ResponseDecoder, ResponseError, ResponseEvent,
};
use tether::proto::limits::Limits;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Everything that a program can see of a request.
#[derive(Debug, PartialEq)]
struct Seen {
    line: (Vec<u8>, Vec<u8>, Option<Vec<u8>>),
    headers: Pairs,
    body: Vec<u8>,
    keep_alive: bool,
}

fn see(mut request: Request) -> Seen {
    let before = request.clone();
    request.compact();
    assert_eq!(before.head(), request.head());
    assert_eq!(before.body(), request.body());
    Seen {
        line: (
            request.method().to_vec(),
            request.path().to_vec(),
            request.query().map(<[u8]>::to_vec),
        ),
        headers: request.headers().map(|(n, v)| (n.to_vec(), v.to_vec())).collect(),
        body: request.body().to_vec(),
        keep_alive: request.keep_alive(),
    }
}

/// The requests of a stream that arrives in these pieces, the error that ended it, and the rest.
fn requests<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Seen>, Option<RequestError>, Vec<u8>) {
    let limits = Limits { body: 1000, ..Limits::REQUEST };
    let mut decoder = RequestDecoder::new();
    let mut input = BytesMut::new();
    let mut all = Vec::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input, &limits) {
                Ok(Some(request)) => all.push(see(request)),
                Ok(None) => break,
                Err(error) => return (all, Some(error), Vec::new()),
            }
        }
    }
    (all, None, input.to_vec())
}

const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\nGET /a%20b?c=d&e HTTP/1.1\r\nHost: a:80\r\nX:\r\nY:  z \t\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /2? HTTP/1.1\r\nHost: b\r\n\r\n",
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1\r\nHost: c\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://user.example:81?x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\nrest",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naX\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost: a\n\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n fold\r\n\r\n",
];

#[test]
fn requests_cut_anywhere() {
    for wire in REQUESTS {
        let whole = requests([*wire]);
        for at in 0..=wire.len() {
            let (a, b) = wire.split_at(at);
            assert_eq!(requests([a, b]), whole, "cut at {at}: {}", String::from_utf8_lossy(wire));
        }
        let bytes = requests(wire.chunks(1));
        assert_eq!(bytes, whole, "byte by byte: {}", String::from_utf8_lossy(wire));
    }
}

#[test]
fn requests_mean_what_they_say() {
    let pairs = |pairs: &[(&str, &str)]| -> Pairs {
        pairs.iter().map(|(a, b)| (a.as_bytes().to_vec(), b.as_bytes().to_vec())).collect()
    };
    let (all, error, rest) = requests([REQUESTS[1]]);
    assert_eq!((all.len(), error, rest.len()), (1, None, 0));
    assert_eq!(all[0].line, (b"GET".to_vec(), b"/a%20b".to_vec(), Some(b"c=d&e".to_vec())));
    assert_eq!(all[0].headers, pairs(&[("Host", "a:80"), ("X", ""), ("Y", "z")]));
    let (all, _, _) = requests([REQUESTS[3]]);
    assert_eq!(all[0].body, b"hello");
    assert_eq!(all[1].line, (b"GET".to_vec(), b"/2".to_vec(), Some(Vec::new())));
    let (all, _, _) = requests([REQUESTS[4]]);
    assert_eq!((all.len(), all[0].body.as_slice()), (2, &b"hello world"[..]));
    let (all, _, _) = requests([REQUESTS[7]]);
    assert_eq!(all[0].line, (b"GET".to_vec(), b"/".to_vec(), Some(b"x".to_vec())));
    let (all, _, rest) = requests([REQUESTS[8]]);
    assert_eq!((all[0].line.1.as_slice(), rest.as_slice()), (&b"a:443"[..], &b"rest"[..]));
    for (at, status) in [(9, 413), (10, 413), (11, 400), (12, 400), (13, 400), (14, 505)] {
        assert_eq!(requests([REQUESTS[at]]).1.map(RequestError::status), Some(status), "{at}");
    }
}

/// A response as a program sees it.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    status: u16,
    headers: Pairs,
    body: Vec<u8>,
    keep_alive: bool,
    ended: bool,
}

fn response<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    is_head: bool,
) -> (Answer, Option<ResponseError>, Vec<u8>) {
    let limits = Limits { body: 1000, ..Limits::RESPONSE };
    let mut decoder = ResponseDecoder::new();
    decoder.start(is_head);
    let mut input = BytesMut::new();
    let mut answer = Answer::default();
    let mut take = |event| match event {
        ResponseEvent::Head(head) => {
            answer.status = head.status;
            answer.keep_alive = head.keep_alive;
            answer.headers = head.headers.iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
        }
        ResponseEvent::Body(piece) => {
            assert!(!piece.is_empty());
            answer.body.extend_from_slice(&piece);
        }
        ResponseEvent::End => answer.ended = true,
    };
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input, &limits) {
                Ok(Some(event)) => take(event),
                Ok(None) => break,
                Err(error) => return (Answer::default(), Some(error), Vec::new()),
            }
        }
    }
    let rest = input.to_vec();
    match decoder.handle_eof() {
        Ok(event) => {
            event.map(&mut take);
            (answer, None, rest)
        }
        Err(error) => (Answer::default(), Some(error), Vec::new()),
    }
}

const RESPONSES: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\nX-Y:  z \r\n\r\nhello",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204\r\n\r\nrest",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a\r\n!\r\n0\r\nT: v\r\n\r\nrest",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.0 200 OK\nContent-Length: 2\nConnection: Keep-Alive\n\nok",
    b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nrest",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 099 OK\r\n\r\n",
    b"HTTP/2 200\r\n\r\n",
    b"SSH-2.0-x\r\n",
    b"",
];

#[test]
fn responses_cut_anywhere() {
    for wire in RESPONSES {
        for is_head in [false, true] {
            let whole = response([*wire], is_head);
            for at in 0..=wire.len() {
                let (a, b) = wire.split_at(at);
                let cut = response([a, b], is_head);
                assert_eq!(cut, whole, "cut at {at}: {}", String::from_utf8_lossy(wire));
            }
            assert_eq!(response(wire.chunks(1), is_head), whole);
        }
    }
}

#[test]
fn responses_mean_what_they_say() {
    let get = |at: usize| response([RESPONSES[at]], false);
    let (answer, _, _) = get(0);
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello"[..]));
    assert!(answer.keep_alive && answer.ended);
    assert_eq!(answer.headers[1], (b"set-cookie".to_vec(), b"a=b".to_vec()));
    assert_eq!(answer.headers[2], (b"x-y".to_vec(), b"z".to_vec()));
    let (answer, _, rest) = get(1);
    assert_eq!((answer.status, answer.ended, rest.as_slice()), (204, true, &b"rest"[..]));
    let (answer, _, rest) = get(2);
    assert_eq!((answer.body.as_slice(), rest.as_slice()), (&b"hello!"[..], &b"rest"[..]));
    let (answer, _, _) = get(3);
    assert_eq!((answer.body.as_slice(), answer.keep_alive), (&b"until the end"[..], false));
    let (answer, _, _) = get(4);
    assert_eq!((answer.body.as_slice(), answer.keep_alive), (&b"ok"[..], true));
    assert_eq!(get(5).0.headers[0].1, b"b   c  \td");
    let (answer, _, _) = get(6);
    assert_eq!((answer.body.len(), answer.ended, answer.keep_alive), (0, true, true));
    assert_eq!(get(7).2, b"rest");
    let (answer, _, _) = get(9);
    assert_eq!((answer.body.as_slice(), answer.keep_alive), (&b"a"[..], false));
    assert_eq!(get(10).1, Some(ResponseError::BodyTooLarge));
    assert_eq!(get(11).1, Some(ResponseError::BodyTooLarge));
    assert_eq!(get(13).1, Some(ResponseError::Truncated));
    for at in [8, 12, 14, 15, 16, 17, 18] {
        assert!(get(at).1.is_some(), "{at}");
    }
    assert!(response([RESPONSES[13]], true).0.ended);
}

#[test]
fn a_long_head_byte_by_byte_is_looked_at_once() {
    let mut wire = b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec();
    while wire.len() < 60_000 {
        wire.extend_from_slice(b"X: ");
        wire.resize(wire.len() + 7000, b'y');
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"\r\n");
    assert_eq!(requests(wire.chunks(1)).0.len(), 1);
}
