//! Protocols as pure state machines: bytes in, events out.
//!
//! Owns the wire formats and their caps. Refuses sockets, clocks, libc and PHP. Called by `client`
//! and `server`.
#![forbid(unsafe_code)]

pub mod framing;
pub mod http1;
pub mod limits;
pub mod mysql;
pub mod proxy;
pub mod redis;
pub mod websocket;
