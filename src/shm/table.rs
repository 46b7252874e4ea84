//! A hash table of typed rows in shared memory.
//!
//! Words, all 0 at the start:
//! ```text
//! pool:   owner sleepers | first free row | rows ever used | rows in use | - - -
//! bucket: owner sleepers | changes of the chain | first row                       (one a hash)
//! row:    state | version | next row | hash and length of the key | key | copy 0 | copy 1
//! ```
//! Rows are numbered from 1. Writers lock their key's bucket; readers lock nothing: they copy, and
//! do it again if the bucket's chain or the row's version has changed meanwhile.
//!
//! **Invariant**: whatever a reader or the next owner of a lock relies on is changed by one store.
//! A row's values stand in the copy that its version's lowest bit names; a writer fills the other
//! and then counts the version up. A row is linked and unlinked by one word of its chain. So a
//! process killed at any instruction leaves rows as they were before its change or after it; rows
//! that it had taken out of the pool are marked with its name, and the next owner of its lock gives
//! them back.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    sync::atomic::{AtomicU64, Ordering, fence},
};

use crate::sys::{errno, owner, owner::Owner, shared::Counters};

use super::{
    hash::hash,
    lock::{Guard, Lock},
    table_row::{Cell, KEY_MAX, Key, Kind, Row, Schema, Sight, fit},
};

/// A table; every process forked after its making shares the rows.
#[derive(Debug)]
pub struct Table {
    map: Counters,
    schema: Schema,
    seed: u64,
    buckets: usize,
    rows: usize,
    stride: usize,
}

/// No row is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Writers left no gap for a reader without a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// What [`Table::add`] adds and answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// To an int column.
    Int(i64),
    /// To a float column.
    Float(f64),
}

