//! Any bytes, in any cuts, as a body in gzip, deflate or br.
#![no_main]

use std::io::{self, Write};

use libfuzzer_sys::fuzz_target;
use tether::proto::http1::{ContentCoding, ContentDecoder};

fuzz_target!(|data: &[u8]| content_coding(data));

/// The first byte says which coding, and how long the pieces are in which the rest arrives. Nothing
/// panics, what comes out ends at its cap, and the cuts make no difference to a whole body.
pub fn content_coding(data: &[u8]) {
    let Some((&first, wire)) = data.split_first() else { return };
    let coding = match first % 3 {
        0 => ContentCoding::Gzip,
        1 => ContentCoding::Deflate,
        _ => ContentCoding::Brotli,
    };
    let pieces = decode(coding, wire, usize::from(first / 3).max(1));
    let whole = decode(coding, wire, wire.len().max(1));
    assert_eq!(pieces.is_ok(), whole.is_ok());
    if let (Ok(pieces), Ok(whole)) = (pieces, whole) {
        assert_eq!(pieces, whole);
    }
}

/// Takes so many bytes.
struct Capped(Vec<u8>);

const MOST: usize = 256 * 1024;

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(bytes.len() <= 32 * 1024);
        if self.0.len() + bytes.len() > MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn decode(coding: ContentCoding, wire: &[u8], step: usize) -> io::Result<Vec<u8>> {
    let mut decoder = ContentDecoder::new(coding, Capped(Vec::new()));
    for piece in wire.chunks(step) {
        decoder.decode(piece)?;
    }
    decoder.finish()?;
    Ok(std::mem::take(&mut decoder.get_mut().0))
}
