//! Random bytes that nobody can foresee.

use std::hash::{BuildHasher, RandomState};

/// `N` random bytes of the system; at most 256. Where a sandbox forbids asking for them, those that
/// seed the hash maps of `std` stand in.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    const { assert!(N <= 256, "getentropy gives no more at once") };
    let mut bytes = [0; N];
    // SAFETY: the buffer is live, writable and N bytes long; getentropy keeps no pointer.
    if unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), N) } != 0 {
        for (at, part) in bytes.chunks_mut(8).enumerate() {
            let random = RandomState::new().hash_one(at).to_ne_bytes();
            for (byte, random) in part.iter_mut().zip(random) {
                *byte = random;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike() {
        assert_ne!(bytes::<16>(), bytes::<16>());
        assert!(bytes::<256>().iter().any(|&byte| byte != 0));
    }
}
