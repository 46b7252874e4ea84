use mysql_common::collations::{Collation, CollationId};

/// A character set, by one of its collations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset {
    /// The number of the collation on the wire.
    pub collation: u8,
}

/// The string cannot be quoted safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EscapeError {
    /// In this character set a quote or backslash may be a part of another character.
    #[error("the connection's character set is not safe to escape in")]
    Charset,
}

impl Charset {
    /// The character set of that name, in any case.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Charset> {
        let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
        // MySQL 8's default for utf8mb4 is not known to MariaDB and older servers.
        let collation = match name.as_str() {
            "utf8" | "utf8mb3" => 33,
            "utf8mb4" => 45,
            _ => (1..=u8::MAX).find(|&id| {
                known(id).is_some_and(|known| known.is_default() && known.charset() == name)
            })?,
        };
        Some(Charset { collation })
    }

    /// Whether a byte below 0x80 always is the ASCII character.
    #[must_use]
    fn is_ascii_safe(self) -> bool {
        let unsafe_ones = ["big5", "sjis", "gbk", "cp932", "gb18030", "ucs2", "utf16", "utf16le"];
        known(self.collation).is_some_and(|known| {
            !unsafe_ones.contains(&known.charset()) && known.charset() != "utf32"
        })
    }
}

/// Quotes `text` for use between single quotes in SQL. `backslashes`: whether the server takes a
/// backslash for an escape (without `NO_BACKSLASH_ESCAPES`).
///
/// # Errors
/// Never half a result: [`EscapeError`].
pub fn escape(text: &[u8], charset: Charset, backslashes: bool) -> Result<Vec<u8>, EscapeError> {
    if !charset.is_ascii_safe() {
        return Err(EscapeError::Charset);
    }
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        let as_letter = match byte {
            0 => Some(b'0'),
            b'\n' => Some(b'n'),
            b'\r' => Some(b'r'),
            0x1A => Some(b'Z'),
            b'\\' | b'\'' | b'"' => Some(byte),
            _ => None,
        };
        match as_letter {
            Some(letter) if backslashes => out.extend_from_slice(&[b'\\', letter]),
            Some(b'\'') => out.extend_from_slice(b"''"),
            Some(_) | None => out.push(byte),
        }
    }
    Ok(out)
}

fn known(id: u8) -> Option<Collation<'static>> {
    let known = Collation::resolve(CollationId::from(u16::from(id)));
    (known.id() != CollationId::UNKNOWN_COLLATION_ID).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_collations() {
        for (name, id) in
            [("utf8", 33), ("UTF8MB4", 45), ("latin1", 8), ("gbk", 28), ("binary", 63)]
        {
            assert_eq!(Charset::named(name.as_bytes()), Some(Charset { collation: id }), "{name}");
        }
        assert_eq!(Charset::named(b"klingon"), None);
        assert_eq!(Charset::named(b""), None);
    }

    #[test]
    fn what_could_end_a_string_is_escaped() {
        let utf8 = Charset::named(b"utf8mb4").unwrap();
        let text = b"a\0b\nc\rd\\e'f\"g\x1a\xc3\xa9";
        let quoted = b"a\\0b\\nc\\rd\\\\e\\'f\\\"g\\Z\xc3\xa9";
        assert_eq!(escape(text, utf8, true).unwrap(), quoted);
        assert_eq!(escape(b"a'b\\", utf8, false).unwrap(), b"a''b\\");
        for name in ["gbk", "sjis", "big5", "cp932"] {
            let charset = Charset::named(name.as_bytes()).unwrap();
            assert_eq!(escape(b"\xbf'", charset, true), Err(EscapeError::Charset), "{name}");
        }
        assert_eq!(escape(b"a", Charset { collation: 0 }, true), Err(EscapeError::Charset));
    }
}
