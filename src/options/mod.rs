//! The only place where an option name is a string.
//!
//! One [`Row`] an option, in one table for each class that has `set()`: [`SERVER`], [`CLIENT`],
//! [`HTTP_CLIENT`], [`MYSQL`], [`REDIS`], [`ASYNC`]. Every name of the classic API stands in its table, also what is not
//! built yet. The `resolve` functions turn what PHP said into typed configurations, with warnings
//! that are ready to print. Refuses sockets, the clock and the machine: what depends on those (the
//! CPU count) is an argument. Called by `php`; the configurations are read by `server` and `client`.

mod async_io;
mod ciphers;
mod client;
mod http_client;
mod memory;
mod mysql;
mod port;
mod process;
mod redis;
mod resolved;
mod row;
mod server;
mod transport;
mod value;
mod watch;

pub use async_io::{ASYNC, AsyncConfig};
pub use client::CLIENT;
pub use http_client::HTTP_CLIENT;
pub use memory::{MemoryLimit, MemoryOptions};
pub use mysql::{MYSQL, MysqlConfig};
pub use port::PortOptions;
pub use process::ProcessOptions;
pub use redis::REDIS;
pub use resolved::{
    ClientConfig, HttpClientConfig, Keepalive, PackageConfig, RedisConfig, Resolved, ServerConfig,
};
pub use row::{Kind, Later, Row, Scope, Set, Status, lookup, nearest};
pub use server::SERVER;
pub use transport::{PROXIES, Proxies, ProxyConfig, TLS, TlsConfig};
pub use value::{OptionError, OptionValue, time};
pub use watch::WatchOptions;
