//! An I/O thread's end of its link to one worker process.
//!
//! Frames are numbered. The worker counts those that it has begun in memory that both share, so that
//! after its death those that it had not begun go to its successor, and no other.

use std::{collections::VecDeque, io, os::fd::AsRawFd};

use bytes::{Buf, BytesMut};
use socket2::Socket;

use crate::sys;

use super::{
    frame::{BadFrame, Down, Up},
    progress::Counter,
};

/// A link to a worker.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) worker_id: usize,
    /// It has said that it is on its way out.
    pub(super) leaving: bool,
    /// HTTP requests that it owes answers.
    pub(super) owed: u64,
    socket: Socket,
    counter: Counter,
    input: BytesMut,
    /// Encoded in this turn.
    pending: BytesMut,
    /// What was sent or waits to be, the oldest first: kept until the worker has begun all of it.
    batches: VecDeque<Batch>,
    /// The batch that is sent next, and how much of it has gone.
    sending: usize,
    offset: usize,
    /// Bytes that have not gone.
    unsent: usize,
    /// Frames numbered so far.
    next: u64,
}

#[derive(Debug)]
struct Batch {
    bytes: BytesMut,
    /// The number after its last frame's.
    end: u64,
}

/// What a [`receive`](Lane::receive) came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing was there.
    Nothing,
    /// There may be more.
    Some,
    /// All that was there.
    All,
}

/// Batches that are kept for their memory.
const SPARE: usize = 16;
/// A batch that grew beyond this is not kept.
const SPARE_SIZE: usize = 64 * 1024;
/// Bytes received at once.
const RECEIVE: usize = 256 * 1024;

impl Lane {
    pub(super) fn new(worker_id: usize, socket: Socket, counter: Counter) -> Lane {
        Lane {
            worker_id,
            leaving: false,
            owed: 0,
            socket,
            counter,
            input: BytesMut::new(),
            pending: BytesMut::new(),
            batches: VecDeque::new(),
            sending: 0,
            offset: 0,
            unsent: 0,
            next: 0,
        }
    }

    /// Queues a frame that `encode` appends. Gives its number.
    pub(super) fn push(&mut self, encode: impl FnOnce(&mut BytesMut)) -> u64 {
        let before = self.pending.len();
        encode(&mut self.pending);
        self.unsent += self.pending.len() - before;
        self.counter.sent();
        self.next += 1;
        self.next - 1
    }

    /// Bytes that have not gone.
    pub(super) fn unsent(&self) -> usize {
        self.unsent
    }

