//! Cookies (RFC 6265): building `Set-Cookie` values and reading `Cookie` values.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use super::encode::{YEAR_9999, format_date};
use super::fields::trim;
use crate::proto::limits::HTTP_COOKIE_NAME;

/// A cookie as a program sets it, with PHP's `setcookie` defaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cookie<'a> {
    /// No control character, space or `=,;`.
    pub name: &'a [u8],
    /// Empty deletes the cookie.
    pub value: &'a [u8],
    /// Seconds since 1970; 0 = until the browser ends. Before 1970 counts as long past.
    pub expires: i64,
    /// Left out when empty, like `domain` and `same_site`.
    pub path: &'a [u8],
    /// The domain, without more ado.
    pub domain: &'a [u8],
    /// Only over TLS.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// `Lax`, `Strict` or `None`.
    pub same_site: &'a [u8],
    /// The value is sent as given instead of percent-encoded.
    pub raw: bool,
}

/// Why a cookie is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// The name is empty or holds one of `=,; \t\r\n\013\014` or another control character.
    #[error("cookie name holds a character that it must not")]
    Name,
    /// A raw value holds `;` or a control character.
    #[error("cookie value holds a character that it must not")]
    Value,
    /// Path, domain or same-site holds `;`, `,`, white space or a control character.
    #[error("cookie attribute holds a character that it must not")]
    Attribute,
    /// The year is after 9999.
    #[error("cookie expires after the year 9999")]
    Expires,
}

impl Cookie<'_> {
    /// What stands after `Set-Cookie: `. The value is encoded as `rawurlencode` does (a space is
    /// `%20`), which is what `setcookie` does since PHP 7.4.3.
    pub fn build(&self) -> Result<Vec<u8>, CookieError> {
        if self.name.is_empty() || self.name.iter().any(|&b| b == b'=' || is_separator(b)) {
            return Err(CookieError::Name);
        }
        if self.raw && self.value.iter().any(|&b| b == b';' || b.is_ascii_control()) {
            return Err(CookieError::Value);
        }
        let attributes = [self.path, self.domain, self.same_site];
        if attributes.iter().any(|text| text.iter().any(|&b| is_separator(b))) {
            return Err(CookieError::Attribute);
        }
        let expires = u64::try_from(self.expires).unwrap_or(1);
        if expires > YEAR_9999 {
            return Err(CookieError::Expires);
        }
        let mut line = Vec::with_capacity(self.name.len() + self.value.len() + 64);
        line.extend_from_slice(self.name);
        line.push(b'=');
        if self.value.is_empty() {
            line.extend_from_slice(b"deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT");
        } else {
            if self.raw {
                line.extend_from_slice(self.value);
            } else {
                encode_value(&mut line, self.value);
            }
            if expires > 0 {
                line.extend_from_slice(b"; expires=");
                line.extend_from_slice(&cookie_date(expires));
            }
        }
        for (name, value) in [("; path=", self.path), ("; domain=", self.domain)] {
            if !value.is_empty() {
                line.extend_from_slice(name.as_bytes());
                line.extend_from_slice(value);
            }
        }
        if self.secure {
            line.extend_from_slice(b"; secure");
        }
        if self.http_only {
            line.extend_from_slice(b"; httponly");
        }
        if !self.same_site.is_empty() {
            line.extend_from_slice(b"; SameSite=");
            line.extend_from_slice(self.same_site);
        }
        Ok(line)
    }
}

/// Reads one `Cookie` header value: name as sent, value percent-decoded (a `+` stays, as in PHP's
/// own `$_COOKIE`), quotes around it taken off. Pairs without `=` or with a name that is empty or
/// over [`HTTP_COOKIE_NAME`] are skipped.
pub fn parse_cookies(header: &[u8]) -> impl Iterator<Item = (&[u8], Cow<'_, [u8]>)> {
    header.split(|&b| b == b';').filter_map(|pair| {
        let at = memchr::memchr(b'=', pair)?;
        let name = trim(pair.get(..at)?);
        let value = trim(pair.get(at + 1..)?);
        let value = match value {
            [b'"', inner @ .., b'"'] => inner,
            value => value,
        };
        let fits = !name.is_empty() && name.len() <= HTTP_COOKIE_NAME;
        fits.then(|| (name, Cow::from(percent_decode(value))))
    })
}

