//! The sockets a server listens on.
//!
//! Made and kept by the master for its whole life: one TCP socket with SO_REUSEPORT for each worker,
//! so that what waits in a dead worker's queue is served by its successor; one unix socket for all.

use std::{
    cell::RefCell,
    fs, io,
    net::{IpAddr, SocketAddr},
    os::{fd::AsRawFd, unix::fs::FileTypeExt},
    path::{Path, PathBuf},
};

use socket2::{Domain, SockAddr, Socket, Type};

use crate::sys::{
    errno,
    process::{self, Pid},
    sockopt,
};

/// The listening sockets of one server. Bound when added, listening from [`open`](Self::open) on.
#[derive(Debug, Default)]
pub struct Listeners {
    ports: RefCell<Vec<Port>>,
}

/// How a port listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenOptions {
    /// Connections that may wait to be accepted, per worker; default 512.
    pub backlog: i32,
    /// Report a connection only with its first data or after about so many seconds; 0 = at once.
    pub defer_accept: u32,
}

impl Default for ListenOptions {
    fn default() -> Self {
        ListenOptions { backlog: 512, defer_accept: 0 }
    }
}

/// A worker's socket of one port.
#[derive(Debug)]
pub struct WorkerListener {
    /// Which port, in the order of adding; 0 is the primary one.
    pub port: usize,
    /// Non-blocking, close-on-exec, listening.
    pub socket: Socket,
    /// TCP, not a unix socket.
    pub is_tcp: bool,
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
    options: ListenOptions,
    /// One a worker for TCP, one in all for unix. Empty places were handed out or closed.
    sockets: Vec<Socket>,
}

#[derive(Debug, PartialEq, Eq)]
enum Address {
    Tcp(SocketAddr),
    Unix { path: PathBuf, owner: Pid },
}

impl Listeners {
    /// No port.
    #[must_use]
    pub fn new() -> Listeners {
        Listeners::default()
    }

    /// Binds a TCP port; 0 lets the kernel pick. Gives the port's index and its number.
    ///
    /// # Errors
    /// [`ListenError`]; a host that is no IP address (names are not resolved) is `EINVAL`.
    pub fn bind_tcp(&self, host: &str, port: u16) -> Result<(usize, u16), ListenError> {
        let name = format!("{host}:{port}");
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let ip: IpAddr = literal.unwrap_or(host).parse().map_err(|_| ListenError {
            address: name.clone(),
            errno: errno::EINVAL,
            advice: ": the host must be an IPv4 or IPv6 address, names are not resolved",
        })?;
        let wanted = SocketAddr::new(ip, port);
        if port != 0 && self.ports.borrow().iter().any(|port| port.address == Address::Tcp(wanted))
        {
            return Err(failed(&name, &io::Error::from_raw_os_error(errno::EADDRINUSE)));
        }
        let (socket, address) = first_tcp(wanted).map_err(|error| failed(&name, &error))?;
        let name = format!("{host}:{}", address.port());
        let index = self.add(name, Address::Tcp(address), socket);
        Ok((index, address.port()))
    }

