//! What a row of a [`Table`](super::Table) is: typed columns, their values, a copy of a row.

use std::sync::atomic::{AtomicU64, Ordering};

/// The longest key, bytes; longer ones are cut.
pub const KEY_MAX: usize = 64;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A signed integer of 1, 2, 4 or 8 bytes; larger values lose their high bits.
    Int(u8),
    /// A double.
    Float,
    /// Up to so many bytes; longer ones are cut.
    Str(usize),
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: Vec<u8>,
    /// Its type.
    pub kind: Kind,
    /// Its first word in the row.
    pub(super) at: usize,
}

/// The columns of a table.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    columns: Vec<Column>,
    words: usize,
}

impl Schema {
    /// Adds a column; one of the same name is replaced by it.
    pub fn add(&mut self, name: &[u8], kind: Kind) {
        if let Some(known) = self.find(name) {
            self.columns.remove(known);
        }
        self.columns.push(Column { name: name.to_vec(), kind, at: 0 });
        self.words = 0;
        for column in &mut self.columns {
            column.at = self.words;
            self.words += column.words();
        }
    }

    /// The place of a column.
    #[inline]
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// All columns, in the order of declaration.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many words a row has.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words
    }
}

impl Column {
    /// A string is its length and then its bytes.
    fn words(&self) -> usize {
        match self.kind {
            Kind::Int(_) | Kind::Float => 1,
            Kind::Str(size) => 1 + size.div_ceil(8),
        }
    }
}

/// A value on its way into a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'v> {
    /// For an int column.
    Int(i64),
    /// For a float column.
    Float(f64),
    /// For a string column.
    Str(&'v [u8]),
}

/// A copy of a row, or of some of its columns; used again and again, it keeps its memory.
#[derive(Debug, Default)]
pub struct Row {
    /// For each column read its word: the value, or for a string its length.
    cells: Vec<(Kind, u64)>,
    bytes: Vec<u8>,
}

impl Row {
    #[inline]
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.bytes.clear();
    }

    #[inline]
    pub(super) fn push_word(&mut self, kind: Kind, word: u64) {
        self.cells.push((kind, word));
    }

    #[inline]
    pub(super) fn push_str(&mut self, size: usize, len: usize, words: impl Iterator<Item = u64>) {
        let start = self.bytes.len();
        for word in words {
            self.bytes.extend_from_slice(&word.to_ne_bytes());
        }
        self.bytes.truncate(start + len);
        self.push_word(Kind::Str(size), len as u64);
    }

    /// The columns that were read, in order.
    #[inline]
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let mut at = 0;
        self.cells.iter().map(move |(kind, word)| match kind {
            Kind::Int(_) => Cell::Int(word.cast_signed()),
            Kind::Float => Cell::Float(f64::from_bits(*word)),
            Kind::Str(_) => {
                let len = usize::try_from(*word).unwrap_or(0);
                let text = self.bytes.get(at..at + len).unwrap_or_default();
                at += len;
                Cell::Str(text)
            }
        })
    }
}

/// A row where it stands in the table. Others may write to it while it is looked at: each value has
/// its type and its bounds, but only [`Table::peek`](super::Table::peek) says which belong together.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'t> {
    columns: &'t [Column],
    words: &'t [AtomicU64],
    /// Where in `words` the row's columns begin.
    first: usize,
}

/// A value where it stands.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'t> {
    /// Of an int column.
    Int(i64),
    /// Of a float column.
    Float(f64),
    /// Of a string column: so many bytes, in the order of memory, and maybe words of others behind them.
    Str(usize, &'t [AtomicU64]),
}

impl<'t> Sight<'t> {
    #[inline]
    pub(super) fn new(schema: &'t Schema, words: &'t [AtomicU64], first: usize) -> Sight<'t> {
        Sight { columns: &schema.columns, words, first }
    }

    /// The value of a column; `None`: there is no such column.
    #[inline]
    pub fn cell(self, column: usize) -> Option<Seen<'t>> {
        self.seen(self.columns.get(column)?)
    }

    /// All columns, in order.
    #[inline]
    pub fn cells(self) -> impl Iterator<Item = Seen<'t>> {
        self.columns.iter().map_while(move |column| self.seen(column))
    }

    #[inline]
    fn seen(self, column: &Column) -> Option<Seen<'t>> {
        let (first, rest) = self.words.get(self.first + column.at..)?.split_first()?;
        let word = first.load(Ordering::Relaxed);
        Some(match column.kind {
            Kind::Int(_) => Seen::Int(word.cast_signed()),
            Kind::Float => Seen::Float(f64::from_bits(word)),
            Kind::Str(size) => Seen::Str(usize::try_from(word).unwrap_or(0).min(size), rest),
        })
    }
}

/// What an int column of `size` bytes keeps of a number.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the column's size is the point")]
pub(super) fn fit(size: u8, value: i64) -> i64 {
    match size {
        1 => i64::from(value as i8),
        2 => i64::from(value as i16),
        4 => i64::from(value as i32),
        _ => value,
    }
}

/// A key, cut to the longest; in a row it stands as little-endian words, filled up with zeros.
pub(super) struct Key<'k> {
    whole: &'k [[u8; 8]],
    /// The bytes behind the whole words, 0 if there are none.
    tail: u64,
    pub(super) len: usize,
}

impl<'k> Key<'k> {
    #[inline]
    pub(super) fn new(text: &'k [u8]) -> Key<'k> {
        let text = text.get(..KEY_MAX).unwrap_or(text);
        let (whole, rest) = text.as_chunks::<8>();
        Key { whole, tail: tail(text, rest), len: text.len() }
    }

    /// Calls `each` with the words until it says false; whether it never did.
    #[inline]
    pub(super) fn all(&self, mut each: impl FnMut(usize, u64) -> bool) -> bool {
        for (i, bytes) in self.whole.iter().enumerate() {
            if !each(i, u64::from_le_bytes(*bytes)) {
                return false;
            }
        }
        self.len.is_multiple_of(8) || each(self.whole.len(), self.tail)
    }
}

/// `rest` as a word, without a loop over its bytes: bytes that are read twice fall on themselves.
#[inline]
fn tail(text: &[u8], rest: &[u8]) -> u64 {
    if let (Some(last), true) = (text.last_chunk::<8>(), !rest.is_empty()) {
        return u64::from_le_bytes(*last) >> (8 * (8 - rest.len()));
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u64::from(first) | u64::from(last) << (8 * (rest.len() - 4));
    }
    match *rest {
        [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
        [a, b] => u64::from(a) | u64::from(b) << 8,
        [a] => u64::from(a),
        _ => 0,
    }
}
