//! What an I/O thread and a worker say to each other.
//!
//! A frame is its length (4 bytes, of what follows), its kind, the session, the body; numbers in the
//! machine's own order, for both ends run on it. Frames travel in batches, many in one `send`.

use std::net::{IpAddr, SocketAddr};

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::super::sessions::SessionId;

/// From an I/O thread to a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Down {
    /// What follows of this session comes to this worker.
    Open { session: SessionId, opening: Opening },
    /// Bytes of a session: a whole request, a packet, or what there was.
    Data { session: SessionId, bytes: Bytes },
    /// The peer will send nothing more. Say [`Up::End`] when nothing is owed.
    Ended { session: SessionId },
    /// The connection is gone.
    Gone { session: SessionId, told: Told },
    /// So many bytes of what was sent have left for the peer.
    Taken { session: SessionId, bytes: u32 },
    /// Nothing more comes: the answer to [`Up::Leave`].
    Left,
}

/// What of a connection's end is told to PHP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Told {
    /// Nothing: the worker only forgets it.
    Nothing,
    /// `onClose`: its peer ended it.
    ByPeer,
    /// `onClose`: this server ended it.
    ByServer,
}

/// What a worker has to know of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Opening {
    /// It was accepted just now: `onConnect` runs.
    pub(in super::super) is_new: bool,
    /// Other workers serve it too: its end is not told.
    pub(in super::super) is_shared: bool,
    /// The number of the I/O thread.
    pub(in super::super) reactor_id: u16,
    /// The port it came in on, in the order of adding.
    pub(in super::super) listener: u16,
    /// The peer, unless it came over a unix socket.
    pub(in super::super) peer: Option<SocketAddr>,
}

/// From a worker to an I/O thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Up {
    /// Bytes for the peer.
    Send {
        session: SessionId,
        /// Requests whose answers are complete with these bytes.
        completed: u16,
        /// The answer to the next request has begun.
        begun: bool,
        /// What follows from the peer is no HTTP any more.
        upgraded: bool,
        bytes: Bytes,
    },
    /// Close it when what was sent has left. `tell` the worker that has it: this one calls no `onClose`.
    End { session: SessionId, tell: bool },
    /// Close it now.
    Reset { session: SessionId, tell: bool },
    /// Read from it, or do not.
    Read { session: SessionId, on: bool },
    /// This worker is on its way out: send it nothing more, say [`Down::Left`].
    Leave,
}

/// The other side is broken or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed frame")]
pub(in super::super) struct BadFrame;

impl Down {
    /// Appends the frame.
    pub(in super::super) fn encode(&self, out: &mut BytesMut) {
        match self {
            Down::Open { session, opening } => {
                let start = begin(out, OPEN, *session);
                out.put_u8(u8::from(opening.is_new) | u8::from(opening.is_shared) << 1);
                out.put_u16_ne(opening.reactor_id);
                out.put_u16_ne(opening.listener);
                match opening.peer {
                    None => {}
                    Some(SocketAddr::V4(peer)) => {
                        out.put_u16_ne(peer.port());
                        out.put_slice(&peer.ip().octets());
                    }
                    Some(SocketAddr::V6(peer)) => {
                        out.put_u16_ne(peer.port());
                        out.put_slice(&peer.ip().octets());
                    }
                }
                end(out, start);
            }
            Down::Data { session, bytes } => encode_data(out, *session, &[bytes]),
            Down::Ended { session } => empty(out, ENDED, *session),
            Down::Gone { session, told } => {
                let kind = match told {
                    Told::Nothing => FORGET,
                    Told::ByPeer => GONE,
                    Told::ByServer => CLOSED,
                };
                empty(out, kind, *session);
            }
            Down::Taken { session, bytes } => {
                let start = begin(out, TAKEN, *session);
                out.put_u32_ne(*bytes);
                end(out, start);
            }
            Down::Left => empty(out, LEFT, 0),
        }
    }

    /// Takes one frame off `input`; `None` when it is not all there yet.
    ///
    /// # Errors
    /// [`BadFrame`], after which nothing on this link makes sense.
    pub(in super::super) fn decode(input: &mut BytesMut) -> Result<Option<Down>, BadFrame> {
        let Some((kind, session, mut body)) = take(input)? else { return Ok(None) };
        Ok(Some(match kind {
            OPEN if body.len() >= OPENING => {
                let flags = body.get_u8();
                let (is_new, is_shared) = (flags & 1 != 0, flags & 2 != 0);
                let (reactor_id, listener) = (body.get_u16_ne(), body.get_u16_ne());
                let peer = take_peer(&mut body)?;
                let opening = Opening { is_new, is_shared, reactor_id, listener, peer };
                Down::Open { session, opening }
            }
            DATA => Down::Data { session, bytes: body.freeze() },
            ENDED => Down::Ended { session },
            GONE => Down::Gone { session, told: Told::ByPeer },
            CLOSED => Down::Gone { session, told: Told::ByServer },
            FORGET => Down::Gone { session, told: Told::Nothing },
            TAKEN if body.len() == 4 => Down::Taken { session, bytes: body.get_u32_ne() },
            LEFT => Down::Left,
            _ => return Err(BadFrame),
        }))
    }
}

