//! Replies are the same however they arrive, and what a hostile peer sends meets its cap.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use tether::proto::redis::limits::{MAX_BULK, MAX_DEPTH, MAX_ELEMENTS, MAX_LINE};
use tether::proto::redis::{DecodeError, Decoder, Reply};

#[path = "checks/resp.rs"]
mod check;

fn bulk(text: &'static str) -> Reply {
    Reply::Bulk(Bytes::from_static(text.as_bytes()))
}

fn status(text: &'static str) -> Reply {
    Reply::Status(Bytes::from_static(text.as_bytes()))
}

fn corpus() -> Vec<(&'static [u8], Reply)> {
    vec![
        (b"+OK\r\n", status("OK")),
        (b"+\r\n", status("")),
        (b"-ERR no\r\n", Reply::Error(Bytes::from_static(b"ERR no"))),
        (b":0\r\n", Reply::Integer(0)),
        (b":-9223372036854775808\r\n", Reply::Integer(i64::MIN)),
        (b":+7\r\n", Reply::Integer(7)),
        (b"$5\r\na\r\nbc\r\n", bulk("a\r\nbc")),
        (b"$0\r\n\r\n", bulk("")),
        (b"$-1\r\n", Reply::Null),
        (b"*-1\r\n", Reply::Null),
        (b"_\r\n", Reply::Null),
        (b"*0\r\n", Reply::Array(vec![])),
        (
            b"*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n$-1\r\n",
            Reply::Array(vec![
                Reply::Integer(1),
                Reply::Array(vec![bulk("x"), Reply::Array(vec![])]),
                Reply::Null,
            ]),
        ),
        (b",1.5\r\n", Reply::Double(1.5)),
        (b",-1e3\r\n", Reply::Double(-1000.0)),
        (b",10\r\n", Reply::Double(10.0)),
        (b",inf\r\n", Reply::Double(f64::INFINITY)),
        (b",-inf\r\n", Reply::Double(f64::NEG_INFINITY)),
        (b"#t\r\n", Reply::Bool(true)),
        (b"#f\r\n", Reply::Bool(false)),
        (
            b"(-3492890328409238509324850943850943825024385\r\n",
            Reply::BigNumber(Bytes::from_static(b"-3492890328409238509324850943850943825024385")),
        ),
        (
            b"=8\r\ntxt:some\r\n",
            Reply::Verbatim { format: *b"txt", text: Bytes::from_static(b"some") },
        ),
        (b"!6\r\nERR \r\n\r\n", Reply::Error(Bytes::from_static(b"ERR \r\n"))),
        (
            b"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n#t\r\n",
            Reply::Map(vec![
                (status("a"), Reply::Integer(1)),
                (status("b"), Reply::Array(vec![Reply::Bool(true)])),
            ]),
        ),
        (b"%0\r\n", Reply::Map(vec![])),
        (b"~2\r\n:1\r\n:2\r\n", Reply::Set(vec![Reply::Integer(1), Reply::Integer(2)])),
        (
            b">3\r\n+message\r\n+ch\r\n$2\r\nhi\r\n",
            Reply::Push(vec![status("message"), status("ch"), bulk("hi")]),
        ),
        (b"|1\r\n+ttl\r\n*1\r\n:3600\r\n:5\r\n", Reply::Integer(5)),
        (b"|0\r\n|0\r\n+x\r\n", status("x")),
        (
            b"*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n|0\r\n:2\r\n",
            Reply::Array(vec![Reply::Integer(1), Reply::Integer(2)]),
        ),
    ]
}

fn drain(decoder: &mut Decoder, input: &mut BytesMut, replies: &mut Vec<Reply>) {
    while let Some(reply) = decoder.decode(input).expect("a valid reply") {
        replies.push(reply);
    }
}

fn error_of(wire: &[u8]) -> DecodeError {
    let mut decoder = Decoder::new();
    let mut input = BytesMut::from(wire);
    let error = decoder.decode(&mut input).expect_err("an invalid reply");
    assert_eq!(decoder.decode(&mut input), Err(error), "an error stays");
    error
}

