//! I/O threads with real sockets on loopback, and workers that live and die in the test's thread.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking"
)]

mod bench;
mod deaths;
mod http;
mod raw;
