//! The socket that the workers of a pool share, and one connection to it.

use std::{
    io,
    os::fd::{AsRawFd, RawFd},
    path::PathBuf,
};

use bytes::{Buf, BytesMut};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::{
    net::Address,
    sys::{self, errno, process},
};

/// A listening socket. The one who made it removes its file.
pub(super) struct Listening {
    pub(super) socket: Socket,
    path: Option<PathBuf>,
    owner: process::Pid,
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(path) = &self.path
            && self.owner == process::id()
        {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Listens on an IP address and port, or at `unix:/path`.
///
/// # Errors
/// `EINVAL` for a name; the system's.
pub(super) fn listen(host: &[u8], port: u16, backlog: i32) -> io::Result<Listening> {
    let invalid = || io::Error::from_raw_os_error(errno::EINVAL);
    let (domain, address, path) = match Address::parse(host, port).map_err(|_| invalid())? {
        Address::Ip(ip) => (Domain::for_address(ip), SockAddr::from(ip), None),
        Address::Unix(path) => {
            // What a dead process has left behind would be in the way.
            if std::os::unix::net::UnixStream::connect(&path).is_err() {
                let _ = std::fs::remove_file(&path);
            }
            (Domain::UNIX, SockAddr::unix(&path)?, Some(path))
        }
        Address::Name(..) => return Err(invalid()),
    };
    let socket = Socket::new(domain, Type::STREAM, None)?;
    if path.is_none() {
        socket.set_reuse_address(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address)?;
    socket.listen(backlog)?;
    Ok(Listening { socket, path, owner: process::id() })
}

/// One connection: a package comes, its answer goes.
pub(super) struct Peer {
    pub(super) socket: Socket,
    input: BytesMut,
    output: BytesMut,
    is_answered: bool,
}

/// What became of a connection.
pub(super) enum Got {
    /// The package is not whole.
    More,
    /// A package.
    Package(BytesMut),
    /// It is over.
    Ended,
}

/// The length of a package stands before it: four bytes, the highest first.
const HEAD: usize = 4;
const READ: usize = 65_536;

impl Peer {
    pub(super) fn new(socket: Socket) -> Peer {
        Peer { socket, input: BytesMut::new(), output: BytesMut::new(), is_answered: false }
    }

    /// Reads what is there.
    pub(super) fn read(&mut self, limit: usize) -> Got {
        if self.is_answered {
            return Got::More;
        }
        loop {
            match sys::receive(&self.socket, &mut self.input, READ) {
                Ok(0) => return Got::Ended,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Got::More,
                Err(_) => return Got::Ended,
            }
            let Some(head) = self.input.first_chunk::<HEAD>() else { continue };
            let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
            if length > limit {
                return Got::Ended;
            }
            if self.input.len() >= HEAD + length {
                self.input.advance(HEAD);
                self.is_answered = true;
                return Got::Package(self.input.split_to(length));
            }
        }
    }

    /// Gives the answer; nothing if it is empty.
    pub(super) fn answer(&mut self, data: &[u8]) {
        if !data.is_empty() {
            let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
            self.output.extend_from_slice(&length.to_be_bytes());
            self.output.extend_from_slice(data);
        }
    }

    /// Sends; whether the connection is over.
    pub(super) fn flush(&mut self) -> bool {
        while !self.output.is_empty() {
            match self.socket.send_with_flags(&self.output, sys::MSG_NOSIGNAL) {
                Ok(n) => self.output.advance(n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
        }
        self.is_answered
    }
}

impl AsRawFd for Peer {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
