//! Where a connection's bytes come from and go to: its own socket, or an I/O thread that has it.

use std::{
    io,
    os::fd::{AsRawFd, RawFd},
};

use bytes::BytesMut;

use super::gate::Remote;
use crate::net::{Output, Received, Stream};

/// A connection's stream, as far as its worker cares. One place knows which kind it is.
#[derive(Debug)]
pub(super) enum Link {
    /// This process has the socket.
    Own(Stream),
    /// An I/O thread has it (`SWOOLE_PROCESS`).
    Remote(Remote),
}

impl Link {
    /// What waits to be sent; it leaves with the next [`flush`](Self::flush).
    pub(super) fn output(&mut self) -> &mut Output {
        match self {
            Link::Own(stream) => stream.output(),
            Link::Remote(remote) => remote.output(),
        }
    }

    /// Whether nothing waits to be sent.
    pub(super) fn is_flushed(&self) -> bool {
        match self {
            Link::Own(stream) => stream.is_flushed(),
            Link::Remote(remote) => remote.is_flushed(),
        }
    }

    /// Bytes that wait for the peer elsewhere than in [`output`](Self::output).
    pub(super) fn held(&self) -> usize {
        match self {
            Link::Own(_) => 0,
            Link::Remote(remote) => remote.held(),
        }
    }

    /// Receives once, to the end of `into`: from a socket at most `limit` bytes. `None`: nothing is
    /// there now.
    ///
    /// # Errors
    /// The connection's.
    pub(super) fn receive(
        &self,
        into: &mut BytesMut,
        limit: usize,
    ) -> io::Result<Option<Received>> {
        match self {
            Link::Own(stream) => stream.receive(into, limit),
            Link::Remote(remote) => Ok(remote.receive()),
        }
    }

    /// [`receive`](Self::receive), of as many bytes as `into` has room for if that is worth it.
    ///
    /// # Errors
    /// The connection's.
    pub(super) fn receive_some(
        &self,
        into: &mut BytesMut,
        limit: usize,
    ) -> io::Result<Option<Received>> {
        match self {
            Link::Own(stream) => stream.receive_some(into, limit),
            Link::Remote(remote) => Ok(remote.receive()),
        }
    }

    /// Sends what waits: `true` when all is gone.
    pub(super) fn flush(&mut self, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        match self {
            Link::Own(stream) => stream.flush(spare),
            Link::Remote(remote) => remote.flush(spare),
        }
    }

    /// Ends the sending side.
    pub(super) fn shutdown_write(&self) -> io::Result<()> {
        match self {
            Link::Own(stream) => stream.shutdown_write(),
            Link::Remote(remote) => {
                remote.close(false);
                Ok(())
            }
        }
    }

    /// The I/O thread's, if it is one's.
    pub(super) fn remote(&self) -> Option<&Remote> {
        match self {
            Link::Own(_) => None,
            Link::Remote(remote) => Some(remote),
        }
    }

    /// The I/O thread's, if it is one's.
    pub(super) fn remote_mut(&mut self) -> Option<&mut Remote> {
        match self {
            Link::Own(_) => None,
            Link::Remote(remote) => Some(remote),
        }
    }
}

impl AsRawFd for Link {
    /// -1 for one that is another's.
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Link::Own(stream) => stream.as_raw_fd(),
            Link::Remote(_) => -1,
        }
    }
}
