//! Strings: owned handles, one-copy building, and names interned once at start-up.
use super::{fence, ffi::*};
use std::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::Deref,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, AtomicU64, Ordering},
};

/// One reference on a PHP string. Clone adds one, Drop gives it back; immutable bytes.
pub struct ZStr(NonNull<zend_string>, PhantomData<*mut ()>);

impl ZStr {
    /// A new PHP string with these bytes (empty and one-byte strings are PHP's shared ones).
    pub fn from_bytes(data: &[u8]) -> ZStr {
        if data.len() >= FENCED {
            let mut b = ZStrBuilder::with_capacity(data.len());
            b.append(data);
            return b.finish();
        }
        // SAFETY: pointer and length belong together; the answer is one new reference.
        unsafe {
            ZStr::from_owned(ext_php_rs_zend_string_init(data.as_ptr().cast(), data.len(), false))
        }
    }

    /// A new PHP string of the first `len` bytes of these words, which other processes may be writing.
    #[inline(always)]
    pub fn from_words(len: usize, words: &[AtomicU64]) -> ZStr {
        if !(2..FENCED).contains(&len) {
            return ZStr::from_words_slow(len, words);
        }
        let Some(used) = words.get(..len.div_ceil(8)) else {
            return ZStr::from_words_slow(len, words);
        };
        let word = |word: &AtomicU64| word.load(Ordering::Relaxed);
        // SAFETY: a fresh block has room for the head, and behind it for whole words and the closing
        // NUL; the head leaves them aligned.
        unsafe {
            let at = block(len);
            let text = at.cast::<u8>().add(HEAD);
            let to = text.cast::<u64>();
            // The loop that the compiler makes for long texts costs more than a short text does.
            match used {
                [a] => to.write(word(a)),
                [a, b] => to.cast::<[u64; 2]>().write([word(a), word(b)]),
                [a, b, c] => to.cast::<[u64; 3]>().write([word(a), word(b), word(c)]),
                _ => {
                    for (i, from) in used.iter().enumerate() {
                        to.add(i).write(word(from));
                    }
                }
            }
            text.add(len).write(0);
            ZStr::from_owned(head(at, len))
        }
    }

    #[cold]
    fn from_words_slow(len: usize, words: &[AtomicU64]) -> ZStr {
        let words = words.iter().take(len.div_ceil(8));
        let mut text: Vec<u8> =
            words.flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes()).collect();
        text.truncate(len);
        ZStr::from_bytes(&text)
    }

    /// The string that PHP keeps once for all equal ones, literals above all, until the request ends.
    /// Only while a request runs.
    pub fn interned(data: &[u8]) -> ZStr {
        // SAFETY: PHP's own interning hook; the answer has no count, or is one new reference.
        unsafe {
            match zend_string_init_interned {
                Some(f) => ZStr::from_owned(f(data.as_ptr().cast(), data.len(), false)),
                None => ZStr::from_bytes(data),
            }
        }
    }

    /// Whether it has no count.
    pub(super) fn is_interned(&self) -> bool {
        // SAFETY: alive by our reference.
        unsafe { (*self.as_ptr().cast::<Counted>()).info & IMMUTABLE != 0 }
    }

    /// PHP's shared empty string.
    pub fn empty() -> ZStr {
        ZStr::from_bytes(b"")
    }

    /// The bytes, if they are UTF-8.
    pub fn as_utf8(&self) -> Option<&str> {
        std::str::from_utf8(self).ok()
    }

    /// # Safety
    /// `s` is alive, and one reference on it is handed over.
    pub(super) unsafe fn from_owned(s: *mut zend_string) -> ZStr {
        // SAFETY: PHP's strings are never null.
        ZStr(unsafe { NonNull::new_unchecked(s) }, PhantomData)
    }

    /// # Safety
    /// `s` is alive. Adds a reference.
    pub(super) unsafe fn from_borrowed(s: *mut zend_string) -> ZStr {
        // SAFETY: alive by the caller's promise.
        unsafe {
            Raw::string(s).add_ref();
            ZStr::from_owned(s)
        }
    }

    pub(super) fn as_ptr(&self) -> *mut zend_string {
        self.0.as_ptr()
    }

    pub(super) fn into_raw(self) -> *mut zend_string {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Deref for ZStr {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        // SAFETY: our reference keeps it alive, and PHP never writes to a shared string.
        unsafe { bytes(self.as_ptr()) }
    }
}

impl Clone for ZStr {
    fn clone(&self) -> ZStr {
        // SAFETY: alive by our own reference.
        unsafe { ZStr::from_borrowed(self.as_ptr()) }
    }
}

impl Drop for ZStr {
    fn drop(&mut self) {
        // SAFETY: gives back the reference we hold; freeing a string runs no PHP code.
        unsafe { ext_php_rs_zend_string_release(self.as_ptr()) }
    }
}

impl PartialEq for ZStr {
    fn eq(&self, other: &ZStr) -> bool {
        **self == **other
    }
}

impl fmt::Debug for ZStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self), f)
    }
}