#[test]
fn replies_cut_at_every_byte_are_the_same() {
    let corpus = corpus();
    let wire: Vec<u8> = corpus.iter().flat_map(|(wire, _)| wire.iter().copied()).collect();
    let expected: Vec<Reply> = corpus.into_iter().map(|(_, reply)| reply).collect();
    for cut in 0..=wire.len() {
        let mut decoder = Decoder::new();
        let mut input = BytesMut::from(&wire[..cut]);
        let mut replies = Vec::new();
        drain(&mut decoder, &mut input, &mut replies);
        input.extend_from_slice(&wire[cut..]);
        drain(&mut decoder, &mut input, &mut replies);
        assert_eq!(replies, expected, "cut at {cut}");
        assert!(input.is_empty() && !decoder.is_amid_reply());
    }
}

#[test]
fn replies_in_pieces_of_any_size_are_the_same() {
    let corpus = corpus();
    let wire: Vec<u8> = corpus.iter().flat_map(|(wire, _)| wire.iter().copied()).collect();
    let expected: Vec<Reply> = corpus.into_iter().map(|(_, reply)| reply).collect();
    for size in 1..20 {
        let mut decoder = Decoder::new();
        let mut input = BytesMut::new();
        let mut replies = Vec::new();
        for piece in wire.chunks(size) {
            input.extend_from_slice(piece);
            drain(&mut decoder, &mut input, &mut replies);
        }
        assert_eq!(replies, expected, "pieces of {size}");
    }
}

#[test]
fn nan_is_a_double() {
    let mut input = BytesMut::from(&b",nan\r\n"[..]);
    let reply = Decoder::new().decode(&mut input).unwrap();
    assert!(matches!(reply, Some(Reply::Double(number)) if number.is_nan()));
}

#[test]
fn nesting_stops_at_its_cap() {
    let mut deepest = b"*1\r\n".repeat(MAX_DEPTH);
    deepest.extend_from_slice(b":1\r\n");
    let mut input = BytesMut::from(&deepest[..]);
    assert!(Decoder::new().decode(&mut input).unwrap().is_some());
    assert_eq!(error_of(&b"*1\r\n".repeat(MAX_DEPTH + 1)), DecodeError::Depth);
    assert_eq!(error_of(&b"|1\r\n".repeat(100_000)), DecodeError::Depth);
}

#[test]
fn garbage_is_refused_at_its_first_byte() {
    assert_eq!(error_of(b"H"), DecodeError::UnknownType(b'H'));
    assert_eq!(error_of(b"\r\n"), DecodeError::UnknownType(b'\r'));
    assert_eq!(error_of(b"+OK\rx"), DecodeError::Crlf);
    assert_eq!(error_of(b"$1\r\nabc"), DecodeError::Crlf);
    assert_eq!(error_of(b"$1\r\na\rb"), DecodeError::Crlf);
    assert_eq!(error_of(b":\r\n"), DecodeError::Number);
    assert_eq!(error_of(b":1a\r\n"), DecodeError::Number);
    assert_eq!(error_of(b":9223372036854775808\r\n"), DecodeError::Number);
    assert_eq!(error_of(b",infinity\r\n"), DecodeError::Number);
    assert_eq!(error_of(b",\r\n"), DecodeError::Number);
    assert_eq!(error_of(b"(1.5\r\n"), DecodeError::Number);
    assert_eq!(error_of(b"#x\r\n"), DecodeError::Bool);
    assert_eq!(error_of(b"_x\r\n"), DecodeError::Null);
    assert_eq!(error_of(b"=3\r\ntxt\r\n"), DecodeError::Verbatim);
    assert_eq!(error_of(b"$-2\r\n"), DecodeError::Number);
    assert_eq!(error_of(b"%-1\r\n"), DecodeError::Number);
    assert_eq!(error_of(b"*+1\r\n"), DecodeError::Number);
    assert_eq!(error_of(b"*1\r\n>0\r\n"), DecodeError::NestedPush);
}

#[test]
fn streamed_types_are_refused() {
    for wire in [&b"$?\r\n"[..], b"*?\r\n", b"%?\r\n", b"~?\r\n", b">?\r\n", b";4\r\n", b".\r\n"] {
        assert_eq!(error_of(wire), DecodeError::Streamed);
    }
}

