//! Arrays that always have the same keys: their table is copied instead of being built.
use super::{
    array::{Array, as_index, buckets},
    ffi::*,
    string::{Interned, ZStr},
    value::Value,
};
use std::sync::OnceLock;

/// The keys of an array, all different. Put one in a `static`, and set its keys up at module start.
pub struct Shape {
    keys: &'static [Interned],
    table: OnceLock<Table>,
}

/// A table with these keys and null everywhere, as PHP has laid it out.
struct Table {
    len: usize,
    /// The int key that an appended value gets.
    next: i64,
    /// The hash part and the buckets behind it. Their keys are interned, so they stay valid.
    words: Box<[u64]>,
}

impl Shape {
    /// Names the keys; nothing is made yet.
    pub const fn new(keys: &'static [Interned]) -> Shape {
        Shape { keys, table: OnceLock::new() }
    }

    /// Makes the keys. Call at module start.
    pub fn set_up(&self) {
        for key in self.keys {
            key.set_up();
        }
    }

    /// An array of these values, one for each key, in their order.
    pub fn array<const N: usize>(&self, values: [Value; N]) -> Array {
        let table = self.table.get_or_init(|| self.table());
        if table.len != N {
            return self.build(values);
        }
        table.copy(values.into_iter())
    }

    fn build<const N: usize>(&self, values: [Value; N]) -> Array {
        let mut array = Array::new(N);
        for (key, value) in self.keys.iter().zip(values) {
            array.insert_interned(key, value);
        }
        array
    }

    fn table(&self) -> Table {
        let mut array = mixed(self.keys.len());
        for key in self.keys {
            array.insert_interned(key, Value::null());
        }
        Table::of(&array)
    }
}

/// A shape whose keys the program names: for the arrays of one request.
pub struct Keys {
    blank: Array,
    /// `None`: a key has a count, which each copy would have to raise.
    table: Option<Table>,
}

impl Keys {
    /// The keys as PHP reads them (`"5"` is 5), all different. Only while a request runs.
    pub fn new<'k>(keys: impl ExactSizeIterator<Item = &'k [u8]>) -> Keys {
        let mut blank = mixed(keys.len());
        let mut fixed = true;
        for key in keys {
            if let Some(index) = as_index(key) {
                blank.insert_index(index, Value::null());
            } else {
                let key = ZStr::interned(key);
                fixed &= key.is_interned();
                blank.insert_zstr(&key, Value::null());
            }
        }
        let table = fixed.then(|| Table::of(&blank));
        Keys { blank, table }
    }

    /// An array of these values, one for each key, in their order.
    #[inline]
    pub fn array(&self, values: impl Iterator<Item = Value>) -> Array {
        match &self.table {
            Some(table) => table.copy(values),
            None => self.blank.with_values(values),
        }
    }
}

impl Table {
    /// What `array` is made of: nulls, from which nothing was removed; see [`mixed`].
    fn of(array: &Array) -> Table {
        let ht = array.as_ptr();
        // SAFETY: the hash part and the used buckets are initialised, and aligned as words are.
        unsafe {
            let words = hash_words(ht) + array.len() * BUCKET_WORDS;
            let start = buckets(ht).cast::<u64>().sub(hash_words(ht));
            Table {
                len: array.len(),
                next: (*ht).nNextFreeElement,
                words: std::slice::from_raw_parts(start, words).into(),
            }
        }
    }

    #[inline]
    fn copy(&self, values: impl Iterator<Item = Value>) -> Array {
        let mut array = mixed(self.len);
        let ht = array.as_ptr();
        // SAFETY: fresh and ours alone. A table made for as many keys has the same layout: the words
        // hold its hash part and as many buckets as there are keys.
        unsafe {
            let start = buckets(ht).cast::<u64>().sub(hash_words(ht));
            start.copy_from_nonoverlapping(self.words.as_ptr(), self.words.len());
            (*ht).nNumUsed = u32::try_from(self.len).unwrap_or(0);
            (*ht).nNumOfElements = (*ht).nNumUsed;
            (*ht).nNextFreeElement = self.next;
            for (place, value) in (0..self.len).zip(values) {
                array.put(place, value);
            }
        }
        array
    }
}

/// An empty array with room for `len` keys of any kind.
#[inline]
fn mixed(len: usize) -> Array {
    let array = Array::new(len);
    // SAFETY: fresh and ours alone.
    unsafe { zend_hash_real_init_mixed(array.as_ptr()) };
    array
}

/// Words of the hash part, which lies in front of the buckets: 32 bits for each of its places.
///
/// # Safety
/// `ht` is alive.
unsafe fn hash_words(ht: *mut zend_array) -> usize {
    // SAFETY: alive by the caller's promise.
    let places = unsafe { (*ht).nTableMask.cast_signed().unsigned_abs() };
    places as usize / 2
}

const BUCKET_WORDS: usize = size_of::<Bucket>() / 8;
