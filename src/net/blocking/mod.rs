//! A blocking socket, bounded by its timeout: for clients that run without the loop.

mod bounded;
mod connect;
mod layer;

pub use connect::{Failed, connect_blocking, resolve_blocking};

use std::{
    cell::RefCell,
    fs::File,
    io::ErrorKind,
    net::{Shutdown, SocketAddr},
    os::fd::{AsFd, AsRawFd, OwnedFd, RawFd},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use socket2::{Domain, SockAddr, Type};

use super::{Tls, TlsClient, TlsFailure, stream::send_datagram};
use crate::sys;
use bounded::Bounded;
use connect::open;
use layer::Layer;

/// A blocking stream or datagram socket. Dropping it closes the descriptor.
#[derive(Debug)]
pub struct Blocking {
    socket: Bounded,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stream,
    /// A stream with TLS.
    Tls(Box<RefCell<Layer>>),
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
            self.socket.bound()?;
            let sent = send_datagram(&self.socket, data, to.as_ref());
            return sent.map_err(|error| sys::errno::of(&error));
        }
        if let Kind::Tls(layer) = &self.kind {
            return layer.borrow_mut().send(&self.socket, data);
        }
        layer::send_all(&self.socket, data)
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
        let socket = Bounded::new(socket, timeout);
        Ok(Blocking { socket, kind: Kind::Datagrams(None) })
    }

    /// Sends one datagram to `address`.
    ///
    /// # Errors
    /// The errno.
    pub fn send_to(&self, data: &[u8], address: SocketAddr) -> Result<(), i32> {
        self.socket.bound()?;
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
        if let Kind::Tls(layer) = &self.kind {
            return layer.borrow_mut().send_file(&self.socket, file, offset, end);
        }
        while offset < end {
            self.socket.bound()?;
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
            self.socket.bound()?;
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
        if let Kind::Tls(layer) = &self.kind {
            let more =
                layer.borrow_mut().receive(&self.socket, RECEIVE_LIMIT, Receive::default())?;
            into.extend_from_slice(&more);
            return Ok(more.len());
        }
        loop {
            self.socket.bound()?;
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
        if let (Kind::Tls(layer), Shutdown::Write | Shutdown::Both) = (&self.kind, how) {
            layer.borrow_mut().close(&self.socket);
        }
        self.socket.shutdown(how).map_err(|error| sys::errno::of(&error))
    }

    /// Receives at most `size` bytes; none at all is the end of input.
    ///
    /// # Errors
    /// The errno when nothing was received. `EAGAIN`: the timeout passed.
    pub fn receive(&self, size: usize, how: Receive) -> Result<BytesMut, i32> {
        if let Kind::Tls(layer) = &self.kind {
            return layer.borrow_mut().receive(&self.socket, size, how);
        }
        let flags = how.flags();
        let mut data = BytesMut::new();
        loop {
            // Not what was asked for, but what comes takes memory.
            let room = (size - data.len()).min(RECEIVE_LIMIT);
            match self.socket.bound() {
                Err(_) if !data.is_empty() => return Ok(data),
                bound => bound?,
            }
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

    /// Begins TLS; it must stand at `until`.
    ///
    /// # Errors
    /// [`Failed`]; the stream is of no use any more.
    pub fn secure(&mut self, client: &TlsClient, until: Option<Instant>) -> Result<(), Failed> {
        let mut layer = Layer::new(client.start().map_err(Failed::Tls)?);
        self.set_deadline(until)?;
        while layer.handshake(&self.socket)? {
            self.set_deadline(until)?;
        }
        self.kind = Kind::Tls(Box::new(RefCell::new(layer)));
        Ok(())
    }

    /// Bounds each send and receive from now on.
    pub fn set_timeout(&self, timeout: Option<Duration>) {
        self.socket.set_timeout(timeout);
    }

    /// Ends all sending and receiving at a point in time, with ETIMEDOUT; `None`: never.
    pub fn set_end(&self, until: Option<Instant>) {
        self.socket.set_end(until);
    }

    /// Whether that time has come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.socket.is_over()
    }

    /// Bounds the next send and receive by a point in time.
    ///
    /// # Errors
    /// [`Failed::Deadline`]: it has passed.
    pub fn set_deadline(&self, until: Option<Instant>) -> Result<(), Failed> {
        let left = connect::left(until)?;
        self.set_timeout(left);
        Ok(())
    }

    /// Looks at TLS; `None` without.
    pub fn with_tls<R>(&self, look: impl FnOnce(&Tls) -> R) -> Option<R> {
        let Kind::Tls(layer) = &self.kind else { return None };
        Some(look(layer.borrow().tls()))
    }

    /// Whether bytes that were received wait in memory.
    #[must_use]
    pub fn has_buffered(&self) -> bool {
        matches!(&self.kind, Kind::Tls(layer) if layer.borrow().has_buffered())
    }

    /// Whether the input has ended without the peer's word for it under TLS: something may be cut
    /// off.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        matches!(&self.kind, Kind::Tls(layer) if layer.borrow().is_truncated())
    }

    /// Why TLS itself has ended the connection, if it has.
    #[must_use]
    pub fn tls_failure(&self) -> Option<TlsFailure> {
        let Kind::Tls(layer) = &self.kind else { return None };
        layer.borrow().failure()
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

    /// Sends small segments at once (TCP_NODELAY); nothing where there is no TCP.
    pub fn set_nodelay(&self) {
        let _ = self.socket.set_tcp_nodelay(true);
    }

    /// Another descriptor of the same socket.
    ///
    /// # Errors
    /// The errno.
    pub fn duplicate(&self) -> Result<OwnedFd, i32> {
        self.socket.as_fd().try_clone_to_owned().map_err(|error| sys::errno::of(&error))
    }

    /// The descriptor.
    #[must_use]
    pub fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl Drop for Blocking {
    /// Says under TLS that nothing more comes, as far as that does not take time.
    fn drop(&mut self) {
        if let Kind::Tls(layer) = &self.kind {
            layer.borrow_mut().drop_from(&self.socket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Address;
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
