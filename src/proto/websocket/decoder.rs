//! Messages off the front of a byte stream.

use bytes::{Buf, Bytes, BytesMut};

use super::frame::{Fault, FrameHead, NO_STATUS, Opcode, apply_mask, parse_head};

/// Which end this is: what it receives is masked, or is not (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Receives unmasked frames.
    Client,
    /// Receives masked frames.
    Server,
}

/// What the peer has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole message (text, which is UTF-8, or binary), a ping or a pong.
    Message {
        /// Text, binary, ping or pong.
        opcode: Opcode,
        /// The payload. A slice of the input where the message came whole.
        data: Bytes,
    },
    /// A close frame: nothing comes after it.
    Close {
        /// [`NO_STATUS`] for a frame without one.
        code: u16,
        /// UTF-8.
        reason: Bytes,
    },
}

/// Takes messages off a connection's input: fragments are joined, control frames come out between
/// them.
#[derive(Debug)]
pub struct Decoder {
    role: Role,
    state: State,
    /// The message that is not whole yet.
    message: Option<(Opcode, BytesMut)>,
    /// The control frame that is not whole yet.
    control: BytesMut,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Head,
    /// Within a payload of which so many bytes were taken.
    Payload(FrameHead, u64),
    /// A close frame was given out: what follows is dropped (RFC 6455 section 5.5.1).
    Closed,
    Failed(Fault),
}

/// Room that an announced length alone gets: beyond it, only bytes that came take memory.
const ROOM: usize = 64 * 1024;

impl Decoder {
    /// For the start of a stream.
    #[must_use]
    pub fn new(role: Role) -> Decoder {
        Decoder { role, state: State::Head, message: None, control: BytesMut::new() }
    }

    /// The next thing that the peer has said; `None` = more bytes are needed. A message over `most`
    /// bytes is refused by its announced length. No byte is looked at twice; between two calls the
    /// caller only appends to `input`.
    ///
    /// # Errors
    /// The connection has failed; the same comes again.
    pub fn decode(&mut self, input: &mut BytesMut, most: usize) -> Result<Option<Incoming>, Fault> {
        let result = self.advance(input, most);
        if let Err(fault) = result {
            self.state = State::Failed(fault);
            self.message = None;
            input.clear();
        }
        result
    }

