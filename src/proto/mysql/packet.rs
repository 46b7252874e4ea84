use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::ProtocolError;

/// Takes packets off a stream, whatever pieces it comes in; joins those of 16 MiB and more.
#[derive(Debug, Default)]
pub struct PacketReader {
    /// The pieces so far of a packet of 16 MiB and more.
    joined: BytesMut,
    next: u8,
}

impl PacketReader {
    /// The next packet's payload; `None` needs more input, and nothing is lost. `most`: bytes of a
    /// packet.
    ///
    /// # Errors
    /// The packet is larger or out of order; nothing of the stream can be read after it.
    pub fn read(
        &mut self,
        input: &mut BytesMut,
        most: usize,
    ) -> Result<Option<Bytes>, ProtocolError> {
        loop {
            let Some(&[a, b, c, sequence]) = input.first_chunk() else { return Ok(None) };
            let length = u32::from_le_bytes([a, b, c, 0]) as usize;
            if sequence != self.next {
                return Err(ProtocolError::Sequence);
            }
            if self.joined.len().saturating_add(length) > most {
                return Err(ProtocolError::TooLarge);
            }
            if input.len() < HEADER + length {
                return Ok(None);
            }
            input.advance(HEADER);
            let piece = input.split_to(length);
            self.next = self.next.wrapping_add(1);
            if length == FULL {
                self.joined.extend_from_slice(&piece);
            } else if self.joined.is_empty() {
                return Ok(Some(piece.freeze()));
            } else {
                self.joined.extend_from_slice(&piece);
                return Ok(Some(self.joined.split().freeze()));
            }
        }
    }

    /// The number that the next packet must have, from whichever side it comes.
    #[must_use]
    pub fn sequence(&self) -> u8 {
        self.next
    }

    /// An own packet went out with this number.
    pub fn set_sent(&mut self, last: u8) {
        self.next = last.wrapping_add(1);
    }
}

/// Writes the payload `head` + `body`, cut at 16 MiB, numbered from `sequence`; gives the last number.
pub fn write_packet(out: &mut BytesMut, sequence: u8, head: &[u8], body: &[u8]) -> u8 {
    let mut sequence = sequence;
    let mut payload = head.chain(body);
    out.reserve(payload.remaining() + HEADER);
    loop {
        let length = payload.remaining().min(FULL);
        out.put_uint_le(length as u64, 3);
        out.put_u8(sequence);
        out.put((&mut payload).take(length));
        if length < FULL {
            return sequence;
        }
        sequence = sequence.wrapping_add(1);
    }
}

const HEADER: usize = 4;
/// The length that says that another piece follows.
const FULL: usize = 0xFF_FFFF;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_16_mib_and_more_are_cut_and_joined() {
        for length in [0, 1, FULL - 1, FULL, FULL + 1, 2 * FULL, 2 * FULL + 7] {
            let body = vec![7; length];
            let mut out = BytesMut::new();
            let last = write_packet(&mut out, 0, &[], &body);
            assert_eq!(usize::from(last), length / FULL);
            let mut reader = PacketReader::default();
            let packet = reader.read(&mut out, usize::MAX).unwrap().unwrap();
            assert!(packet == body, "{length}");
            assert!(out.is_empty());
            assert_eq!(usize::from(reader.sequence()), length / FULL + 1);
        }
    }

    #[test]
    fn what_is_too_large_is_refused_by_its_header() {
        let mut reader = PacketReader::default();
        let mut input = BytesMut::from(&[11, 0, 0, 0][..]);
        assert_eq!(reader.read(&mut input, 10), Err(ProtocolError::TooLarge));
        let mut input = BytesMut::from(&[1, 0, 0, 1, 0][..]);
        assert_eq!(reader.read(&mut input, 10), Err(ProtocolError::Sequence));
    }
}
