//! Single frames (RFC 6455 section 5.2).

use std::io::Cursor;

use bytes::{BufMut, BytesMut};
use tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// 0: more of the message before.
    Continuation,
    /// 1: a message of UTF-8 text, or its first part.
    Text,
    /// 2: a message of bytes, or its first part.
    Binary,
    /// 8
    Close,
    /// 9
    Ping,
    /// 10
    Pong,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// It ends its message.
    pub fin: bool,
    /// What it is.
    pub opcode: Opcode,
    /// The key of a masked one.
    pub mask: Option<[u8; 4]>,
    /// Bytes of the payload.
    pub length: u64,
    /// Bytes of the head itself: the payload follows.
    pub size: usize,
}

/// Why what the peer sent fails the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The grammar or the order of frames is broken.
    #[error("protocol error: {0}")]
    Protocol(&'static str),
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A message is over its cap.
    #[error("the message is too big")]
    TooBig,
}

impl Opcode {
    /// The opcode with this number; `None` for the reserved ones.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Opcode> {
        Some(match number {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        })
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        OpCode::from(self).into()
    }

    /// Whether it is a control frame: never in parts, at most [`CONTROL_PAYLOAD`] bytes.
    #[must_use]
    pub fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

impl From<Opcode> for OpCode {
    fn from(opcode: Opcode) -> OpCode {
        match opcode {
            Opcode::Continuation => OpCode::Data(Data::Continue),
            Opcode::Text => OpCode::Data(Data::Text),
            Opcode::Binary => OpCode::Data(Data::Binary),
            Opcode::Close => OpCode::Control(Control::Close),
            Opcode::Ping => OpCode::Control(Control::Ping),
            Opcode::Pong => OpCode::Control(Control::Pong),
        }
    }
}

impl Fault {
    /// The close code that the peer is told (RFC 6455 section 7.4.1).
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Fault::Protocol(_) => 1002,
            Fault::NotUtf8 => 1007,
            Fault::TooBig => 1009,
        }
    }
}

/// Bytes of a control frame's payload at most (RFC 6455 section 5.5).
pub const CONTROL_PAYLOAD: usize = 125;
/// The close code of an end in good order.
pub const NORMAL: u16 = 1000;
/// Stands for a close frame without a code; never on the wire.
pub const NO_STATUS: u16 = 1005;

/// Reads the head at the front of `input`; `None` = more bytes are needed. At most 14 bytes are
/// looked at.
///
/// # Errors
/// Reserved bits or opcodes, a length in more bytes than it needs, a control frame that is too long
/// or in parts.
pub fn parse_head(input: &[u8]) -> Result<Option<FrameHead>, Fault> {
    let mut cursor = Cursor::new(input);
    let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Fault::Protocol("opcode"))?;
    let Some((header, length)) = parsed else { return Ok(None) };
    let size = header.len(length);
    if cursor.position() != size as u64 || length > i64::MAX.unsigned_abs() {
        return Err(Fault::Protocol("length"));
    }
    if header.rsv1 || header.rsv2 || header.rsv3 {
        return Err(Fault::Protocol("reserved bits"));
    }
    let opcode = match header.opcode {
        OpCode::Data(Data::Continue) => Opcode::Continuation,
        OpCode::Data(Data::Text) => Opcode::Text,
        OpCode::Data(Data::Binary) => Opcode::Binary,
        OpCode::Control(Control::Close) => Opcode::Close,
        OpCode::Control(Control::Ping) => Opcode::Ping,
        OpCode::Control(Control::Pong) => Opcode::Pong,
        OpCode::Data(Data::Reserved(_)) | OpCode::Control(Control::Reserved(_)) => {
            return Err(Fault::Protocol("opcode"));
        }
    };
    if opcode.is_control() && (!header.is_final || length > CONTROL_PAYLOAD as u64) {
        return Err(Fault::Protocol("control frame"));
    }
    Ok(Some(FrameHead { fin: header.is_final, opcode, mask: header.mask, length, size }))
}

