//! Whatever arrives, a decoder that gets it whole and one that gets it in pieces say the same.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tether::proto::redis::Decoder;

fuzz_target!(|data: &[u8]| {
    let Some((&size, wire)) = data.split_first() else { return };
    let whole = replies(wire, wire.len().max(1));
    let pieces = replies(wire, usize::from(size).max(1));
    assert_eq!(whole, pieces);
});

/// The replies and the error that ended them, as text: NaN equals NaN there.
fn replies(wire: &[u8], size: usize) -> Vec<String> {
    let mut decoder = Decoder::new();
    let mut input = BytesMut::new();
    let mut said = Vec::new();
    for piece in wire.chunks(size) {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(reply)) => said.push(format!("{reply:?}")),
                Ok(None) => break,
                Err(error) => {
                    said.push(format!("{error:?}"));
                    return said;
                }
            }
        }
    }
    said
}
