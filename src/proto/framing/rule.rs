use thiserror::Error;

use crate::proto::limits::{FRAMING_EOF, FRAMING_HEAD};

/// How packets are told apart. Made by its constructors, which check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// All that is there is a packet if it ends with the mark: several may come glued together.
    EofCheck(Vec<u8>),
    /// A packet ends with its first mark, which belongs to it.
    EofSplit(Vec<u8>),
    /// A length stands in front.
    Length {
        /// How it is written.
        kind: LengthType,
        /// Where it stands.
        offset: usize,
        /// From where on it counts; 0: it counts the whole packet.
        body: usize,
    },
    /// The caller is asked for the length of the whole packet.
    Asked,
    /// Each packet is a request of the Redis protocol.
    Command,
    /// Packets of MQTT: a type, then in one to four bytes how much follows (MQTT 5.0 section 2.1). What
    /// types there are is the program's to judge.
    Mqtt,
}

/// How a length is written: the codes of PHP's `pack()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthType {
    /// `c`: signed, 8 bits.
    Signed8,
    /// `C`: 8 bits.
    Unsigned8,
    /// `s`: signed, 16 bits, the machine's order.
    Signed16,
    /// `S`: 16 bits, the machine's order.
    Unsigned16,
    /// `n`: 16 bits, big endian.
    Big16,
    /// `v`: 16 bits, little endian.
    Little16,
    /// `l`: signed, 32 bits, the machine's order.
    Signed32,
    /// `L`: 32 bits, the machine's order.
    Unsigned32,
    /// `N`: 32 bits, big endian.
    Big32,
    /// `V`: 32 bits, little endian.
    Little32,
}

/// A rule that can not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadRule {
    /// The mark is empty or longer than [`FRAMING_EOF`].
    #[error("the end mark must have 1 to 8 bytes")]
    Eof,
    /// No code of `pack()` that stands for a length.
    #[error("the length type must be one of c C s S n N l L v V")]
    Type,
    /// The length stands further in than [`FRAMING_HEAD`].
    #[error("the length's offset is too large")]
    Offset,
}

impl Rule {
    /// One packet for each mark (`split`), or whatever ends with one.
    ///
    /// # Errors
    /// [`BadRule::Eof`]
    pub fn eof(mark: &[u8], split: bool) -> Result<Rule, BadRule> {
        if mark.is_empty() || mark.len() > FRAMING_EOF {
            return Err(BadRule::Eof);
        }
        Ok(if split { Rule::EofSplit(mark.to_vec()) } else { Rule::EofCheck(mark.to_vec()) })
    }

    /// A length of type `code` at `offset` that counts from `body` on.
    ///
    /// # Errors
    /// [`BadRule::Type`], [`BadRule::Offset`]
    pub fn length(code: u8, offset: usize, body: usize) -> Result<Rule, BadRule> {
        let kind = LengthType::from_code(code).ok_or(BadRule::Type)?;
        if offset > FRAMING_HEAD - LengthType::LONGEST || body > FRAMING_HEAD {
            return Err(BadRule::Offset);
        }
        Ok(Rule::Length { kind, offset, body })
    }
}

impl LengthType {
    /// The most bytes that a length takes.
    pub(super) const LONGEST: usize = 4;

    /// The type of a `pack()` code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<LengthType> {
        Some(match code {
            b'c' => LengthType::Signed8,
            b'C' => LengthType::Unsigned8,
            b's' => LengthType::Signed16,
            b'S' => LengthType::Unsigned16,
            b'n' => LengthType::Big16,
            b'v' => LengthType::Little16,
            b'l' => LengthType::Signed32,
            b'L' => LengthType::Unsigned32,
            b'N' => LengthType::Big32,
            b'V' => LengthType::Little32,
            _ => return None,
        })
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            LengthType::Signed8 | LengthType::Unsigned8 => 1,
            LengthType::Signed16
            | LengthType::Unsigned16
            | LengthType::Big16
            | LengthType::Little16 => 2,
            LengthType::Signed32
            | LengthType::Unsigned32
            | LengthType::Big32
            | LengthType::Little32 => 4,
        }
    }

    /// The length at the start of `bytes`; `None` if they are too few.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> Option<i64> {
        let one = || bytes.first().copied();
        let two = || bytes.first_chunk::<2>().copied();
        let four = || bytes.first_chunk::<4>().copied();
        Some(match self {
            LengthType::Signed8 => i64::from(one()?.cast_signed()),
            LengthType::Unsigned8 => i64::from(one()?),
            LengthType::Signed16 => i64::from(i16::from_ne_bytes(two()?)),
            LengthType::Unsigned16 => i64::from(u16::from_ne_bytes(two()?)),
            LengthType::Big16 => i64::from(u16::from_be_bytes(two()?)),
            LengthType::Little16 => i64::from(u16::from_le_bytes(two()?)),
            LengthType::Signed32 => i64::from(i32::from_ne_bytes(four()?)),
            LengthType::Unsigned32 => i64::from(u32::from_ne_bytes(four()?)),
            LengthType::Big32 => i64::from(u32::from_be_bytes(four()?)),
            LengthType::Little32 => i64::from(u32::from_le_bytes(four()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_pack_writes_them() {
        let read = |code, bytes: &[u8]| LengthType::from_code(code).unwrap().read(bytes);
        assert_eq!(read(b'c', &[0xff]), Some(-1));
        assert_eq!(read(b'C', &[0xff]), Some(255));
        assert_eq!(read(b's', &(-2i16).to_ne_bytes()), Some(-2));
        assert_eq!(read(b'S', &65_534u16.to_ne_bytes()), Some(65_534));
        assert_eq!(read(b'n', &[1, 2]), Some(0x0102));
        assert_eq!(read(b'v', &[1, 2]), Some(0x0201));
        assert_eq!(read(b'l', &(-3i32).to_ne_bytes()), Some(-3));
        assert_eq!(read(b'L', &u32::MAX.to_ne_bytes()), Some(i64::from(u32::MAX)));
        assert_eq!(read(b'N', &[1, 2, 3, 4]), Some(0x0102_0304));
        assert_eq!(read(b'V', &[1, 2, 3, 4]), Some(0x0403_0201));
        for code in *b"cCsSnNlLvV" {
            let kind = LengthType::from_code(code).unwrap();
            assert_eq!(kind.read(&vec![0; kind.size() - 1]), None);
        }
    }

    #[test]
    fn rules_that_can_not_be_are_refused() {
        assert_eq!(Rule::eof(b"", true), Err(BadRule::Eof));
        assert_eq!(Rule::eof(b"123456789", false), Err(BadRule::Eof));
        assert!(Rule::eof(b"12345678", false).is_ok());
        assert_eq!(Rule::length(b'x', 0, 0), Err(BadRule::Type));
        assert_eq!(Rule::length(b'N', FRAMING_HEAD, 0), Err(BadRule::Offset));
    }
}