    /// Bytes that wait for the rest of their message.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.message.as_ref().map_or(0, |(_, data)| data.len()) + self.control.len()
    }

    fn advance(&mut self, input: &mut BytesMut, most: usize) -> Result<Option<Incoming>, Fault> {
        loop {
            match self.state {
                State::Failed(fault) => return Err(fault),
                State::Closed => {
                    input.clear();
                    return Ok(None);
                }
                State::Head => {
                    let Some(head) = parse_head(input)? else { return Ok(None) };
                    self.check(&head, most)?;
                    input.advance(head.size);
                    self.state = State::Payload(head, 0);
                }
                State::Payload(head, taken) => {
                    if let Some(whole) = self.take_whole(&head, taken, input) {
                        return self.give(&head, whole).map(Some);
                    }
                    let left = head.length - taken;
                    let n = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    let mut part = input.split_to(n);
                    if let Some(mask) = head.mask {
                        apply_mask(&mut part, mask, taken);
                    }
                    let buffer = match &mut self.message {
                        Some((_, message)) if !head.opcode.is_control() => message,
                        _ => &mut self.control,
                    };
                    if buffer.is_empty() {
                        let length = usize::try_from(head.length).unwrap_or(usize::MAX);
                        buffer.reserve(length.min(ROOM));
                    }
                    buffer.extend_from_slice(&part);
                    if (n as u64) < left {
                        self.state = State::Payload(head, taken + n as u64);
                        return Ok(None);
                    }
                    self.state = State::Head;
                    if head.opcode.is_control() {
                        let whole = self.control.split().freeze();
                        return self.give(&head, whole).map(Some);
                    }
                    if head.fin {
                        let Some((opcode, data)) = self.message.take() else { continue };
                        let head = FrameHead { opcode, ..head };
                        return self.give(&head, data.freeze()).map(Some);
                    }
                }
            }
        }
    }

    /// What the RFC says of a frame at this place in the stream. A message's first frame begins it.
    fn check(&mut self, head: &FrameHead, most: usize) -> Result<(), Fault> {
        if head.mask.is_some() != (self.role == Role::Server) {
            return Err(Fault::Protocol("masking"));
        }
        let before = match (&self.message, head.opcode) {
            (_, Opcode::Close | Opcode::Ping | Opcode::Pong) => return Ok(()),
            (None, Opcode::Continuation) => {
                return Err(Fault::Protocol("nothing to continue"));
            }
            (Some(_), Opcode::Text | Opcode::Binary) => {
                return Err(Fault::Protocol("a message within another"));
            }
            (Some((_, message)), Opcode::Continuation) => message.len() as u64,
            (None, Opcode::Text | Opcode::Binary) => 0,
        };
        if before.saturating_add(head.length) > most as u64 {
            return Err(Fault::TooBig);
        }
        if self.message.is_none() {
            self.message = Some((head.opcode, BytesMut::new()));
        }
        Ok(())
    }

    /// A frame that is a whole message and lies whole in the input is not copied.
    fn take_whole(&mut self, head: &FrameHead, taken: u64, input: &mut BytesMut) -> Option<Bytes> {
        let length = usize::try_from(head.length).ok()?;
        let alone = head.fin && head.opcode != Opcode::Continuation;
        if !alone || taken > 0 || input.len() < length {
            return None;
        }
        let mut whole = input.split_to(length);
        if let Some(mask) = head.mask {
            apply_mask(&mut whole, mask, 0);
        }
        if !head.opcode.is_control() {
            self.message = None;
        }
        self.state = State::Head;
        Some(whole.freeze())
    }

    fn give(&mut self, head: &FrameHead, data: Bytes) -> Result<Incoming, Fault> {
        match head.opcode {
            Opcode::Close => {
                self.state = State::Closed;
                read_close(&data)
            }
            Opcode::Text if std::str::from_utf8(&data).is_err() => Err(Fault::NotUtf8),
            Opcode::Continuation | Opcode::Text | Opcode::Binary | Opcode::Ping | Opcode::Pong => {
                Ok(Incoming::Message { opcode: head.opcode, data })
            }
        }
    }
}

fn read_close(data: &Bytes) -> Result<Incoming, Fault> {
    let (code, reason) = match data.split_first_chunk::<2>() {
        Some((code, _)) => (u16::from_be_bytes(*code), data.slice(2..)),
        None if data.is_empty() => (NO_STATUS, Bytes::new()),
        None => return Err(Fault::Protocol("half a close code")),
    };
    // RFC 6455 section 7.4: the rest are reserved, or never on the wire.
    if !data.is_empty() && !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Fault::Protocol("close code"));
    }
    if std::str::from_utf8(&reason).is_err() {
        return Err(Fault::NotUtf8);
    }
    Ok(Incoming::Close { code, reason })
}

#[cfg(test)]
mod tests {
    use super::super::{encode_close, encode_frame};
    use super::*;

    const MOST: usize = 1 << 20;

    fn run(wire: &[u8], cuts: &[usize], role: Role) -> Result<Vec<Incoming>, Fault> {
        let mut decoder = Decoder::new(role);
        let mut input = BytesMut::new();
        let mut all = Vec::new();
        let mut from = 0;
        for &to in cuts.iter().chain([&wire.len()]) {
            input.extend_from_slice(&wire[from..to]);
            from = to;
            while let Some(one) = decoder.decode(&mut input, MOST)? {
                all.push(one);
            }
        }
        assert_eq!(decoder.buffered() + input.len(), 0);
        Ok(all)
    }

    fn message(opcode: Opcode, data: &[u8]) -> Incoming {
        Incoming::Message { opcode, data: Bytes::copy_from_slice(data) }
    }

