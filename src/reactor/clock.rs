//! The one place where a clock is read.

use std::{
    cell::Cell,
    time::{Duration, Instant, SystemTime},
};

/// The monotonic clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// The wall clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}

/// What the wall clock showed at a point of the monotonic one, since 1970. Costs a look at the clocks
/// once a second, so a step of the wall clock shows up to a second late.
#[must_use]
pub fn wall_at(at: Instant) -> Duration {
    if let Some((then, shown)) = BASE.get()
        && let Some(since) = at.checked_duration_since(then)
        && since < SECOND
    {
        return shown + since;
    }
    let now = (monotonic(), wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
    BASE.set(Some(now));
    match at.checked_duration_since(now.0) {
        Some(since) => now.1 + since,
        None => now.1.saturating_sub(now.0.saturating_duration_since(at)),
    }
}

const SECOND: Duration = Duration::from_secs(1);

thread_local! {
    /// A point in time on both clocks.
    static BASE: Cell<Option<(Instant, Duration)>> = const { Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_known_for_any_time() {
        let start = monotonic();
        let first = wall_at(start);
        assert!(!first.is_zero());
        let later = Duration::from_millis(300);
        assert_eq!(wall_at(start + later), first + later);
        // For any other time the clocks are read anew, and nobody has moved them.
        for far in [Duration::from_secs(3), Duration::from_secs(3000)] {
            assert!(wall_at(start + far).abs_diff(first + far) < SECOND);
            assert!(wall_at(start).abs_diff(first) < SECOND);
        }
    }
}
