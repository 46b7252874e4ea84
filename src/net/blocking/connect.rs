use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    os::fd::AsRawFd,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, SockAddr, Socket, Type};

use super::{Blocking, Bounded, Kind, Mode};
use crate::{
    net::{
        ATTEMPT_DELAY, Address, TlsFailure,
        dns::{cache, look_up},
        stream::autobind,
    },
    reactor::monotonic,
    sys::{
        self,
        descriptor::{Events, poll_many},
    },
};

/// Why a blocking connect failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The name does not resolve.
    Dns,
    /// The timeout passed.
    Deadline,
    /// The errno of the last address.
    Os(i32),
    /// The peer closed before TLS stood.
    Closed,
    /// TLS failed.
    Tls(TlsFailure),
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
            return connect_to(&address, Domain::UNIX, mode, timeout, None);
        }
        Address::Ip(address) => vec![*address],
        Address::Name(host, port) => find(host, *port, timeout)?,
    };
    if mode == Mode::Stream {
        let socket = race(&addresses, until, bind)?;
        let stream = Blocking { socket: Bounded::new(socket, None), kind: Kind::Stream };
        stream.set_timeout(timeout);
        return Ok(stream);
    }
    let mut last = Failed::Dns;
    for address in addresses {
        match connect_to(&address.into(), Domain::for_address(address), mode, timeout, bind) {
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
            let found = find(host, *port, timeout)?;
            found.into_iter().find(|address| address.is_ipv6() == v6).ok_or(Failed::Dns)
        }
    }
}

