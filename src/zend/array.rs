//! PHP arrays: an owned handle with copy on write.
use super::{
    ffi::*,
    string::{Interned, ZStr},
    value::{Value, release},
};
use std::{
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};

/// One reference on a PHP array. Clone adds one. Writing separates first when others hold it too,
/// so nobody else ever sees the change.
pub struct Array(NonNull<zend_array>, PhantomData<*mut ()>);

/// A key of an array.
#[derive(Clone, PartialEq, Debug)]
pub enum Key {
    /// An int key.
    Index(i64),
    /// A string key.
    Str(ZStr),
}

impl Key {
    /// The bytes of a string key.
    pub fn as_str(&self) -> Option<&[u8]> {
        match self {
            Key::Str(s) => Some(s),
            Key::Index(_) => None,
        }
    }
}

impl Array {
    /// An empty array with room for `capacity` elements.
    pub fn new(capacity: usize) -> Array {
        let n = u32::try_from(capacity).unwrap_or(0);
        // SAFETY: the answer is one new reference.
        unsafe { Array::from_owned(_zend_new_array(n)) }
    }
    /// How many elements it has.
    pub fn len(&self) -> usize {
        // SAFETY: alive by our reference.
        unsafe { (*self.as_ptr()).nNumOfElements as usize }
    }
    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether PHP's collector looks at it when a reference goes. Only for an array without arrays and
    /// objects, and only as long as the caller holds a reference of its own: then whoever writes to
    /// it copies it first.
    pub fn set_collected(&self, on: bool) {
        // SAFETY: alive by our reference; PHP's own flag for what can be in no cycle.
        unsafe {
            let head = self.as_ptr().cast::<Counted>();
            if on {
                (*head).info &= !GC_NOT_COLLECTABLE;
            } else {
                (*head).info |= GC_NOT_COLLECTABLE;
            }
        }
    }

