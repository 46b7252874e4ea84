//! The async clients: protocol sessions on top of sockets of the loop.
//!
//! Owns connecting, deadlines and the order in which an ended connection's events come out.
//! Refuses PHP: events leave through `poll_event`. Called by `php`.

mod connection;
pub mod http;
pub mod mysql;
pub mod redis;
pub mod tcp;
pub mod websocket;

pub use crate::net::Buffers;
pub use connection::{Connection, Io, Target};

use std::time::Instant;

use bytes::BytesMut;

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
}

impl End {
    /// What PHP sees in `errCode`: an errno, or one of the classic engine's own numbers.
    #[must_use]
    pub fn err_code(self) -> i32 {
        match self {
            End::Local => 5001,
            End::Peer | End::Protocol => 104,
            End::Reset(errno) | End::Connect(errno) | End::Refused(errno) => errno,
            End::Dns => 704,
            End::Deadline => 110,
        }
    }
}