pub(super) fn open(
    domain: Domain,
    kind: Type,
    timeout: Option<Duration>,
    bind: Option<SocketAddr>,
) -> io::Result<Socket> {
    let socket = Socket::new(domain, kind.cloexec(), None)?;
    if timeout.is_some() {
        socket.set_write_timeout(timeout)?;
        socket.set_read_timeout(timeout)?;
    }
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
    bind: Option<SocketAddr>,
) -> Result<Blocking, Failed> {
    let stream = matches!(mode, Mode::Stream | Mode::StreamUnderWay);
    let kind = if stream { Type::STREAM } else { Type::DGRAM };
    let connected = open(domain, kind, timeout, bind).and_then(|socket| {
        match mode {
            Mode::Stream => socket.connect(address)?,
            Mode::StreamUnderWay => {
                socket.set_nonblocking(true)?;
                match socket.connect(address) {
                    Err(error) if error.raw_os_error() != Some(sys::errno::EINPROGRESS) => {
                        return Err(error);
                    }
                    _ => socket.set_nonblocking(false)?,
                }
            }
            Mode::Datagrams | Mode::DatagramsOfPeer => {
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
        Ok(Blocking { socket: Bounded::new(socket, timeout), kind })
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

/// What is left until then; `None` is no limit.
pub(super) fn left(until: Option<Instant>) -> Result<Option<Duration>, Failed> {
    let Some(until) = until else { return Ok(None) };
    let left = until.saturating_duration_since(monotonic());
    if left.is_zero() { Err(Failed::Deadline) } else { Ok(Some(left)) }
}

/// Connects to the first of several addresses that answers (happy eyeballs, RFC 8305).
fn race(
    addresses: &[SocketAddr],
    until: Option<Instant>,
    bind: Option<SocketAddr>,
) -> Result<Socket, Failed> {
    let mut others = addresses.iter();
    let mut attempts: Vec<Socket> = Vec::new();
    let mut next_at: Option<Instant> = None;
    let mut last = Failed::Dns;
    loop {
        let left = left(until)?;
        if attempts.is_empty() || next_at.is_some_and(|at| at <= monotonic()) {
            match others.next() {
                Some(address) => {
                    match attempt(*address, bind) {
                        Ok(socket) => attempts.push(socket),
                        Err(error) => last = failed(&error),
                    }
                    let more = others.len() > 0;
                    next_at = more.then(|| monotonic() + ATTEMPT_DELAY);
                    continue;
                }
                None if attempts.is_empty() => return Err(last),
                None => next_at = None,
            }
        }
        let next = next_at.map(|at| at.saturating_duration_since(monotonic()));
        let wait = next.into_iter().chain(left).min().unwrap_or(LONG);
        let mut watched: Vec<_> =
            attempts.iter().map(|socket| (socket.as_raw_fd(), Events::WRITE)).collect();
        // An interrupted wait is begun again, after a look at the time.
        let _ = poll_many(&mut watched, wait);
        for at in (0..attempts.len()).rev() {
            if !watched.get(at).is_some_and(|(_, found)| found.write || found.error) {
                continue;
            }
            let socket = attempts.swap_remove(at);
            match socket.take_error() {
                Ok(None) => {
                    socket.set_nonblocking(false).map_err(|error| failed(&error))?;
                    return Ok(socket);
                }
                Ok(Some(error)) | Err(error) => last = failed(&error),
            }
        }
    }
}

fn attempt(address: SocketAddr, bind: Option<SocketAddr>) -> io::Result<Socket> {
    let socket = open(Domain::for_address(address), Type::STREAM.nonblocking(), None, bind)?;
    match socket.connect(&address.into()) {
        Err(error) if error.raw_os_error() != Some(sys::errno::EINPROGRESS) => Err(error),
        _ => Ok(socket),
    }
}

/// Where there is no limit.
const LONG: Duration = Duration::from_secs(3600);

/// The addresses of a name. `getaddrinfo` has no deadline: it runs on a thread, which is left alone
/// when the time is over.
fn find(host: &str, port: u16, timeout: Option<Duration>) -> Result<Vec<SocketAddr>, Failed> {
    if let Some(known) = cache::find(host, port, monotonic()) {
        return Ok(known);
    }
    let (answer, answered) = mpsc::channel();
    let name = host.to_owned();
    let ask = move || {
        // Nobody may be waiting any more.
        let _ = answer.send(look_up(&name, port));
    };
    thread::Builder::new().name("tether-dns".into()).spawn(ask).map_err(|_| Failed::Dns)?;
    let addresses = match timeout {
        Some(timeout) => answered.recv_timeout(timeout).map_err(|error| match error {
            RecvTimeoutError::Timeout => Failed::Deadline,
            RecvTimeoutError::Disconnected => Failed::Dns,
        })?,
        None => answered.recv().map_err(|_| Failed::Dns)?,
    };
    let addresses = addresses.map_err(|_| Failed::Dns)?;
    cache::keep(host, &addresses, monotonic());
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn local(listener: &TcpListener) -> SocketAddr {
        listener.local_addr().unwrap()
    }

    #[test]
    fn the_next_address_is_tried_when_one_refuses_or_does_not_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let refusing = local(&TcpListener::bind("127.0.0.1:0").unwrap());
        // A full queue answers nobody.
        let full = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        full.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        full.listen(0).unwrap();
        let silent = full.local_addr().unwrap().as_socket().unwrap();
        let _filling: Vec<_> = (0..3).map(|_| attempt(silent, None).unwrap()).collect();
        let until = Some(monotonic() + Duration::from_secs(20));
        let before = monotonic();
        let socket = race(&[refusing, silent, local(&listener)], until, None).unwrap();
        assert_eq!(socket.peer_addr().unwrap().as_socket(), Some(local(&listener)));
        assert!(monotonic() - before >= ATTEMPT_DELAY);
        assert!(!socket.nonblocking().unwrap());
        let refused = race(&[refusing, refusing], until, None).unwrap_err();
        assert_eq!(refused, Failed::Os(libc::ECONNREFUSED));
        let soon = Some(monotonic() + Duration::from_millis(20));
        assert_eq!(race(&[silent], soon, None).unwrap_err(), Failed::Deadline);
        assert_eq!(race(&[], until, None).unwrap_err(), Failed::Dns);
    }
}