    /// Whether a [`flush`](Self::flush) would have something to do.
    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Sends what the system takes. `spare`: memory of batches that are not needed any more.
    ///
    /// # Errors
    /// The worker is gone; its [`unbegun`](Self::unbegun) frames are another's.
    pub(super) fn flush(&mut self, spare: &mut Vec<BytesMut>) -> io::Result<()> {
        self.forget_begun(spare);
        loop {
            while let Some(batch) = self.batches.get(self.sending) {
                let rest = batch.bytes.get(self.offset..).unwrap_or_default();
                match self.socket.send_with_flags(rest, sys::MSG_NOSIGNAL) {
                    Ok(sent) => {
                        self.unsent -= sent;
                        self.offset += sent;
                        if self.offset == batch.bytes.len() {
                            self.sending += 1;
                            self.offset = 0;
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
            if self.pending.is_empty() {
                return Ok(());
            }
            let fresh = spare.pop().unwrap_or_default();
            let bytes = std::mem::replace(&mut self.pending, fresh);
            self.batches.push_back(Batch { bytes, end: self.next });
        }
    }

    /// Receives once and gives every frame that is whole.
    ///
    /// # Errors
    /// The worker is gone, or speaks nonsense. The frames that came before are in `frames`.
    pub(super) fn receive(&mut self, frames: &mut Vec<Up>) -> io::Result<Heard> {
        let received = loop {
            match sys::receive(&self.socket, &mut self.input, RECEIVE) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(received) => break received,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Heard::Nothing);
                }
                Err(error) => return Err(error),
            }
        };
        let malformed = |BadFrame| io::Error::from(io::ErrorKind::InvalidData);
        while let Some(frame) = Up::decode(&mut self.input).map_err(malformed)? {
            frames.push(frame);
        }
        if self.input.is_empty() && self.input.capacity() > 4 * RECEIVE {
            self.input = BytesMut::new();
        }
        Ok(if received == RECEIVE { Heard::Some } else { Heard::All })
    }

    /// Whether the worker has begun this frame.
    pub(super) fn has_begun(&self, number: u64) -> bool {
        number < self.counter.begun()
    }

    /// The frames that the worker has not begun, in order. Of one that is gone, for then the count
    /// stands.
    pub(super) fn unbegun(&mut self) -> Vec<Down> {
        let begun = self.counter.begun();
        let mut number = self.next - self.retained();
        let mut rest = Vec::new();
        let pending = std::mem::take(&mut self.pending);
        let batches = std::mem::take(&mut self.batches).into_iter().map(|batch| batch.bytes);
        for mut bytes in batches.chain([pending]) {
            while let Ok(Some(frame)) = Down::decode(&mut bytes) {
                if number >= begun {
                    rest.push(frame);
                }
                number += 1;
            }
        }
        rest
    }

    /// How busy the worker is, with what all threads have sent it: frames that it has not done.
    pub(super) fn load(&self) -> u64 {
        self.counter.load() + self.owed
    }

    /// How many frames are kept.
    fn retained(&self) -> u64 {
        let mut count = 0;
        for bytes in self.batches.iter().map(|batch| &batch.bytes).chain([&self.pending]) {
            let mut rest = &bytes[..];
            while let Some(length) = rest.first_chunk::<4>() {
                rest.advance((4 + u32::from_ne_bytes(*length) as usize).min(rest.len()));
                count += 1;
            }
        }
        count
    }

    fn forget_begun(&mut self, spare: &mut Vec<BytesMut>) {
        if self.sending == 0 {
            return;
        }
        let begun = self.counter.begun();
        while self.sending > 0
            && self.batches.front().is_some_and(|batch| batch.end <= begun)
            && let Some(batch) = self.batches.pop_front()
        {
            self.sending -= 1;
            let mut bytes = batch.bytes;
            if bytes.capacity() <= SPARE_SIZE && spare.len() < SPARE {
                bytes.clear();
                spare.push(bytes);
            }
        }
    }
}

impl AsRawFd for Lane {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.socket.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::Progress;
    use super::*;
    use bytes::Bytes;
    use socket2::{Domain, Type};

    fn data(session: u32) -> Down {
        Down::Data { session, bytes: Bytes::from_static(b"data") }
    }

    #[test]
    fn what_a_dead_worker_had_not_begun_comes_back() {
        let progress = Progress::new(1, 1).unwrap();
        let (near, far) = Socket::pair(Domain::UNIX, Type::STREAM.nonblocking(), None).unwrap();
        let mut lane = Lane::new(0, near, progress.counter(0, 0, 0));
        let worker = progress.counter(0, 0, 0);
        let mut spare = Vec::new();
        for session in 0..4 {
            let frame = data(session);
            assert_eq!(lane.push(|out| frame.encode(out)), u64::from(session));
            if session % 2 == 1 {
                lane.flush(&mut spare).unwrap();
            }
        }
        assert_eq!((lane.unsent(), lane.load()), (0, 4));
        for _ in 0..3 {
            worker.begin();
        }
        worker.done();
        lane.flush(&mut spare).unwrap();
        assert_eq!((lane.batches.len(), spare.len(), lane.load()), (1, 1, 3));
        let frame = data(4);
        lane.push(|out| frame.encode(out));
        drop(far);
        assert!(lane.flush(&mut spare).is_err());
        assert!(lane.has_begun(2) && !lane.has_begun(3));
        assert_eq!(lane.unbegun(), [data(3), data(4)]);
    }
}
