//! A pair of sockets between a process and its child, read and written as a pipe that can wait.
//!
//! Both processes may keep both ends open, so the end of input does not show on the socket: who waits
//! also watches the other process.

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd, RawFd},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use socket2::{Domain, Socket, Type};

use crate::sys::{
    self, child,
    descriptor::{self, Events},
    packet,
    process::Pid,
};

/// The most that one read takes and that one datagram has, bytes.
pub const PIPE_MAX: usize = 65_536;

/// One end.
#[derive(Debug)]
pub struct Pipe {
    socket: Socket,
    is_datagram: bool,
}

/// How long a call may wait, and for whom.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait {
    /// For how long; `None`: without end.
    pub timeout: Option<Duration>,
    /// The process at the other end: nothing is waited for when it has ended.
    pub peer: Option<Pid>,
}

impl Pipe {
    /// Both ends of a new pair, blocking and closed on exec. Datagrams keep their boundaries. Each
    /// direction is asked to hold `room` unread bytes; the system may give less.
    ///
    /// # Errors
    /// When the system gives no more descriptors.
    pub fn pair(is_datagram: bool, room: usize) -> io::Result<(Pipe, Pipe)> {
        let kind = if is_datagram { Type::DGRAM } else { Type::STREAM };
        let (near, far) = Socket::pair(Domain::UNIX, kind, None)?;
        packet::set_room(&near, room);
        packet::set_room(&far, room);
        Ok((Pipe { socket: near, is_datagram }, Pipe { socket: far, is_datagram }))
    }

    /// Whether it carries datagrams.
    #[must_use]
    pub fn is_datagram(&self) -> bool {
        self.is_datagram
    }

    /// Reads at most `limit` bytes; waits if the descriptor is in blocking mode. Nothing: the other
    /// end is closed, or its process has ended.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing now or the time is over, and the system's.
    pub fn read(&self, limit: usize, wait: Wait, clock: fn() -> Instant) -> io::Result<BytesMut> {
        let mut input = BytesMut::new();
        let mut waiting = Waiting::new(self, wait, clock);
        loop {
            match sys::receive_with(&self.socket, &mut input, limit, sys::MSG_DONTWAIT) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if waiting.peer_has_ended {
                        return Ok(input);
                    }
                    waiting.pass(Events::READ)?;
                }
                other => return other.map(|_| input),
            }
        }
    }

    /// Writes all of it; in blocking mode waits for room. Gives how much has gone: less than all only
    /// on a stream whose other process ended meanwhile, or when time was over.
    ///
    /// # Errors
    /// `WouldBlock` when nothing goes, `EPIPE` or `ECONNREFUSED` when nobody is there.
    pub fn write(&self, data: &[u8], wait: Wait, clock: fn() -> Instant) -> io::Result<usize> {
        let flags = sys::MSG_DONTWAIT | sys::MSG_NOSIGNAL;
        let mut waiting = Waiting::new(self, wait, clock);
        let mut gone = 0;
        while let Some(rest) = data.get(gone..).filter(|rest| !rest.is_empty()) {
            let stuck = match self.socket.send_with_flags(rest, flags) {
                Ok(n) => {
                    gone += n;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(error) if waiting.peer_has_ended => error,
                Err(_) => match waiting.pass(Events::WRITE) {
                    Ok(()) => continue,
                    Err(error) => error,
                },
            };
            return if gone > 0 { Ok(gone) } else { Err(stuck) };
        }
        Ok(gone)
    }

    /// Ends one direction, for all who share this end.
    ///
    /// # Errors
    /// The system's.
    pub fn shut_down(&self, how: std::net::Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }
}

impl AsRawFd for Pipe {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// One call that waits.
struct Waiting<'a> {
    pipe: &'a Pipe,
    wait: Wait,
    clock: fn() -> Instant,
    until: Option<Instant>,
    peer: Option<OwnedFd>,
    is_watching: bool,
    peer_has_ended: bool,
}

impl Waiting<'_> {
    fn new(pipe: &Pipe, wait: Wait, clock: fn() -> Instant) -> Waiting<'_> {
        let (until, peer) = (None, None);
        Waiting { pipe, wait, clock, until, peer, is_watching: false, peer_has_ended: false }
    }

    /// Waits until the pipe is ready or its other process has ended.
    fn pass(&mut self, events: Events) -> io::Result<()> {
        if descriptor::is_nonblocking(self.pipe)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if !self.is_watching {
            self.is_watching = true;
            self.until = self.wait.timeout.and_then(|time| (self.clock)().checked_add(time));
            self.peer = self.wait.peer.and_then(|pid| match child::watch_end(pid) {
                Ok(end) => Some(end),
                Err(error) => {
                    self.peer_has_ended = error.raw_os_error() == Some(sys::errno::ESRCH);
                    None
                }
            });
            if self.peer_has_ended {
                return Ok(());
            }
        }
        let time = match self.until {
            None => Duration::MAX,
            Some(until) => until.saturating_duration_since((self.clock)()),
        };
        if time.is_zero() {
            return Err(io::Error::from_raw_os_error(sys::errno::EAGAIN));
        }
        let mut watched = vec![(self.pipe.as_raw_fd(), events)];
        watched.extend(self.peer.as_ref().map(|peer| (peer.as_raw_fd(), Events::READ)));
        match descriptor::poll_many(&mut watched, time) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            Err(_) => {}
            // What it wrote before it ended is read first.
            Ok(_) => self.peer_has_ended = watched.get(1).is_some_and(|(_, found)| found.read),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactor::monotonic;

    #[test]
    fn datagrams_keep_their_boundaries_and_streams_do_not() {
        for (is_datagram, first) in [(true, &b"one"[..]), (false, b"onetwo")] {
            let (near, far) = Pipe::pair(is_datagram, 2 * PIPE_MAX).unwrap();
            near.write(b"one", Wait::default(), monotonic).unwrap();
            near.write(b"two", Wait::default(), monotonic).unwrap();
            assert_eq!(far.read(PIPE_MAX, Wait::default(), monotonic).unwrap(), first);
        }
    }

    #[test]
    fn a_wait_ends_with_its_time_or_with_the_other_process() {
        let (near, _far) = Pipe::pair(false, 2 * PIPE_MAX).unwrap();
        let wait = Wait { timeout: Some(Duration::from_millis(1)), peer: None };
        let late = near.read(10, wait, monotonic).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::WouldBlock);
        let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
        let wait = Wait { timeout: None, peer: Some(child.id().cast_signed()) };
        assert!(near.read(10, wait, monotonic).unwrap().is_empty());
        child.wait().unwrap();
        assert!(near.read(10, wait, monotonic).unwrap().is_empty());
        let big = vec![0; 1 << 20];
        let gone = near.write(&big, wait, monotonic).unwrap();
        assert!(gone > 0 && gone < big.len());
    }

    #[test]
    fn a_non_blocking_end_waits_for_nothing() {
        let (near, far) = Pipe::pair(true, 2 * PIPE_MAX).unwrap();
        descriptor::set_nonblocking(&near, true).unwrap();
        let none = near.read(10, Wait::default(), monotonic).unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::WouldBlock);
        drop(far);
        assert!(near.write(b"x", Wait::default(), monotonic).is_err());
    }
}