/// Appends a frame. A client gives a `mask` that nobody can foresee, a server none (RFC 6455
/// section 5.3). The caller keeps control frames within [`CONTROL_PAYLOAD`] and whole.
pub fn encode_frame(
    out: &mut BytesMut,
    opcode: Opcode,
    fin: bool,
    payload: &[u8],
    mask: Option<[u8; 4]>,
) {
    let header =
        FrameHeader { is_final: fin, opcode: opcode.into(), mask, ..FrameHeader::default() };
    let length = payload.len() as u64;
    out.reserve(header.len(length) + payload.len());
    // Writing to memory does not fail.
    let _ = header.format(length, &mut out.writer());
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = mask
        && let Some(payload) = out.get_mut(start..)
    {
        apply_mask(payload, mask, 0);
    }
}

/// Appends a close frame. [`NO_STATUS`] sends one without code and reason; a reason is cut to what
/// fits, between two characters.
pub fn encode_close(out: &mut BytesMut, code: u16, reason: &str, mask: Option<[u8; 4]>) {
    let mut payload = Vec::with_capacity(CONTROL_PAYLOAD);
    if code != NO_STATUS {
        payload.extend_from_slice(&code.to_be_bytes());
        let most = CONTROL_PAYLOAD - payload.len();
        let end = (0..=most.min(reason.len())).rfind(|&end| reason.is_char_boundary(end));
        payload.extend_from_slice(reason.get(..end.unwrap_or(0)).unwrap_or("").as_bytes());
    }
    encode_frame(out, Opcode::Close, true, &payload, mask);
}

/// Masks, or unmasks, a part of a payload that begins `offset` bytes into it.
pub fn apply_mask(part: &mut [u8], mask: [u8; 4], offset: u64) {
    let [a, b, c, d] = mask;
    let [a, b, c, d] = match offset % 4 {
        0 => [a, b, c, d],
        1 => [b, c, d, a],
        2 => [c, d, a, b],
        _ => [d, a, b, c],
    };
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut words = part.chunks_exact_mut(8);
    for word in &mut words {
        if let Ok(bytes) = <[u8; 8]>::try_from(&*word) {
            word.copy_from_slice(&(u64::from_ne_bytes(bytes) ^ wide).to_ne_bytes());
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip([a, b, c, d].into_iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc() {
        let mut out = BytesMut::new();
        encode_frame(&mut out, Opcode::Text, true, b"Hello", None);
        assert_eq!(&out[..], b"\x81\x05Hello");
        out.clear();
        encode_frame(&mut out, Opcode::Text, true, b"Hello", Some([0x37, 0xfa, 0x21, 0x3d]));
        assert_eq!(&out[..], b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
        let head = parse_head(&out).unwrap().unwrap();
        assert_eq!((head.size, head.length, head.mask), (6, 5, Some([0x37, 0xfa, 0x21, 0x3d])));
        for (length, size) in [(125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            out.clear();
            encode_frame(&mut out, Opcode::Binary, false, &vec![b'x'; length], None);
            let head = parse_head(&out).unwrap().unwrap();
            assert_eq!((head.size, head.length, head.fin), (size, length as u64, false));
            for cut in 0..size {
                assert_eq!(parse_head(&out[..cut]), Ok(None));
            }
        }
    }

    #[test]
    fn what_the_grammar_forbids() {
        for bytes in [
            &b"\xc1\x00"[..],
            b"\xa1\x00",
            b"\x91\x00",
            b"\x83\x00",
            b"\x8b\x00",
            b"\x09\x00",
            b"\x89\x7e\x00\x7e",
            b"\x82\x7e\x00\x7d",
            b"\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff",
            b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
        ] {
            assert!(matches!(parse_head(bytes), Err(Fault::Protocol(_))), "{bytes:x?}");
        }
    }

    #[test]
    fn a_mask_goes_on_from_any_offset() {
        let text: Vec<u8> = (0..100).collect();
        let mut whole = text.clone();
        apply_mask(&mut whole, [1, 2, 3, 4], 0);
        for cut in 0..text.len() {
            let mut parts = text.clone();
            let (first, second) = parts.split_at_mut(cut);
            apply_mask(first, [1, 2, 3, 4], 0);
            apply_mask(second, [1, 2, 3, 4], cut as u64);
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        let mut out = BytesMut::new();
        encode_close(&mut out, 1000, &"ä".repeat(100), None);
        assert_eq!(out.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&out[4..]).is_ok());
        out.clear();
        encode_close(&mut out, NO_STATUS, "not sent", None);
        assert_eq!(&out[..], b"\x88\x00");
    }
}
