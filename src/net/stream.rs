//! A connected, or connecting, stream with its queue of output.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    net::SocketAddr,
    os::fd::{AsRawFd, RawFd},
    path::Path,
};

use bytes::{Buf, Bytes, BytesMut};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use crate::sys;

/// What one receive gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Bytes appended; 0 is the end of input.
    pub bytes: usize,
    /// Nothing more is waiting: the next readiness event will say when there is.
    pub drained: bool,
}

/// More output is queued than the budget allows; nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the output buffer is full")]
pub struct Overflow;

/// A non-blocking TCP or unix stream. Closing is dropping.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    /// Small output collects here, so that a turn's answers leave in one `send`.
    tail: BytesMut,
    /// Output that could not leave at once, or came as whole buffers; all of it is before `tail`.
    waiting: VecDeque<Bytes>,
}

/// What kind of socket to make for connecting.
#[derive(Clone, Copy, Debug)]
pub enum Transport<'a> {
    /// TCP to this address.
    Tcp(SocketAddr),
    /// A unix stream at this path.
    Unix(&'a Path),
}

/// A buffer of at least this size is queued as it is instead of being copied.
const KEEP_WHOLE: usize = 64 * 1024;

impl Stream {
    /// A stream from a socket that is connected already and non-blocking.
    #[must_use]
    pub fn from_connected(socket: Socket) -> Stream {
        Stream { socket, tail: BytesMut::new(), waiting: VecDeque::new() }
    }

    /// Starts connecting, from `bind` if given. The stream is writable once it stands; ask
    /// [`connect_result`](Self::connect_result) then.
    ///
    /// # Errors
    /// What `connect` says at once: a missing unix path, no route, no descriptor.
    pub fn connect(transport: Transport<'_>, bind: Option<SocketAddr>) -> io::Result<Stream> {
        let (domain, address) = match transport {
            Transport::Tcp(address) => (Domain::for_address(address), SockAddr::from(address)),
            Transport::Unix(path) => (Domain::UNIX, SockAddr::unix(path)?),
        };
        let socket = Socket::new(domain, Type::STREAM.nonblocking().cloexec(), None)?;
        if let Some(bind) = bind {
            socket.set_reuse_address(true)?;
            socket.bind(&SockAddr::from(bind))?;
        }
        match socket.connect(&address) {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => return Err(error),
            _ => {}
        }
        Ok(Stream::from_connected(socket))
    }

