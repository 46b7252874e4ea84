use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;
use thiserror::Error;

use super::Rule;
use crate::proto::{
    limits::{FRAMING_HEAD, MQTT_LENGTH},
    redis::RequestScanner,
};

/// What a decoder has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A whole packet, its mark or length included.
    Packet(Bytes),
    /// The rule is [`Rule::Asked`]: how long is the packet that begins like this? Answer with
    /// [`Decoder::answer`], then ask for the next packet again.
    Head(Bytes),
}

/// The peer broke the rule. The stream has no next packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FramingError {
    /// A packet is longer than allowed, or no mark came within that.
    #[error("the packet is longer than package_max_length")]
    TooLong,
    /// A length is negative, too short to hold itself, or has no end.
    #[error("the packet's length is not valid")]
    Length,
    /// This is no request of the Redis protocol.
    #[error("this is no Redis request")]
    Request,
}

/// Cuts a byte stream into packets. Each byte is looked at once, in whatever pieces it comes.
#[derive(Debug)]
pub struct Decoder {
    rule: Rule,
    most: usize,
    /// Boxed: it holds vectors of the CPU, whose alignment no PHP object has.
    mark: Option<Box<Finder<'static>>>,
    /// Bytes at the start of the input that hold no mark, or that the caller was asked about.
    scanned: usize,
    /// The length of the packet at the start of the input, once it is known.
    length: Option<usize>,
    /// How far the request at the start of the input is known.
    request: RequestScanner,
    failed: Option<FramingError>,
}

impl Decoder {
    /// A decoder of packets of at most `most` bytes (`package_max_length`).
    #[must_use]
    pub fn new(rule: Rule, most: usize) -> Decoder {
        let mark = match &rule {
            Rule::EofSplit(mark) => Some(Box::new(Finder::new(mark).into_owned())),
            Rule::EofCheck(_) | Rule::Length { .. } | Rule::Asked | Rule::Command | Rule::Mqtt => {
                None
            }
        };
        let request = RequestScanner::default();
        Decoder { rule, most, mark, scanned: 0, length: None, request, failed: None }
    }

    /// Takes the next packet off `input`. What it leaves there must stand first in the next call's
    /// `input`. `None`: more bytes are needed.
    ///
    /// # Errors
    /// The peer broke the rule; every further call says the same.
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Option<Found>, FramingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let found = match &self.rule {
            Rule::EofCheck(mark) => {
                let whole = input.ends_with(mark).then_some(input.len());
                self.limited(whole, input.len())
            }
            Rule::EofSplit(mark) => {
                // A mark may have begun in what was scanned.
                let from = (self.scanned + 1).saturating_sub(mark.len());
                let fresh = input.get(from..).unwrap_or_default();
                let at = self.mark.as_ref().and_then(|finder| finder.find(fresh));
                let end = at.map(|at| from + at + mark.len());
                self.scanned = input.len();
                self.limited(end, input.len())
            }
            Rule::Length { kind, offset, body } => {
                if self.length.is_none()
                    && let Some(number) = input.get(*offset..).and_then(|at| kind.read(at))
                {
                    let least = offset + kind.size();
                    let length = usize::try_from(number).ok().map(|number| number + body);
                    self.length = length.filter(|length| *length >= least);
                    if self.length.is_none() {
                        self.failed = Some(FramingError::Length);
                    }
                }
                self.known(input.len())
            }
            Rule::Mqtt => {
                if self.length.is_none() {
                    match mqtt_length(input) {
                        Ok(length) => self.length = length,
                        Err(error) => self.failed = Some(error),
                    }
                }
                self.known(input.len())
            }
            Rule::Command => match self.request.scan(input, self.most) {
                Ok(whole) => self.limited(whole, input.len()),
                Err(_) => Err(FramingError::Request),
            },
            Rule::Asked => {
                if self.length.is_none() && self.scanned < input.len() {
                    if self.scanned >= FRAMING_HEAD.min(self.most) {
                        self.failed = Some(FramingError::TooLong);
                        return Err(FramingError::TooLong);
                    }
                    self.scanned = input.len();
                    let head = input.get(..input.len().min(FRAMING_HEAD)).unwrap_or_default();
                    return Ok(Some(Found::Head(Bytes::copy_from_slice(head))));
                }
                self.known(input.len())
            }
        };
        match found {
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
            Ok(None) => Ok(None),
            Ok(Some(length)) => {
                self.scanned = 0;
                self.length = None;
                Ok(Some(Found::Packet(input.split_to(length).freeze())))
            }
        }
    }

    /// The answer to [`Found::Head`]: the length of the whole packet; 0: it takes more bytes to
    /// say; negative: this is no packet.
    pub fn answer(&mut self, length: i64) {
        match usize::try_from(length) {
            Ok(0) => {}
            Ok(length) => self.length = Some(length),
            Err(_) => self.failed = Some(FramingError::Length),
        }
    }

    /// Whether the packet that ends at `end`, or has not ended after `there` bytes, is allowed.
    fn limited(&self, end: Option<usize>, there: usize) -> Result<Option<usize>, FramingError> {
        if end.unwrap_or(there) > self.most { Err(FramingError::TooLong) } else { Ok(end) }
    }

    fn known(&self, there: usize) -> Result<Option<usize>, FramingError> {
        match (self.failed, self.length) {
            (Some(error), _) => Err(error),
            (None, Some(length)) if length > self.most => Err(FramingError::TooLong),
            (None, length) => Ok(length.filter(|length| *length <= there)),
        }
    }
}

