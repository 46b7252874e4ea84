//! A worker's connections with real sockets on loopback: what a peer sees, and what the hooks are
//! told. Server and peers share one thread, so every test is a sequence of turns.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod bench;
mod http;
mod life;
mod pressure;
mod raw;
