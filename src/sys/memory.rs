//! How much memory this process uses.

use std::fs;

/// Resident set size in bytes; 0 where the system does not tell (`/proc` is missing).
#[must_use]
pub fn rss() -> u64 {
    let Ok(statm) = fs::read_to_string("/proc/self/statm") else { return 0 };
    let pages = statm.split_ascii_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok());
    pages.unwrap_or(0) * page_size()
}

/// The size of a memory page in bytes.
#[must_use]
pub fn page_size() -> u64 {
    // SAFETY: sysconf takes a number and reads no memory of ours.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(size).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_has_some_memory() {
        assert!(super::rss() > 100_000);
    }
}
