//! Content codings taken off (RFC 9110 section 8.4): gzip, deflate and br.

use std::io::{self, Write};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status, write::MultiGzDecoder};

/// A coding that can be taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or RFC 1951 without its frame, as some servers send it.
    Deflate,
    /// RFC 7932.
    Brotli,
}

impl ContentCoding {
    /// The coding that the fields of a message (names in lower case) name. `None`: there is none,
    /// an unknown one, or more than one, which is left to the caller.
    #[must_use]
    pub fn of(fields: &[(Bytes, Bytes)]) -> Option<ContentCoding> {
        let lines = fields.iter().filter(|(name, _)| name.as_ref() == b"content-encoding");
        let mut codings = lines
            .flat_map(|(_, value)| value.split(|&byte| byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
        let coding = codings.next()?;
        if codings.next().is_some() {
            return None;
        }
        match coding.to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Some(ContentCoding::Gzip),
            b"deflate" => Some(ContentCoding::Deflate),
            b"br" => Some(ContentCoding::Brotli),
            _ => None,
        }
    }
}

/// Takes a coding off as pieces come, and gives what comes out to `W` in pieces of at most 32 KiB.
/// `W` holds the caps: an error of it ends the decoding.
pub struct ContentDecoder<W: Write> {
    engine: Engine<W>,
    started: bool,
}

enum Engine<W: Write> {
    Gzip(Box<MultiGzDecoder<W>>),
    Deflate(Box<Inflate>, W),
    Brotli(Box<Brotli>, W),
}

impl<W: Write> ContentDecoder<W> {
    /// For the start of a body.
    pub fn new(coding: ContentCoding, into: W) -> ContentDecoder<W> {
        let engine = match coding {
            ContentCoding::Gzip => Engine::Gzip(Box::new(MultiGzDecoder::new(into))),
            ContentCoding::Deflate => Engine::Deflate(Box::default(), into),
            ContentCoding::Brotli => Engine::Brotli(Box::default(), into),
        };
        ContentDecoder { engine, started: false }
    }

    /// Decodes the next piece.
    ///
    /// # Errors
    /// The body is malformed, or `W` has failed.
    pub fn decode(&mut self, piece: &[u8]) -> io::Result<()> {
        self.started |= !piece.is_empty();
        match &mut self.engine {
            // Flushed, so that all that can be decoded is there.
            Engine::Gzip(decoder) => decoder.write_all(piece).and_then(|()| decoder.flush()),
            Engine::Deflate(inflate, into) => inflate.decode(piece, into),
            Engine::Brotli(brotli, into) => brotli.decode(piece, into),
        }
    }

