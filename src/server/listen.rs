//! The sockets a server listens on.
//!
//! Made and kept by the master for its whole life: one TCP or UDP socket with SO_REUSEPORT for each
//! worker, so that what waits in a dead worker's queue is served by its successor; one unix socket for
//! all, and one that a service manager has opened.

use std::{
    cell::{Cell, RefCell},
    ffi::OsStr,
    fs, io,
    net::{IpAddr, SocketAddr},
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::{ffi::OsStrExt, fs::FileTypeExt},
    },
    path::{Path, PathBuf},
};

use socket2::{Domain, SockAddr, Socket, Type};

use super::port::PacketSender;
use crate::net;
use crate::sys::{
    activation, errno,
    process::{self, Pid},
    sockopt,
};

/// The listening sockets of one server. Bound when added, listening from [`open`](Self::open) on.
#[derive(Debug, Default)]
pub struct Listeners {
    ports: RefCell<Vec<Port>>,
    workers: Cell<usize>,
    opened: Cell<bool>,
}

/// How a port listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenOptions {
    /// Connections that may wait to be accepted, per worker; default 512.
    pub backlog: i32,
    /// Report a connection only with its first data or after about so many seconds; 0 = at once.
    pub defer_accept: u32,
    /// TCP_FASTOPEN.
    pub fastopen: bool,
    /// SO_RCVBUF, which connections inherit; `None` is the kernel's.
    pub receive_buffer: Option<usize>,
    /// SO_SNDBUF, which connections inherit; `None` is the kernel's.
    pub send_buffer: Option<usize>,
}

/// What kind of socket a port has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketKind {
    /// TCP over IPv4 or IPv6.
    Tcp,
    /// UDP over IPv4 or IPv6.
    Udp,
    /// A unix stream.
    Unix,
    /// A unix datagram socket.
    UnixDatagram,
}

impl SocketKind {
    /// Whether packets arrive, and not connections.
    #[must_use]
    pub fn is_datagram(self) -> bool {
        matches!(self, SocketKind::Udp | SocketKind::UnixDatagram)
    }

    fn as_type(self) -> Type {
        if self.is_datagram() { Type::DGRAM } else { Type::STREAM }
    }
}

/// A socket of a datagram port from which any process of the server may send.
#[derive(Debug)]
pub struct DatagramSender {
    /// Which port, in the order of adding.
    pub port: u16,
    /// Its family is told by its address.
    pub kind: SocketKind,
    /// Whether it is an IPv6 socket.
    pub is_ipv6: bool,
    socket: Socket,
}

impl DatagramSender {
    /// Sends one datagram to an address of its family.
    ///
    /// # Errors
    /// The system's, `EAGAIN` included.
    pub fn send(&self, data: &[u8], to: &PacketSender) -> io::Result<()> {
        let address = match to {
            PacketSender::Ip(address) => SockAddr::from(*address),
            PacketSender::Unix(path) => SockAddr::unix(OsStr::from_bytes(path))?,
        };
        net::send_datagram(&self.socket, data, Some(&address))
    }

    /// Another descriptor of the socket.
    ///
    /// # Errors
    /// When there is none left.
    pub fn duplicate(&self) -> io::Result<OwnedFd> {
        self.socket.try_clone().map(OwnedFd::from)
    }
}

impl Default for ListenOptions {
    fn default() -> Self {
        ListenOptions {
            backlog: 512,
            defer_accept: 0,
            fastopen: false,
            receive_buffer: None,
            send_buffer: None,
        }
    }
}

/// A worker's socket of one port.
#[derive(Debug)]
pub struct WorkerListener {
    /// Which port, in the order of adding; 0 is the primary one.
    pub port: u16,
    /// Non-blocking, close-on-exec, listening.
    pub socket: Socket,
    /// What it is.
    pub kind: SocketKind,
}

/// Why a port cannot be listened on. Its text is the classic one, and for the common causes says
/// what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to listen server port[{address}], Error: {}[{errno}]{}", errno::text(*errno), advice)]
pub struct ListenError {
    /// `host:port`, or the path.
    pub address: String,
    /// The system's number.
    pub errno: i32,
    advice: &'static str,
}

#[derive(Debug)]
struct Port {
    name: String,
    address: Address,
    kind: SocketKind,
    options: ListenOptions,
    /// Somebody has set it up: there is one for all workers.
    is_shared: bool,
    /// One a worker for IP, else one in all. Empty places were handed out or closed.
    sockets: Vec<Socket>,
}

