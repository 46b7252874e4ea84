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

/// What the wall clock showed at a point of the monotonic one. Costs a look at the clocks once a
/// second, so a step of the wall clock shows up to a second late.
#[must_use]
pub fn wall_at(at: Instant) -> SystemTime {
    let (then, shown) = match BASE.get() {
        Some((then, shown)) if at.saturating_duration_since(then) < SECOND => (then, shown),
        _ => {
            let base = (monotonic(), wall());
            BASE.set(Some(base));
            base
        }
    };
    match at.checked_duration_since(then) {
        Some(since) => shown + since,
        None => shown - then.saturating_duration_since(at),
    }
}

const SECOND: Duration = Duration::from_secs(1);

thread_local! {
    /// A point in time on both clocks.
    static BASE: Cell<Option<(Instant, SystemTime)>> = const { Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_known_for_any_time() {
        let start = monotonic();
        let first = wall_at(start);
        assert!(first.duration_since(SystemTime::UNIX_EPOCH).is_ok());
        let later = start + Duration::from_millis(300);
        assert_eq!(wall_at(later), first + Duration::from_millis(300));
        let far = start + Duration::from_secs(3);
        let moved = wall_at(far).duration_since(first + Duration::from_secs(3));
        assert!(
            moved.is_ok_and(|moved| moved < SECOND)
                || wall_at(far) <= first + far.duration_since(start)
        );
    }
}
