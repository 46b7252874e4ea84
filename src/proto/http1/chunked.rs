//! The chunked transfer coding (RFC 9112 section 7.1), taken off byte by byte.

use bytes::{Buf, BytesMut};

use crate::proto::limits::{HTTP_CHUNK_EXTENSIONS, HTTP_TRAILERS};

/// Takes the framing off a chunked body. Extensions and trailers are read over and dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ChunkDecoder {
    state: State,
    /// Data bytes of the current chunk still to come; while its size line is read, the size.
    left: u64,
    /// Bytes of extensions so far, over all chunks.
    extensions: u32,
    /// Bytes of trailer lines so far.
    trailers: u32,
}

/// What stands at the front of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Nothing usable: more bytes are needed.
    Partial,
    /// That many bytes of data (never 0): the caller takes them off before it calls again.
    Data(usize),
    /// The body has ended; its framing is off the input.
    End,
}

/// Why a chunked body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkFault {
    /// The grammar is broken.
    Malformed(&'static str),
    /// Trailers over [`HTTP_TRAILERS`].
    Trailers,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    #[default]
    Size,
    /// After at least one digit.
    SizeMore,
    /// Spaces between a size and its extensions.
    SizeSpace,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the start of a line after the last chunk.
    Trailer,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

impl ChunkDecoder {
    /// Takes framing off the front of `input` up to the next data.
    pub(super) fn decode(&mut self, input: &mut BytesMut) -> Result<Chunk, ChunkFault> {
        let mut used = 0;
        for &byte in input.iter() {
            if matches!(self.state, State::Data | State::Done) {
                break;
            }
            used += 1;
            self.state = self.step(byte)?;
        }
        input.advance(used);
        if self.state == State::Done {
            return Ok(Chunk::End);
        }
        if self.state != State::Data || input.is_empty() {
            return Ok(Chunk::Partial);
        }
        let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(input.len());
        self.left -= n as u64;
        if self.left == 0 {
            self.state = State::DataCr;
        }
        Ok(Chunk::Data(n))
    }

    /// Data bytes of the current chunk that the input did not hold yet.
    pub(super) fn left(&self) -> u64 {
        if self.state == State::Data { self.left } else { 0 }
    }

    /// A way to say what was decoded so far, `body` bytes of data: what goes before them, and what goes
    /// behind. It brings a new decoder to where this one is, but for the bytes that caps count.
    pub(super) fn spell(&self, body: u64) -> (String, String) {
        let whole = |size: u64| if size == 0 { String::new() } else { format!("{size:x}\r\n") };
        let end = if body == 0 { "" } else { "\r\n" };
        let line = match self.state {
            State::Data => return (whole(body + self.left), String::new()),
            State::DataCr => return (whole(body), String::new()),
            State::DataLf => return (whole(body), "\r".to_string()),
            State::Size => return (whole(body), end.to_string()),
            State::SizeMore => "",
            State::SizeSpace => " ",
            State::Extension => ";",
            State::SizeLf => "\r",
            State::Trailer => "\r\n",
            State::TrailerName => "\r\na",
            State::TrailerValue => "\r\na:",
            State::TrailerLf => "\r\na:\r",
            State::EndLf => "\r\n\r",
            State::Done => "\r\n\r\n",
        };
        (whole(body), format!("{end}{:x}{line}", self.left))
    }

    /// One byte more that carries no data: extensions, white space, leading zeros.
    fn count_extension(&mut self) -> Result<(), ChunkFault> {
        count(&mut self.extensions, HTTP_CHUNK_EXTENSIONS)
            .ok_or(ChunkFault::Malformed("chunk extensions too long"))
    }

    fn step(&mut self, byte: u8) -> Result<State, ChunkFault> {
        Ok(match (self.state, byte) {
            (State::Size | State::SizeMore, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                if self.left >> 59 != 0 {
                    return Err(ChunkFault::Malformed("chunk size overflow"));
                }
                self.left = (self.left << 4) | u64::from(digit);
                if self.left == 0 {
                    self.count_extension()?;
                }
                State::SizeMore
            }
            (State::SizeMore, b'\r') => State::SizeLf,
            (State::SizeMore | State::SizeSpace, b';') => State::Extension,
            (State::SizeMore | State::SizeSpace, b' ' | b'\t') => {
                self.count_extension()?;
                State::SizeSpace
            }
            (State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\t' | b' '..=b'~' | 0x80..) => {
                self.count_extension()?;
                State::Extension
            }
            (State::SizeLf, b'\n') if self.left == 0 => State::Trailer,
            (State::SizeLf, b'\n') => State::Data,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::Trailer, b'\r') => State::EndLf,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::Trailer | State::TrailerName, _) if super::is_token(&[byte]) => {
                count(&mut self.trailers, HTTP_TRAILERS).ok_or(ChunkFault::Trailers)?;
                State::TrailerName
            }
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => {
                count(&mut self.trailers, HTTP_TRAILERS).ok_or(ChunkFault::Trailers)?;
                State::TrailerValue
            }
            (State::TrailerLf, b'\n') => State::Trailer,
            (State::EndLf, b'\n') => State::Done,
            (State::Size | State::SizeMore | State::SizeSpace, _) => {
                return Err(ChunkFault::Malformed("bad chunk size"));
            }
            (State::DataCr | State::DataLf, _) => {
                return Err(ChunkFault::Malformed("chunk longer than its size"));
            }
            (State::Trailer | State::TrailerName | State::TrailerValue | State::TrailerLf, _) => {
                return Err(ChunkFault::Malformed("bad trailer"));
            }
            _ => return Err(ChunkFault::Malformed("bad chunk line")),
        })
    }
}

