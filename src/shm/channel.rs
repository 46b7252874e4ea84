//! A queue of byte strings in shared memory.
//!
//! Words: owner, sleepers, head, tail, pushed, popped, bytes in, bytes out, and a ring of records:
//! length and tag, then the bytes. Head and tail count words and never turn back.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::sys::shared::Counters;

use super::lock::{Guard, Lock};

/// A queue; every process forked after its making shares it. A record is added by the store to the
/// tail and removed by the store to the head, so a killed process leaves all or nothing of one.
#[derive(Debug)]
pub struct Channel {
    map: Counters,
    words: usize,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is in.
    Done,
    /// There is no room now.
    Full,
    /// There will never be room for one as long as this.
    TooLong,
}

impl Channel {
    /// Maps a queue for records of `bytes` bytes together, each counted in whole words and with one
    /// word more.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new(bytes: usize) -> io::Result<Channel> {
        let words = bytes.div_ceil(8);
        let all = words.checked_add(FIRST).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Channel { map: Counters::new(all)?, words })
    }

    /// Adds a record with a tag of the caller's (7 bits).
    pub fn push(&self, tag: u8, record: &[u8]) -> Pushed {
        let size = 1 + record.len().div_ceil(8);
        if size > self.words {
            return Pushed::TooLong;
        }
        let _guard = self.lock();
        let (head, tail) = (self.at(HEAD), self.at(TAIL));
        if size > self.words - (tail - head) {
            return Pushed::Full;
        }
        self.ring(tail).store((record.len() as u64) << 8 | u64::from(tag), Ordering::Relaxed);
        for (i, bytes) in record.chunks(8).enumerate() {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(bytes) {
                *to = *from;
            }
            self.ring(tail + 1 + i).store(u64::from_ne_bytes(word), Ordering::Relaxed);
        }
        self.word(TAIL).store((tail + size) as u64, Ordering::Release);
        self.word(PUSHED).fetch_add(1, Ordering::Relaxed);
        self.word(BYTES_IN).fetch_add(record.len() as u64, Ordering::Relaxed);
        Pushed::Done
    }

    /// Copies the oldest record and removes it if `take`; `None`: the queue is empty.
    pub fn front(&self, take: bool) -> Option<(u8, Vec<u8>)> {
        let _guard = self.lock();
        let (head, tail) = (self.at(HEAD), self.at(TAIL));
        if head == tail {
            return None;
        }
        let (tag, len) = self.record(head);
        let size = len.div_ceil(8);
        let mut bytes = Vec::with_capacity(size * 8);
        for i in 1..=size {
            bytes.extend_from_slice(&self.ring(head + i).load(Ordering::Relaxed).to_ne_bytes());
        }
        bytes.truncate(len);
        if take {
            self.word(HEAD).store((head + 1 + size) as u64, Ordering::Release);
            self.word(POPPED).fetch_add(1, Ordering::Relaxed);
            self.word(BYTES_OUT).fetch_add(len as u64, Ordering::Relaxed);
        }
        Some((tag, bytes))
    }

    /// How many records wait, and how many bytes they have together.
    pub fn stats(&self) -> (u64, u64) {
        let _guard = self.lock();
        let load = |at| self.word(at).load(Ordering::Relaxed);
        (load(PUSHED) - load(POPPED), load(BYTES_IN) - load(BYTES_OUT))
    }

    fn lock(&self) -> Guard<'_> {
        let guard = Lock::new(self.word(0), self.word(1)).lock();
        if guard.dead.is_some() {
            self.recount();
        }
        guard
    }

    /// The owner was killed, perhaps between a record and its count.
    #[cold]
    fn recount(&self) {
        let (mut count, mut bytes) = (0, 0);
        let (mut at, tail) = (self.at(HEAD), self.at(TAIL));
        while at < tail {
            let (_, len) = self.record(at);
            count += 1;
            bytes += len as u64;
            at += 1 + len.div_ceil(8);
        }
        for (word, value) in [(PUSHED, count), (POPPED, 0), (BYTES_IN, bytes), (BYTES_OUT, 0)] {
            self.word(word).store(value, Ordering::Relaxed);
        }
    }

    fn record(&self, at: usize) -> (u8, usize) {
        let head = self.ring(at).load(Ordering::Relaxed);
        let [tag, ..] = head.to_le_bytes();
        (tag, usize::try_from(head >> 8).unwrap_or(0).min(self.words * 8))
    }

    fn at(&self, word: usize) -> usize {
        usize::try_from(self.word(word).load(Ordering::Acquire)).unwrap_or(0)
    }

    fn ring(&self, at: usize) -> &AtomicU64 {
        self.word(FIRST + at % self.words)
    }

    #[expect(clippy::indexing_slicing, reason = "places of the head, or of the ring by its length")]
    fn word(&self, at: usize) -> &AtomicU64 {
        &self.map[at]
    }
}

const HEAD: usize = 2;
const TAIL: usize = 3;
const PUSHED: usize = 4;
const POPPED: usize = 5;
const BYTES_IN: usize = 6;
const BYTES_OUT: usize = 7;
const FIRST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::owner;

    #[test]
    fn records_come_out_as_they_went_in_round_the_ring() {
        let queue = Channel::new(100).unwrap();
        for round in 0..50usize {
            let long: Vec<u8> = (0..round % 40).map(|i| u8::try_from(i + round).unwrap()).collect();
            assert_eq!(queue.push(1, &long), Pushed::Done);
            assert_eq!(queue.push(0, b"short"), Pushed::Done);
            assert_eq!(queue.stats(), (2, long.len() as u64 + 5));
            assert_eq!(queue.front(false), Some((1, long.clone())));
            assert_eq!(queue.front(true), Some((1, long)));
            assert_eq!(queue.front(true), Some((0, b"short".to_vec())));
            assert_eq!(queue.front(true), None);
        }
        assert_eq!(queue.push(0, &[0; 97]), Pushed::TooLong);
        assert_eq!(queue.push(0, &[0; 96]), Pushed::Done);
        assert_eq!(queue.push(0, b""), Pushed::Full);
        assert_eq!(queue.stats(), (1, 96));
    }

    #[test]
    fn a_killed_owner_leaves_right_counts() {
        let queue = Channel::new(100).unwrap();
        queue.push(0, b"one");
        queue.push(0, b"two!");
        queue.word(PUSHED).store(77, Ordering::Relaxed);
        queue.word(0).store(owner::me() + (1 << 30), Ordering::Relaxed);
        assert_eq!(queue.stats(), (2, 7));
    }
}
