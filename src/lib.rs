//! Tether: the classic Swoole callback API for PHP 8, with memory whose every owner can be seen.
//!
//! The layers, from the bottom up; each may use what stands above it in this list, within the
//! table of `ARCHITECTURE.md` (checked by `tests/architecture.rs`):
//!
//! - [`proto`]: bytes in, events out. No socket, clock or PHP.
//! - [`options`]: the only place where an option name is a string.
//! - [`sys`]: safe skins over libc (unsafe island 1).
//! - [`shm`]: locks, a table, a queue in memory that forked processes share.
//! - [`ledger`]: the rows that show every reference the engine holds.
//! - [`reactor`]: the loop: one turn, tokens, timers, the clock.
//! - [`net`]: sockets on the loop.
//! - [`client`]: the async clients, PHP-free.
//! - [`server`]: the prefork server, PHP-free.
//! - `zend`: knows PHP, knows no server (unsafe island 2).
//! - `php`: one PHP class a file.

pub mod client;
pub mod ledger;
pub mod net;
pub mod options;
pub mod proto;
pub mod reactor;
pub mod server;
pub mod shm;
pub mod sys;

#[cfg(feature = "php")]
mod php;
#[cfg(feature = "php")]
mod zend;