    /// Messages whole and in parts, control frames between the parts, empty ones, a close.
    fn conversation(mask: Option<[u8; 4]>) -> (BytesMut, Vec<Incoming>) {
        let mut wire = BytesMut::new();
        let mut put = |opcode, fin, data: &[u8]| encode_frame(&mut wire, opcode, fin, data, mask);
        put(Opcode::Text, true, "grüße".as_bytes());
        put(Opcode::Text, false, "gr\u{fc}".as_bytes().split_at(3).0);
        put(Opcode::Ping, true, b"between");
        put(Opcode::Continuation, false, b"");
        put(Opcode::Continuation, true, "gr\u{fc}\u{df}e".as_bytes().split_at(3).1);
        put(Opcode::Pong, true, b"");
        put(Opcode::Binary, false, b"\xff");
        put(Opcode::Continuation, true, b"\xfe");
        put(Opcode::Binary, true, &[7; 300]);
        put(Opcode::Text, true, b"");
        encode_close(&mut wire, 4000, "bye", mask);
        let close = Incoming::Close { code: 4000, reason: Bytes::from_static(b"bye") };
        let events = vec![
            message(Opcode::Text, "grüße".as_bytes()),
            message(Opcode::Ping, b"between"),
            message(Opcode::Text, "grüße".as_bytes()),
            message(Opcode::Pong, b""),
            message(Opcode::Binary, b"\xff\xfe"),
            message(Opcode::Binary, &[7; 300]),
            message(Opcode::Text, b""),
            close,
        ];
        (wire, events)
    }

    #[test]
    fn every_cut_gives_the_same_messages() {
        for (role, mask) in [(Role::Client, None), (Role::Server, Some([1, 0, 0x80, 0xff]))] {
            let (wire, events) = conversation(mask);
            assert_eq!(run(&wire, &[], role).unwrap(), events);
            for cut in 0..wire.len() {
                assert_eq!(run(&wire, &[cut], role).unwrap(), events, "{cut}");
            }
            let all: Vec<usize> = (0..wire.len()).collect();
            assert_eq!(run(&wire, &all, role).unwrap(), events);
        }
    }

    #[test]
    fn what_fails_the_connection_fails_it_at_every_cut() {
        for (wire, want) in [
            (&b"\x80\x00"[..], 1002),
            (b"\x01\x01a\x81\x01b", 1002),
            (b"\x01\x01a\x02\x01b", 1002),
            (b"\x81\x81\0\0\0\0a", 1002),
            (b"\x81\x02\xc3\x28", 1007),
            (b"\x01\x01\xc3\x80\x01\x28", 1007),
            (b"\x81\x01\xc3", 1007),
            (b"\x88\x01\x03", 1002),
            (b"\x88\x02\x03\xed", 1002),
            (b"\x88\x02\x00\x00", 1002),
            (b"\x88\x04\x03\xe8\xc3\x28", 1007),
            (b"\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x01", 1009),
            (b"\x02\x01a\x80\x7f\x00\x00\x00\x00\x00\x10\x00\x00", 1009),
        ] {
            for cut in 0..wire.len() {
                let fault = run(wire, &[cut], Role::Client).unwrap_err();
                assert_eq!(fault.close_code(), want, "{wire:x?} {cut}");
            }
        }
        let mut input = BytesMut::from(&b"\x81\x01a"[..]);
        let fault = Decoder::new(Role::Server).decode(&mut input, MOST);
        assert_eq!(fault, Err(Fault::Protocol("masking")));
    }

    #[test]
    fn a_big_message_in_small_parts_is_joined_once() {
        let mut decoder = Decoder::new(Role::Client);
        let mut input = BytesMut::new();
        let n = 10_000;
        for i in 0..n {
            let opcode = if i == 0 { Opcode::Binary } else { Opcode::Continuation };
            encode_frame(&mut input, opcode, i == n - 1, &[9; 100], None);
            let got = decoder.decode(&mut input, MOST).unwrap();
            assert_eq!(got.is_some(), i == n - 1);
        }
    }
}
