use std::time::Duration;

use thiserror::Error;

use super::Kind;

/// A value as PHP gave it.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// Means that nothing was said.
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Long(i64),
    /// `float`
    Double(f64),
    /// `string`
    Str(Vec<u8>),
    /// `array`, its values as PHP makes integers of them.
    List(Vec<i64>),
    /// Anything else, with PHP's name for its type (a class name).
    Other(&'static str),
}

/// A value that an option cannot have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OptionError {
    /// A `TypeError`, with its text.
    #[error("{0}")]
    Type(String),
    /// A `ValueError`, with its text.
    #[error("{0}")]
    Value(String),
}

impl OptionValue {
    /// PHP's truth: what is false asks for nothing.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            OptionValue::Null => false,
            OptionValue::Bool(value) => *value,
            OptionValue::Long(value) => *value != 0,
            OptionValue::Double(value) => *value != 0.0,
            OptionValue::Str(text) => !matches!(&text[..], b"" | b"0"),
            OptionValue::List(list) => !list.is_empty(),
            OptionValue::Other(_) => true,
        }
    }

    pub(super) fn list(&self, name: &str) -> Result<Vec<i64>, OptionError> {
        match self {
            OptionValue::List(list) => Ok(list.clone()),
            OptionValue::Null
            | OptionValue::Bool(_)
            | OptionValue::Long(_)
            | OptionValue::Double(_)
            | OptionValue::Str(_)
            | OptionValue::Other(_) => Err(self.mismatch(name, Kind::List)),
        }
    }

    pub(super) fn bool(&self, name: &str) -> Result<bool, OptionError> {
        match self {
            OptionValue::List(_) | OptionValue::Other(_) => Err(self.mismatch(name, Kind::Bool)),
            OptionValue::Null
            | OptionValue::Bool(_)
            | OptionValue::Long(_)
            | OptionValue::Double(_)
            | OptionValue::Str(_) => Ok(self.is_truthy()),
        }
    }

    /// As PHP coerces an `int` parameter without strict types.
    pub(super) fn int(&self, name: &str) -> Result<i64, OptionError> {
        let mismatch = || self.mismatch(name, Kind::Int);
        match self {
            OptionValue::Bool(value) => Ok(i64::from(*value)),
            OptionValue::Long(value) => Ok(*value),
            OptionValue::Double(value) => whole(*value).ok_or_else(mismatch),
            OptionValue::Str(text) => {
                let text = numeric(text).ok_or_else(mismatch)?;
                let number = text.parse().ok().or_else(|| whole(text.parse().ok()?));
                number.ok_or_else(mismatch)
            }
            OptionValue::Null | OptionValue::List(_) | OptionValue::Other(_) => Err(mismatch()),
        }
    }

    /// Zero and less are "none", and so is what no clock reaches.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>, OptionError> {
        let mismatch = || self.mismatch(name, Kind::Seconds);
        let seconds = match self {
            OptionValue::Bool(value) => f64::from(u8::from(*value)),
            #[expect(clippy::cast_precision_loss, reason = "seconds beyond 2^53 are `never`")]
            OptionValue::Long(value) => *value as f64,
            OptionValue::Double(value) => *value,
            OptionValue::Str(text) => {
                numeric(text).and_then(|text| text.parse().ok()).ok_or_else(mismatch)?
            }
            OptionValue::Null | OptionValue::List(_) | OptionValue::Other(_) => {
                return Err(mismatch());
            }
        };
        if seconds.is_nan() {
            return Err(OptionError::Value(format!("option \"{name}\" must not be NAN")));
        }
        Ok(time(seconds))
    }

    pub(super) fn text(&self, name: &str) -> Result<Vec<u8>, OptionError> {
        match self {
            OptionValue::Str(text) => Ok(text.clone()),
            OptionValue::Long(value) => Ok(value.to_string().into_bytes()),
            OptionValue::Double(value) => Ok(value.to_string().into_bytes()),
            OptionValue::Null
            | OptionValue::Bool(_)
            | OptionValue::List(_)
            | OptionValue::Other(_) => Err(self.mismatch(name, Kind::Text)),
        }
    }

    /// Whether there is one: what PHP can not call is refused above.
    pub(super) fn callable(&self, name: &str) -> Result<bool, OptionError> {
        match self {
            OptionValue::Null | OptionValue::Bool(false) => Ok(false),
            OptionValue::Str(_) | OptionValue::List(_) | OptionValue::Other(_) => Ok(true),
            OptionValue::Bool(true) | OptionValue::Long(_) | OptionValue::Double(_) => {
                Err(self.mismatch(name, Kind::Callable))
            }
        }
    }

    fn mismatch(&self, name: &str, kind: Kind) -> OptionError {
        let expected = kind.php_type();
        let given = self.php_type();
        OptionError::Type(format!("option \"{name}\" must be of type {expected}, {given} given"))
    }

    fn php_type(&self) -> &'static str {
        match self {
            OptionValue::Null => "null",
            OptionValue::Bool(_) => "bool",
            OptionValue::Long(_) => "int",
            OptionValue::Double(_) => "float",
            OptionValue::Str(_) => "string",
            OptionValue::List(_) => "array",
            OptionValue::Other(name) => name,
        }
    }
}

