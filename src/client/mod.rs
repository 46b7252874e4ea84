//! The async clients: protocol sessions on top of sockets of the loop.
//!
//! Owns connecting, deadlines and the order in which an ended connection's events come out.
//! Refuses PHP: events leave through `poll_event`. Called by `php`.

pub mod blocking;
mod connection;
pub mod http;
pub mod mysql;
mod outfit;
mod race;
pub mod redis;
mod target;
pub mod tcp;
pub mod websocket;
mod wire;

pub use crate::net::Buffers;
pub use connection::{Connection, Io};
pub use outfit::{BadProxy, proxy, tls};
pub use target::{Proxy, Target};

use std::time::Instant;

use bytes::BytesMut;

use crate::{net::TlsFailure, proto::proxy::ProxyError};

/// A protocol on top of a connected byte stream: bytes and time in, bytes and events out.
///
/// A session knows no socket and no clock, so two of them can be run against each other on a
/// virtual clock (`tests/sim.rs`).
pub trait Session {
    /// What the session tells its owner.
    type Event;

    /// The byte stream stands: write greetings, start deadlines.
    fn handle_connected(&mut self, now: Instant);
    /// Bytes arrived: consume what is complete, leave the rest in `input`.
    fn handle_input(&mut self, input: &mut BytesMut, now: Instant);
    /// The connection has ended; what waits fails, in order. Called once per connection.
    fn handle_end(&mut self, why: End);
    /// The deadline that `poll_deadline` named has passed.
    fn handle_timeout(&mut self, now: Instant);
    /// Appends the bytes to send to `out`.
    fn poll_output(&mut self, out: &mut BytesMut);
    /// Output was given to the system, which has left so many bytes of it waiting.
    fn handle_flushed(&mut self, _left: usize) {}
    /// Whether [`poll_output`](Self::poll_output) has more to give as soon as what it gave is gone:
    /// a body that is sent in pieces.
    fn has_output(&self) -> bool {
        false
    }
    /// Whether the session wants TLS from here on, where its target has it for later
    /// ([`Target::tls_later`]). What it has said before leaves in the clear; bytes that it has not
    /// taken yet are dropped. Asked after the output was polled, told once.
    fn poll_secure(&mut self) -> bool {
        false
    }
    /// TLS stands that was asked for on a connection without.
    fn handle_secured(&mut self, _now: Instant) {}
    /// The next event, in order.
    fn poll_event(&mut self) -> Option<Self::Event>;
    /// When `handle_timeout` is due.
    fn poll_deadline(&self) -> Option<Instant>;
    /// Whether the session wants its connection ended, and why; its output is flushed first.
    fn poll_close(&mut self) -> Option<End>;
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Own `close()`.
    Local,
    /// The peer closed in order (FIN).
    Peer,
    /// The connection broke with this errno.
    Reset(i32),
    /// It never stood: connect failed with this errno.
    Connect(i32),
    /// The name did not resolve.
    Dns,
    /// A deadline passed.
    Deadline,
    /// The peer broke the protocol.
    Protocol,
    /// This side could not go on, for this reason: an errno (of the disk), or one of the classic
    /// engine's own numbers.
    Refused(i32),
    /// The peer closed its stream without saying under TLS that nothing more comes: what came may
    /// be cut off (RFC 8446 section 6.1).
    Truncated,
    /// TLS failed.
    Tls(TlsFailure),
    /// The proxy gave no connection.
    Proxy(ProxyError),
}

impl End {
    /// What PHP sees in `errCode`: an errno, or one of the classic engine's own numbers.
    #[must_use]
    pub fn err_code(self) -> i32 {
        match self {
            End::Local => 5001,
            End::Peer | End::Protocol | End::Truncated => 104,
            End::Reset(errno) | End::Connect(errno) | End::Refused(errno) => errno,
            End::Dns => 704,
            End::Deadline => 110,
            End::Tls(failure) => failure.err_code(),
            End::Proxy(error) => error.err_code(),
        }
    }
}
