//! Header names that most requests and responses carry, in lower case, interned once with their hashes.

use crate::zend::Interned;

/// Interns the names. Only at module start.
pub(super) fn set_up() {
    for name in &NAMES {
        name.set_up();
    }
}

/// The interned lower-case form of a header name in any case; `None` for one that is not listed
/// (`cookie` among them, which stands in no header array).
pub(super) fn interned(name: &[u8]) -> Option<&'static Interned> {
    let start = usize::from(*STARTS.get(name.len())?);
    let end = usize::from(*STARTS.get(name.len() + 1)?);
    let same_length = NAMES.get(start..end)?;
    let mut lower = [0; LONGEST];
    lower.get_mut(..name.len())?.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let lower = lower.get(..name.len())?;
    same_length.iter().find(|known| known.text().as_bytes() == lower)
}

/// By length, so that a name is compared with its equals alone; within a length the most frequent
/// first.
const TEXTS: [&str; 57] = [
    "te",
    "dnt",
    "via",
    "age",
    "host",
    "from",
    "date",
    "vary",
    "etag",
    "range",
    "accept",
    "server",
    "origin",
    "pragma",
    "expect",
    "referer",
    "upgrade",
    "expires",
    "if-match",
    "if-range",
    "priority",
    "location",
    "forwarded",
    "sec-ch-ua",
    "user-agent",
    "connection",
    "keep-alive",
    "set-cookie",
    "traceparent",
    "content-type",
    "x-powered-by",
    "cache-control",
    "authorization",
    "if-none-match",
    "last-modified",
    "accept-ranges",
    "content-length",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-dest",
    "sec-fetch-user",
    "accept-encoding",
    "accept-language",
    "x-forwarded-for",
    "sec-ch-ua-mobile",
    "x-forwarded-host",
    "x-requested-with",
    "content-encoding",
    "www-authenticate",
    "if-modified-since",
    "sec-websocket-key",
    "x-forwarded-proto",
    "transfer-encoding",
    "sec-ch-ua-platform",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "upgrade-insecure-requests",
];

#[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
static NAMES: [Interned; TEXTS.len()] = {
    let mut names = [const { Interned::new("") }; TEXTS.len()];
    let mut n = 0;
    while n < names.len() {
        names[n] = Interned::new(TEXTS[n]);
        n += 1;
    }
    names
};

#[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
const LONGEST: usize = TEXTS[TEXTS.len() - 1].len();

/// Where the names of each length start; one entry more tells where the longest end.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated while compiling"
)]
static STARTS: [u8; LONGEST + 2] = {
    let mut starts = [0; LONGEST + 2];
    let (mut length, mut n) = (0, 0);
    while length < starts.len() {
        while n < TEXTS.len() && TEXTS[n].len() < length {
            n += 1;
            assert!(n == TEXTS.len() || TEXTS[n - 1].len() <= TEXTS[n].len());
        }
        starts[length] = n as u8;
        length += 1;
    }
    starts
};
