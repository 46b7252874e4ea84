//! What the fuzz target `resp` and the test of the cuts have in common.

use bytes::BytesMut;
use tether::proto::redis::Decoder;

/// Fails unless `wire` says the same whole and in pieces of `size` bytes.
pub(crate) fn assert_cuts_do_not_matter(wire: &[u8], size: usize) {
    assert_eq!(
        said(wire, wire.len().max(1)),
        said(wire, size.max(1)),
        "{:?} in pieces of {size}",
        String::from_utf8_lossy(wire)
    );
}

/// The replies and the error that ended them, as text: NaN equals NaN there.
fn said(wire: &[u8], size: usize) -> Vec<String> {
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