impl Table {
    /// Maps a table for `rows` rows (a power of two is made of it) and `extra` times as many again.
    ///
    /// # Errors
    /// `ENOMEM`, also for sizes beyond all memory.
    pub fn new(rows: usize, extra: f64, schema: Schema) -> io::Result<Table> {
        let too_large = || io::Error::from_raw_os_error(errno::ENOMEM);
        let buckets = rows.checked_next_power_of_two().ok_or_else(too_large)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a count; the cast saturates"
        )]
        let rows = buckets.saturating_add((buckets as f64 * extra).ceil() as usize);
        let stride = ROW + 2 * schema.words();
        let words = rows
            .checked_mul(stride)
            .and_then(|words| words.checked_add(buckets.checked_mul(BUCKET)?))
            .and_then(|words| words.checked_add(POOL))
            .ok_or_else(too_large)?;
        let map = Counters::new(words)?;
        let seed = RandomState::new().hash_one(0u64);
        Ok(Table { map, schema, seed, buckets, rows, stride })
    }

    /// The columns.
    #[inline]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many rows it has room for.
    pub fn capacity(&self) -> usize {
        self.rows
    }

    /// The bytes of its mapping.
    pub fn memory(&self) -> usize {
        self.map.len() * size_of::<AtomicU64>()
    }

    /// How many rows it holds. A row whose writer was killed in the middle of adding or removing it
    /// counts until its bucket is written to again.
    pub fn len(&self) -> usize {
        usize::try_from(self.word(IN_USE).load(Ordering::SeqCst)).unwrap_or(0)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes these columns; others keep their values, in a new row 0 and the empty string. All
    /// appear at once.
    ///
    /// # Errors
    /// [`Full`]: the key is new and there is no room for it.
    pub fn set(&self, key: &[u8], cells: &[(usize, Cell<'_>)]) -> Result<(), Full> {
        let key = Key::new(key);
        let (hash, bucket) = self.place(&key);
        let guard = self.lock_bucket(bucket);
        if let Some((row, _)) = self.walk(bucket, hash, &key) {
            self.rewrite(row, cells, false);
            return Ok(());
        }
        self.insert(&guard, bucket, hash, &key, cells)
    }

    /// Adds to a number, in a row made for it if there is none (from 0). Answers the sum.
    ///
    /// # Errors
    /// [`Full`].
    pub fn add(&self, key: &[u8], column: usize, by: Number) -> Result<Number, Full> {
        let key = Key::new(key);
        let (hash, bucket) = self.place(&key);
        let Some(column_at) = self.schema.columns().get(column) else { return Ok(by) };
        let guard = self.lock_bucket(bucket);
        let sum = |old: u64| match (column_at.kind, by) {
            (Kind::Int(size), Number::Int(by)) => {
                Number::Int(fit(size, old.cast_signed().wrapping_add(by)))
            }
            (_, Number::Float(by)) => Number::Float(f64::from_bits(old) + by),
            (_, Number::Int(_)) => by,
        };
        let Some((row, _)) = self.walk(bucket, hash, &key) else {
            let new = sum(0);
            let cell = match new {
                Number::Int(v) => Cell::Int(v),
                Number::Float(v) => Cell::Float(v),
            };
            self.insert(&guard, bucket, hash, &key, &[(column, cell)])?;
            return Ok(new);
        };
        let version = self.word(row + VERSION);
        let now = version.load(Ordering::Relaxed);
        let word = self.word(self.copy(row, now) + column_at.at);
        let new = sum(word.load(Ordering::Relaxed));
        // One word is one store: it needs no second copy, only readers of several must notice.
        let bits = match new {
            Number::Int(v) => v.cast_unsigned(),
            Number::Float(v) => v.to_bits(),
        };
        word.store(bits, Ordering::Relaxed);
        version.store(now.wrapping_add(2), Ordering::Release);
        Ok(new)
    }

    /// Copies one column (`Some`) or all of them into `out`; `false`: there is no such row.
    pub fn get(&self, key: &[u8], column: Option<usize>, out: &mut Row) -> bool {
        self.look(key, |row, version| self.read(row, version, column, out)).is_some()
    }

    /// Shows a row where it stands, without a lock and once. `None`: there is no such row.
    ///
    /// # Errors
    /// [`Busy`]: a writer was there meanwhile, and what `read` saw may be of several states. Use
    /// [`Table::get`], which waits for its turn.
    #[inline]
    pub fn peek<R>(
        &self,
        key: &[u8],
        read: impl FnOnce(Sight<'_>) -> R,
    ) -> Result<Option<R>, Busy> {
        let key = Key::new(key);
        let (hash, bucket) = self.place(&key);
        let changes = self.word(bucket + CHANGES);
        let before = changes.load(Ordering::Acquire);
        let Some((row, seen_version)) = self.walk(bucket, hash, &key) else {
            fence(Ordering::Acquire);
            return if changes.load(Ordering::Relaxed) == before { Ok(None) } else { Err(Busy) };
        };
        let version = self.word(row + VERSION);
        let copies = self.map.get(row + ROW..).unwrap_or_default();
        let first = if seen_version & 1 == 0 { 0 } else { self.schema.words() };
        let seen = read(Sight::new(&self.schema, copies, first));
        fence(Ordering::Acquire);
        let same = version.load(Ordering::Relaxed) == seen_version;
        if same && changes.load(Ordering::Relaxed) == before { Ok(Some(seen)) } else { Err(Busy) }
    }

    /// Whether there is such a row.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.look(key, |_, _| ()).is_some()
    }

    /// Reads a row until no writer was there meanwhile.
    #[inline]
    fn look<R>(&self, key: &[u8], mut read: impl FnMut(usize, u64) -> R) -> Option<R> {
        let key = Key::new(key);
        let (hash, bucket) = self.place(&key);
        match self.try_look(bucket, hash, &key, &mut read) {
            Ok(seen) => seen,
            Err(Busy) => self
                .look_in_turn(bucket, hash, &key)
                .map(|(_guard, row, version)| read(row, version)),
        }
    }

    #[inline(always)]
    fn try_look<R>(
        &self,
        bucket: usize,
        hash: u64,
        key: &Key<'_>,
        read: &mut impl FnMut(usize, u64) -> R,
    ) -> Result<Option<R>, Busy> {
        let changes = self.word(bucket + CHANGES);
        for _ in 0..TRIES {
            let before = changes.load(Ordering::Acquire);
            let found = self.walk(bucket, hash, key);
            let seen = found.map(|(row, version)| read(row, version));
            fence(Ordering::Acquire);
            let same = found.is_none_or(|(row, version)| {
                self.word(row + VERSION).load(Ordering::Relaxed) == version
            });
            if same && changes.load(Ordering::Relaxed) == before {
                return Ok(seen);
            }
        }
        Err(Busy)
    }

    /// The row while its bucket is locked, for readers whom writers never leave a gap.
    #[cold]
    fn look_in_turn(
        &self,
        bucket: usize,
        hash: u64,
        key: &Key<'_>,
    ) -> Option<(Guard<'_>, usize, u64)> {
        let guard = self.lock_bucket(bucket);
        let (row, version) = self.walk(bucket, hash, key)?;
        Some((guard, row, version))
    }

    /// Removes a row; whether it was there.
    pub fn remove(&self, key: &[u8]) -> bool {
        let key = Key::new(key);
        let (hash, bucket) = self.place(&key);
        let _guard = self.lock_bucket(bucket);
        let Some((row, _)) = self.walk(bucket, hash, &key) else { return false };
        let number = self.row_number(row);
        let mut link = bucket + FIRST;
        while self.word(link).load(Ordering::Relaxed) != number {
            link = self.row(self.word(link).load(Ordering::Relaxed)) + NEXT;
        }
        self.word(row + STATE).store(owner::me(), Ordering::Release);
        let next = self.word(row + NEXT).load(Ordering::Relaxed);
        self.word(link).store(next, Ordering::Release);
        self.word(bucket + CHANGES).fetch_add(1, Ordering::Release);
        let _pool = self.lock_pool();
        self.give_back(number);
        true
    }

    /// Copies the first row at place `from` or behind it, whatever its key; answers the place and
    /// the key. Places start at 0, each row keeps its own. What is added or removed meanwhile may
    /// be seen or not.
    pub fn next(&self, from: usize, out: &mut Row) -> Option<(usize, Vec<u8>)> {
        let used = self.word(EVER_USED).load(Ordering::Acquire);
        let mut number = from as u64 + 1;
        while number <= used {
            let row = self.row(number);
            for _ in 0..TRIES {
                if self.word(row + STATE).load(Ordering::Acquire) != LINKED {
                    break;
                }
                let version = self.word(row + VERSION).load(Ordering::Acquire);
                let key = self.key_of(row);
                self.read(row, version, None, out);
                fence(Ordering::Acquire);
                let same = self.word(row + VERSION).load(Ordering::Relaxed) == version;
                if same && self.word(row + STATE).load(Ordering::Relaxed) == LINKED {
                    return usize::try_from(number - 1).ok().map(|place| (place, key));
                }
            }
            number += 1;
        }
        None
    }

    fn insert(
        &self,
        _bucket: &Guard<'_>,
        bucket: usize,
        hash: u64,
        key: &Key<'_>,
        cells: &[(usize, Cell<'_>)],
    ) -> Result<(), Full> {
        let number = match self.claim() {
            Some(number) => number,
            None => {
                self.recover_orphans(bucket);
                self.claim().ok_or(Full)?
            }
        };
        let row = self.row(number);
        fence(Ordering::Release);
        self.word(row + TAG).store(tag(hash, key.len), Ordering::Relaxed);
        key.all(|i, word| {
            self.word(row + KEY + i).store(word, Ordering::Relaxed);
            true
        });
        self.rewrite(row, cells, true);
        let first = self.word(bucket + FIRST);
        self.word(row + NEXT).store(first.load(Ordering::Relaxed), Ordering::Release);
        first.store(number, Ordering::Release);
        self.word(bucket + CHANGES).fetch_add(1, Ordering::Release);
        self.word(row + STATE).store(LINKED, Ordering::Release);
        Ok(())
    }

    /// Fills the copy that nobody reads, and makes it the one that all read.
    fn rewrite(&self, row: usize, cells: &[(usize, Cell<'_>)], is_new: bool) {
        let version = self.word(row + VERSION);
        let now = version.load(Ordering::Relaxed);
        let (from, to) = (self.copy(row, now), self.copy(row, now.wrapping_add(1)));
        fence(Ordering::Release);
        for (i, column) in self.schema.columns().iter().enumerate() {
            let given = cells.iter().rev().find(|(at, _)| *at == i).map(|(_, cell)| *cell);
            let (from, to) = (from + column.at, to + column.at);
            match (column.kind, given) {
                (Kind::Int(size), Some(Cell::Int(v))) => {
                    self.word(to).store(fit(size, v).cast_unsigned(), Ordering::Relaxed);
                }
                (Kind::Float, Some(Cell::Float(v))) => {
                    self.word(to).store(v.to_bits(), Ordering::Relaxed);
                }
                (Kind::Str(size), Some(Cell::Str(text))) => {
                    self.write_str(to, text.get(..size).unwrap_or(text));
                }
                _ if is_new => self.word(to).store(0, Ordering::Relaxed),
                (kind, _) => {
                    let word = self.word(from).load(Ordering::Relaxed);
                    self.word(to).store(word, Ordering::Relaxed);
                    for i in 1..=str_words(kind, word) {
                        let word = self.word(from + i).load(Ordering::Relaxed);
                        self.word(to + i).store(word, Ordering::Relaxed);
                    }
                }
            }
        }
        version.store(now.wrapping_add(1), Ordering::Release);
    }

    fn write_str(&self, at: usize, text: &[u8]) {
        self.word(at).store(text.len() as u64, Ordering::Relaxed);
        for (i, bytes) in text.chunks(8).enumerate() {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(bytes) {
                *to = *from;
            }
            self.word(at + 1 + i).store(u64::from_ne_bytes(word), Ordering::Relaxed);
        }
    }

    #[inline]
    fn read(&self, row: usize, version: u64, column: Option<usize>, out: &mut Row) {
        out.clear();
        let copy = self.copy(row, version);
        let columns = match column {
            None => self.schema.columns(),
            Some(i) => self.schema.columns().get(i..=i).unwrap_or_default(),
        };
        for column in columns {
            let at = copy + column.at;
            let word = self.word(at).load(Ordering::Relaxed);
            match column.kind {
                Kind::Int(_) | Kind::Float => out.push_word(column.kind, word),
                Kind::Str(size) => {
                    let len = usize::try_from(word).unwrap_or(0).min(size);
                    let words = self.map.get(at + 1..=at + len.div_ceil(8)).unwrap_or_default();
                    out.push_str(size, len, words.iter().map(|w| w.load(Ordering::Relaxed)));
                }
            }
        }
    }

    /// The row of a key, and its version before it was looked at closer.
    #[inline(always)]
    fn walk(&self, bucket: usize, hash: u64, key: &Key<'_>) -> Option<(usize, u64)> {
        let tag = tag(hash, key.len);
        let mut number = self.word(bucket + FIRST).load(Ordering::Acquire);
        let mut steps = self.rows;
        while number != 0 {
            let row = self.row(number);
            let head = self.map.get(row..)?.first_chunk::<ROW>()?;
            let [_, version, next, stored, words @ ..] = head;
            if stored.load(Ordering::Relaxed) == tag {
                let version = version.load(Ordering::Acquire);
                let same = |i, word| {
                    words
                        .get(i)
                        .is_some_and(|stored: &AtomicU64| stored.load(Ordering::Relaxed) == word)
                };
                if key.all(same) {
                    return Some((row, version));
                }
            }
            number = next.load(Ordering::Acquire);
            // A reader may be led astray into other chains: then the bucket has changed.
            steps = steps.checked_sub(1)?;
        }
        None
    }

    fn key_of(&self, row: usize) -> Vec<u8> {
        let tag = self.word(row + TAG).load(Ordering::Relaxed);
        let len = usize::try_from(tag & TAG_LEN).unwrap_or(0).min(KEY_MAX);
        let words = self.map.get(row + KEY..row + KEY + len.div_ceil(8)).unwrap_or_default();
        let mut key: Vec<u8> =
            words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes()).collect();
        key.truncate(len);
        key
    }

    /// Takes a row out of the pool, in the name of this process.
    fn claim(&self) -> Option<u64> {
        let _pool = self.lock_pool();
        let free = self.word(FREE);
        let used = self.word(EVER_USED);
        let mut number = free.load(Ordering::Relaxed);
        if number == 0 {
            number = used.load(Ordering::Relaxed) + 1;
            if number > self.rows as u64 {
                return None;
            }
            self.word(self.row(number) + STATE).store(owner::me(), Ordering::Release);
            used.store(number, Ordering::Release);
        } else {
            let row = self.row(number);
            self.word(row + STATE).store(owner::me(), Ordering::Release);
            free.store(self.word(row + NEXT).load(Ordering::Relaxed), Ordering::Release);
        }
        self.word(IN_USE).fetch_add(1, Ordering::Relaxed);
        Some(number)
    }

    /// Puts a row back; the pool is locked.
    fn give_back(&self, number: u64) {
        let row = self.row(number);
        let free = self.word(FREE);
        self.word(row + STATE).store(UNUSED, Ordering::Release);
        self.word(row + NEXT).store(free.load(Ordering::Relaxed), Ordering::Release);
        free.store(number, Ordering::Release);
        self.word(IN_USE).fetch_sub(1, Ordering::Relaxed);
    }

    fn lock_bucket(&self, bucket: usize) -> Guard<'_> {
        let guard = Lock::new(self.word(bucket), self.word(bucket + 1)).lock();
        if let Some(dead) = guard.dead {
            self.recover(bucket, dead);
        }
        guard
    }

    fn lock_pool(&self) -> Guard<'_> {
        let guard = Lock::new(self.word(0), self.word(1)).lock();
        if guard.dead.is_some() {
            self.rebuild_pool();
        }
        guard
    }

    /// The owner of this bucket was killed: what hangs in its chain is in use, what else it had
    /// taken goes back.
    #[cold]
    fn recover(&self, bucket: usize, dead: Owner) {
        let mut number = self.word(bucket + FIRST).load(Ordering::Acquire);
        while number != 0 {
            let row = self.row(number);
            self.word(row + STATE).store(LINKED, Ordering::Release);
            number = self.word(row + NEXT).load(Ordering::Acquire);
        }
        self.word(bucket + CHANGES).fetch_add(1, Ordering::Release);
        let _pool = self.lock_pool();
        for number in 1..=self.word(EVER_USED).load(Ordering::Relaxed) {
            if self.word(self.row(number) + STATE).load(Ordering::Acquire) == dead {
                self.give_back(number);
            }
        }
    }

    /// Before the table calls itself full: buckets whose owners have died, other than `mine`.
    #[cold]
    fn recover_orphans(&self, mine: usize) {
        for i in 0..self.buckets {
            let bucket = POOL + i * BUCKET;
            let holder = self.word(bucket).load(Ordering::Relaxed);
            if bucket != mine && holder != 0 && !owner::is_alive(holder) {
                // Held only if it is dead still: two processes that wait for each other's buckets
                // would wait for ever.
                let lock = Lock::new(self.word(bucket), self.word(bucket + 1));
                if let Some(guard) = lock.try_lock()
                    && let Some(dead) = guard.dead
                {
                    self.recover(bucket, dead);
                }
            }
        }
    }

    /// The owner of the pool was killed: the states of the rows say what is free.
    #[cold]
    fn rebuild_pool(&self) {
        let (mut free, mut in_use) = (0, 0);
        for number in 1..=self.word(EVER_USED).load(Ordering::Relaxed) {
            let row = self.row(number);
            if self.word(row + STATE).load(Ordering::Acquire) == UNUSED {
                self.word(row + NEXT).store(free, Ordering::Release);
                free = number;
            } else {
                in_use += 1;
            }
        }
        self.word(FREE).store(free, Ordering::Release);
        self.word(IN_USE).store(in_use, Ordering::Release);
    }

    #[inline]
    fn place(&self, key: &Key<'_>) -> (u64, usize) {
        let hash = hash(self.seed, key);
        #[expect(clippy::cast_possible_truncation, reason = "it is masked")]
        let bucket = hash as usize & (self.buckets - 1);
        (hash, POOL + bucket * BUCKET)
    }

    #[inline]
    fn row(&self, number: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "rows are counted by a usize")]
        let number = number as usize;
        POOL + self.buckets * BUCKET + (number - 1) * self.stride
    }

    fn row_number(&self, row: usize) -> u64 {
        ((row - POOL - self.buckets * BUCKET) / self.stride) as u64 + 1
    }

    #[inline]
    fn copy(&self, row: usize, version: u64) -> usize {
        if version & 1 == 0 { row + ROW } else { row + ROW + self.schema.words() }
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every place comes from the layout above")]
    fn word(&self, at: usize) -> &AtomicU64 {
        &self.map[at]
    }
}

fn str_words(kind: Kind, len: u64) -> usize {
    match kind {
        Kind::Int(_) | Kind::Float => 0,
        Kind::Str(size) => usize::try_from(len).unwrap_or(0).min(size).div_ceil(8),
    }
}

#[inline]
fn tag(hash: u64, len: usize) -> u64 {
    hash & !TAG_LEN | len as u64
}

/// States of a row; any other is the process that is linking or unlinking it.
const UNUSED: u64 = 0;
const LINKED: u64 = 1;
/// How often a reader tries before it waits for its turn.
const TRIES: usize = 100;
const TAG_LEN: u64 = 0xff;

const POOL: usize = 8;
const FREE: usize = 2;
const EVER_USED: usize = 3;
const IN_USE: usize = 4;
const BUCKET: usize = 4;
const CHANGES: usize = 2;
const FIRST: usize = 3;
const ROW: usize = KEY + KEY_MAX / 8;
const STATE: usize = 0;
const VERSION: usize = 1;
const NEXT: usize = 2;
const TAG: usize = 3;
const KEY: usize = 4;

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