/// A PHP string that is being written: the bytes are copied once, into their last place.
pub struct ZStrBuilder {
    at: *mut zend_string,
    len: usize,
    cap: usize,
}

impl ZStrBuilder {
    /// Room for `cap` bytes. When the memory limit is hit the bailout is recorded and nothing is
    /// stored: `finish` then gives the empty string.
    pub fn with_capacity(cap: usize) -> ZStrBuilder {
        let mut at: *mut zend_string = ptr::null_mut();
        let out = &raw mut at;
        // SAFETY: only C below; `out` outlives the call. A fresh block is given PHP's string head.
        unsafe {
            fence::leaf(|| {
                *out = head(block(cap), 0);
            });
        }
        ZStrBuilder { at, len: 0, cap: if at.is_null() { 0 } else { cap } }
    }

    /// Adds bytes; what does not fit into the capacity is left out, and the count taken is told.
    pub fn append(&mut self, data: &[u8]) -> usize {
        let n = data.len().min(self.cap - self.len);
        if n > 0 {
            // SAFETY: `n` bytes fit behind `len`, and `data` cannot overlap our own block.
            unsafe {
                ptr::copy_nonoverlapping(
                    data.as_ptr(),
                    self.at.cast::<u8>().add(HEAD + self.len),
                    n,
                );
            }
            self.len += n;
        }
        n
    }

    /// The string as written so far.
    pub fn finish(self) -> ZStr {
        let this = ManuallyDrop::new(self);
        if this.at.is_null() {
            return ZStr::empty();
        }
        // SAFETY: the block has room for the closing NUL; it is ours alone.
        unsafe {
            let (at, len) = (this.at, this.len);
            *at.cast::<u8>().add(HEAD + len) = 0;
            (*at).len = len;
            ZStr::from_owned(at)
        }
    }
}

impl Drop for ZStrBuilder {
    fn drop(&mut self) {
        if !self.at.is_null() {
            // SAFETY: ours alone, with a valid head.
            unsafe { ext_php_rs_zend_string_release(self.at) }
        }
    }
}

/// A name that PHP keeps for the life of the process, with its hash computed: made by
/// [`Interned::set_up`] at module start (a `static` in `php/`), free to use afterwards.
pub struct Interned {
    text: &'static str,
    at: AtomicPtr<zend_string>,
}

impl Interned {
    /// Names the text; nothing is made yet.
    pub const fn new(text: &'static str) -> Interned {
        Interned { text, at: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Makes the string. Call at module start; later calls do nothing.
    pub fn set_up(&self) {
        if self.at.load(Ordering::Relaxed).is_null() {
            let s = intern(self.text.as_bytes());
            self.at.store(s, Ordering::Relaxed);
        }
    }

    /// The text.
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// A handle; costs no count. Before `set_up` it is an ordinary string.
    pub fn zstr(&self) -> ZStr {
        let s = self.at.load(Ordering::Relaxed);
        if s.is_null() {
            return ZStr::from_bytes(self.text.as_bytes());
        }
        // SAFETY: interned strings live as long as the process and have no count.
        unsafe { ZStr::from_owned(s) }
    }
}

/// Memory for a string of `len` bytes; nothing is in it.
///
/// # Safety
/// Bails out when the memory limit is hit: by a `longjmp` that no frame in between minds.
#[inline]
unsafe fn block(len: usize) -> *mut zend_string {
    // As `next_multiple_of(8)`, without its check.
    let size = (HEAD + len + 8) & !7;
    // SAFETY: 8 is an alignment.
    unsafe {
        ext_php_rs::alloc::emalloc(std::alloc::Layout::from_size_align_unchecked(size, 8)).cast()
    }
}

/// Writes the head of a string of `len` bytes.
///
/// # Safety
/// A block of [`block`] with so many bytes or more.
#[inline]
unsafe fn head(at: *mut zend_string, len: usize) -> *mut zend_string {
    // SAFETY: the block has room for a head.
    unsafe {
        (*at).len = len;
        (*at).h = 0;
        (*at.cast::<Counted>()).refcount = 1;
        (*at.cast::<Counted>()).info = GC_STRING;
    }
    at
}

/// PHP's hash of a string, as its arrays have it.
pub fn hash(text: &[u8]) -> u64 {
    // SAFETY: pointer and length belong together.
    unsafe { zend_hash_func(text.as_ptr().cast(), text.len()) }
}

/// Interns for the life of the process. Only at module start.
pub(super) fn intern(text: &[u8]) -> *mut zend_string {
    // SAFETY: PHP's own interning hook; `permanent` is right only in MINIT, where we are.
    unsafe {
        match zend_string_init_interned {
            Some(f) => f(text.as_ptr().cast(), text.len(), true),
            None => ext_php_rs_zend_string_init(text.as_ptr().cast(), text.len(), true),
        }
    }
}

const HEAD: usize = std::mem::offset_of!(zend_string, val);
/// From this size on the memory limit is a real danger, so the allocation is fenced.
const FENCED: usize = 4096;