#[test]
fn announced_lengths_meet_their_caps() {
    assert_eq!(error_of(format!("${}\r\n", MAX_BULK + 1).as_bytes()), DecodeError::LongBulk);
    assert_eq!(error_of(b"$99999999999999999999999999\r\n"), DecodeError::LongBulk);
    assert_eq!(
        error_of(format!("*{}\r\n", MAX_ELEMENTS + 1).as_bytes()),
        DecodeError::ManyElements
    );
    assert_eq!(error_of(b"%18446744073709551615\r\n"), DecodeError::ManyElements);
    let half = MAX_ELEMENTS / 2 + 1;
    let nested = format!("*{half}\r\n*{half}\r\n");
    assert_eq!(error_of(nested.as_bytes()), DecodeError::ManyElements);
    let mut line = vec![b'a'; MAX_LINE + 2];
    line[0] = b'+';
    assert_eq!(error_of(&line), DecodeError::LongLine);
    line.pop();
    line.extend_from_slice(b"\r\n");
    let mut input = BytesMut::from(&line[..]);
    assert!(Decoder::new().decode(&mut input).unwrap().is_some(), "the cap itself is allowed");
}

#[test]
fn announced_elements_make_no_room_before_they_arrive() {
    let mut decoder = Decoder::new();
    let mut input = BytesMut::from(format!("*{MAX_ELEMENTS}\r\n").as_bytes());
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert!(decoder.is_amid_reply());
}

#[test]
fn a_bulk_that_stands_in_the_input_is_not_copied() {
    let mut input = BytesMut::from(&b"$5\r\nhello\r\n"[..]);
    let place = input[4..].as_ptr();
    match Decoder::new().decode(&mut input) {
        Ok(Some(Reply::Bulk(text))) => assert_eq!(text.as_ptr(), place),
        other => panic!("{other:?}"),
    }
}

/// A cost that grows with the square would take minutes here, not a second.
#[test]
fn large_replies_in_small_pieces_cost_what_they_weigh() {
    #[expect(clippy::disallowed_methods, reason = "measures real time")]
    let start = Instant::now();

    let mut decoder = Decoder::new();
    let mut input = BytesMut::from(&b"$67108864\r\n"[..]);
    let piece = [b'x'; 1400];
    let mut left = 64 * 1024 * 1024;
    while left > 0 {
        let n = left.min(piece.len());
        input.extend_from_slice(&piece[..n]);
        left -= n;
        assert_eq!(decoder.decode(&mut input), Ok(None));
    }
    input.extend_from_slice(b"\r\n");
    let whole = decoder.decode(&mut input).unwrap();
    assert!(matches!(whole, Some(Reply::Bulk(text)) if text.len() == 64 * 1024 * 1024));

    let mut wire = b"*1000000\r\n".to_vec();
    for number in 0..1_000_000 {
        wire.extend_from_slice(format!("$6\r\n{number:06}\r\n").as_bytes());
    }
    let mut decoder = Decoder::new();
    let mut input = BytesMut::new();
    let mut replies = Vec::new();
    for piece in wire.chunks(17) {
        input.extend_from_slice(piece);
        drain(&mut decoder, &mut input, &mut replies);
    }
    assert!(matches!(&replies[..], [Reply::Array(list)] if list.len() == 1_000_000));
    assert!(start.elapsed().as_secs() < 30, "took {:?}", start.elapsed());
}

/// What `fuzz/fuzz_targets/resp.rs` looks for, on mutations of the corpus that are always the same.
#[test]
fn damaged_replies_in_pieces_give_what_whole_ones_give() {
    let wire: Vec<u8> = corpus().iter().flat_map(|(wire, _)| wire.iter().copied()).collect();
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % below
    };
    for _ in 0..5_000 {
        let start = random(wire.len());
        let mut damaged = wire[start..].to_vec();
        for _ in 0..=random(3) {
            let at = random(damaged.len());
            match random(3) {
                0 => damaged[at] = b"$*%~>|+-:,(#_=!?\r\n0159x"[random(23)],
                1 => damaged.insert(at, b"$*%-:\r\n01"[random(9)]),
                _ if damaged.len() > 1 => drop(damaged.remove(at)),
                _ => {}
            }
        }
        let size = 1 + random(7);
        check::assert_cuts_do_not_matter(&damaged, size);
    }
}