impl Up {
    /// Appends the frame.
    #[cfg(test)]
    pub(in super::super) fn encode(&self, out: &mut BytesMut) {
        match self {
            Up::Send { session, completed, begun, upgraded, bytes } => {
                let start = begin_send(out, *session);
                out.put_slice(bytes);
                let (completed, begun, upgraded) = (*completed, *begun, *upgraded);
                end_send(out, start, Sent { completed, begun, upgraded });
            }
            Up::End { session, tell } => end_session(out, *session, false, *tell),
            Up::Reset { session, tell } => end_session(out, *session, true, *tell),
            Up::Read { session, on } => read_session(out, *session, *on),
            Up::Leave => leave(out),
        }
    }

    /// Takes one frame off `input`; `None` when it is not all there yet.
    ///
    /// # Errors
    /// [`BadFrame`], after which nothing on this link makes sense.
    pub(in super::super) fn decode(input: &mut BytesMut) -> Result<Option<Up>, BadFrame> {
        let Some((kind, session, mut body)) = take(input)? else { return Ok(None) };
        Ok(Some(match kind {
            SEND if body.len() >= SENDING => {
                let (completed, flags) = (body.get_u16_ne(), body.get_u8());
                let (begun, upgraded) = (flags & 1 != 0, flags & 2 != 0);
                Up::Send { session, completed, begun, upgraded, bytes: body.freeze() }
            }
            END | END_TOLD => Up::End { session, tell: kind == END_TOLD },
            RESET | RESET_TOLD => Up::Reset { session, tell: kind == RESET_TOLD },
            READ => Up::Read { session, on: true },
            PAUSE => Up::Read { session, on: false },
            LEAVE => Up::Leave,
            _ => return Err(BadFrame),
        }))
    }
}

/// Appends [`Down::Data`] whose bytes are in pieces.
pub(in super::super) fn encode_data(out: &mut BytesMut, session: SessionId, pieces: &[&[u8]]) {
    let start = begin(out, DATA, session);
    for piece in pieces {
        out.put_slice(piece);
    }
    end(out, start);
}

/// Begins [`Up::Send`]: append its bytes, then call [`end_send`] with the mark that this gives.
pub(in super::super) fn begin_send(out: &mut BytesMut, session: SessionId) -> usize {
    let start = begin(out, SEND, session);
    out.put_slice(&[0; SENDING]);
    start
}

/// What [`Up::Send`] says beside its bytes.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Sent {
    pub(in super::super) completed: u16,
    pub(in super::super) begun: bool,
    pub(in super::super) upgraded: bool,
}

/// Completes [`Up::Send`].
pub(in super::super) fn end_send(out: &mut BytesMut, start: usize, sent: Sent) {
    if let Some(place) = out.get_mut(start + HEAD..start + HEAD + SENDING) {
        let mut place: &mut [u8] = place;
        place.put_u16_ne(sent.completed);
        place.put_u8(u8::from(sent.begun) | u8::from(sent.upgraded) << 1);
    }
    end(out, start);
}

/// Appends [`Up::End`] or [`Up::Reset`].
pub(in super::super) fn end_session(
    out: &mut BytesMut,
    session: SessionId,
    reset: bool,
    tell: bool,
) {
    let kind = match (reset, tell) {
        (false, false) => END,
        (false, true) => END_TOLD,
        (true, false) => RESET,
        (true, true) => RESET_TOLD,
    };
    empty(out, kind, session);
}

/// Appends [`Up::Read`].
pub(in super::super) fn read_session(out: &mut BytesMut, session: SessionId, on: bool) {
    empty(out, if on { READ } else { PAUSE }, session);
}

/// Appends [`Up::Leave`].
pub(in super::super) fn leave(out: &mut BytesMut) {
    empty(out, LEAVE, 0);
}

fn begin(out: &mut BytesMut, kind: u8, session: SessionId) -> usize {
    let start = out.len();
    out.put_u32_ne(0);
    out.put_u8(kind);
    out.put_u32_ne(session);
    start
}

fn end(out: &mut BytesMut, start: usize) {
    let length = u32::try_from(out.len() - start - LENGTH).unwrap_or(u32::MAX);
    if let Some(mut place) = out.get_mut(start..start + LENGTH) {
        place.put_u32_ne(length);
    }
}

fn empty(out: &mut BytesMut, kind: u8, session: SessionId) {
    let start = begin(out, kind, session);
    end(out, start);
}

fn take(input: &mut BytesMut) -> Result<Option<(u8, SessionId, BytesMut)>, BadFrame> {
    let Some(length) = input.first_chunk::<LENGTH>() else { return Ok(None) };
    let length = u32::from_ne_bytes(*length) as usize;
    if !(HEAD - LENGTH..=FRAME).contains(&length) {
        return Err(BadFrame);
    }
    if input.len() < LENGTH + length {
        return Ok(None);
    }
    input.advance(LENGTH);
    let mut body = input.split_to(length);
    let kind = body.get_u8();
    let session = body.get_u32_ne();
    Ok(Some((kind, session, body)))
}

