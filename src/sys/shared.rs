//! Memory that this process and its later children share.

use std::{io, ops::Deref, ptr, ptr::NonNull, slice, sync::atomic::AtomicU64};

/// Counters in an anonymous shared mapping: what one process adds, the others see. All start at 0.
/// Children made by `fork` afterwards share them; the mapping lives until the last process with it
/// has dropped it or ended.
#[derive(Debug)]
pub struct Counters {
    /// Points to `len` counters, mapped readable and writable from `new` to `drop`.
    base: NonNull<AtomicU64>,
    len: usize,
}

impl Counters {
    /// Maps room for `len` counters, at least one.
    ///
    /// # Errors
    /// The system's, `ENOMEM` above all.
    pub fn new(len: usize) -> io::Result<Counters> {
        let len = len.max(1);
        let bytes = len.checked_mul(size_of::<AtomicU64>()).ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: a fresh anonymous mapping, at a place of the kernel's choice, touches no memory
        // that anyone has.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast::<AtomicU64>()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Counters { base, len })
    }
}

// SAFETY: the mapping belongs to the process, not to a thread, and all access to it is atomic.
unsafe impl Send for Counters {}
// SAFETY: as above.
unsafe impl Sync for Counters {}

impl Deref for Counters {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        // SAFETY: the field's invariant: page-aligned, `len` zero-initialised counters that stay
        // mapped as long as `self`; every access by any process is atomic.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        let bytes = self.len * size_of::<AtomicU64>();
        // SAFETY: the mapping was made by `new` with this size, and borrows of it ended with `self`.
        let _ = unsafe { libc::munmap(self.base.as_ptr().cast(), bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    fn counters_start_at_zero_and_count() {
        let counters = Counters::new(1000).unwrap();
        assert_eq!(counters.len(), 1000);
        assert!(counters.iter().all(|counter| counter.load(Ordering::Relaxed) == 0));
        counters[999].fetch_add(2, Ordering::Relaxed);
        assert_eq!(counters[999].load(Ordering::Relaxed), 2);
    }
}