    /// Whether a started connect has ended: `Ok(true)` connected, `Ok(false)` still under way.
    ///
    /// # Errors
    /// Why it failed.
    pub fn connect_result(&self) -> io::Result<bool> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error);
        }
        match self.socket.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.raw_os_error() == Some(libc::ENOTCONN) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The socket, for its options and addresses.
    #[must_use]
    pub fn socket(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }

    /// Receives once, at most `limit` bytes, to the end of `into`. `None`: nothing is there now.
    ///
    /// # Errors
    /// The connection's error; it is over then.
    pub fn receive(&self, into: &mut BytesMut, limit: usize) -> io::Result<Option<Received>> {
        let received = loop {
            match sys::receive(&self.socket, into, limit) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                other => break other?,
            }
        };
        Ok(Some(Received { bytes: received, drained: received < limit }))
    }

    /// Where small output is written: it leaves with the next [`flush`](Self::flush).
    pub fn output(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Queues `bytes`, without a copy if they are large.
    pub fn queue(&mut self, bytes: Bytes) {
        if bytes.len() < KEEP_WHOLE {
            self.tail.extend_from_slice(&bytes);
        } else {
            if !self.tail.is_empty() {
                self.waiting.push_back(self.tail.split().freeze());
            }
            self.waiting.push_back(bytes);
        }
    }

    /// Queues a copy of `bytes` unless more than `budget` bytes would be waiting then.
    ///
    /// # Errors
    /// [`Overflow`]; nothing was queued.
    pub fn queue_within(&mut self, bytes: &[u8], budget: usize) -> Result<(), Overflow> {
        if self.queued().saturating_add(bytes.len()) > budget {
            return Err(Overflow);
        }
        self.tail.extend_from_slice(bytes);
        Ok(())
    }

    /// Bytes that wait to be sent.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.tail.len() + self.waiting.iter().map(Bytes::len).sum::<usize>()
    }

    /// Sends what is queued, one `send` a buffer, until it would block. `true`: nothing is left,
    /// and the queue's memory was given back through `spare`.
    ///
    /// # Errors
    /// The connection's error; what is queued can not be sent any more.
    pub fn flush(&mut self, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        while let Some(first) = self.waiting.front_mut() {
            let Some(sent) = send_once(&self.socket, first)? else { return Ok(false) };
            first.advance(sent);
            if first.is_empty() {
                self.waiting.pop_front();
            }
        }
        while !self.tail.is_empty() {
            let Some(sent) = send_once(&self.socket, &self.tail)? else { return Ok(false) };
            if sent == self.tail.len() {
                self.tail.clear();
            } else {
                self.tail.advance(sent);
            }
        }
        if self.waiting.capacity() > 0 {
            self.waiting = VecDeque::new();
        }
        if self.tail.capacity() > 0 {
            give_back(std::mem::take(&mut self.tail), spare);
        }
        Ok(true)
    }

    /// Takes a spare buffer for the output, if the stream has none.
    pub fn provide(&mut self, spare: &mut Vec<BytesMut>) {
        if self.tail.capacity() == 0
            && let Some(buffer) = spare.pop()
        {
            self.tail = buffer;
        }
    }

    /// Ends the sending side: the peer sees the end of input after what was sent.
    ///
    /// # Errors
    /// The system's, for a connection that is gone already.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.socket.shutdown(std::net::Shutdown::Write)
    }

    /// The local address, if it is an IP address.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()?.as_socket()
    }

    /// The peer's address, if it is an IP address.
    #[must_use]
    pub fn peer_address(&self) -> Option<SocketAddr> {
        self.socket.peer_addr().ok()?.as_socket()
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// How many flushed output buffers are kept for the next connection that answers.
const SPARE_BUFFERS: usize = 64;
/// A buffer that grew beyond this is not kept.
const SPARE_SIZE: usize = 64 * 1024;

fn give_back(buffer: BytesMut, spare: &mut Vec<BytesMut>) {
    if buffer.capacity() <= SPARE_SIZE && spare.len() < SPARE_BUFFERS {
        spare.push(buffer);
    }
}

/// `None`: the socket takes nothing now.
fn send_once(socket: &Socket, bytes: &[u8]) -> io::Result<Option<usize>> {
    loop {
        match socket.send_with_flags(bytes, libc::MSG_NOSIGNAL) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            other => return other.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Stream, Stream) {
        let (a, b) = Socket::pair(Domain::UNIX, Type::STREAM.nonblocking(), None).unwrap();
        (Stream::from_connected(a), Stream::from_connected(b))
    }

    #[test]
    fn output_leaves_in_order_through_a_full_socket() {
        let (mut near, far) = pair();
        let big = Bytes::from(vec![b'b'; 1 << 20]);
        near.output().extend_from_slice(b"head ");
        near.queue(big.clone());
        near.queue(Bytes::from_static(b" tail"));
        let total = 5 + big.len() + 5;
        assert_eq!(near.queued(), total);
        let (mut spare, mut got) = (Vec::new(), BytesMut::new());
        while !near.flush(&mut spare).unwrap() {
            while far.receive(&mut got, 65536).unwrap().is_some() {}
        }
        while far.receive(&mut got, 65536).unwrap().is_some() {}
        assert_eq!(got.len(), total);
        assert_eq!(&got[..6], b"head b");
        assert_eq!(&got[total - 6..], b"b tail");
        assert_eq!(near.queued(), 0);
        assert_eq!(near.tail.capacity(), 0);
    }

    #[test]
    fn a_budget_refuses_what_does_not_fit_whole() {
        let (mut near, _far) = pair();
        assert_eq!(near.queue_within(b"12345", 8), Ok(()));
        assert_eq!(near.queue_within(b"6789", 8), Err(Overflow));
        assert_eq!(near.queued(), 5);
    }

    #[test]
    fn the_end_of_input_is_zero_bytes() {
        let (near, far) = pair();
        let mut got = BytesMut::new();
        assert_eq!(far.receive(&mut got, 16).unwrap(), None);
        drop(near);
        assert_eq!(far.receive(&mut got, 16).unwrap(), Some(Received { bytes: 0, drained: true }));
    }

    #[test]
    fn a_refused_connect_says_so() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let stream = Stream::connect(Transport::Tcp(address), None).unwrap();
        let error = stream.connect_result().unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ECONNREFUSED));
    }
}
