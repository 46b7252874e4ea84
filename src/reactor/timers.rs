//! What is due when: an indexed binary heap, so that a cancelled timer leaves nothing behind.

use std::time::Instant;

use super::{Arena, Key, Token};

/// Names one timer; finds nothing once it was popped or cancelled.
pub type TimerKey = Key;

/// Timers by time and, at the same time, by order of insertion. Insert, cancel and pop cost
/// O(log n); a cancelled timer is removed at once.
#[derive(Debug, Default)]
pub struct Timers {
    entries: Arena<Entry>,
    heap: Vec<Node>,
    inserted: u64,
}

#[derive(Debug)]
struct Entry {
    token: Token,
    /// Where the entry's node is in the heap. **Invariant**: `heap[position].key` is this entry.
    position: usize,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    at: Instant,
    order: u64,
    key: Key,
}

impl Node {
    fn is_before(&self, other: &Node) -> bool {
        #[cfg(test)]
        tests::COMPARED.set(tests::COMPARED.get() + 1);
        (self.at, self.order) < (other.at, other.order)
    }
}

impl Timers {
    /// Names `token` at `at`.
    pub fn insert(&mut self, at: Instant, token: Token) -> TimerKey {
        let position = self.heap.len();
        let key = self.entries.insert(Entry { token, position });
        self.inserted += 1;
        self.heap.push(Node { at, order: self.inserted, key });
        self.rise(position);
        key
    }

    /// Whether there was such a timer; it is gone then.
    pub fn cancel(&mut self, key: TimerKey) -> bool {
        let Some(entry) = self.entries.remove(key) else { return false };
        self.remove_node(entry.position);
        true
    }

    /// When the first timer is due.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.heap.first().map(|node| node.at)
    }

    /// Takes out the first timer that is due at `now`.
    pub fn pop_due(&mut self, now: Instant) -> Option<(TimerKey, Token)> {
        let first = self.heap.first().copied().filter(|node| node.at <= now)?;
        let entry = self.entries.remove(first.key)?;
        self.remove_node(0);
        Some((first.key, entry.token))
    }

    /// How many timers wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn remove_node(&mut self, position: usize) {
        self.heap.swap_remove(position);
        if position < self.heap.len() {
            self.settle(position);
            self.sink(position);
            self.rise(position);
        }
    }

    #[expect(clippy::indexing_slicing, reason = "positions stay below the heap's length")]
    fn rise(&mut self, mut position: usize) {
        while position > 0 {
            let parent = (position - 1) / 2;
            if !self.heap[position].is_before(&self.heap[parent]) {
                break;
            }
            self.heap.swap(position, parent);
            self.settle(position);
            position = parent;
        }
        self.settle(position);
    }

    #[expect(clippy::indexing_slicing, reason = "children are compared with the heap's length")]
    fn sink(&mut self, mut position: usize) {
        loop {
            let (left, right) = (2 * position + 1, 2 * position + 2);
            let mut first = position;
            for child in [left, right] {
                if child < self.heap.len() && self.heap[child].is_before(&self.heap[first]) {
                    first = child;
                }
            }
            if first == position {
                break;
            }
            self.heap.swap(position, first);
            self.settle(position);
            position = first;
        }
        self.settle(position);
    }

    fn settle(&mut self, position: usize) {
        if let Some(node) = self.heap.get(position)
            && let Some(entry) = self.entries.get_mut(node.key)
        {
            entry.position = position;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, clock};
    use super::*;
    use std::{cell::Cell, time::Duration};

    thread_local! {
        /// How often two timers were compared.
        pub(super) static COMPARED: Cell<u64> = const { Cell::new(0) };
    }

    fn token(n: u32) -> Token {
        Token::new(Source::Timer, Key::fixed(n))
    }

    #[test]
    fn timers_come_in_the_order_of_time_then_of_insertion() {
        let start = clock::monotonic();
        let mut timers = Timers::default();
        for (n, ms) in [30, 10, 20, 10, 0].into_iter().enumerate() {
            timers.insert(start + Duration::from_millis(ms), token(u32::try_from(n).unwrap()));
        }
        assert_eq!(timers.next(), Some(start));
        let mut seen = Vec::new();
        while let Some((_, token)) = timers.pop_due(start + Duration::from_millis(20)) {
            seen.push(token.key().index());
        }
        assert_eq!(seen, [4, 1, 3, 2]);
        assert_eq!(timers.len(), 1);
    }

    #[test]
    fn any_timer_can_be_cancelled_and_leaves_nothing() {
        let start = clock::monotonic();
        let mut timers = Timers::default();
        let mut state = 12345u64;
        let mut keys = Vec::new();
        for n in 0..100_000u32 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            keys.push(timers.insert(start + Duration::from_micros(state >> 44), token(n)));
        }
        for key in keys.iter().step_by(3) {
            assert!(timers.cancel(*key));
            assert!(!timers.cancel(*key));
        }
        let (mut last, mut count) = (start, 0);
        while let Some(next) = timers.next() {
            assert!(next >= last);
            last = next;
            timers.pop_due(next);
            count += 1;
        }
        assert_eq!(count, 100_000 - 100_000usize.div_ceil(3));
        assert!(timers.entries.is_empty());
        // 17 levels: one comparison a level up, two a level down, for two operations a timer.
        let compared = COMPARED.get();
        assert!(compared < 100_000 * 2 * 17 * 2, "{compared} comparisons");
    }
}
