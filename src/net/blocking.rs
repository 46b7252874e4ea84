//! A blocking stream, bounded by its timeout: for clients that run without the loop.

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

use super::Address;
use crate::{reactor::monotonic, sys};

/// A connected blocking stream. Dropping it closes the descriptor.
#[derive(Debug)]
pub struct Blocking {
    socket: Socket,
}

/// How [`Blocking::receive`] waits.
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

impl Blocking {
    /// Sends all of `data`.
    ///
    /// # Errors
    /// The errno; a part may have been sent. `EAGAIN`: the timeout passed.
    pub fn send(&self, data: &[u8]) -> Result<(), i32> {
        let mut rest = data;
        while !rest.is_empty() {
            match self.socket.send_with_flags(rest, sys::MSG_NOSIGNAL) {
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
            flags |= sys::MSG_PEEK;
        }
        if how.now {
            flags |= sys::MSG_DONTWAIT;
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

    /// Sends small segments at once (TCP_NODELAY); nothing on a unix socket.
    pub fn set_nodelay(&self) {
        if self.peer_address().is_some() {
            let _ = self.socket.set_tcp_nodelay(true);
        }
    }

    /// The descriptor.
    #[must_use]
    pub fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// Why a blocking connect failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The name does not resolve.
    Dns,
    /// The timeout passed.
    Deadline,
    /// The errno of the last address.
    Os(i32),
}

/// Resolves and connects, from `bind` if given. `timeout` bounds both together, and later each
/// single send and receive.
///
/// # Errors
/// [`Failed`]
pub fn connect_blocking(
    address: &Address,
    timeout: Option<Duration>,
    bind: Option<SocketAddr>,
) -> Result<Blocking, Failed> {
    let until = timeout.map(|timeout| monotonic() + timeout);
    let addresses = match address {
        Address::Unix(path) => {
            let address = SockAddr::unix(path).map_err(|error| failed(&error))?;
            // The time to wait in a unix listener's queue is the socket's write timeout.
            return connect_to(&address, Domain::UNIX, timeout, None, None);
        }
        Address::Ip(address) => vec![*address],
        Address::Name(host, port) => look_up(host, *port, timeout)?,
    };
    let mut last = Failed::Dns;
    for address in addresses {
        let left = until.map(|until| until.saturating_duration_since(monotonic()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Failed::Deadline);
        }
        match connect_to(&address.into(), Domain::for_address(address), timeout, left, bind) {
            Ok(stream) => return Ok(stream),
            Err(failed) => last = failed,
        }
    }
    Err(last)
}

fn connect_to(
    address: &SockAddr,
    domain: Domain,
    timeout: Option<Duration>,
    left: Option<Duration>,
    bind: Option<SocketAddr>,
) -> Result<Blocking, Failed> {
    let connected = Socket::new(domain, Type::STREAM.cloexec(), None).and_then(|socket| {
        socket.set_write_timeout(timeout)?;
        socket.set_read_timeout(timeout)?;
        if let Some(bind) = bind {
            socket.set_reuse_address(true)?;
            socket.bind(&SockAddr::from(bind))?;
        }
        match left {
            Some(left) => socket.connect_timeout(address, left)?,
            None => socket.connect(address)?,
        }
        Ok(socket)
    });
    connected.map(|socket| Blocking { socket }).map_err(|error| failed(&error))
}

fn failed(error: &io::Error) -> Failed {
    if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) {
        Failed::Deadline
    } else {
        Failed::Os(sys::errno::of(error))
    }
}

/// `getaddrinfo` has no deadline: it runs on a thread, which is left alone when the time is over.
fn look_up(host: &str, port: u16, timeout: Option<Duration>) -> Result<Vec<SocketAddr>, Failed> {
    let (answer, answered) = mpsc::channel();
    let name = (host.to_owned(), port);
    let ask = move || {
        let addresses = (name.0.as_str(), name.1).to_socket_addrs();
        // Nobody may be waiting any more.
        let _ = answer.send(addresses.map(Iterator::collect::<Vec<_>>));
    };
    thread::Builder::new().name("tether-dns".into()).spawn(ask).map_err(|_| Failed::Dns)?;
    let addresses = match timeout {
        Some(timeout) => answered.recv_timeout(timeout).map_err(|error| match error {
            RecvTimeoutError::Timeout => Failed::Deadline,
            RecvTimeoutError::Disconnected => Failed::Dns,
        })?,
        None => answered.recv().map_err(|_| Failed::Dns)?,
    };
    addresses.map_err(|_| Failed::Dns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    const TIMEOUT: Option<Duration> = Some(Duration::from_millis(100));

    fn pair() -> (Blocking, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let near = connect_blocking(&Address::Name("localhost".into(), port), TIMEOUT, None);
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
        let refused = connect_blocking(&Address::Ip(port), TIMEOUT, None);
        assert_eq!(refused.unwrap_err(), Failed::Os(libc::ECONNREFUSED));
        let missing = Address::Unix("/nonexistent/socket".into());
        assert_eq!(
            connect_blocking(&missing, TIMEOUT, None).unwrap_err(),
            Failed::Os(libc::ENOENT)
        );
    }
}