fn take_peer(body: &mut BytesMut) -> Result<Option<SocketAddr>, BadFrame> {
    if body.is_empty() {
        return Ok(None);
    }
    if body.len() < 2 {
        return Err(BadFrame);
    }
    let port = body.get_u16_ne();
    let ip = match (<[u8; 4]>::try_from(&body[..]), <[u8; 16]>::try_from(&body[..])) {
        (Ok(four), _) => IpAddr::from(four),
        (_, Ok(sixteen)) => IpAddr::from(sixteen),
        _ => return Err(BadFrame),
    };
    Ok(Some(SocketAddr::new(ip, port)))
}

const LENGTH: usize = 4;
/// Length, kind, session.
const HEAD: usize = LENGTH + 1 + 4;
/// What stands before the peer in [`Down::Open`].
const OPENING: usize = 1 + 2 + 2;
/// What stands before the bytes in [`Up::Send`].
const SENDING: usize = 2 + 1;
/// The longest frame: requests and packets have caps of their own far below.
const FRAME: usize = 1 << 31;

const OPEN: u8 = 1;
const DATA: u8 = 2;
const ENDED: u8 = 3;
const GONE: u8 = 4;
const FORGET: u8 = 5;
const TAKEN: u8 = 6;
const LEFT: u8 = 7;
const CLOSED: u8 = 8;
const SEND: u8 = 16;
const END: u8 = 17;
const RESET: u8 = 18;
const LEAVE: u8 = 19;
const READ: u8 = 20;
const PAUSE: u8 = 21;
const END_TOLD: u8 = 22;
const RESET_TOLD: u8 = 23;

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(peer: Option<&str>) -> Opening {
        let peer = peer.map(|text| text.parse().unwrap());
        Opening {
            is_new: peer.is_some(),
            is_shared: peer.is_none(),
            reactor_id: 3,
            listener: 1,
            peer,
        }
    }

    #[test]
    fn frames_come_back_byte_by_byte() {
        let down = [
            Down::Open { session: 1, opening: opening(None) },
            Down::Open { session: 2, opening: opening(Some("192.0.2.1:80")) },
            Down::Open { session: 3, opening: opening(Some("[2001:db8::1]:80")) },
            Down::Data { session: 4, bytes: Bytes::from_static(b"hello") },
            Down::Data { session: u32::MAX, bytes: Bytes::new() },
            Down::Ended { session: 5 },
            Down::Gone { session: 6, told: Told::ByPeer },
            Down::Gone { session: 6, told: Told::ByServer },
            Down::Gone { session: 7, told: Told::Nothing },
            Down::Taken { session: 8, bytes: 65_536 },
            Down::Left,
        ];
        let (mut wire, mut input, mut seen) = (BytesMut::new(), BytesMut::new(), Vec::new());
        down.iter().for_each(|frame| frame.encode(&mut wire));
        for byte in wire {
            input.put_u8(byte);
            seen.extend(Down::decode(&mut input).unwrap());
        }
        assert_eq!(seen, down);

        let bytes = Bytes::from_static(b"answer");
        let up = [
            Up::Send { session: 1, completed: 2, begun: true, upgraded: false, bytes },
            Up::Send {
                session: 1,
                completed: 0,
                begun: false,
                upgraded: true,
                bytes: Bytes::new(),
            },
            Up::End { session: 2, tell: false },
            Up::End { session: 2, tell: true },
            Up::Reset { session: 3, tell: false },
            Up::Reset { session: 3, tell: true },
            Up::Read { session: 4, on: true },
            Up::Read { session: 4, on: false },
            Up::Leave,
        ];
        let (mut wire, mut seen) = (BytesMut::new(), Vec::new());
        up.iter().for_each(|frame| frame.encode(&mut wire));
        for byte in wire {
            input.put_u8(byte);
            seen.extend(Up::decode(&mut input).unwrap());
        }
        assert_eq!(seen, up);
        assert!(input.is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        let mut wire = BytesMut::new();
        empty(&mut wire, 99, 1);
        assert_eq!(Down::decode(&mut wire.clone()), Err(BadFrame));
        assert_eq!(Up::decode(&mut wire), Err(BadFrame));
        assert_eq!(Down::decode(&mut BytesMut::from(&[0, 0, 0, 0][..])), Err(BadFrame));
        assert_eq!(Down::decode(&mut BytesMut::from(&[255; 8][..])), Err(BadFrame));
        let mut short = BytesMut::new();
        empty(&mut short, OPEN, 1);
        assert_eq!(Down::decode(&mut short), Err(BadFrame));
        let mut peer = BytesMut::new();
        Down::Open { session: 1, opening: opening(None) }.encode(&mut peer);
        peer.put_u8(9);
        end(&mut peer, 0);
        assert_eq!(Down::decode(&mut peer), Err(BadFrame));
    }
}