/// The length of the whole packet that `input` begins with; `None`: its bytes are not all there.
fn mqtt_length(input: &[u8]) -> Result<Option<usize>, FramingError> {
    let mut remaining = 0;
    for (at, byte) in input.iter().skip(1).take(MQTT_LENGTH).enumerate() {
        remaining |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(Some(at + 2 + remaining));
        }
    }
    if input.len() > MQTT_LENGTH { Err(FramingError::Length) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of a wire that arrives in two pieces; `Asked` is answered with the first byte.
    fn packets(rule: &Rule, most: usize, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Option<FramingError>) {
        let mut decoder = Decoder::new(rule.clone(), most);
        let mut input = BytesMut::new();
        let mut packets = Vec::new();
        for piece in pieces {
            input.extend_from_slice(piece);
            loop {
                match decoder.next(&mut input) {
                    Ok(None) => break,
                    Ok(Some(Found::Packet(packet))) => packets.push(packet.to_vec()),
                    Ok(Some(Found::Head(head))) => {
                        decoder.answer(i64::from(head[0].cast_signed()));
                    }
                    Err(error) => {
                        assert_eq!(decoder.next(&mut input), Err(error));
                        return (packets, Some(error));
                    }
                }
            }
        }
        (packets, None)
    }

    fn at_every_cut(rule: &Rule, most: usize, wire: &[u8], expected: &[&[u8]]) {
        for cut in 0..=wire.len() {
            let (a, b) = wire.split_at(cut);
            assert_eq!(packets(rule, most, &[a, b]), (vecs(expected), None), "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(packets(rule, most, &bytes), (vecs(expected), None));
    }

    fn vecs(slices: &[&[u8]]) -> Vec<Vec<u8>> {
        slices.iter().map(|slice| slice.to_vec()).collect()
    }

    fn fails(rule: &Rule, most: usize, wire: &[u8], before: &[&[u8]], error: FramingError) {
        for cut in 0..=wire.len() {
            let (a, b) = wire.split_at(cut);
            assert_eq!(packets(rule, most, &[a, b]), (vecs(before), Some(error)), "cut at {cut}");
        }
    }

    #[test]
    fn requests_of_redis_are_packets() {
        let wire = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n";
        let (first, second) = wire.split_at(20);
        at_every_cut(&Rule::Command, 100, wire, &[first, second]);
        fails(
            &Rule::Command,
            100,
            b"*1\r\n$4\r\nPING\r\nGET a\r\n",
            &[second],
            FramingError::Request,
        );
    }

    #[test]
    fn packets_of_mqtt_have_a_length_of_one_to_four_bytes() {
        // PINGREQ; PUBLISH to "a" with "hi"; one whose length takes two bytes though one would do.
        let wire = b"\xc0\x00\x30\x05\x00\x01ahi\x30\x81\x00x";
        let expected: [&[u8]; 3] = [b"\xc0\x00", b"\x30\x05\x00\x01ahi", b"\x30\x81\x00x"];
        at_every_cut(&Rule::Mqtt, 100, wire, &expected);
        let long = [&b"\x30\xc8\x01"[..], &[7; 200]].concat();
        at_every_cut(&Rule::Mqtt, 203, &long, &[&long]);
        fails(&Rule::Mqtt, 202, b"\xc0\x00\x30\xc8\x01", &[b"\xc0\x00"], FramingError::TooLong);
        fails(&Rule::Mqtt, 1 << 20, b"\x30\xff\xff\xff\x7f", &[], FramingError::TooLong);
        fails(&Rule::Mqtt, usize::MAX, b"\x30\xff\xff\xff\xff", &[], FramingError::Length);
    }

    #[test]
    fn one_packet_for_each_mark() {
        let rule = Rule::eof(b"\r\n\r\n", true).unwrap();
        let wire = b"one\r\n\r\ntwo\r\n\r\r\n\r\n\r\n\r\nrest\r\n\r";
        let expected: [&[u8]; 3] = [b"one\r\n\r\n", b"two\r\n\r\r\n\r\n", b"\r\n\r\n"];
        at_every_cut(&rule, 100, wire, &expected);
    }

    #[test]
    fn a_check_delivers_what_ends_with_the_mark() {
        let rule = Rule::eof(b";;", false).unwrap();
        let got = packets(&rule, 100, &[b"a;;b", b";", b";", b"c;", b";"]);
        assert_eq!(got, (vecs(&[b"a;;b;;", b"c;;"]), None));
        fails(&rule, 3, b"abcd", &[], FramingError::TooLong);
    }

    #[test]
    fn a_mark_that_does_not_come_in_time_is_too_long() {
        let rule = Rule::eof(b"\n", true).unwrap();
        fails(&rule, 3, b"ab\nabcd", &[b"ab\n"], FramingError::TooLong);
        fails(&rule, 3, b"abc\n", &[], FramingError::TooLong);
    }

    #[test]
    fn a_length_counts_from_the_body_or_the_whole() {
        let from_body = Rule::length(b'N', 0, 4).unwrap();
        let wire = b"\0\0\0\x02hi\0\0\0\0\0\0\0\x03y";
        at_every_cut(&from_body, 100, wire, &[b"\0\0\0\x02hi", b"\0\0\0\0"]);
        let whole = Rule::length(b'n', 1, 0).unwrap();
        at_every_cut(&whole, 100, b"t\0\x05hiu\0\x03", &[b"t\0\x05hi", b"u\0\x03"]);
    }

    #[test]
    fn a_length_that_can_not_be_is_an_error() {
        let whole = Rule::length(b'n', 0, 0).unwrap();
        fails(&whole, 100, b"\0\x02\0\x01x", &[b"\0\x02"], FramingError::Length);
        fails(&whole, 100, b"\0\0", &[], FramingError::Length);
        fails(&whole, 100, b"\0\x65", &[], FramingError::TooLong);
        let signed = Rule::length(b'c', 0, 1).unwrap();
        fails(&signed, 100, b"\xff", &[], FramingError::Length);
        let large = Rule::length(b'N', 0, FRAMING_HEAD).unwrap();
        fails(&large, 100, b"\xff\xff\xff\xff", &[], FramingError::TooLong);
    }

    #[test]
    fn the_caller_is_asked_once_for_each_piece() {
        at_every_cut(&Rule::Asked, 100, b"\x03ab\x01\x05", &[b"\x03ab", b"\x01"]);
        fails(&Rule::Asked, 100, b"\x01\xff", &[b"\x01"], FramingError::Length);
        fails(&Rule::Asked, 2, b"\x03", &[], FramingError::TooLong);
        let mut decoder = Decoder::new(Rule::Asked, 100);
        let mut input = BytesMut::from(&b"abc"[..]);
        let head = |bytes: &'static [u8]| Ok(Some(Found::Head(Bytes::from_static(bytes))));
        assert_eq!(decoder.next(&mut input), head(b"abc"));
        decoder.answer(0);
        assert_eq!(decoder.next(&mut input), Ok(None));
        input.extend_from_slice(b"d");
        assert_eq!(decoder.next(&mut input), head(b"abcd"));
        decoder.answer(4);
        assert_eq!(decoder.next(&mut input), Ok(Some(Found::Packet(Bytes::from_static(b"abcd")))));
        assert_eq!(decoder.next(&mut input), Ok(None));
    }

    #[test]
    fn a_head_that_never_ends_is_too_long() {
        let mut decoder = Decoder::new(Rule::Asked, usize::MAX);
        let mut input = BytesMut::from(&vec![0; FRAMING_HEAD][..]);
        assert!(matches!(decoder.next(&mut input), Ok(Some(Found::Head(_)))));
        decoder.answer(0);
        assert_eq!(decoder.next(&mut input), Ok(None));
        input.extend_from_slice(b"x");
        assert_eq!(decoder.next(&mut input), Err(FramingError::TooLong));
    }

    #[test]
    fn a_packet_in_single_bytes_costs_no_more_than_its_length() {
        let rule = Rule::eof(b"\r\n", true).unwrap();
        let mut decoder = Decoder::new(rule, 1 << 21);
        let mut input = BytesMut::with_capacity(1 << 21);
        // A scan from the start for each byte would be 2^39 steps.
        for _ in 0..1 << 20 {
            input.extend_from_slice(b"\r");
            assert_eq!(decoder.next(&mut input), Ok(None));
        }
        input.extend_from_slice(b"\n");
        assert!(matches!(decoder.next(&mut input), Ok(Some(Found::Packet(_)))));
    }
}