#[derive(Debug, PartialEq, Eq)]
enum Address {
    Ip(SocketAddr),
    Unix {
        path: PathBuf,
        owner: Pid,
    },
    /// A service manager's: it is neither made nor removed here.
    Given,
}

/// A port that a service manager has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenPort {
    /// What it is.
    pub kind: SocketKind,
    /// Its address, if it is an IP address.
    pub address: Option<SocketAddr>,
    /// Its path, if it has one.
    pub path: Option<PathBuf>,
}

impl Listeners {
    /// No port.
    #[must_use]
    pub fn new() -> Listeners {
        Listeners::default()
    }

    /// Binds a TCP or UDP port; 0 lets the kernel pick. Gives the port's index and its number.
    ///
    /// # Errors
    /// [`ListenError`]; a host that is no IP address (names are not resolved) is `EINVAL`.
    pub fn bind_ip(
        &self,
        kind: SocketKind,
        host: &str,
        port: u16,
    ) -> Result<(usize, u16), ListenError> {
        let name = format!("{host}:{port}");
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let ip: IpAddr = literal.unwrap_or(host).parse().map_err(|_| ListenError {
            address: name.clone(),
            errno: errno::EINVAL,
            advice: ": the host must be an IPv4 or IPv6 address, names are not resolved",
        })?;
        let wanted = SocketAddr::new(ip, port);
        let is_same = |other: &Port| other.kind == kind && other.address == Address::Ip(wanted);
        if port != 0 && self.ports.borrow().iter().any(is_same) {
            return Err(failed(&name, &io::Error::from_raw_os_error(errno::EADDRINUSE)));
        }
        let (socket, address) = first_ip(kind, wanted).map_err(|error| failed(&name, &error))?;
        let name = format!("{host}:{}", address.port());
        let index = self.add(name, Address::Ip(address), kind, socket);
        Ok((index, address.port()))
    }

    /// Binds a unix socket at `path`. A socket file that nobody serves any more is replaced; the file
    /// is removed by the process that made it, at [`close`](Self::close) or drop.
    ///
    /// # Errors
    /// [`ListenError`]; `EADDRINUSE` when somebody serves there or a file of another kind is in the
    /// way.
    pub fn bind_unix(&self, kind: SocketKind, path: &Path) -> Result<usize, ListenError> {
        let name = path.display().to_string();
        let socket = first_unix(kind, path).map_err(|error| failed(&name, &error))?;
        let address = Address::Unix { path: path.to_owned(), owner: process::id() };
        Ok(self.add(name, address, kind, socket))
    }

    /// Adds the sockets that a service manager has opened for this process (`LISTEN_FDS`), in their
    /// order.
    ///
    /// # Errors
    /// [`ListenError`]: there is none, or one is no socket that a server can use.
    pub fn adopt(&self) -> Result<Vec<GivenPort>, ListenError> {
        let given = activation::take_sockets();
        if given.is_empty() {
            return Err(ListenError {
                address: "SYSTEMD".into(),
                errno: errno::EINVAL,
                advice: ": LISTEN_PID and LISTEN_FDS announce no socket for this process",
            });
        }
        given.into_iter().map(|fd| self.adopt_one(Socket::from(fd))).collect()
    }

    fn adopt_one(&self, socket: Socket) -> Result<GivenPort, ListenError> {
        let named = |error| failed("SYSTEMD", &error);
        let address = socket.local_addr().map_err(named)?;
        let is_stream = socket.r#type().map_err(named)? == Type::STREAM;
        let kind = match (address.as_socket(), is_stream) {
            (Some(_), true) => SocketKind::Tcp,
            (Some(_), false) => SocketKind::Udp,
            (None, true) => SocketKind::Unix,
            (None, false) => SocketKind::UnixDatagram,
        };
        socket.set_nonblocking(true).map_err(named)?;
        let path = address.as_pathname().map(Path::to_owned);
        let given = GivenPort { kind, address: address.as_socket(), path };
        self.add("SYSTEMD".into(), Address::Given, kind, socket);
        Ok(given)
    }

    /// Says how a port shall listen, before [`open`](Self::open).
    pub fn set_options(&self, port: usize, options: ListenOptions) {
        if let Some(port) = self.ports.borrow_mut().get_mut(port) {
            port.options = options;
        }
    }