/// One byte more against a cap.
fn count(sum: &mut u32, cap: u32) -> Option<()> {
    *sum += 1;
    (*sum <= cap).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(wire: &[u8], step: usize) -> Result<Option<Vec<u8>>, ChunkFault> {
        let mut decoder = ChunkDecoder::default();
        let mut input = BytesMut::new();
        let mut body = Vec::new();
        for piece in wire.chunks(step) {
            input.extend_from_slice(piece);
            loop {
                match decoder.decode(&mut input)? {
                    Chunk::Partial => break,
                    Chunk::Data(n) => body.extend_from_slice(&input.split_to(n)),
                    Chunk::End => return Ok(Some(body)),
                }
            }
        }
        Ok(None)
    }

    #[test]
    fn decodes_and_refuses() {
        for step in [1, 2, 3, 1000] {
            let ok = |wire: &[u8], want: &[u8]| {
                assert_eq!(run(wire, step), Ok(Some(want.to_vec())));
            };
            ok(b"5\r\nhello\r\n0\r\n\r\n", b"hello");
            ok(b"0\r\n\r\n", b"");
            ok(b"000A;a=b;c=\"d\"\r\n0123456789\r\n0;x\r\nT: v\r\nU:\r\n\r\n", b"0123456789");
            ok(b"1 ;a\r\nx\r\n0\r\n\r\n", b"x");
            for bad in [
                &b"\r\n"[..],
                b"g\r\n",
                b"-1\r\n",
                b"0x1\r\n",
                b"5\nhello",
                b"5 \r\nhello",
                b"5;a\nhello",
                b"5\rhello",
                b"5\r\nhelloX",
                b"5\r\nhello\n",
                b"FFFFFFFFFFFFFFFFF\r\n",
                b"10000000000000000\r\n",
                b"0\r\nbad trailer\r\n",
                b"0\r\nT: a\nU: b\r\n\r\n",
                b"0\r\n: a\r\n\r\n",
            ] {
                assert!(run(bad, step).is_err(), "{:?}", String::from_utf8_lossy(bad));
            }
        }
    }

    #[test]
    fn framing_without_data_is_capped() {
        let mut wire = b"1;".to_vec();
        wire.resize(HTTP_CHUNK_EXTENSIONS as usize + 3, b'a');
        assert!(run(&wire, 1000).is_err());
        let mut wire = b"0\r\nA:".to_vec();
        wire.resize(HTTP_TRAILERS as usize + 6, b'a');
        assert_eq!(run(&wire, 1000), Err(ChunkFault::Trailers));
    }
}
