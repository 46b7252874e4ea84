//! Safe skins over libc.
#![expect(unsafe_code, reason = "unsafe island 1: system calls that no crate wraps")]

mod buffer;

pub use buffer::{receive, send_file};
