//! RESP2 and RESP3, the client's side: replies in, commands out; and the requests of RESP2.
//!
//! Owns the grammar of replies, the form of commands, and which commands may block. Decoding is
//! resumable: a reply may arrive in any pieces, every byte is looked at once, and what a peer
//! announces meets the caps of [`limits`] before it meets memory. Refuses RESP3's streamed types
//! (no server sends them) and sockets, clocks and deadlines, which are `client::redis`'s.
//!
//! Specification: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

mod command;
mod decode;
mod reply;
mod request;

pub use command::{Wait, encode_command, wait_of};
pub use decode::{DecodeError, Decoder};
pub use reply::Reply;
pub use request::{Argument, BadRequest, RequestScanner, parse_request};

/// Every cap on what a peer may ask for, and the attack that it stops.
pub mod limits {
    /// Nested arrays, maps, sets and attributes: stops a few KB of `*1` from growing the stack.
    pub const MAX_DEPTH: usize = 32;
    /// Bytes of one bulk string: the server's own `proto-max-bulk-len`.
    pub const MAX_BULK: u64 = 512 * 1024 * 1024;
    /// Bytes of one line (simple strings, errors, numbers), without its CRLF: stops a line that
    /// never ends.
    pub const MAX_LINE: usize = 64 * 1024;
    /// Elements of one whole reply, nested ones included: stops 4 bytes on the wire from becoming
    /// ten times as many in memory without a bound.
    pub const MAX_ELEMENTS: u64 = 16 * 1024 * 1024;
    /// What an element of an array, a set or a map costs in memory beside its bytes: it is
    /// counted when it is announced.
    pub const ELEMENT_COST: u64 = 64;
}