/// Appends `value` encoded as `rawurlencode` does.
pub(super) fn encode_value(out: &mut Vec<u8>, value: &[u8]) {
    for part in percent_encode(value, ENCODED) {
        out.extend_from_slice(part.as_bytes());
    }
}

/// All but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `D, d-M-Y H:i:s GMT`: the date with hyphens that cookies began with.
fn cookie_date(unix: u64) -> [u8; 29] {
    let mut date = format_date(unix);
    for (at, byte) in date.iter_mut().enumerate() {
        if at == 7 || at == 11 {
            *byte = b'-';
        }
    }
    date
}

/// What may stand in no part of a cookie.
fn is_separator(b: u8) -> bool {
    matches!(b, b',' | b';' | b' ') || b.is_ascii_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(cookie: Cookie<'_>) -> String {
        String::from_utf8(cookie.build().unwrap()).unwrap()
    }

    #[test]
    fn builds_as_setcookie_does() {
        let cookie = Cookie { name: b"n", value: b"a b+c;\xc3\xa9~", ..Cookie::default() };
        assert_eq!(build(cookie), "n=a%20b%2Bc%3B%C3%A9~");
        let cookie = Cookie {
            name: b"n",
            value: b"v",
            expires: 784_111_777,
            path: b"/x",
            domain: b"a.example",
            secure: true,
            http_only: true,
            same_site: b"Lax",
            raw: false,
        };
        assert_eq!(
            build(cookie),
            "n=v; expires=Sun, 06-Nov-1994 08:49:37 GMT; path=/x; domain=a.example; secure; \
             httponly; SameSite=Lax"
        );
        let cookie = Cookie { name: b"n", path: b"/", ..Cookie::default() };
        assert_eq!(build(cookie), "n=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/");
        let cookie = Cookie { name: b"n", value: b"a b%", raw: true, ..Cookie::default() };
        assert_eq!(build(cookie), "n=a b%");
        let cookie = Cookie { name: b"n", value: b"v", expires: -5, ..Cookie::default() };
        assert_eq!(build(cookie), "n=v; expires=Thu, 01-Jan-1970 00:00:01 GMT");
    }

    #[test]
    fn refuses() {
        let good = Cookie { name: b"n", value: b"v", ..Cookie::default() };
        for (cookie, want) in [
            (Cookie { name: b"", ..good }, CookieError::Name),
            (Cookie { name: b"a=b", ..good }, CookieError::Name),
            (Cookie { name: b"a\r\nb", ..good }, CookieError::Name),
            (Cookie { value: b"v\r\nX: y", raw: true, ..good }, CookieError::Value),
            (Cookie { value: b"v; path=/", raw: true, ..good }, CookieError::Value),
            (Cookie { path: b"/;x", ..good }, CookieError::Attribute),
            (Cookie { same_site: b"a\n", ..good }, CookieError::Attribute),
            (Cookie { expires: 253_402_300_800, ..good }, CookieError::Expires),
        ] {
            assert_eq!(cookie.build(), Err(want));
        }
    }

    #[test]
    fn reads() {
        let all: Vec<_> = parse_cookies(b"a=1; b=\"x%20y+z\";c; =d;e=;f=%zz ; g=h=i").collect();
        let want: Vec<(&[u8], Cow<'_, [u8]>)> = vec![
            (b"a", Cow::from(&b"1"[..])),
            (b"b", Cow::from(&b"x y+z"[..])),
            (b"e", Cow::from(&b""[..])),
            (b"f", Cow::from(&b"%zz"[..])),
            (b"g", Cow::from(&b"h=i"[..])),
        ];
        assert_eq!(all, want);
        let long = [&[b'n'; 128][..], b"=1"].concat();
        assert_eq!(parse_cookies(&long).count(), 0);
    }
}
