//! Wall-clock time taken apart in the local time zone. The time itself is an argument.

use std::{
    mem::MaybeUninit,
    time::{SystemTime, UNIX_EPOCH},
};

/// A point in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The year, as in 2026.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
    /// 1 to 31.
    pub day: i32,
    /// 0 to 23.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    /// 0 to 60.
    pub second: i32,
}

/// Takes `at` apart in the zone of the process (`TZ`); 1970-01-01 00:00:00 for what the system
/// cannot represent.
#[must_use]
pub fn local(at: SystemTime) -> Local {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = libc::time_t::try_from(seconds).unwrap_or(0);
    let mut parts = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to live values of the right type; localtime_r keeps neither.
    let done = unsafe { libc::localtime_r(&raw const seconds, parts.as_mut_ptr()) };
    if done.is_null() {
        return Local { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    }
    // SAFETY: `tm` is plain integers and a pointer, for which all-zero is a value.
    let parts = unsafe { parts.assume_init() };
    Local {
        year: parts.tm_year + 1900,
        month: parts.tm_mon + 1,
        day: parts.tm_mday,
        hour: parts.tm_hour,
        minute: parts.tm_min,
        second: parts.tm_sec,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_known_second_of_an_even_zone() {
        let at = local(UNIX_EPOCH + Duration::from_secs(1_795_372_083));
        assert_eq!((at.year, at.month, at.second), (2026, 11, 3));
    }
}