    /// Appends (`$a[] = $v`).
    pub fn push(&mut self, v: Value) {
        let z = v.into_raw();
        // SAFETY: separated; the table takes the value's reference.
        unsafe {
            if zend_hash_next_index_insert(self.own(), z.as_zval()).is_null() && z.is_counted() {
                release(z);
            }
        }
    }
    /// Replaces the value of a key that is there, by its place in the order of insertion. Nothing was
    /// removed before, the array is ours alone, and the old value owns nothing.
    ///
    /// # Safety
    /// As said.
    pub(super) unsafe fn put(&mut self, place: usize, value: Value) {
        let z = value.into_raw();
        // SAFETY: there is such a bucket; the chain in its `extra` stays.
        unsafe {
            let at = (&raw mut (*buckets(self.as_ptr()).add(place)).val).cast::<Raw>();
            (*at).val = z.val;
            (*at).info = z.info;
        }
    }
    /// Sets by a string key as PHP's `$a[$key]` does: a decimal int becomes an int key.
    pub fn insert(&mut self, key: &[u8], v: impl Into<Value>) {
        match as_index(key) {
            Some(i) => self.insert_index(i, v),
            None => self.insert_zstr(&ZStr::from_bytes(key), v),
        }
    }
    /// Sets by a string key taken as it is (no int keys are recognised).
    pub fn insert_zstr(&mut self, key: &ZStr, v: impl Into<Value>) {
        let z = v.into().into_raw();
        // SAFETY: separated; the table takes the value's reference and counts the key itself. The
        // old value may run a destructor: it is taken out first.
        unsafe {
            let ht = self.own();
            // Nothing is added when the key is there: new keys, the usual case, are looked up once.
            if zend_hash_add(ht, key.as_ptr(), z.as_zval()).is_null() {
                replace(zend_hash_find(ht, key.as_ptr()).cast::<Raw>(), z);
            }
        }
    }
    /// Sets by a name interned at start-up: its hash is known.
    pub fn insert_interned(&mut self, key: &Interned, v: impl Into<Value>) {
        self.insert_zstr(&key.zstr(), v);
    }
    /// Sets by an int key.
    pub fn insert_index(&mut self, key: i64, v: impl Into<Value>) {
        let z = v.into().into_raw();
        // SAFETY: separated; the table takes the value's reference.
        unsafe {
            let ht = self.own();
            let at = zend_hash_index_find(ht, key.cast_unsigned()).cast::<Raw>();
            if at.is_null() {
                zend_hash_index_update(ht, key.cast_unsigned(), z.as_zval());
            } else {
                replace(at, z);
            }
        }
    }
    /// Removes a key (as PHP reads it); tells whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let Some(old) = self.get(key) else { return false };
        // SAFETY: separated; `old` keeps the value alive, so no destructor runs inside the table.
        unsafe {
            let ht = self.own();
            match as_index(key) {
                Some(i) => zend_hash_index_del(ht, i.cast_unsigned()),
                None => zend_hash_str_del(ht, key.as_ptr().cast(), key.len()),
            };
        }
        drop(old);
        true
    }

    /// The value of a key as PHP reads it (`"5"` finds 5); references are followed.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        match as_index(key) {
            Some(i) => self.get_index(i),
            // SAFETY: alive by our reference.
            None => unsafe {
                taken(zend_hash_str_find(self.as_ptr(), key.as_ptr().cast(), key.len()))
            },
        }
    }
    /// The value of an int key.
    pub fn get_index(&self, key: i64) -> Option<Value> {
        // SAFETY: alive by our reference.
        unsafe { taken(zend_hash_index_find(self.as_ptr(), key.cast_unsigned())) }
    }
    /// The value of an interned name.
    pub fn get_interned(&self, key: &Interned) -> Option<Value> {
        // SAFETY: alive by our reference.
        unsafe { taken(zend_hash_find(self.as_ptr(), key.zstr().as_ptr())) }
    }
    /// All elements in order; references are followed. Each answer is owned, so PHP code may run
    /// between two steps.
    pub fn iter(&self) -> Iter {
        let array = self.clone();
        let mut pos = 0;
        // SAFETY: alive by the clone.
        unsafe { zend_hash_internal_pointer_reset_ex(array.as_ptr(), &raw mut pos) };
        Iter { array, pos }
    }
    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        self.iter().map(|(_, v)| v)
    }
    /// `array_merge` into this one: string keys of `other` win, int keys are appended.
    pub fn merge(&mut self, other: &Array) {
        for (key, v) in other {
            match key {
                Key::Index(_) => self.push(v),
                Key::Str(s) => self.insert_zstr(&s, v),
            }
        }
    }

    /// A copy with these values, in order, under the same keys: cheaper than an insertion each. Only
    /// for an array of nulls from which nothing was removed; others are left as they are.
    #[must_use]
    pub fn with_values(&self, values: impl Iterator<Item = Value>) -> Array {
        // SAFETY: alive by our reference; the answer is one new reference.
        let copy = unsafe { Array::from_owned(zend_array_dup(self.as_ptr())) };
        // Without holes the next position is the next element, in every layout of the table.
        for (mut pos, value) in (0..).zip(values) {
            // SAFETY: the copy is ours alone; nulls need no release.
            unsafe {
                let at = zend_hash_get_current_data_ex(copy.as_ptr(), &raw mut pos).cast::<Raw>();
                if at.is_null() || (*at).kind() != T_NULL {
                    break;
                }
                let z = value.into_raw();
                (*at).val = z.val;
                (*at).info = z.info;
            }
        }
        copy
    }

    /// # Safety
    /// `a` is alive, and one reference (if it is counted) is handed over.
    pub(super) unsafe fn from_owned(a: *mut zend_array) -> Array {
        // SAFETY: never null.
        Array(unsafe { NonNull::new_unchecked(a) }, PhantomData)
    }
    /// # Safety
    /// `a` is alive. Adds a reference.
    pub(super) unsafe fn from_borrowed(a: *mut zend_array) -> Array {
        // SAFETY: alive by the caller's promise.
        unsafe {
            Raw::array(a).add_ref();
            Array::from_owned(a)
        }
    }
    pub(super) fn as_ptr(&self) -> *mut zend_array {
        self.0.as_ptr()
    }
    pub(super) fn into_raw(self) -> *mut zend_array {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// The table, ours alone: copied first when it is shared or immutable.
    fn own(&mut self) -> *mut zend_array {
        // SAFETY: alive by our reference; an immutable array is counted as shared by PHP itself.
        unsafe {
            let head = self.as_ptr().cast::<Counted>();
            if (*head).refcount > 1 || (*head).info & IMMUTABLE != 0 {
                let copy = zend_array_dup(self.as_ptr());
                let shared = Raw::array(self.as_ptr());
                self.0 = NonNull::new_unchecked(copy);
                if shared.is_counted() {
                    release(shared);
                }
            }
        }
        self.as_ptr()
    }
}

