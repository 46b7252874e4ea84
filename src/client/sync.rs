//! The synchronous half of `Swoole\Client`: one blocking stream, bounded by its timeout.

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, ToSocketAddrs},
    os::fd::{AsRawFd, RawFd},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use bytes::BytesMut;
use socket2::{Domain, SockAddr, Socket, Type};

use super::{End, Target};
use crate::{net::Address, reactor::monotonic, sys};

/// A connected blocking stream. Dropping it closes the descriptor.
#[derive(Debug)]
pub struct SyncStream {
    socket: Socket,
}

/// How [`SyncStream::receive`] waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receive {
    /// For exactly the bytes asked for, less only at the end of input or a timeout (MSG_WAITALL).
    pub all: bool,
    /// The bytes stay where they are (MSG_PEEK).
    pub peek: bool,
    /// Not at all (MSG_DONTWAIT).
    pub now: bool,
}

/// The most bytes of one receive that does not wait for all.
pub const RECEIVE_LIMIT: usize = 65_535;

impl SyncStream {
    /// Resolves and connects. `target.timeout` bounds both together, and later each single send
    /// and receive.
    ///
    /// # Errors
    /// [`End::Dns`], [`End::Deadline`], or [`End::Connect`] with the error of the last address.
    pub fn connect(target: &Target) -> Result<SyncStream, End> {
        let until = target.timeout.map(|timeout| monotonic() + timeout);
        let addresses = match &target.address {
            Address::Unix(path) => {
                let address = SockAddr::unix(path).map_err(|error| failed(&error))?;
                return connect_to(&address, Domain::UNIX, target, target.timeout);
            }
            Address::Ip(address) => vec![*address],
            Address::Name(host, port) => look_up(host, *port, target.timeout)?,
        };
        let mut last = End::Dns;
        for address in addresses {
            let left = until.map(|until| until.saturating_duration_since(monotonic()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(End::Deadline);
            }
            match connect_to(&address.into(), Domain::for_address(address), target, left) {
                Ok(stream) => return Ok(stream),
                Err(end) => last = end,
            }
        }
        Err(last)
    }

    /// Sends all of `data`.
    ///
    /// # Errors
    /// The errno; a part may have been sent. `EAGAIN`: the timeout passed.
    pub fn send(&self, data: &[u8]) -> Result<(), i32> {
        let mut rest = data;
        while !rest.is_empty() {
            match self.socket.send_with_flags(rest, libc::MSG_NOSIGNAL) {
                Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(sys::errno::of(&error)),
            }
        }
        Ok(())
    }

    /// Receives at most `size` bytes; none at all is the end of input.
    ///
    /// # Errors
    /// The errno when nothing was received. `EAGAIN`: the timeout passed.
    pub fn receive(&self, size: usize, how: Receive) -> Result<BytesMut, i32> {
        let mut flags = 0;
        if how.peek {
            flags |= libc::MSG_PEEK;
        }
        if how.now {
            flags |= libc::MSG_DONTWAIT;
        }
        let mut data = BytesMut::new();
        loop {
            // Not what was asked for, but what comes takes memory.
            let room = (size - data.len()).min(RECEIVE_LIMIT);
            match sys::receive_with(&self.socket, &mut data, room, flags) {
                Ok(received) => {
                    let over = received == 0 || !how.all || how.peek;
                    if over || data.len() >= size {
                        return Ok(data);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) if !data.is_empty() => return Ok(data),
                Err(error) => return Err(sys::errno::of(&error)),
            }
        }
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

    /// The descriptor.
    #[must_use]
    pub fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

fn connect_to(
    address: &SockAddr,
    domain: Domain,
    target: &Target,
    left: Option<Duration>,
) -> Result<SyncStream, End> {
    let connected = Socket::new(domain, Type::STREAM.cloexec(), None).and_then(|socket| {
        socket.set_write_timeout(target.timeout)?;
        socket.set_read_timeout(target.timeout)?;
        if let Some(bind) = target.bind.filter(|_| domain != Domain::UNIX) {
            socket.set_reuse_address(true)?;
            socket.bind(&SockAddr::from(bind))?;
        }
        match left {
            // The time to wait in a unix listener's queue is the socket's write timeout.
            Some(left) if domain != Domain::UNIX => socket.connect_timeout(address, left)?,
            _ => socket.connect(address)?,
        }
        if target.nodelay && domain != Domain::UNIX {
            let _ = socket.set_tcp_nodelay(true);
        }
        Ok(socket)
    });
    connected.map(|socket| SyncStream { socket }).map_err(|error| failed(&error))
}

fn failed(error: &io::Error) -> End {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => End::Deadline,
        _ => End::Connect(sys::errno::of(error)),
    }
}

/// `getaddrinfo` has no deadline: it runs on a thread, which is left alone when the time is over.
fn look_up(host: &str, port: u16, timeout: Option<Duration>) -> Result<Vec<SocketAddr>, End> {
    let (answer, answered) = mpsc::channel();
    let name = (host.to_owned(), port);
    let ask = move || {
        let addresses = (name.0.as_str(), name.1).to_socket_addrs();
        // Nobody may be waiting any more.
        let _ = answer.send(addresses.map(Iterator::collect::<Vec<_>>));
    };
    thread::Builder::new().name("tether-dns".into()).spawn(ask).map_err(|_| End::Dns)?;
    let addresses = match timeout {
        Some(timeout) => answered.recv_timeout(timeout).map_err(|error| match error {
            RecvTimeoutError::Timeout => End::Deadline,
            RecvTimeoutError::Disconnected => End::Dns,
        })?,
        None => answered.recv().map_err(|_| End::Dns)?,
    };
    addresses.map_err(|_| End::Dns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    fn target(address: Address) -> Target {
        let timeout = Some(Duration::from_millis(100));
        Target { address, timeout, bind: None, nodelay: true }
    }

    fn pair() -> (SyncStream, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let near = SyncStream::connect(&target(Address::Name("localhost".into(), port)));
        (near.unwrap(), listener.accept().unwrap().0)
    }

    const PLAIN: Receive = Receive { all: false, peek: false, now: false };

    #[test]
    fn bytes_go_both_ways_and_the_end_is_empty() {
        let (near, mut far) = pair();
        near.send(b"ping").unwrap();
        let mut got = [0; 4];
        far.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"ping");
        far.write_all(b"pong").unwrap();
        let peek = Receive { peek: true, ..PLAIN };
        assert_eq!(near.receive(2, peek).unwrap(), &b"po"[..]);
        assert_eq!(near.receive(2, PLAIN).unwrap(), &b"po"[..]);
        drop(far);
        assert_eq!(near.receive(9, Receive { all: true, ..PLAIN }).unwrap(), &b"ng"[..]);
        assert_eq!(near.receive(9, PLAIN).unwrap(), &b""[..]);
    }

    #[test]
    fn silence_is_eagain() {
        let (near, _far) = pair();
        assert_eq!(near.receive(9, PLAIN), Err(libc::EAGAIN));
        assert_eq!(near.receive(9, Receive { now: true, ..PLAIN }), Err(libc::EAGAIN));
    }

    #[test]
    fn a_refused_connect_says_so() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = SyncStream::connect(&target(Address::Ip(port)));
        assert_eq!(refused.unwrap_err(), End::Connect(libc::ECONNREFUSED));
        let missing = Address::Unix("/nonexistent/socket".into());
        assert_eq!(SyncStream::connect(&target(missing)).unwrap_err(), End::Connect(libc::ENOENT));
    }
}
