use super::Kind::{Bool, Int, Seconds, Size, Text};
use std::time::Duration;

use super::resolved::{Table, fill};
use super::{OptionError, OptionValue, Resolved, Row, Scope, Set};

/// What `swoole_async_set()` was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsyncConfig {
    /// The most threads that work on files.
    pub threads: Option<usize>,
    /// Whether the warnings of the classic API are raised.
    pub display_errors: Option<bool>,
    /// How long the addresses of a name are kept.
    pub dns_cache: Option<Duration>,
}

impl AsyncConfig {
    /// Resolves the keys.
    ///
    /// # Errors
    /// An option has a value that it cannot have.
    pub fn resolve<N: AsRef<str>>(
        options: &[(N, OptionValue)],
    ) -> Result<Resolved<Self>, OptionError> {
        let mut config = AsyncConfig::default();
        let warnings = fill(options, &mut [&mut Table { rows: ASYNC, config: &mut config }])?;
        Ok(Resolved { config, warnings })
    }
}

/// The keys of `swoole_async_set()`.
pub static ASYNC: &[Row<AsyncConfig>] = &[
    threads("thread_num"),
    threads("max_thread_num"),
    ignored("min_thread_num", Int, "threads are made when there is work for them"),
    Row::set(
        "display_errors",
        Bool,
        "true",
        Scope::Async,
        "whether the warnings of the classic API are raised, as the ini swoole.display_errors",
        Set::Bool(|c, v| c.display_errors = Some(v)),
    ),
    Row::set(
        "dns_cache_refresh_time",
        Seconds,
        "60",
        Scope::Async,
        "how long the addresses of a name are kept; 0: not at all",
        Set::Seconds(|c, v| c.dns_cache = Some(v.unwrap_or_default())),
    ),
    ignored("enable_signalfd", Bool, "signals are always events of the loop"),
    ignored("socket_buffer_size", Size, "each class has an option of this name"),
    ignored("log_level", Int, "the log is a server's: it has an option of this name"),
    ignored("socket_dontwait", Bool, "sockets of the loop never wait"),
    ignored("use_async_resolver", Bool, "names are always resolved beside the loop"),
    ignored("dns_lookup_random", Bool, "addresses are tried in the resolver's order"),
    ignored("dns_server", Text, "names are resolved as the system is set up"),
    ignored("enable_reuse_port", Bool, "a server has an option of this name"),
    ignored("aio_mode", Int, "files are always worked on by threads"),
    ignored("aio_chunk_size", Int, "read() has an argument for it"),
    ignored("enable_coroutine", Bool, "there are no coroutines"),
];

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
const fn threads(name: &'static str) -> Row<AsyncConfig> {
    Row::set(
        name,
        Int,
        "2",
        Scope::Async,
        "the most threads that work on files, 1 to 32; before the first one is made",
        Set::Int(1..=32, |c, v| c.threads = Some(v as usize)),
    )
}

const fn ignored(name: &'static str, kind: super::Kind, reason: &'static str) -> Row<AsyncConfig> {
    Row::ignored(name, kind, "none", Scope::Async, "", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked_and_what_has_no_effect_says_so() {
        let given = [
            ("thread_num", OptionValue::Long(4)),
            ("display_errors", OptionValue::Bool(true)),
            ("aio_mode", OptionValue::Long(1)),
            ("thread_nun", OptionValue::Long(1)),
        ];
        let resolved = AsyncConfig::resolve(&given).unwrap();
        let expected =
            AsyncConfig { threads: Some(4), display_errors: Some(true), dns_cache: None };
        assert_eq!(resolved.config, expected);
        assert_eq!(resolved.warnings.len(), 2);
        assert!(resolved.warnings[0].contains("aio_mode"));
        assert!(resolved.warnings[1].contains("thread_num"));
        assert!(AsyncConfig::resolve(&[("thread_num", OptionValue::Long(0))]).is_err());
    }
}
