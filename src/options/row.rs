use std::ops::RangeInclusive;
use std::time::Duration;

use super::{MemoryLimit, OptionError, OptionValue};

/// One option of the class whose configuration is `C`.
#[derive(Debug)]
pub struct Row<C: 'static> {
    /// As PHP writes it.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The default, as a text for the documentation; the `Default` of `C` holds the value.
    pub default: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Where it can be given.
    pub scope: Scope,
    /// Whether it is built.
    pub status: Status<C>,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bool`; any scalar by its truth.
    Bool,
    /// `int`
    Int,
    /// `int` of bytes; zero and less lift the limit.
    Size,
    /// `float` of seconds; zero and less are "none".
    Seconds,
    /// `string`
    Text,
    /// A callable.
    Callable,
    /// `array`
    List,
}

/// Where an option can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `Swoole\Server::set()` only.
    Server,
    /// `Swoole\Server::set()` (for the primary port) and `Swoole\Server\Port::set()`.
    Port,
    /// `Swoole\Client::set()` and `Swoole\Http\Client::set()`.
    Client,
    /// `Swoole\Http\Client::set()`.
    HttpClient,
    /// The first argument of `Swoole\MySQL::connect()`.
    Mysql,
    /// The constructor of `Swoole\Redis`.
    Redis,
    /// `swoole_async_set()`.
    Async,
}

/// Whether an option is built.
#[derive(Debug)]
pub enum Status<C: 'static> {
    /// It is, and this stores its value.
    Implemented(Set<C>),
    /// Not yet. Asking for it gives a warning.
    NotYet(Later),
    /// It is accepted and does nothing here, for this reason. Asking for it gives a warning.
    Ignored(&'static str),
}

/// What the warning for an option that is not built says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// Fills "comes with ...".
    pub comes_with: &'static str,
    /// What happens instead: a clause.
    pub instead: &'static str,
}

/// Stores a checked value.
#[derive(Debug)]
pub enum Set<C: 'static> {
    /// For [`Kind::Bool`].
    Bool(fn(&mut C, bool)),
    /// For [`Kind::Int`]: what is allowed, and the store.
    Int(RangeInclusive<i64>, fn(&mut C, i64)),
    /// For [`Kind::Size`]; no limit is `i32::MAX`, as it was.
    Size(fn(&mut C, usize)),
    /// For [`Kind::Seconds`]; `None` is "none".
    Seconds(fn(&mut C, Option<Duration>)),
    /// For [`Kind::Text`]: the most bytes, and the store.
    Text(usize, fn(&mut C, Vec<u8>)),
    /// For [`Kind::Text`] that may hold any byte: the lengths allowed, and the store.
    Bytes(RangeInclusive<usize>, fn(&mut C, Vec<u8>)),
    /// For [`Kind::Text`] that is a size of memory.
    Memory(fn(&mut C, Option<MemoryLimit>)),
    /// For [`Kind::List`] of integers.
    List(fn(&mut C, Vec<i64>)),
    /// For [`Kind::Callable`]: whether there is one. The callable itself is PHP's.
    Callable(fn(&mut C, bool)),
}

impl Kind {
    /// PHP's name for the type.
    #[must_use]
    pub fn php_type(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Int | Kind::Size => "int",
            Kind::Seconds => "float",
            Kind::Text => "string",
            Kind::Callable => "callable",
            Kind::List => "array",
        }
    }
}

impl<C> Row<C> {
    pub(super) const fn set(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        scope: Scope,
        doc: &'static str,
        set: Set<C>,
    ) -> Self {
        Row { name, kind, default, doc, scope, status: Status::Implemented(set) }
    }

    pub(super) const fn later(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        scope: Scope,
        doc: &'static str,
        later: Later,
    ) -> Self {
        Row { name, kind, default, doc, scope, status: Status::NotYet(later) }
    }

    pub(super) const fn ignored(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        scope: Scope,
        doc: &'static str,
        reason: &'static str,
    ) -> Self {
        Row { name, kind, default, doc, scope, status: Status::Ignored(reason) }
    }

    /// Checks `value` and stores it in `config`, or says why it has no effect.
    pub(super) fn apply(
        &self,
        config: &mut C,
        value: &OptionValue,
    ) -> Result<Option<String>, OptionError> {
        let name = self.name;
        match &self.status {
            Status::Implemented(set) => set.apply(name, config, value).map(|()| None),
            // Switching off what is not there is no mistake.
            Status::NotYet(_) | Status::Ignored(_) if !value.is_truthy() => Ok(None),
            Status::NotYet(Later { comes_with, instead }) => Ok(Some(format!(
                "option \"{name}\" is not implemented yet, it comes with {comes_with}; {instead}"
            ))),
            Status::Ignored(reason) => {
                Ok(Some(format!("option \"{name}\" has no effect: {reason}")))
            }
        }
    }
}

impl<C> Set<C> {
    fn apply(&self, name: &str, config: &mut C, value: &OptionValue) -> Result<(), OptionError> {
        match self {
            Set::Bool(store) => store(config, value.bool(name)?),
            Set::Int(range, store) => {
                let number = value.int(name)?;
                if !range.contains(&number) {
                    let (least, most) = (range.start(), range.end());
                    return Err(OptionError::Value(format!(
                        "option \"{name}\" must be between {least} and {most}, {number} given"
                    )));
                }
                store(config, number);
            }
            Set::Size(store) => {
                let bytes = value.int(name)?;
                store(config, usize::try_from(bytes).ok().filter(|&n| n > 0).unwrap_or(UNLIMITED));
            }
            Set::Seconds(store) => store(config, value.seconds(name)?),
            Set::Bytes(lengths, store) => {
                let bytes = value.text(name)?;
                if !lengths.contains(&bytes.len()) {
                    let (least, most) = (lengths.start(), lengths.end());
                    return Err(OptionError::Value(format!(
                        "option \"{name}\" must be {least} to {most} bytes long"
                    )));
                }
                store(config, bytes);
            }
            Set::Memory(store) => {
                store(config, MemoryLimit::parse(name, &value.text(name)?)?);
            }
            Set::List(store) => store(config, value.list(name)?),
            Set::Callable(store) => store(config, value.callable(name)?),
            Set::Text(most, store) => {
                let text = value.text(name)?;
                if text.len() > *most {
                    return Err(OptionError::Value(format!(
                        "option \"{name}\" must be at most {most} bytes long"
                    )));
                }
                if text.contains(&0) {
                    return Err(OptionError::Value(format!(
                        "option \"{name}\" must not contain any null bytes"
                    )));
                }
                store(config, text);
            }
        }
        Ok(())
    }
}

/// The row of an option.
#[must_use]
pub fn lookup<C>(table: &'static [Row<C>], name: &str) -> Option<&'static Row<C>> {
    table.iter().find(|row| row.name == name)
}

/// The name that was probably meant by `name`: the nearest by edit distance, if a third of it at
/// most differs.
#[must_use]
pub fn nearest(names: impl Iterator<Item = &'static str>, name: &str) -> Option<&'static str> {
    if name.len() > LONGEST_GUESS {
        return None;
    }
    let most = (name.len() / 3).max(1);
    names
        .map(|known| (distance(known.as_bytes(), name.as_bytes()), known))
        .filter(|&(distance, _)| distance <= most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

/// What the classic engine took "no limit" for.
const UNLIMITED: usize = i32::MAX as usize;

/// Names that are longer are no misspellings, and the distance costs the product of the lengths.
const LONGEST_GUESS: usize = 64;

/// Levenshtein's distance, upper and lower case alike.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (above, y) in row.iter_mut().skip(1).zip(b) {
            let swapped = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = *above;
            left = swapped.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{CLIENT, HTTP_CLIENT, MYSQL, REDIS, SERVER};

    #[test]
    fn distances_are_levenshtein() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b""), 3);
        assert_eq!(distance(b"Worker", b"worker"), 0);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let nearest = |name| nearest(SERVER.iter().map(|row| row.name), name);
        assert_eq!(nearest("worker_numb"), Some("worker_num"));
        assert_eq!(nearest("Daemonise"), Some("daemonize"));
        assert_eq!(nearest("something_else_entirely"), None);
        assert_eq!(nearest(&"x".repeat(100_000)), None);
    }

    fn check<C>(table: &'static [Row<C>]) {
        for (at, row) in table.iter().enumerate() {
            assert!(!row.doc.is_empty() && !row.default.is_empty(), "{}", row.name);
            assert!(table[..at].iter().all(|other| other.name != row.name), "{} twice", row.name);
            if let Status::Implemented(set) = &row.status {
                let kind = match set {
                    Set::Bool(_) => Kind::Bool,
                    Set::Int(..) => Kind::Int,
                    Set::Size(_) => Kind::Size,
                    Set::Seconds(_) => Kind::Seconds,
                    Set::Text(..) | Set::Bytes(..) | Set::Memory(_) => Kind::Text,
                    Set::List(_) => Kind::List,
                    Set::Callable(_) => Kind::Callable,
                };
                assert_eq!(row.kind, kind, "{}", row.name);
            }
        }
    }

    #[test]
    fn every_row_is_whole_and_unique() {
        check(SERVER);
        check(CLIENT);
        check(crate::options::PROXIES);
        check(crate::options::TLS);
        check(HTTP_CLIENT);
        check(MYSQL);
        check(REDIS);
    }
}
