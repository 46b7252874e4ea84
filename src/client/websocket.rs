//! A WebSocket from the client's side (RFC 6455), after the handshake: messages in and out, pings
//! answered, the close handshake.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use crate::{
    proto::websocket::{
        CONTROL_PAYLOAD, Decoder, Fault, Incoming, Opcode, Role, encode_close, encode_frame,
    },
    sys::random,
};

use super::End;

/// Why a frame was not taken: nothing of it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PushError {
    /// A reserved opcode, or one that cannot stand here: a continuation of nothing, a message
    /// within another.
    #[error("invalid opcode")]
    Opcode,
    /// A control frame over 125 bytes.
    #[error("a control frame holds at most 125 bytes")]
    TooLong,
    /// More than `socket_buffer_size` bytes would wait.
    #[error("the output buffer is full")]
    Overflow,
    /// There is no connection, or it is being closed.
    #[error("not connected")]
    NotConnected,
    /// The connection is no WebSocket.
    #[error("the connection is not upgraded to WebSocket")]
    NotUpgraded,
}

impl PushError {
    /// What PHP sees in `errCode`.
    #[must_use]
    pub fn err_code(self) -> i32 {
        match self {
            PushError::Opcode => 8502,
            PushError::TooLong => 1202,
            PushError::Overflow => 1008,
            PushError::NotConnected => 8503,
            PushError::NotUpgraded => 8504,
        }
    }
}

/// An open WebSocket. What it sends is always masked.
#[derive(Debug)]
pub struct WebSocket {
    decoder: Decoder,
    /// Bytes of the longest message that is taken.
    most: usize,
    /// The payload of the newest ping that is not answered; one that comes before its answer has
    /// left takes its place (RFC 6455 section 5.5.3).
    ping: Option<Bytes>,
    /// A message of ours is begun and not ended.
    within: bool,
    closing: Closing,
    /// When the close handshake has lasted long enough.
    close_by: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    Not,
    /// Our close frame is sent, the peer's not yet here.
    Ours,
    /// Both are; the peer ends the connection (RFC 6455 section 7.1.1).
    Both,
}

impl WebSocket {
    /// A connection whose handshake is done. Messages over `most` bytes end it.
    #[must_use]
    pub fn new(most: usize) -> WebSocket {
        WebSocket {
            decoder: Decoder::new(Role::Client),
            most,
            ping: None,
            within: false,
            closing: Closing::Not,
            close_by: None,
        }
    }

    /// Appends a frame to `out`. `room` is how many bytes may be added to what waits there and
    /// below. Control frames are never in parts, whatever `fin` says.
    ///
    /// # Errors
    /// Nothing was appended.
    pub fn push(
        &mut self,
        out: &mut BytesMut,
        opcode: Opcode,
        fin: bool,
        data: &[u8],
        room: usize,
    ) -> Result<(), PushError> {
        if self.closing != Closing::Not {
            return Err(PushError::NotConnected);
        }
        if opcode.is_control() {
            if data.len() > CONTROL_PAYLOAD {
                return Err(PushError::TooLong);
            }
        } else if (opcode == Opcode::Continuation) != self.within {
            return Err(PushError::Opcode);
        }
        if data.len().saturating_add(MOST_HEAD) > room {
            return Err(PushError::Overflow);
        }
        if opcode.is_control() {
            encode_frame(out, opcode, true, data, Some(random::bytes()));
        } else {
            encode_frame(out, opcode, fin, data, Some(random::bytes()));
            self.within = !fin;
        }
        Ok(())
    }

    /// Begins the close handshake, unless it has begun: the peer has `wait` to answer and end the
    /// connection, `None` for ever.
    ///
    /// # Errors
    /// It has begun already.
    pub fn close(
        &mut self,
        out: &mut BytesMut,
        code: u16,
        reason: &str,
        wait: Option<Duration>,
        now: Instant,
    ) -> Result<(), PushError> {
        if self.closing != Closing::Not {
            return Err(PushError::NotConnected);
        }
        // After the close frame nothing may leave any more.
        self.answer_ping(out);
        encode_close(out, code, reason, Some(random::bytes()));
        self.closing = Closing::Ours;
        self.close_by = wait.and_then(|wait| now.checked_add(wait));
        Ok(())
    }

    /// Takes messages off `input`, each to `tell`. A close frame is answered with its own code.
    ///
    /// # Errors
    /// The peer has failed the connection, and is told why.
    pub fn handle_input(
        &mut self,
        input: &mut BytesMut,
        out: &mut BytesMut,
        wait: Option<Duration>,
        now: Instant,
        mut tell: impl FnMut(Incoming),
    ) -> Result<(), Fault> {
        loop {
            let incoming = match self.decoder.decode(input, self.most) {
                Ok(Some(incoming)) => incoming,
                Ok(None) => return Ok(()),
                Err(fault) => {
                    let _ = self.close(out, fault.close_code(), "", wait, now);
                    return Err(fault);
                }
            };
            match &incoming {
                Incoming::Message { opcode: Opcode::Ping, data } => {
                    if self.closing == Closing::Not {
                        self.ping = Some(Bytes::copy_from_slice(data));
                    }
                }
                Incoming::Message { .. } => {}
                Incoming::Close { code, .. } => {
                    // Theirs may be the answer to ours, which is answered no more.
                    let _ = self.close(out, *code, "", wait, now);
                    self.closing = Closing::Both;
                }
            }
            tell(incoming);
        }
    }

    /// Appends the answer to the newest ping, if one waits and no close frame has left.
    pub fn answer_ping(&mut self, out: &mut BytesMut) {
        if let Some(data) = self.ping.take()
            && self.closing == Closing::Not
        {
            encode_frame(out, Opcode::Pong, true, &data, Some(random::bytes()));
        }
    }

    /// Whether a ping waits for its answer.
    #[must_use]
    pub fn has_ping(&self) -> bool {
        self.ping.is_some()
    }

    /// Whether frames are taken.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closing == Closing::Not
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    #[must_use]
    pub fn poll_deadline(&self) -> Option<Instant> {
        self.close_by
    }

    /// The close handshake has lasted long enough: what the connection ends with.
    pub fn handle_timeout(&mut self) -> End {
        self.close_by = None;
        if self.closing == Closing::Both { End::Local } else { End::Deadline }
    }
}

/// Bytes of the longest head of a frame.
const MOST_HEAD: usize = 14;
