//! A blocking socket, bounded by its timeout: for clients that run without the loop.

use std::{
    fs::File,
    io::{self, ErrorKind},
    net::{Shutdown, SocketAddr, ToSocketAddrs},
    os::fd::{AsRawFd, RawFd},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use bytes::BytesMut;
use socket2::{Domain, SockAddr, Socket, Type};

use super::{
    Address,
    stream::{autobind, send_datagram},
};
use crate::{reactor::monotonic, sys};

/// A blocking stream or datagram socket. Dropping it closes the descriptor.
#[derive(Debug)]
pub struct Blocking {
    socket: Socket,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stream,
    /// Datagrams, to this address; `None`: to the address that it is connected to.
    Datagrams(Option<SockAddr>),
}

/// What [`connect_blocking`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A stream that stands.
    Stream,
    /// A stream that may still be under way: sending and receiving wait for it.
    StreamUnderWay,
    /// A datagram socket that receives from anybody.
    Datagrams,
    /// A datagram socket that receives from its peer only.
    DatagramsOfPeer,
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

impl Receive {
    fn flags(self) -> i32 {
        let peek = if self.peek { sys::MSG_PEEK } else { 0 };
        let now = if self.now { sys::MSG_DONTWAIT } else { 0 };
        peek | now
    }
}

/// The most bytes of one receive that does not wait for all.
pub const RECEIVE_LIMIT: usize = 65_535;

impl Blocking {
    /// Sends all of `data`.
    ///
    /// # Errors
    /// The errno; a part may have been sent. `EAGAIN`: the timeout passed.
    pub fn send(&self, data: &[u8]) -> Result<(), i32> {
        if let Kind::Datagrams(to) = &self.kind {
            let sent = send_datagram(&self.socket, data, to.as_ref());
            return sent.map_err(|error| sys::errno::of(&error));
        }
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

    /// A UDP socket that is connected to nobody, for [`send_to`](Self::send_to). `timeout` bounds
    /// each receive.
    ///
    /// # Errors
    /// The errno.
    pub fn udp(
        v6: bool,
        timeout: Option<Duration>,
        bind: Option<SocketAddr>,
    ) -> Result<Blocking, i32> {
        let domain = if v6 { Domain::IPV6 } else { Domain::IPV4 };
        let socket = open(domain, Type::DGRAM, timeout, bind);
        let socket = socket.map_err(|error| sys::errno::of(&error))?;
        Ok(Blocking { socket, kind: Kind::Datagrams(None) })
    }

    /// Sends one datagram to `address`.
    ///
    /// # Errors
    /// The errno.
    pub fn send_to(&self, data: &[u8], address: SocketAddr) -> Result<(), i32> {
        let sent = send_datagram(&self.socket, data, Some(&address.into()));
        sent.map_err(|error| sys::errno::of(&error))
    }

    /// Sends `length` bytes of `file` from `offset` on.
    ///
    /// # Errors
    /// The errno; a part may have been sent. `EAGAIN`: the timeout passed. `EIO`: the file got
    /// shorter.
    pub fn send_file(&self, file: &File, mut offset: u64, length: u64) -> Result<(), i32> {
        let end = offset.saturating_add(length);
        while offset < end {
            match sys::send_file(&self.socket, file, offset, end - offset) {
                Ok(0) => return Err(sys::errno::EIO),
                Ok(sent) => offset += sent,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(sys::errno::of(&error)),
            }
        }
        Ok(())
    }

    /// Receives one datagram, at most `size` bytes of it, and tells who sent it, if that is an IP
    /// address.
    ///
    /// # Errors
    /// The errno. `EAGAIN`: the timeout passed.
    pub fn receive_from(
        &self,
        size: usize,
        how: Receive,
    ) -> Result<(BytesMut, Option<SocketAddr>), i32> {
        let mut data = BytesMut::new();
        loop {
            match sys::receive_from(&self.socket, &mut data, size.min(RECEIVE_LIMIT), how.flags()) {
                Ok(sender) => return Ok((data, sender.as_socket())),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(sys::errno::of(&error)),
            }
        }
    }

    /// Receives what is there to the end of `into`; 0 bytes are the end of input.
    ///
    /// # Errors
    /// The errno. `EAGAIN`: the timeout passed.
    pub fn receive_more(&self, into: &mut BytesMut) -> Result<usize, i32> {
        loop {
            match sys::receive(&self.socket, into, RECEIVE_LIMIT) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => return other.map_err(|error| sys::errno::of(&error)),
            }
        }
    }

    /// Whether it exchanges datagrams.
    #[must_use]
    pub fn is_datagram(&self) -> bool {
        matches!(self.kind, Kind::Datagrams(_))
    }

    /// Whether the stream stands and nothing that nobody has read waits in it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let how = Receive { peek: true, now: true, all: false };
        self.receive(1, how) == Err(sys::errno::EAGAIN)
    }

    /// Ends one side.
    ///
    /// # Errors
    /// The errno.
    pub fn shutdown(&self, how: Shutdown) -> Result<(), i32> {
        self.socket.shutdown(how).map_err(|error| sys::errno::of(&error))
    }

    /// Receives at most `size` bytes; none at all is the end of input.
    ///
    /// # Errors
    /// The errno when nothing was received. `EAGAIN`: the timeout passed.
    pub fn receive(&self, size: usize, how: Receive) -> Result<BytesMut, i32> {
        let flags = how.flags();
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
    mode: Mode,
    timeout: Option<Duration>,
    bind: Option<SocketAddr>,
) -> Result<Blocking, Failed> {
    let until = timeout.map(|timeout| monotonic() + timeout);
    let addresses = match address {
        Address::Unix(path) => {
            let address = SockAddr::unix(path).map_err(|error| failed(&error))?;
            // The time to wait in a unix listener's queue is the socket's write timeout.
            return connect_to(&address, Domain::UNIX, mode, timeout, None, None);
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
        match connect_to(&address.into(), Domain::for_address(address), mode, timeout, left, bind) {
            Ok(stream) => return Ok(stream),
            Err(failed) => last = failed,
        }
    }
    Err(last)
}

/// Resolves a host for [`Blocking::send_to`].
///
/// # Errors
/// [`Failed`]
pub fn resolve_blocking(
    address: &Address,
    v6: bool,
    timeout: Option<Duration>,
) -> Result<SocketAddr, Failed> {
    match address {
        Address::Ip(address) => Ok(*address),
        Address::Unix(_) => Err(Failed::Dns),
        Address::Name(host, port) => {
            let found = look_up(host, *port, timeout)?;
            found.into_iter().find(|address| address.is_ipv6() == v6).ok_or(Failed::Dns)
        }
    }
}

fn open(
    domain: Domain,
    kind: Type,
    timeout: Option<Duration>,
    bind: Option<SocketAddr>,
) -> io::Result<Socket> {
    let socket = Socket::new(domain, kind.cloexec(), None)?;
    socket.set_write_timeout(timeout)?;
    socket.set_read_timeout(timeout)?;
    if let Some(bind) = bind {
        socket.set_reuse_address(true)?;
        socket.bind(&SockAddr::from(bind))?;
    }
    Ok(socket)
}

fn connect_to(
    address: &SockAddr,
    domain: Domain,
    mode: Mode,
    timeout: Option<Duration>,
    left: Option<Duration>,
    bind: Option<SocketAddr>,
) -> Result<Blocking, Failed> {
    let stream = matches!(mode, Mode::Stream | Mode::StreamUnderWay);
    let kind = if stream { Type::STREAM } else { Type::DGRAM };
    let connected = open(domain, kind, timeout, bind).and_then(|socket| {
        match (mode, left) {
            (Mode::Stream, Some(left)) => socket.connect_timeout(address, left)?,
            (Mode::Stream, None) => socket.connect(address)?,
            (Mode::StreamUnderWay, _) => {
                socket.set_nonblocking(true)?;
                match socket.connect(address) {
                    Err(error) if error.raw_os_error() != Some(sys::errno::EINPROGRESS) => {
                        return Err(error);
                    }
                    _ => socket.set_nonblocking(false)?,
                }
            }
            (Mode::Datagrams | Mode::DatagramsOfPeer, _) => {
                if domain == Domain::UNIX {
                    autobind(&socket)?;
                }
                if mode == Mode::DatagramsOfPeer || domain == Domain::UNIX {
                    socket.connect(address)?;
                }
            }
        }
        let to = (mode == Mode::Datagrams && domain != Domain::UNIX).then(|| address.clone());
        let kind = if stream { Kind::Stream } else { Kind::Datagrams(to) };
        Ok(Blocking { socket, kind })
    });
    connected.map_err(|error| failed(&error))
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
        let near =
            connect_blocking(&Address::Name("localhost".into(), port), Mode::Stream, TIMEOUT, None);
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
    fn an_idle_stream_is_one_without_bytes_or_an_end() {
        let (near, mut far) = pair();
        assert!(near.is_idle());
        far.write_all(b"x").unwrap();
        assert_eq!(near.receive(1, Receive { peek: true, ..PLAIN }).unwrap(), &b"x"[..]);
        assert!(!near.is_idle());
        near.receive(1, PLAIN).unwrap();
        assert!(near.is_idle());
        drop(far);
        assert_eq!(near.receive(1, PLAIN).unwrap(), &b""[..]);
        assert!(!near.is_idle());
    }

    #[test]
    fn datagrams_keep_their_borders_and_tell_their_sender() {
        let far = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = Address::Ip(far.local_addr().unwrap());
        let near = connect_blocking(&to, Mode::Datagrams, TIMEOUT, None).unwrap();
        near.send(b"one").unwrap();
        near.send(b"two").unwrap();
        let mut got = [0; 9];
        let (size, sender) = far.recv_from(&mut got).unwrap();
        assert_eq!(&got[..size], b"one");
        far.send_to(b"back", sender).unwrap();
        let (data, sender) = near.receive_from(9, PLAIN).unwrap();
        assert_eq!((&data[..], sender), (&b"back"[..], Some(far.local_addr().unwrap())));
        assert_eq!(near.receive_from(9, PLAIN).unwrap_err(), libc::EAGAIN);
    }

    #[test]
    fn a_unix_peer_can_answer_a_datagram() {
        let path = std::env::temp_dir().join(format!("tether-dgram-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let far = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        let near = connect_blocking(&Address::unix(&path), Mode::Datagrams, TIMEOUT, None).unwrap();
        std::fs::remove_file(&path).unwrap();
        near.send(b"one").unwrap();
        let (size, sender) = far.recv_from(&mut [0; 9]).unwrap();
        assert_eq!(size, 3);
        far.send_to_addr(b"back", &sender).unwrap();
        assert_eq!(near.receive_from(9, PLAIN).unwrap().0, &b"back"[..]);
    }

    #[test]
    fn a_refused_connect_says_so() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = connect_blocking(&Address::Ip(port), Mode::Stream, TIMEOUT, None);
        assert_eq!(refused.unwrap_err(), Failed::Os(libc::ECONNREFUSED));
        let missing = Address::Unix("/nonexistent/socket".into());
        assert_eq!(
            connect_blocking(&missing, Mode::Stream, TIMEOUT, None).unwrap_err(),
            Failed::Os(libc::ENOENT)
        );
    }
}
