//! How a worker makes itself known to an I/O thread: a packet with its end of a new link.
//!
//! The packet sockets are made by the master before the first fork and kept for the server's life,
//! so that workers of a new manager find the threads too. The kernel closes the link with the
//! worker: that is how the threads learn of its end.

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd, RawFd},
};

use bytes::{Buf, BufMut, BytesMut};

use crate::{reactor::Key, sys::packet};

/// What the packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Hello {
    /// Whose place it takes.
    pub(in super::super) worker_id: usize,
    /// Which of its place's counters it has.
    pub(in super::super) lane: usize,
}

/// Where threads and workers meet: a pair of sockets a thread.
#[derive(Debug)]
pub struct Doors {
    inside: Vec<Option<Door>>,
    outside: Vec<OwnedFd>,
}

/// A thread's side.
#[derive(Debug)]
pub struct Door(OwnedFd);

const LENGTH: usize = 8;

impl Hello {
    /// The key of the door's token among those of the links.
    pub(super) fn key() -> Key {
        Key::fixed(u32::MAX)
    }
}

impl Doors {
    /// Doors for so many threads.
    ///
    /// # Errors
    /// When the system gives no more descriptors.
    pub fn new(threads: usize) -> io::Result<Doors> {
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for _ in 0..threads {
            let (near, far) = packet::pair()?;
            inside.push(Some(Door(near)));
            outside.push(far);
        }
        Ok(Doors { inside, outside })
    }

    /// A thread's side, taken out once.
    pub fn take(&mut self, thread: usize) -> Option<Door> {
        self.inside.get_mut(thread)?.take()
    }

    /// Closes the threads' sides: this process has none.
    pub fn leave(&mut self) {
        self.inside.clear();
    }

    /// Gives a thread one end of a link.
    ///
    /// # Errors
    /// The system's.
    pub(in super::super) fn knock(
        &self,
        thread: usize,
        hello: Hello,
        link: OwnedFd,
    ) -> io::Result<()> {
        let outside = self.outside.get(thread).ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = BytesMut::with_capacity(LENGTH);
        bytes.put_u32_ne(u32::try_from(hello.worker_id).unwrap_or(u32::MAX));
        bytes.put_u32_ne(u32::try_from(hello.lane).unwrap_or(u32::MAX));
        packet::send(outside, &bytes, &[link])
    }
}

impl Door {
    /// The next worker that has come.
    pub(super) fn receive(&self) -> Option<(Hello, OwnedFd)> {
        let (mut bytes, mut links) = (BytesMut::new(), Vec::new());
        while packet::receive(&self.0, &mut bytes, LENGTH, &mut links).ok()? == LENGTH {
            let (worker_id, lane) = (bytes.get_u32_ne() as usize, bytes.get_u32_ne() as usize);
            if let Some(link) = links.pop() {
                return Some((Hello { worker_id, lane }, link));
            }
        }
        None
    }
}

impl AsRawFd for Door {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_brings_a_link_to_a_thread() {
        let mut doors = Doors::new(2).unwrap();
        let (near, far) = packet::pair().unwrap();
        let hello = Hello { worker_id: 3, lane: 1 };
        doors.knock(1, hello, far).unwrap();
        assert!(doors.take(0).unwrap().receive().is_none());
        let door = doors.take(1).unwrap();
        let (got, link) = door.receive().unwrap();
        assert_eq!(got, hello);
        packet::send(&link, b"hi", &[]).unwrap();
        let mut bytes = BytesMut::new();
        assert_eq!(packet::receive(&near, &mut bytes, 8, &mut Vec::new()).unwrap(), 2);
        assert!(door.receive().is_none());
    }
}
