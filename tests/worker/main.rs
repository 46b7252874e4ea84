//! A worker's connections with real sockets on loopback: what a peer sees, and what the hooks are
//! told. Server and peers share one thread, so every test is a sequence of turns.
#![allow(missing_docs, reason = "tests say what they prove in their names")]

mod bench;
mod http;
mod life;
mod pressure;
mod raw;
