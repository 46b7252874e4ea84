//! Session ids: what PHP calls `$fd` on the server's side.

use std::{io, rc::Rc, sync::atomic::Ordering};

use crate::sys::shared::Counters;

/// A source of ids that are unique across all processes of a server. Made before the first fork.
/// Cheap to clone; all clones count on together.
#[derive(Clone, Debug)]
pub struct SessionIds {
    counter: Rc<Counters>,
}

/// Ids are positive 31-bit numbers.
const IDS: u64 = i32::MAX as u64;

impl SessionIds {
    /// Ids from 1 on.
    ///
    /// # Errors
    /// When the system gives no memory.
    pub fn new() -> io::Result<SessionIds> {
        Ok(SessionIds { counter: Rc::new(Counters::new(1)?) })
    }

    /// The next id: 1, 2, ... 2^31 - 1, then 1 again. After the wrap (two thousand million
    /// connections) a caller that still has this id asks for the next.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^31 - 1")]
    pub fn next(&self) -> u32 {
        let n = self.counter.first().map_or(0, |n| n.fetch_add(1, Ordering::Relaxed));
        (n % IDS + 1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_start_at_one_and_skip_zero_when_they_wrap() {
        let ids = SessionIds::new().unwrap();
        assert_eq!((ids.next(), ids.clone().next()), (1, 2));
        ids.counter[0].store(IDS - 1, Ordering::Relaxed);
        assert_eq!((ids.next(), ids.next()), (i32::MAX.cast_unsigned(), 1));
    }
}
