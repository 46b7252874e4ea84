//! What waits to be sent, in order.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, ErrorKind},
};

use bytes::{Buf, Bytes, BytesMut};
use socket2::Socket;

use crate::sys;

/// More output is queued than the budget allows; nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the output buffer is full")]
pub struct Overflow;

/// Bytes and files that wait to be sent, in order. An empty one holds no memory.
#[derive(Debug, Default)]
pub struct Output {
    /// What comes first: whole buffers, and what was queued before them.
    waiting: VecDeque<Piece>,
    /// Small output collects here, so that a turn's answers leave in one `send`.
    tail: BytesMut,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    File { file: File, offset: u64, left: u64 },
}

/// A buffer of at least this size is queued as it is instead of being copied.
const KEEP_WHOLE: usize = 64 * 1024;
/// How many flushed output buffers are kept for the next connection that answers.
const SPARE_BUFFERS: usize = 64;
/// A buffer that grew beyond this is not kept.
const SPARE_SIZE: usize = 64 * 1024;

impl Output {
    /// Where small output is written, behind everything that is queued.
    pub fn tail(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Queues `bytes`, without a copy if they are large.
    pub fn queue(&mut self, bytes: Bytes) {
        if bytes.len() < KEEP_WHOLE {
            self.tail.extend_from_slice(&bytes);
        } else {
            self.close_tail();
            self.waiting.push_back(Piece::Bytes(bytes));
        }
    }

    /// [`queue`](Self::queue) where the output is expected to stay within `most` bytes.
    pub fn queue_near(&mut self, bytes: Bytes, most: usize) {
        if bytes.len() < KEEP_WHOLE && !self.tail.is_empty() {
            self.make_room(bytes.len(), most);
        }
        self.queue(bytes);
    }

    /// Queues `length` bytes of `file` from `offset` on; they are read when they are sent. A file
    /// that got shorter by then ends the connection.
    pub fn queue_file(&mut self, file: File, offset: u64, length: u64) {
        self.close_tail();
        if length > 0 {
            self.waiting.push_back(Piece::File { file, offset, left: length });
        }
    }

    /// Queues a copy of `bytes` unless more than `budget` bytes would be waiting then.
    ///
    /// # Errors
    /// [`Overflow`]; nothing was queued.
    pub fn queue_within(&mut self, bytes: &[u8], budget: usize) -> Result<(), Overflow> {
        if self.len().saturating_add(bytes.len()) > budget {
            return Err(Overflow);
        }
        self.make_room(bytes.len(), budget);
        self.tail.extend_from_slice(bytes);
        Ok(())
    }

    /// Queues everything that waits in `other` behind what waits here.
    pub fn append(&mut self, other: Output) {
        if !other.waiting.is_empty() {
            self.close_tail();
            self.waiting.extend(other.waiting);
        }
        if self.tail.is_empty() {
            self.tail = other.tail;
        } else {
            self.tail.extend_from_slice(&other.tail);
        }
    }

    /// Bytes of memory that wait; what is read from files counts nothing.
    #[must_use]
    pub fn len(&self) -> usize {
        let waiting = self.waiting.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.len(),
            Piece::File { .. } => 0,
        });
        self.tail.len() + waiting.sum::<usize>()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.waiting.is_empty()
    }

    /// Sends until all is gone (`true`) or the sink takes no more. The memory of an emptied output
    /// goes to `spare`.
    ///
    /// # Errors
    /// The connection's error, or that a file got shorter: what waits can not be sent any more.
    pub fn flush(&mut self, sink: &mut impl Sink, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        while let Some(first) = self.waiting.front_mut() {
            let gone = match first {
                Piece::Bytes(bytes) => {
                    let Some(sent) = retry(|| sink.send(bytes))? else { return Ok(false) };
                    bytes.advance(sent);
                    bytes.is_empty()
                }
                Piece::File { file, offset, left } => {
                    let sent = retry(|| sink.send_file(file, *offset, *left))?;
                    let Some(sent) = sent else { return Ok(false) };
                    if sent == 0 {
                        return Err(io::Error::from(ErrorKind::UnexpectedEof));
                    }
                    *offset += sent;
                    *left -= sent;
                    *left == 0
                }
            };
            if gone {
                self.waiting.pop_front();
            }
        }
        while !self.tail.is_empty() {
            let Some(sent) = retry(|| sink.send(&self.tail))? else { return Ok(false) };
            if sent == self.tail.len() {
                self.tail.clear();
            } else {
                self.tail.advance(sent);
            }
        }
        if self.waiting.capacity() > 0 {
            self.waiting = VecDeque::new();
        }
        if self.tail.capacity() > 0 {
            let buffer = std::mem::take(&mut self.tail);
            if buffer.capacity() <= SPARE_SIZE && spare.len() < SPARE_BUFFERS {
                spare.push(buffer);
            }
        }
        Ok(true)
    }

    /// Takes a spare buffer, if it has none.
    pub fn provide(&mut self, spare: &mut Vec<BytesMut>) {
        if self.tail.capacity() == 0
            && let Some(buffer) = spare.pop()
        {
            self.tail = buffer;
        }
    }

    /// Grows the tail for `more` bytes, never beyond the budget: growing by itself, a buffer of the
    /// budget's size would be nearly twice that large, and what was sent of it would still count.
    fn make_room(&mut self, more: usize, budget: usize) {
        let needed = self.tail.len() + more;
        if needed > self.tail.capacity() {
            let capacity = needed.checked_next_power_of_two().unwrap_or(needed);
            let mut larger = BytesMut::with_capacity(capacity.min(budget).max(needed));
            larger.extend_from_slice(&self.tail);
            self.tail = larger;
        }
    }

    fn close_tail(&mut self) {
        if !self.tail.is_empty() {
            self.waiting.push_back(Piece::Bytes(self.tail.split().freeze()));
        }
    }
}

/// Where output goes: a socket, or whoever has the socket.
pub trait Sink {
    /// Takes some of `bytes`.
    ///
    /// # Errors
    /// `WouldBlock` when it takes nothing now; the connection's.
    fn send(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Takes some of `length` bytes of a file, from `offset` on. 0: the file ends there.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    fn send_file(&mut self, file: &File, offset: u64, length: u64) -> io::Result<u64>;
}

impl Sink for &Socket {
    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send_with_flags(bytes, sys::MSG_NOSIGNAL)
    }

    fn send_file(&mut self, file: &File, offset: u64, length: u64) -> io::Result<u64> {
        sys::send_file(self, file, offset, length)
    }
}

/// `None`: the socket takes nothing now.
fn retry<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<Option<T>> {
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            other => return other.map(Some),
        }
    }
}