    /// How many ports there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ports.borrow().len()
    }

    /// Whether there is no port.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ports.borrow().is_empty()
    }

    /// The first socket of a port, as PHP is told; -1 for a port that is not there.
    #[must_use]
    pub fn descriptor(&self, port: usize) -> i32 {
        let ports = self.ports.borrow();
        let socket = ports.get(port).and_then(|port| port.sockets.first());
        socket.map_or(-1, AsRawFd::as_raw_fd)
    }

    /// Another descriptor of that socket; `None` where this process does not have it. When it is
    /// asked for before [`open`](Self::open) the workers share this one, for what is set on it is
    /// to hold for all of them.
    #[must_use]
    pub fn duplicate(&self, port: usize) -> Option<io::Result<OwnedFd>> {
        let mut ports = self.ports.borrow_mut();
        let port = ports.get_mut(port)?;
        port.is_shared |= self.workers.get() == 0;
        let socket = port.sockets.first()?;
        Some(socket.try_clone().map(OwnedFd::from))
    }

    /// Makes the other workers' sockets and listens on all. Does nothing after
    /// [`open_for_threads`](Self::open_for_threads).
    ///
    /// # Errors
    /// [`ListenError`]; another server may have taken the port since it was bound here.
    pub fn open(&self, worker_num: usize) -> Result<(), ListenError> {
        if self.opened.get() {
            return Ok(());
        }
        self.workers.set(worker_num);
        for port in self.ports.borrow_mut().iter_mut() {
            port.open(worker_num).map_err(|error| failed(&port.name, &error))?;
        }
        Ok(())
    }

    /// In a forked worker: takes its own sockets out and closes the other workers'. A process that is
    /// no event worker (its number is behind theirs) gets none.
    #[must_use]
    pub fn take(&self, worker_id: usize) -> Vec<WorkerListener> {
        let serves = worker_id < self.workers.get();
        let mut own = Vec::new();
        for (index, mut port) in (0u16..).zip(self.ports.take()) {
            let place = if port.is_per_worker() { worker_id } else { 0 };
            if serves && place < port.sockets.len() {
                let socket = port.sockets.swap_remove(place);
                own.push(WorkerListener { port: index, socket, kind: port.kind });
            }
        }
        own
    }

    /// Makes the sockets of a server with I/O threads, and listens on all: threads accept, workers
    /// take datagrams.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_for_threads(&self, threads: usize, worker_num: usize) -> Result<(), ListenError> {
        self.opened.set(true);
        self.workers.set(worker_num);
        for port in self.ports.borrow_mut().iter_mut() {
            let count = if port.kind.is_datagram() { worker_num } else { threads };
            port.open(count).map_err(|error| failed(&port.name, &error))?;
        }
        Ok(())
    }

    /// Takes the accepting sockets out for so many threads, as [`open_for_threads`] made them. The
    /// ports, and the files of unix sockets, stay until [`close`](Self::close).
    ///
    /// [`open_for_threads`]: Self::open_for_threads
    #[must_use]
    pub fn split(&self, threads: usize) -> Vec<Vec<WorkerListener>> {
        let mut all: Vec<Vec<WorkerListener>> = (0..threads).map(|_| Vec::new()).collect();
        for (port, state) in (0u16..).zip(self.ports.borrow_mut().iter_mut()) {
            if state.kind.is_datagram() {
                continue;
            }
            for (own, socket) in all.iter_mut().zip(state.sockets.drain(..)) {
                own.push(WorkerListener { port, socket, kind: state.kind });
            }
        }
        all
    }

    /// In a forked manager: closes the accepting sockets, which are the threads'.
    pub fn leave_streams(&self) {
        for port in self.ports.borrow_mut().iter_mut().filter(|port| !port.kind.is_datagram()) {
            port.sockets.clear();
        }
    }

    /// All sockets.
    #[must_use]
    pub fn descriptors(&self) -> Vec<RawFd> {
        let ports = self.ports.borrow();
        ports.iter().flat_map(|port| &port.sockets).map(AsRawFd::as_raw_fd).collect()
    }

    /// Sockets to send from, one for each datagram port, for all processes forked later.
    ///
    /// # Errors
    /// When there is no descriptor for one.
    pub fn senders(&self) -> io::Result<Vec<DatagramSender>> {
        let ports = self.ports.borrow();
        let datagrams = (0u16..).zip(ports.iter()).filter(|(_, port)| port.kind.is_datagram());
        datagrams
            .filter_map(|(index, port)| Some((index, port.kind, port.sockets.first()?)))
            .map(|(port, kind, socket)| {
                let is_ipv6 = socket.local_addr()?.is_ipv6();
                Ok(DatagramSender { port, kind, is_ipv6, socket: socket.try_clone()? })
            })
            .collect()
    }

    /// Closes the sockets of this process and removes the files that it made. Connections that wait
    /// go on waiting for the workers, who have the same sockets.
    pub fn close(&self) {
        drop(self.ports.take());
    }

    fn add(&self, name: String, address: Address, kind: SocketKind, socket: Socket) -> usize {
        let mut ports = self.ports.borrow_mut();
        ports.push(Port {
            name,
            address,
            kind,
            options: ListenOptions::default(),
            is_shared: false,
            sockets: vec![socket],
        });
        ports.len() - 1
    }
}

