use std::time::Duration;

use super::OptionError;

/// When a worker has grown so much that it is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryOptions {
    /// The limit (`max_memory`); `None` is never.
    pub limit: Option<MemoryLimit>,
    /// How often a worker looks (`max_memory_check_interval`).
    pub interval: Duration,
}

/// A limit, and what is measured against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryLimit {
    /// Bytes of PHP's own heap, as `memory_get_usage(true)` tells them.
    Heap(u64),
    /// Bytes of the process that are resident, pages that it shares with others too.
    Resident(u64),
}

impl Default for MemoryOptions {
    fn default() -> Self {
        MemoryOptions { limit: None, interval: Duration::from_secs(1) }
    }
}

impl MemoryLimit {
    /// Reads `64M` (of PHP's heap) or `rss:64M`; the units are those of php.ini, K, M and G. Zero and
    /// less are "no limit".
    ///
    /// # Errors
    /// The text is neither.
    pub(super) fn parse(name: &str, text: &[u8]) -> Result<Option<MemoryLimit>, OptionError> {
        let wrong = || {
            OptionError::Value(format!(
                "option \"{name}\" must be bytes or a size like \"64M\", of the resident memory with \
                 \"rss:\" before it"
            ))
        };
        let text = std::str::from_utf8(text).map_err(|_| wrong())?.trim();
        let (resident, size) =
            text.strip_prefix("rss:").map_or((false, text), |size| (true, size.trim_start()));
        let unit = match size.bytes().last() {
            Some(b'k' | b'K') => 1 << 10,
            Some(b'm' | b'M') => 1 << 20,
            Some(b'g' | b'G') => 1 << 30,
            _ => 1,
        };
        let number = if unit == 1 { size } else { size.get(..size.len() - 1).unwrap_or_default() };
        let bytes =
            number.parse::<i64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(wrong)?;
        let bytes = u64::try_from(bytes).ok().filter(|&bytes| bytes > 0);
        Ok(bytes.map(|n| if resident { MemoryLimit::Resident(n) } else { MemoryLimit::Heap(n) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_bytes_or_a_size() {
        let parse = |text: &str| MemoryLimit::parse("max_memory", text.as_bytes());
        assert_eq!(parse("64M"), Ok(Some(MemoryLimit::Heap(64 << 20))));
        assert_eq!(parse(" rss: 1g "), Ok(Some(MemoryLimit::Resident(1 << 30))));
        assert_eq!(parse("1048576"), Ok(Some(MemoryLimit::Heap(1 << 20))));
        assert_eq!(parse("0"), Ok(None));
        assert_eq!(parse("-1"), Ok(None));
        for wrong in ["", "M", "rss:", "64MB", "6.5M", "9999999999G", "heap:1M", "é", "1é"] {
            assert!(matches!(parse(wrong), Err(OptionError::Value(_))), "{wrong}");
        }
    }
}
