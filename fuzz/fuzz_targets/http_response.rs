//! Any bytes, in any cuts, as an HTTP client's input.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tether::proto::http1::{ResponseDecoder, ResponseError, ResponseEvent};
use tether::proto::limits::Limits;

fuzz_target!(|data: &[u8]| http_response(data));

/// The first byte says how long the pieces are in which the rest arrives, and whether the request
/// was HEAD. Nothing panics, the caps hold, and the cuts make no difference.
pub fn http_response(data: &[u8]) {
    let Some((&first, wire)) = data.split_first() else { return };
    let is_head = first & 1 == 1;
    let pieces = decode(wire, usize::from(first >> 1).max(1), is_head);
    let whole = decode(wire, wire.len().max(1), is_head);
    // Which fault is named may depend on the cuts; that there is one may not.
    assert_eq!(pieces.is_ok(), whole.is_ok());
    if let (Ok(pieces), Ok(whole)) = (pieces, whole) {
        assert_eq!(pieces, whole);
    }
}

/// Status and body.
fn decode(wire: &[u8], step: usize, is_head: bool) -> Result<(u16, Vec<u8>), ResponseError> {
    let limits = Limits { head: 4096, body: 4096, ..Limits::RESPONSE };
    let mut decoder = ResponseDecoder::new();
    decoder.start(is_head);
    let mut input = BytesMut::new();
    let mut status = 0;
    let mut body = Vec::new();
    for piece in wire.chunks(step) {
        input.extend_from_slice(piece);
        while let Some(event) = decoder.decode(&mut input, &limits)? {
            match event {
                ResponseEvent::Head(head) => {
                    assert_eq!(status, 0);
                    status = head.status;
                    for (name, value) in head.headers {
                        assert_eq!(name.to_ascii_lowercase(), name);
                        assert!(!value.contains(&b'\r') && !value.contains(&b'\n'));
                    }
                }
                ResponseEvent::Body(piece) => {
                    assert!(!piece.is_empty() && status != 0 && !is_head);
                    body.extend_from_slice(&piece);
                    assert!(body.len() as u64 <= limits.body);
                }
                ResponseEvent::End => return Ok((status, body)),
            }
        }
        assert!(input.len() <= limits.head + step);
    }
    decoder.handle_eof().map(|_| (status, body))
}