impl Port {
    fn is_per_worker(&self) -> bool {
        matches!(self.address, Address::Ip(_)) && !self.is_shared
    }

    fn open(&mut self, worker_num: usize) -> io::Result<()> {
        if let Address::Ip(address) = self.address {
            if self.kind == SocketKind::Tcp {
                // Bound but silent sockets do not refuse each other; the one that listens shows now.
                probe(self.kind, address)?;
            }
            while self.sockets.len() < worker_num && !self.is_shared {
                self.sockets.push(bind_ip(self.kind, address, true)?);
            }
        }
        let ListenOptions { backlog, defer_accept, fastopen, receive_buffer, send_buffer } =
            self.options;
        for socket in &self.sockets {
            if let Some(size) = receive_buffer {
                socket.set_recv_buffer_size(size)?;
            }
            if let Some(size) = send_buffer {
                socket.set_send_buffer_size(size)?;
            }
            if self.kind == SocketKind::Tcp {
                if defer_accept > 0 {
                    sockopt::set_defer_accept(socket, defer_accept)?;
                }
                if fastopen {
                    sockopt::set_fastopen(socket, FASTOPEN)?;
                }
            }
            if !self.kind.is_datagram() {
                socket.listen(backlog)?;
            }
        }
        Ok(())
    }
}

/// Connections with data in their first packet that may wait for their handshake's end.
const FASTOPEN: u32 = 256;

impl Drop for Port {
    fn drop(&mut self) {
        if let Address::Unix { path, owner } = &self.address
            && *owner == process::id()
        {
            let _ = fs::remove_file(path);
        }
    }
}

fn first_ip(kind: SocketKind, wanted: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    if wanted.port() != 0 {
        probe(kind, wanted)?;
    }
    let socket = bind_ip(kind, wanted, true)?;
    let address = socket.local_addr()?.as_socket().unwrap_or(wanted);
    Ok((socket, address))
}

/// Finds out whether another server listens there: with SO_REUSEPORT on both sides, the system would
/// silently share the port with another process of the same user.
fn probe(kind: SocketKind, address: SocketAddr) -> io::Result<()> {
    bind_ip(kind, address, false).map(drop)
}

fn bind_ip(kind: SocketKind, address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind.as_type(), None)?;
    socket.set_nonblocking(true)?;
    if kind == SocketKind::Tcp {
        socket.set_reuse_address(true)?;
    }
    if shared {
        sockopt::set_reuse_port(&socket, true)?;
    }
    socket.bind(&SockAddr::from(address))?;
    Ok(socket)
}

fn first_unix(kind: SocketKind, path: &Path) -> io::Result<Socket> {
    let address = SockAddr::unix(path)?;
    let socket = Socket::new(Domain::UNIX, kind.as_type(), None)?;
    socket.set_nonblocking(true)?;
    match socket.bind(&address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(kind, path) => {
            fs::remove_file(path)?;
            socket.bind(&address)?;
        }
        other => other?,
    }
    Ok(socket)
}

/// A socket file on which nobody listens.
fn is_stale(kind: SocketKind, path: &Path) -> bool {
    let connect = || {
        let socket = Socket::new(Domain::UNIX, kind.as_type(), None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)
    };
    fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket())
        && connect().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