    /// Binds a unix stream socket at `path`. A socket file that nobody serves any more is replaced;
    /// the file is removed by the process that made it, at [`close`](Self::close) or drop.
    ///
    /// # Errors
    /// [`ListenError`]; `EADDRINUSE` when somebody serves there or a file of another kind is in the
    /// way.
    pub fn bind_unix(&self, path: &Path) -> Result<usize, ListenError> {
        let name = path.display().to_string();
        let socket = first_unix(path).map_err(|error| failed(&name, &error))?;
        let address = Address::Unix { path: path.to_owned(), owner: process::id() };
        Ok(self.add(name, address, socket))
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

    /// Makes the other workers' sockets and listens on all.
    ///
    /// # Errors
    /// [`ListenError`]; another server may have taken the port since it was bound here.
    pub fn open(&self, worker_num: usize) -> Result<(), ListenError> {
        for port in self.ports.borrow_mut().iter_mut() {
            port.open(worker_num).map_err(|error| failed(&port.name, &error))?;
        }
        Ok(())
    }

    /// In a forked worker: takes its own sockets out and closes the other workers'.
    #[must_use]
    pub fn take(&self, worker_id: usize) -> Vec<WorkerListener> {
        let mut own = Vec::new();
        for (index, mut port) in self.ports.take().into_iter().enumerate() {
            let is_tcp = matches!(port.address, Address::Tcp(_));
            let place = if is_tcp { worker_id } else { 0 };
            if place < port.sockets.len() {
                let socket = port.sockets.swap_remove(place);
                own.push(WorkerListener { port: index, socket, is_tcp });
            }
        }
        own
    }

    /// Takes the sockets out for so many threads that accept; those of TCP were opened for as many.
    /// The ports, and the files of unix sockets, stay until [`close`](Self::close).
    #[must_use]
    pub fn split(&self, threads: usize) -> Vec<Vec<WorkerListener>> {
        let mut all: Vec<Vec<WorkerListener>> = (0..threads).map(|_| Vec::new()).collect();
        for (index, port) in self.ports.borrow_mut().iter_mut().enumerate() {
            let is_tcp = matches!(port.address, Address::Tcp(_));
            for (own, socket) in all.iter_mut().zip(port.sockets.drain(..)) {
                own.push(WorkerListener { port: index, socket, is_tcp });
            }
        }
        all
    }

    /// Closes the sockets of this process and removes the files that it made. Connections that wait
    /// go on waiting for the workers, who have the same sockets.
    pub fn close(&self) {
        drop(self.ports.take());
    }

    fn add(&self, name: String, address: Address, socket: Socket) -> usize {
        let mut ports = self.ports.borrow_mut();
        let options = ListenOptions::default();
        ports.push(Port { name, address, options, sockets: vec![socket] });
        ports.len() - 1
    }
}

impl Port {
    fn open(&mut self, worker_num: usize) -> io::Result<()> {
        if let Address::Tcp(address) = self.address {
            // Bound but silent sockets do not refuse each other; the one that listens shows now.
            probe(address)?;
            while self.sockets.len() < worker_num {
                self.sockets.push(bind_tcp(address, true)?);
            }
        }
        for socket in &self.sockets {
            if self.options.defer_accept > 0 && matches!(self.address, Address::Tcp(_)) {
                sockopt::set_defer_accept(socket, self.options.defer_accept)?;
            }
            socket.listen(self.options.backlog)?;
        }
        Ok(())
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Address::Unix { path, owner } = &self.address
            && *owner == process::id()
        {
            let _ = fs::remove_file(path);
        }
    }
}

fn first_tcp(wanted: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    if wanted.port() != 0 {
        probe(wanted)?;
    }
    let socket = bind_tcp(wanted, true)?;
    let address = socket.local_addr()?.as_socket().unwrap_or(wanted);
    Ok((socket, address))
}

/// Finds out whether another server listens there: with SO_REUSEPORT on both sides, the system would
/// silently share the port with another process of the same user.
fn probe(address: SocketAddr) -> io::Result<()> {
    bind_tcp(address, false).map(drop)
}

fn bind_tcp(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    if shared {
        sockopt::set_reuse_port(&socket, true)?;
    }
    socket.bind(&SockAddr::from(address))?;
    Ok(socket)
}

fn first_unix(path: &Path) -> io::Result<Socket> {
    let address = SockAddr::unix(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.bind(&address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path) => {
            fs::remove_file(path)?;
            socket.bind(&address)?;
        }
        other => other?,
    }
    Ok(socket)
}

/// A socket file on which nobody listens.
fn is_stale(path: &Path) -> bool {
    let connect = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
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
        let (index, port) = listeners.bind_tcp("127.0.0.1", 0).unwrap();
        assert_ne!(port, 0);
        listeners.set_options(index, ListenOptions { backlog: 16, defer_accept: 0 });
        listeners.open(3).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(listeners.ports.borrow()[0].sockets.len(), 3);
        for socket in &listeners.ports.borrow()[0].sockets {
            assert_eq!(socket.local_addr().unwrap().as_socket(), Some(address));
        }
        TcpStream::connect(address).unwrap();
        let own = listeners.take(2);
        assert_eq!((own.len(), own[0].port, own[0].is_tcp), (1, 0, true));
        assert!(listeners.is_empty());
    }

    #[test]
    fn a_port_in_use_is_found_out_in_spite_of_sharing() {
        let other = Listeners::new();
        let (_, port) = other.bind_tcp("127.0.0.1", 0).unwrap();
        let text = format!(
            "failed to listen server port[127.0.0.1:{port}], Error: Address already in use[98]"
        );
        let twice = other.bind_tcp("127.0.0.1", port).unwrap_err();
        assert!(twice.to_string().starts_with(&text), "{twice}");
        let waiting = Listeners::new();
        waiting.bind_tcp("127.0.0.1", port).unwrap();
        other.open(2).unwrap();
        assert_eq!(waiting.open(1).unwrap_err().errno, errno::EADDRINUSE);
        let error = Listeners::new().bind_tcp("127.0.0.1", port).unwrap_err();
        assert!(error.to_string().starts_with(&text), "{error}");

        let plain = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = plain.local_addr().unwrap().port();
        let error = Listeners::new().bind_tcp("127.0.0.1", port).unwrap_err();
        assert_eq!(error.errno, errno::EADDRINUSE);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let error = Listeners::new().bind_tcp("localhost", 80).unwrap_err();
        assert_eq!(error.errno, errno::EINVAL);
        assert!(error.to_string().contains("names are not resolved"), "{error}");
        let error = Listeners::new().bind_tcp("192.0.2.1", 0).unwrap_err();
        assert_eq!(error.errno, errno::EADDRNOTAVAIL);
    }

    #[test]
    fn a_stale_socket_file_is_replaced_and_a_live_one_is_not() {
        let path = std::env::temp_dir().join(format!("tether-listen-{}", process::id()));
        let _ = fs::remove_file(&path);
        let live = UnixListener::bind(&path).unwrap();
        assert_eq!(Listeners::new().bind_unix(&path).unwrap_err().errno, errno::EADDRINUSE);
        drop(live);
        let listeners = Listeners::new();
        listeners.bind_unix(&path).unwrap();
        listeners.open(4).unwrap();
        UnixStream::connect(&path).unwrap();
        listeners.close();
        assert!(!path.exists());
        fs::write(&path, "kept").unwrap();
        assert_eq!(Listeners::new().bind_unix(&path).unwrap_err().errno, errno::EADDRINUSE);
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
        fs::remove_file(&path).unwrap();
    }
}
