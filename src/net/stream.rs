//! A connected, or connecting, stream with its queue of output.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    path::Path,
};

use bytes::BytesMut;
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use super::Output;
use crate::sys;

/// What one receive gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Bytes appended; 0 is the end of input.
    pub bytes: usize,
    /// Nothing more is waiting: the next readiness event will say when there is.
    pub drained: bool,
}

/// Room that is worth a receive.
const ENOUGH: usize = 16 * 1024;

/// A non-blocking TCP or unix stream. Closing is dropping.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    output: Output,
}

/// What kind of socket to make for connecting.
#[derive(Clone, Copy, Debug)]
pub enum Transport<'a> {
    /// TCP to this address.
    Tcp(SocketAddr),
    /// A unix stream at this path.
    Unix(&'a Path),
    /// UDP to this address.
    Udp(SocketAddr),
    /// A unix datagram socket at this path. Ours gets a name that the peer can answer to.
    UnixDatagram(&'a Path),
}

impl Stream {
    /// A stream from a socket that is connected already and non-blocking.
    #[must_use]
    pub fn from_connected(socket: Socket) -> Stream {
        Stream { socket, output: Output::default() }
    }

    /// Starts connecting, from `bind` if given. The stream is writable once it stands; ask
    /// [`connect_result`](Self::connect_result) then.
    ///
    /// # Errors
    /// What `connect` says at once: a missing unix path, no route, no descriptor.
    pub fn connect(transport: Transport<'_>, bind: Option<SocketAddr>) -> io::Result<Stream> {
        let (domain, address, kind) = match transport {
            Transport::Tcp(address) => {
                (Domain::for_address(address), SockAddr::from(address), Type::STREAM)
            }
            Transport::Unix(path) => (Domain::UNIX, SockAddr::unix(path)?, Type::STREAM),
            Transport::Udp(address) => {
                (Domain::for_address(address), SockAddr::from(address), Type::DGRAM)
            }
            Transport::UnixDatagram(path) => (Domain::UNIX, SockAddr::unix(path)?, Type::DGRAM),
        };
        let socket = Socket::new(domain, kind.nonblocking().cloexec(), None)?;
        if matches!(transport, Transport::UnixDatagram(_)) {
            autobind(&socket)?;
        }
        if let Some(bind) = bind {
            socket.set_reuse_address(true)?;
            socket.bind(&SockAddr::from(bind))?;
        }
        match socket.connect(&address) {
            Err(error) if error.raw_os_error() != Some(sys::errno::EINPROGRESS) => {
                return Err(error);
            }
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
            Err(error) if error.raw_os_error() == Some(sys::errno::ENOTCONN) => Ok(false),
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

    /// [`receive`](Self::receive), of a stream: as many bytes as `into` has room for, if that is worth
    /// a receive. So a buffer whose content is sliced off is won back once in many receives.
    ///
    /// # Errors
    /// As `receive`.
    pub fn receive_some(&self, into: &mut BytesMut, limit: usize) -> io::Result<Option<Received>> {
        let room = into.capacity() - into.len();
        self.receive(into, if room >= ENOUGH { limit.min(room) } else { limit })
    }

    /// What waits to be sent; it leaves with the next [`flush`](Self::flush).
    pub fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Whether nothing waits to be sent.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.output.is_empty()
    }

    /// Sends what waits: `true` when all is gone. See [`Output::flush`].
    ///
    /// # Errors
    /// The connection's error.
    pub fn flush(&mut self, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        self.output.flush(&mut &self.socket, spare)
    }

    /// Sends one datagram, past the queue.
    ///
    /// # Errors
    /// The system's, `EAGAIN` included.
    pub fn send_datagram(&self, data: &[u8]) -> io::Result<()> {
        send_datagram(&self.socket, data, None)
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

/// Sends one datagram, to `address` or to the peer of a connected socket.
///
/// # Errors
/// The system's, `EAGAIN` included.
pub fn send_datagram(socket: &Socket, data: &[u8], address: Option<&SockAddr>) -> io::Result<()> {
    let mut failed_before = false;
    loop {
        let sent = match address {
            None => socket.send_with_flags(data, sys::MSG_NOSIGNAL),
            Some(address) => socket.send_to_with_flags(data, address, sys::MSG_NOSIGNAL),
        };
        match sent {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // What became of an earlier datagram is told here; this one was not sent yet.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused && !failed_before => {
                failed_before = true;
            }
            other => return other.map(|_| ()),
        }
    }
}

/// Gives a unix socket a name of the kernel's choice.
pub(super) fn autobind(socket: &Socket) -> io::Result<()> {
    socket.bind(&SockAddr::unix("")?)
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Overflow;
    use super::*;
    use bytes::Bytes;
    use std::io::Write;

    fn pair() -> (Stream, Stream) {
        let (a, b) = Socket::pair(Domain::UNIX, Type::STREAM.nonblocking(), None).unwrap();
        (Stream::from_connected(a), Stream::from_connected(b))
    }

    #[test]
    fn output_leaves_in_order_through_a_full_socket() {
        let (mut near, far) = pair();
        let big = Bytes::from(vec![b'b'; 1 << 20]);
        near.output().tail().extend_from_slice(b"head ");
        near.output().queue(big.clone());
        near.output().queue(Bytes::from_static(b" tail"));
        let total = 5 + big.len() + 5;
        assert_eq!(near.output().len(), total);
        let (mut spare, mut got) = (Vec::new(), BytesMut::new());
        while !near.flush(&mut spare).unwrap() {
            while far.receive(&mut got, 65536).unwrap().is_some() {}
        }
        while far.receive(&mut got, 65536).unwrap().is_some() {}
        assert_eq!(got.len(), total);
        assert_eq!(&got[..6], b"head b");
        assert_eq!(&got[total - 6..], b"b tail");
        assert_eq!(near.output().len(), 0);
        assert_eq!(near.output().tail().capacity(), 0);
    }

    #[test]
    fn a_budget_refuses_what_does_not_fit_whole() {
        let (mut near, _far) = pair();
        assert_eq!(near.output().queue_within(b"12345", 8), Ok(()));
        assert_eq!(near.output().queue_within(b"6789", 8), Err(Overflow));
        assert_eq!(near.output().len(), 5);
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
    fn a_file_is_sent_in_its_place() {
        let (mut near, far) = pair();
        let path = std::env::temp_dir().join(format!("tether-file-{}", std::process::id()));
        std::fs::File::create(&path).unwrap().write_all(b"0123456789").unwrap();
        let file = std::fs::File::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        near.output().tail().extend_from_slice(b"<");
        near.output().queue_file(file, 2, 5);
        near.output().tail().extend_from_slice(b">");
        assert!(near.flush(&mut Vec::new()).unwrap());
        let mut got = BytesMut::new();
        far.receive(&mut got, 64).unwrap();
        far.receive(&mut got, 64).unwrap();
        far.receive(&mut got, 64).unwrap();
        assert_eq!(&got[..], b"<23456>");
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
