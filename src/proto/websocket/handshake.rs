//! The proof that both ends mean WebSocket (RFC 6455 section 4).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sha1::{Digest, Sha1};

/// Why an answer with status 101 is no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeFault {
    /// `Upgrade` or `Connection` do not say WebSocket.
    #[error("the server did not upgrade to WebSocket")]
    NotUpgraded,
    /// `Sec-WebSocket-Accept` is missing or wrong.
    #[error("Sec-WebSocket-Accept does not prove that the server has read the key")]
    Accept,
    /// An extension or a subprotocol that was not offered.
    #[error("the server chose what was not offered")]
    NotOffered,
}

/// `Sec-WebSocket-Key` of 16 random bytes.
#[must_use]
pub fn encode_key(random: [u8; 16]) -> String {
    STANDARD.encode(random)
}

/// `Sec-WebSocket-Accept` for a key.
#[must_use]
pub fn accept_key(key: &[u8]) -> String {
    let mut sha1 = Sha1::new();
    sha1.update(key);
    sha1.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(sha1.finalize())
}

/// Checks the fields of a 101 to a request with `key`, which offered no extension, and the
/// subprotocols `protocols` (a list as in the field, empty for none).
///
/// # Errors
/// RFC 6455 section 4.1: the client must fail the connection.
pub fn check_answer(
    fields: &[(Bytes, Bytes)],
    key: &[u8],
    protocols: &[u8],
) -> Result<(), HandshakeFault> {
    let values = |name: &'static [u8]| {
        fields.iter().filter(move |(field, _)| field.as_ref() == name).map(|(_, value)| value)
    };
    let lists = |name, wanted: &[u8]| {
        values(name).flat_map(|value| items(value)).any(|item| item.eq_ignore_ascii_case(wanted))
    };
    if !lists(b"upgrade", b"websocket") || !lists(b"connection", b"upgrade") {
        return Err(HandshakeFault::NotUpgraded);
    }
    let mut accepts = values(b"sec-websocket-accept");
    let accept = accept_key(key);
    if accepts.next().is_none_or(|value| value.as_ref() != accept.as_bytes())
        || accepts.next().is_some()
    {
        return Err(HandshakeFault::Accept);
    }
    let chosen_extension = values(b"sec-websocket-extensions").any(|value| !value.is_empty());
    let mut chosen = values(b"sec-websocket-protocol");
    if chosen_extension || chosen.any(|chosen| !items(protocols).any(|offered| offered == chosen)) {
        return Err(HandshakeFault::NotOffered);
    }
    Ok(())
}

/// The items of a comma-separated list.
fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";
    const GOOD: [(&str, &str); 3] = [
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];

    fn check(fields: &[(&'static str, &'static str)]) -> Result<(), HandshakeFault> {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        check_answer(&fields, KEY, b"chat, superchat")
    }

    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(encode_key(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept_key(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(check(&GOOD), Ok(()));
        assert_eq!(check(&[&GOOD[..], &[("sec-websocket-protocol", "chat")]].concat()), Ok(()));
    }

    #[test]
    fn what_is_no_consent() {
        let with = |at: usize, value| {
            let mut fields = GOOD;
            fields[at].1 = value;
            check(&fields)
        };
        assert_eq!(with(0, "h2c"), Err(HandshakeFault::NotUpgraded));
        assert_eq!(with(1, "close"), Err(HandshakeFault::NotUpgraded));
        assert_eq!(with(2, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo"), Err(HandshakeFault::Accept));
        assert_eq!(check(&GOOD[..2]), Err(HandshakeFault::Accept));
        for extra in
            [("sec-websocket-extensions", "permessage-deflate"), ("sec-websocket-protocol", "mqtt")]
        {
            assert_eq!(check(&[&GOOD[..], &[extra]].concat()), Err(HandshakeFault::NotOffered));
        }
        let twice = [&GOOD[..], &GOOD[2..]].concat();
        assert_eq!(check(&twice), Err(HandshakeFault::Accept));
    }
}
