//! Arrays that always have the same keys: their table is copied instead of being built.
use super::{
    array::{Array, buckets},
    ffi::*,
    string::Interned,
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
    size: u32,
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
        let mut array = Array::new(N);
        let ht = array.as_ptr();
        // SAFETY: fresh and ours alone. A table of the same size has the same layout: the words hold
        // its hash part and as many buckets as there are keys.
        unsafe {
            zend_hash_real_init_mixed(ht);
            if (*ht).nTableSize != table.size || N != self.keys.len() {
                return self.build(values);
            }
            let start = buckets(ht).cast::<u64>().sub(hash_words(ht));
            start.copy_from_nonoverlapping(table.words.as_ptr(), table.words.len());
            (*ht).nNumUsed = u32::try_from(N).unwrap_or(0);
            (*ht).nNumOfElements = (*ht).nNumUsed;
            for (place, value) in values.into_iter().enumerate() {
                array.put(place, value);
            }
        }
        array
    }

    fn build<const N: usize>(&self, values: [Value; N]) -> Array {
        let mut array = Array::new(N);
        for (key, value) in self.keys.iter().zip(values) {
            array.insert_interned(key, value);
        }
        array
    }

    fn table(&self) -> Table {
        let mut array = Array::new(self.keys.len());
        // SAFETY: fresh and ours alone.
        unsafe { zend_hash_real_init_mixed(array.as_ptr()) };
        for key in self.keys {
            array.insert_interned(key, Value::null());
        }
        let ht = array.as_ptr();
        // SAFETY: the hash part and the used buckets are initialised, and aligned as words are.
        unsafe {
            let words = hash_words(ht) + self.keys.len() * BUCKET_WORDS;
            let start = buckets(ht).cast::<u64>().sub(hash_words(ht));
            Table { size: (*ht).nTableSize, words: std::slice::from_raw_parts(start, words).into() }
        }
    }
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