impl Clone for Array {
    fn clone(&self) -> Array {
        // SAFETY: alive by our reference.
        unsafe { Array::from_borrowed(self.as_ptr()) }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        // SAFETY: gives back the reference we hold.
        unsafe {
            let z = Raw::array(self.as_ptr());
            if z.is_counted() {
                release(z);
            }
        }
    }
}

impl IntoIterator for &Array {
    type Item = (Key, Value);
    type IntoIter = Iter;
    fn into_iter(self) -> Iter {
        self.iter()
    }
}

impl<V: Into<Value>> FromIterator<V> for Array {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> Array {
        let iter = iter.into_iter();
        let mut a = Array::new(iter.size_hint().0);
        for v in iter {
            a.push(v.into());
        }
        a
    }
}

/// Walks an array; holds a reference of its own on it.
pub struct Iter {
    array: Array,
    pos: u32,
}

impl Iterator for Iter {
    type Item = (Key, Value);
    fn next(&mut self) -> Option<(Key, Value)> {
        let ht = self.array.as_ptr();
        let mut name: *mut zend_string = ptr::null_mut();
        let mut index = 0u64;
        // SAFETY: alive by our reference, and unchanged, for writers separate from it.
        unsafe {
            loop {
                let at = zend_hash_get_current_data_ex(ht, &raw mut self.pos).cast::<Raw>();
                if at.is_null() {
                    return None;
                }
                zend_hash_get_current_key_ex(
                    ht,
                    &raw mut name,
                    &raw mut index,
                    &raw const self.pos,
                );
                let key = if name.is_null() {
                    Key::Index(index.cast_signed())
                } else {
                    Key::Str(ZStr::from_borrowed(name))
                };
                let hole = (*deref(at)).kind() == T_UNDEF;
                let v = Value::from_borrowed(at);
                zend_hash_move_forward_ex(ht, &raw mut self.pos);
                if !hole {
                    return Some((key, v));
                }
                name = ptr::null_mut();
            }
        }
    }
}

/// # Safety
/// `at` is null or a live zval.
unsafe fn taken(at: *mut zval) -> Option<Value> {
    // SAFETY: as promised.
    (!at.is_null()).then(|| unsafe { Value::from_borrowed(at.cast()) })
}

/// `arData`, which is a member of a union from PHP 8.2 on: right before `nNumUsed`.
///
/// # Safety
/// `ht` is alive and has string keys.
pub(super) unsafe fn buckets(ht: *mut zend_array) -> *mut Bucket {
    // SAFETY: alive by the caller's promise.
    unsafe { *(&raw const (*ht).nNumUsed).byte_sub(8).cast::<*mut Bucket>() }
}

/// Writes through a reference if there is one, and releases the old value after the write.
///
/// # Safety
/// `at` is a live element of a table that is ours alone; the reference in `z` is handed over.
unsafe fn replace(at: *mut Raw, z: Raw) {
    // SAFETY: as promised.
    unsafe {
        let at = deref(at);
        let old = *at;
        (*at).val = z.val;
        (*at).info = z.info;
        if old.is_counted() {
            release(old);
        }
    }
}

/// PHP's rule for string keys that are ints: canonical decimal, no leading zero, no `-0`.
pub(super) fn as_index(key: &[u8]) -> Option<i64> {
    let digits = key.strip_prefix(b"-").unwrap_or(key);
    match digits {
        [b'0'] if digits.len() == key.len() => return Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() < 19 && rest.iter().all(u8::is_ascii_digit) => {}
        _ => return None,
    }
    let v: i64 = std::str::from_utf8(key).ok()?.parse().ok()?;
    (v != i64::MIN).then_some(v)
}