/// Seconds as PHP gives them: what is not above zero is "none", and so is what no clock reaches.
#[must_use]
pub fn time(seconds: f64) -> Option<Duration> {
    let some = seconds > 0.0 && seconds <= NEVER;
    // What is too short to count must not turn into "none".
    some.then(|| Duration::from_secs_f64(seconds).max(Duration::from_micros(1)))
}

/// A hundred years in seconds.
const NEVER: f64 = 3_155_760_000.0;

/// PHP's numeric strings: white space around them is allowed, words (`inf`, `nan`) are not.
fn numeric(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?.trim_ascii();
    let plain = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    text.as_bytes().iter().all(plain).then_some(text)
}

fn whole(number: f64) -> Option<i64> {
    /// Up to here a float holds every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> OptionValue {
        OptionValue::Str(text.into())
    }

    #[test]
    fn integers_are_coerced_as_php_does() {
        assert_eq!(text(" 42 ").int("x"), Ok(42));
        assert_eq!(text("4.0").int("x"), Ok(4));
        assert_eq!(text("1e3").int("x"), Ok(1000));
        assert_eq!(OptionValue::Bool(true).int("x"), Ok(1));
        assert_eq!(OptionValue::Double(8.0).int("x"), Ok(8));
        for wrong in [text("4 MB"), text(""), text("inf"), OptionValue::Double(1.5)] {
            assert!(matches!(wrong.int("x"), Err(OptionError::Type(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_wrong_type_reads_like_php() {
        let error = OptionValue::Other("array").int("worker_num").unwrap_err();
        assert_eq!(error.to_string(), "option \"worker_num\" must be of type int, array given");
        let error = OptionValue::Other("Closure").bool("keep_alive").unwrap_err();
        assert_eq!(error.to_string(), "option \"keep_alive\" must be of type bool, Closure given");
    }

    #[test]
    fn zero_seconds_are_none() {
        assert_eq!(OptionValue::Long(0).seconds("x"), Ok(None));
        assert_eq!(OptionValue::Double(-1.0).seconds("x"), Ok(None));
        assert_eq!(OptionValue::Double(f64::INFINITY).seconds("x"), Ok(None));
        assert_eq!(text("0.25").seconds("x"), Ok(Some(Duration::from_millis(250))));
        let tiny = OptionValue::Double(1e-300).seconds("x");
        assert_eq!(tiny, Ok(Some(Duration::from_micros(1))));
        assert!(matches!(OptionValue::Double(f64::NAN).seconds("x"), Err(OptionError::Value(_))));
    }
}
