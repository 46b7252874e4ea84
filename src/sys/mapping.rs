//! A part of a file in memory, shared with all who have the file.

use std::{fs::File, io, os::fd::AsRawFd, ptr, ptr::NonNull};

use super::errno::check;

/// A mapping of a regular file, readable and writable. What is written shows in the file at once,
/// for every process.
#[derive(Debug)]
pub struct Mapping {
    /// Points to `mapped` bytes, from `open` to `drop`.
    base: NonNull<u8>,
    mapped: usize,
    /// Where in it the part begins: mappings start at whole pages.
    shift: usize,
    len: usize,
    /// Where the part begins in the file.
    offset: u64,
    file: File,
}

impl Mapping {
    /// Maps `len` bytes from `offset` on, at least one. They must lie inside of the file, which is open
    /// for reading and writing.
    ///
    /// # Errors
    /// `EINVAL` for what lies outside of the file; the system's.
    pub fn new(file: File, offset: u64, len: usize) -> io::Result<Mapping> {
        let invalid = || io::Error::from_raw_os_error(libc::EINVAL);
        let end = offset.checked_add(len as u64).ok_or_else(invalid)?;
        if len == 0 || end > file.metadata()?.len() {
            return Err(invalid());
        }
        // SAFETY: no precondition: a question about the system.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = u64::try_from(page).ok().filter(|page| *page > 0).unwrap_or(4096);
        let shift = usize::try_from(offset % page).map_err(|_| invalid())?;
        let mapped = len.checked_add(shift).ok_or_else(invalid)?;
        let start = libc::off_t::try_from(offset - offset % page).map_err(|_| invalid())?;
        // SAFETY: a fresh mapping, at a place of the kernel's choice, of a descriptor that is open.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                mapped,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                start,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast::<u8>()).ok_or_else(invalid)?;
        Ok(Mapping { base, mapped, shift, len, offset, file })
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none; never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Copies what stands at `at` into `into`; gives how much that was: nothing behind the end, which
    /// comes sooner when somebody has made the file shorter.
    pub fn read(&self, at: usize, into: &mut [u8]) -> usize {
        let n = into.len().min(self.reachable().saturating_sub(at));
        if n > 0 {
            // SAFETY: `at + n` lies inside of the part, which lies inside of the mapping.
            let from = unsafe { self.base.as_ptr().add(self.shift + at) };
            // SAFETY: both are `n` bytes that do not overlap; others may write to the mapping
            // meanwhile, so that the bytes are any, which bytes may be.
            unsafe { ptr::copy_nonoverlapping(from, into.as_mut_ptr(), n) };
        }
        n
    }

    /// Copies `data` to `at`; gives how much fitted.
    pub fn write(&self, at: usize, data: &[u8]) -> usize {
        let n = data.len().min(self.reachable().saturating_sub(at));
        if n > 0 {
            // SAFETY: `at + n` lies inside of the part, which lies inside of the mapping.
            let to = unsafe { self.base.as_ptr().add(self.shift + at) };
            // SAFETY: both are `n` bytes that do not overlap; nobody holds a reference to the mapping.
            unsafe { ptr::copy_nonoverlapping(data.as_ptr(), to, n) };
        }
        n
    }

    /// Waits until the file has it.
    ///
    /// # Errors
    /// The system's.
    pub fn flush(&self) -> io::Result<()> {
        // SAFETY: the whole mapping, which starts at a page.
        check(unsafe { libc::msync(self.base.as_ptr().cast(), self.mapped, libc::MS_SYNC) })?;
        Ok(())
    }

    /// How much of the part the file still has: what is mapped behind its end must not be touched.
    fn reachable(&self) -> usize {
        let length = self.file.metadata().map_or(0, |found| found.len());
        usize::try_from(length.saturating_sub(self.offset)).unwrap_or(usize::MAX).min(self.len)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` with this size, and nothing borrows from it.
        let _ = unsafe { libc::munmap(self.base.as_ptr().cast(), self.mapped) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_part_of_a_file_is_read_and_written() {
        let path = std::env::temp_dir().join(format!("tether-mapping-{}", std::process::id()));
        fs::write(&path, vec![b'.'; 10_000]).unwrap();
        let open = || fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mapping = Mapping::new(open(), 5000, 100).unwrap();
        assert_eq!(mapping.len(), 100);
        assert_eq!(mapping.write(95, b"0123456789"), 5);
        assert_eq!(mapping.write(100, b"x"), 0);
        mapping.flush().unwrap();
        assert_eq!(&fs::read(&path).unwrap()[5093..5101], b"..01234.");
        let mut bytes = [0; 4];
        assert_eq!(mapping.read(98, &mut bytes), 2);
        assert_eq!(&bytes, b"34\0\0");
        // A shorter file: what is gone is not touched.
        open().set_len(5010).unwrap();
        assert_eq!(mapping.read(8, &mut bytes), 2);
        assert_eq!(mapping.write(10, b"x"), 0);
        assert!(Mapping::new(open(), 5000, 100).is_err());
        assert!(Mapping::new(open(), 0, 0).is_err());
        fs::remove_file(&path).unwrap();
    }
}
