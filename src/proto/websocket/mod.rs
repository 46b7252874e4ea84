//! WebSocket (RFC 6455), both ends.
//!
//! Owns frames, messages and the handshake's proof. Refuses what the RFC calls a failure of the
//! connection, with the close code that goes with it. Called by `client` (role [`Role::Client`]) and
//! by `php` for single frames; a server takes [`Role::Server`].

mod decoder;
mod frame;
mod handshake;

pub use decoder::{Decoder, Incoming, Role};
pub use frame::{
    CONTROL_PAYLOAD, Fault, FrameHead, NO_STATUS, NORMAL, Opcode, apply_mask, encode_close,
    encode_frame, parse_head,
};
pub use handshake::{HandshakeFault, accept_key, check_answer, encode_key};
