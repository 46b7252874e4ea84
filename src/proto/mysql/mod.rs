//! The MySQL client/server protocol, the client's side, text results only.
//!
//! Owns packets, the handshake and its authentication methods, what answers a query, and quoting.
//! Every byte of a packet is looked at when the whole packet is there; what a server announces
//! meets the caps of [`limits`] before it meets memory. Refuses the deprecated handshake (protocol 9,
//! `mysql_old_password`), a password in the clear, `LOAD DATA LOCAL`, compression and sockets.
//!
//! Hashes, encryption, flags and the table of character sets are `mysql_common`'s. Its packets are
//! not: its greeting computes `len as i8 - 8`, which overflows for some bytes of a hostile server, and
//! its codec copies each packet.
//!
//! Specification: <https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>.

mod auth;
mod charset;
mod fields;
mod handshake;
mod key;
mod packet;
mod response;

pub use auth::{AuthError, Plugin};
pub use charset::{Charset, EscapeError, escape};
pub use handshake::{Greeting, Login, encode_login, encode_tls_request};
pub use key::ServerKey;
pub use packet::{PacketReader, write_packet};
pub use response::{Column, Done, First, Number, Refusal, RowFields, is_end};

/// What a server sent breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// A packet ends before its fields do, or holds what cannot be.
    #[error("malformed packet")]
    Malformed,
    /// A packet is out of order.
    #[error("packets out of order")]
    Sequence,
    /// More than a cap of [`limits`] allows.
    #[error("the packet is too large")]
    TooLarge,
    /// The server speaks an older protocol than MySQL 4.1's.
    #[error("the server is older than MySQL 4.1")]
    Old,
}

/// Every cap on what a peer may ask for, and the attack that it stops.
pub mod limits {
    /// Bytes of a packet before the login is done: stops somebody who is no server.
    pub const MAX_LOGIN_PACKET: usize = 64 * 1024;
    /// Bytes of one packet, its pieces joined: the most that `max_allowed_packet` can be.
    pub const MAX_PACKET: usize = 1024 * 1024 * 1024;
    /// Columns of a result: the server's own limit.
    pub const MAX_COLUMNS: u64 = 4096;
    /// What a row costs in memory beside its bytes: stops empty rows from being free.
    pub const ROW_COST: usize = 64;
    /// Further results of one query: they are dropped, but each costs a turn.
    pub const MAX_RESULTS: u32 = 65_536;
}
