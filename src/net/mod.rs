//! Sockets on the loop: non-blocking streams with a bounded output queue, connecting, names.
//!
//! Owns descriptors and the bytes that wait to be sent. Refuses protocols and PHP. Called by
//! `client`, `server` and `php`.

mod address;
mod blocking;
mod buffers;
mod dns;
mod files;
mod output;
mod pipe;
mod stream;
mod tls;

pub use address::{Address, BadAddress};
pub use blocking::{
    Blocking, Failed, Mode, RECEIVE_LIMIT, Receive, connect_blocking, resolve_blocking,
};
pub use buffers::Buffers;
pub use dns::{ATTEMPT_DELAY, Answer, Resolver, Ticket, cache as dns_cache};
pub use files::{Done, Files, JobId, THREADS, Work};
pub use output::{Output, Overflow, Sink};
pub use pipe::{PIPE_MAX, Pipe, Wait};
pub use stream::{Received, Stream, Transport, send_datagram};
pub use tls::{BadSetup, Tls, TlsClient, TlsFailure, TlsSetup};
