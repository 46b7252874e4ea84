//! Any bytes, in any cuts, as an HTTP server's input.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tether::proto::http1::cookie::parse_cookies;
use tether::proto::http1::{Request, RequestDecoder};
use tether::proto::limits::Limits;

fuzz_target!(|data: &[u8]| http_request(data));

/// The first byte says how long the pieces are in which the rest arrives. Nothing panics; what was
/// decoded keeps to the caps and survives `compact`; requests and rest do not depend on the cuts.
pub fn http_request(data: &[u8]) {
    let Some((&step, wire)) = data.split_first() else { return };
    let pieces = decode(wire, usize::from(step).max(1));
    let whole = decode(wire, wire.len().max(1));
    // A broken head is refused as soon as it is seen, which for pieces may be later or never.
    let shared = pieces.len().min(whole.len());
    assert_eq!(pieces[..shared], whole[..shared]);
}

fn decode(wire: &[u8], step: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let limits = Limits { head: 4096, body: 4096, ..Limits::REQUEST };
    let mut decoder = RequestDecoder::new();
    let mut input = BytesMut::new();
    let mut all = Vec::new();
    for piece in wire.chunks(step) {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input, &limits) {
                Ok(Some(request)) => all.push(look(request, &limits)),
                Ok(None) => break,
                Err(error) => {
                    assert!((400..=505).contains(&error.status()));
                    assert!(decoder.decode(&mut input, &limits).is_err());
                    return all;
                }
            }
        }
        decoder.poll_continue();
        assert!(input.len() <= limits.head + step);
    }
    all
}

fn look(mut request: Request, limits: &Limits) -> (Vec<u8>, Vec<u8>) {
    assert!(request.head().len() <= limits.head);
    assert!(request.body().len() as u64 <= limits.body);
    let before = request.clone();
    request.compact();
    assert_eq!(before.target(), request.target());
    assert!(!request.method().is_empty() && !request.path().is_empty());
    assert!(request.head().ends_with(b"\r\n\r\n"));
    let lines = request.head().iter().filter(|&&b| b == b'\n').count();
    assert_eq!(request.headers().count(), lines - 2);
    for (name, value) in request.headers() {
        assert!(!name.is_empty() && !value.contains(&b'\r') && !value.contains(&b'\n'));
        parse_cookies(value).for_each(drop);
    }
    (request.head().to_vec(), request.body().to_vec())
}
