//! Safe skins over libc: processes, signals, socket options, descriptors, shared memory.
//!
//! Unsafe island 1: the only folder beside `zend` where `unsafe` may stand, one operation a block.
//! Owns no policy: who is forked, killed or watched, and when, is decided above. Never panics, reads
//! no clock. Called by `reactor`, `net`, `client`, `server` and `php`.
#![allow(unsafe_code)]

pub mod activation;
mod buffer;
pub mod child;
pub mod descriptor;
pub mod errno;
pub mod file_lock;
pub mod futex;
pub mod identity;
pub mod interfaces;
pub mod level;
pub mod lifeline;
pub mod mapping;
pub mod memory;
pub mod message_queue;
pub mod owner;
pub mod packet;
pub mod process;
pub mod random;
pub mod shared;
pub mod signal;
pub mod sockopt;
pub mod time;

pub use libc::O_NONBLOCK;

pub use buffer::{
    MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, receive, receive_from, receive_with, send_file,
};