fn failed(address: &str, error: &io::Error) -> ListenError {
    let errno = errno::of(error);
    let advice = match errno {
        errno::EADDRINUSE => ": another process serves there; stop it or choose another port",
        errno::EACCES => ": this user may not; choose a port above 1023 or another path",
        errno::EADDRNOTAVAIL => ": this machine has no such address",
        _ => "",
    };
    ListenError { address: address.to_owned(), errno, advice }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        net::{TcpListener, TcpStream},
        os::unix::net::{UnixListener, UnixStream},
    };

    #[test]
    fn workers_share_a_port_that_the_kernel_picked() {
        let listeners = Listeners::new();
        let (index, port) = listeners.bind_ip(SocketKind::Tcp, "127.0.0.1", 0).unwrap();
        assert_ne!(port, 0);
        listeners.set_options(index, ListenOptions { backlog: 16, ..ListenOptions::default() });
        listeners.open(3).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(listeners.ports.borrow()[0].sockets.len(), 3);
        for socket in &listeners.ports.borrow()[0].sockets {
            assert_eq!(socket.local_addr().unwrap().as_socket(), Some(address));
        }
        TcpStream::connect(address).unwrap();
        let own = listeners.take(2);
        assert_eq!((own.len(), own[0].port, own[0].kind), (1, 0, SocketKind::Tcp));
        assert!(listeners.is_empty());
    }

    #[test]
    fn a_port_in_use_is_found_out_in_spite_of_sharing() {
        let other = Listeners::new();
        let (_, port) = other.bind_ip(SocketKind::Tcp, "127.0.0.1", 0).unwrap();
        let text = format!(
            "failed to listen server port[127.0.0.1:{port}], Error: Address already in use[98]"
        );
        let twice = other.bind_ip(SocketKind::Tcp, "127.0.0.1", port).unwrap_err();
        assert!(twice.to_string().starts_with(&text), "{twice}");
        let waiting = Listeners::new();
        waiting.bind_ip(SocketKind::Tcp, "127.0.0.1", port).unwrap();
        other.open(2).unwrap();
        assert_eq!(waiting.open(1).unwrap_err().errno, errno::EADDRINUSE);
        let error = Listeners::new().bind_ip(SocketKind::Tcp, "127.0.0.1", port).unwrap_err();
        assert!(error.to_string().starts_with(&text), "{error}");

        let plain = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = plain.local_addr().unwrap().port();
        let error = Listeners::new().bind_ip(SocketKind::Tcp, "127.0.0.1", port).unwrap_err();
        assert_eq!(error.errno, errno::EADDRINUSE);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let error = Listeners::new().bind_ip(SocketKind::Tcp, "localhost", 80).unwrap_err();
        assert_eq!(error.errno, errno::EINVAL);
        assert!(error.to_string().contains("names are not resolved"), "{error}");
        let error = Listeners::new().bind_ip(SocketKind::Tcp, "192.0.2.1", 0).unwrap_err();
        assert_eq!(error.errno, errno::EADDRNOTAVAIL);
    }

    #[test]
    fn a_stale_socket_file_is_replaced_and_a_live_one_is_not() {
        let path = std::env::temp_dir().join(format!("tether-listen-{}", process::id()));
        let _ = fs::remove_file(&path);
        let live = UnixListener::bind(&path).unwrap();
        assert_eq!(
            Listeners::new().bind_unix(SocketKind::Unix, &path).unwrap_err().errno,
            errno::EADDRINUSE
        );
        drop(live);
        let listeners = Listeners::new();
        listeners.bind_unix(SocketKind::Unix, &path).unwrap();
        listeners.open(4).unwrap();
        UnixStream::connect(&path).unwrap();
        listeners.close();
        assert!(!path.exists());
        fs::write(&path, "kept").unwrap();
        assert_eq!(
            Listeners::new().bind_unix(SocketKind::Unix, &path).unwrap_err().errno,
            errno::EADDRINUSE
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn datagram_ports_are_shared_and_answered_from() {
        let listeners = Listeners::new();
        let (_, port) = listeners.bind_ip(SocketKind::Udp, "127.0.0.1", 0).unwrap();
        let path = std::env::temp_dir().join(format!("tether-datagrams-{}", process::id()));
        listeners.bind_unix(SocketKind::UnixDatagram, &path).unwrap();
        let twice = Listeners::new().bind_ip(SocketKind::Udp, "127.0.0.1", port).unwrap_err();
        assert_eq!(twice.errno, errno::EADDRINUSE);
        listeners.open(2).unwrap();
        let senders = listeners.senders().unwrap();
        assert_eq!((senders.len(), senders[1].kind), (2, SocketKind::UnixDatagram));
        let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = PacketSender::Ip(peer.local_addr().unwrap());
        senders[0].send(b"hello", &to).unwrap();
        let mut got = [0; 9];
        let (n, from) = peer.recv_from(&mut got).unwrap();
        assert_eq!((&got[..n], from.port()), (&b"hello"[..], port));
        assert_eq!(listeners.take(2).len(), 0, "no event worker");
        assert!(!path.exists());
    }

    #[test]
    fn tcp_and_udp_may_have_the_same_number() {
        let listeners = Listeners::new();
        let (_, port) = listeners.bind_ip(SocketKind::Tcp, "127.0.0.1", 0).unwrap();
        if let Ok((index, same)) = listeners.bind_ip(SocketKind::Udp, "127.0.0.1", port) {
            assert_eq!((index, same), (1, port));
        }
    }
}