    /// The body has ended: nothing of it is missing. An empty one is taken for one without a
    /// coding.
    ///
    /// # Errors
    /// It is truncated, its checksum is wrong, or `W` has failed.
    pub fn finish(&mut self) -> io::Result<()> {
        if !self.started {
            return Ok(());
        }
        let whole = match &mut self.engine {
            Engine::Gzip(decoder) => return decoder.try_finish(),
            Engine::Deflate(inflate, into) => inflate.finish(into)?,
            Engine::Brotli(brotli, _) => brotli.ended,
        };
        if whole { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// What is decoded into.
    pub fn get_mut(&mut self) -> &mut W {
        match &mut self.engine {
            Engine::Gzip(decoder) => decoder.get_mut(),
            Engine::Deflate(_, into) | Engine::Brotli(_, into) => into,
        }
    }
}

/// Bytes that come out at once.
const ROOM: usize = 32 * 1024;

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

struct Inflate {
    /// Made when the first two bytes have told zlib's frame from none.
    engine: Option<Decompress>,
    /// The first byte, while it is alone.
    first: Option<u8>,
    ended: bool,
    room: Vec<u8>,
}

impl Default for Inflate {
    fn default() -> Self {
        Inflate { engine: None, first: None, ended: false, room: vec![0; ROOM] }
    }
}

impl Inflate {
    fn decode(&mut self, mut piece: &[u8], into: &mut impl Write) -> io::Result<()> {
        if self.engine.is_none() {
            let Some((&next, rest)) = piece.split_first() else { return Ok(()) };
            let Some(first) = self.first.take() else {
                self.first = Some(next);
                return self.decode(rest, into);
            };
            let framed = first & 0x0f == 8 && u16::from_be_bytes([first, next]).is_multiple_of(31);
            self.engine = Some(Decompress::new(framed));
            self.run(&[first], into)?;
        }
        while !piece.is_empty() && !self.ended {
            let used = self.run(piece, into)?;
            piece = piece.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    /// One step: how many bytes it used.
    fn run(&mut self, piece: &[u8], into: &mut impl Write) -> io::Result<usize> {
        let Some(engine) = &mut self.engine else { return Ok(0) };
        let (before_in, before_out) = (engine.total_in(), engine.total_out());
        let status = engine.decompress(piece, &mut self.room, FlushDecompress::None);
        let status = status.map_err(|_| malformed())?;
        let used = usize::try_from(engine.total_in() - before_in).map_err(|_| malformed())?;
        let made = usize::try_from(engine.total_out() - before_out).map_err(|_| malformed())?;
        into.write_all(self.room.get(..made).ok_or_else(malformed)?)?;
        self.ended = status == Status::StreamEnd;
        if used == 0 && made == 0 && !self.ended && !piece.is_empty() {
            return Err(malformed());
        }
        Ok(used)
    }

    /// Gives out what the engine still holds; whether the stream is whole.
    fn finish(&mut self, into: &mut impl Write) -> io::Result<bool> {
        while let Some(engine) = &mut self.engine {
            let before = engine.total_out();
            if self.ended {
                break;
            }
            self.run(&[], into)?;
            if self.engine.as_ref().is_none_or(|engine| engine.total_out() == before) {
                break;
            }
        }
        Ok(self.ended)
    }
}

struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    ended: bool,
    room: Vec<u8>,
    total: usize,
}

impl Default for Brotli {
    fn default() -> Self {
        let alloc = StandardAlloc::default;
        let state = BrotliState::new(alloc(), alloc(), alloc());
        Brotli { state, ended: false, room: vec![0; ROOM], total: 0 }
    }
}

impl Brotli {
    fn decode(&mut self, piece: &[u8], into: &mut impl Write) -> io::Result<()> {
        let mut left = piece.len();
        let mut used = 0;
        while !self.ended {
            let (mut spare, mut made) = (self.room.len(), 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut used,
                piece,
                &mut spare,
                &mut made,
                &mut self.room,
                &mut self.total,
                &mut self.state,
            );
            into.write_all(self.room.get(..made).ok_or_else(malformed)?)?;
            match result {
                BrotliResult::ResultSuccess => self.ended = true,
                BrotliResult::NeedsMoreInput => return Ok(()),
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::ResultFailure => return Err(malformed()),
            }
        }
        Ok(())
    }
}

impl<W: Write> std::fmt::Debug for ContentDecoder<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContentDecoder").field("started", &self.started).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write};

    fn text() -> Vec<u8> {
        (0..20_000u32).flat_map(|n| format!("{} ", n % 977).into_bytes()).collect()
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = write::GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = write::ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(text: &[u8]) -> Vec<u8> {
        let mut encoder = write::DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// `"hello hello hello hello\n"` three times.
    const BROTLI: &[u8] =
        b"\x1b\x47\x00\x00\xa4\x14\x40\x72\x10\x65\x9c\xc9\xa3\xf2\x3c\xdd\xad\x1a";
    /// 8 MiB of zeros.
    const BROTLI_BOMB: &[u8] = b"\xcb\xff\xff\x3f\x00\x24\x00\xe2\xb1\x40\x72\xef\xff\x06";

    fn decode(coding: ContentCoding, wire: &[u8], step: usize) -> io::Result<Vec<u8>> {
        let mut decoder = ContentDecoder::new(coding, Vec::new());
        for piece in wire.chunks(step) {
            decoder.decode(piece)?;
        }
        decoder.finish()?;
        Ok(std::mem::take(decoder.get_mut()))
    }

    #[test]
    fn each_coding_in_any_pieces() {
        let text = text();
        let gz = gzip(&text);
        let two = [gzip(&text[..1000]), gzip(&text[1000..])].concat();
        for step in [1, 2, 3, 1000, 1 << 20] {
            for (coding, wire) in [
                (ContentCoding::Gzip, &gz),
                (ContentCoding::Gzip, &two),
                (ContentCoding::Deflate, &zlib(&text)),
                (ContentCoding::Deflate, &raw(&text)),
            ] {
                assert!(decode(coding, wire, step).unwrap() == text, "{coding:?} {step}");
            }
        }
        for coding in [ContentCoding::Gzip, ContentCoding::Deflate, ContentCoding::Brotli] {
            assert_eq!(decode(coding, b"", 1).unwrap(), b"");
        }
    }

    #[test]
    fn what_is_cut_or_broken_is_an_error() {
        let text = text();
        for (coding, wire) in [
            (ContentCoding::Gzip, gzip(&text)),
            (ContentCoding::Deflate, zlib(&text)),
            (ContentCoding::Deflate, raw(&text)),
        ] {
            for cut in [1, 2, 5, 20, wire.len() / 2, wire.len() - 1] {
                assert!(decode(coding, &wire[..cut], 7).is_err(), "{coding:?} {cut}");
            }
        }
        let mut wire = gzip(&text);
        let at = wire.len() - 6;
        wire[at] ^= 1;
        assert!(decode(ContentCoding::Gzip, &wire, 100).is_err());
        for coding in [ContentCoding::Gzip, ContentCoding::Deflate, ContentCoding::Brotli] {
            assert!(decode(coding, b"\xff\xff\xff nonsense", 3).is_err(), "{coding:?}");
        }
    }

    /// Takes so many bytes and no more.
    struct Cap(usize);

    impl Write for Cap {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bomb_ends_at_the_cap() {
        let bomb = vec![0; 4 << 20];
        for (coding, wire) in [
            (ContentCoding::Gzip, gzip(&bomb)),
            (ContentCoding::Deflate, zlib(&bomb)),
            (ContentCoding::Deflate, raw(&bomb)),
            (ContentCoding::Brotli, BROTLI_BOMB.to_vec()),
        ] {
            let mut decoder = ContentDecoder::new(coding, Cap(1 << 20));
            assert!(decoder.decode(&wire).is_err());
            assert!(decoder.get_mut().0 < ROOM * 2, "{coding:?}");
        }
    }

    #[test]
    fn brotli_in_any_pieces() {
        for step in 1..=BROTLI.len() {
            let got = decode(ContentCoding::Brotli, BROTLI, step).unwrap();
            assert_eq!(got, b"hello hello hello hello\n".repeat(3));
        }
        assert!(decode(ContentCoding::Brotli, &BROTLI[..BROTLI.len() - 3], 4).is_err());
    }

    #[test]
    fn the_field_names_one_coding() {
        let of = |values: &[&'static str]| {
            let field = |value: &&'static str| ("content-encoding".into(), (*value).into());
            ContentCoding::of(&values.iter().map(field).collect::<Vec<_>>())
        };
        assert_eq!(of(&["GZIP"]), Some(ContentCoding::Gzip));
        assert_eq!(of(&["identity, x-gzip"]), Some(ContentCoding::Gzip));
        assert_eq!(of(&["deflate"]), Some(ContentCoding::Deflate));
        assert_eq!(of(&["", "br"]), Some(ContentCoding::Brotli));
        assert_eq!(of(&["gzip", "br"]), None);
        assert_eq!(of(&["zstd"]), None);
        assert_eq!(of(&[]), None);
    }
}
