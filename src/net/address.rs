//! Where to connect to, as users write it.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

/// A peer as it was named: an address, a path, or a name that has to be resolved first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An IP address and port.
    Ip(SocketAddr),
    /// A unix stream socket.
    Unix(PathBuf),
    /// A host name and port.
    Name(String, u16),
}

/// A name that no resolver accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// No host, or one with a control character or a space.
    #[error("the host is empty or contains a control character")]
    Host,
    /// Not UTF-8.
    #[error("the host is not a name")]
    Encoding,
}

impl Address {
    /// Reads `host` and `port`: an IPv4 or IPv6 literal (in brackets or not), `unix:/path`, or a
    /// name.
    ///
    /// # Errors
    /// [`BadAddress`] for what can be neither.
    pub fn parse(host: &[u8], port: u16) -> Result<Address, BadAddress> {
        let path = host.starts_with(b"unix:");
        // A name is sent to proxies and, by some, in headers: nothing may hide in it.
        let bad = |byte: &u8| *byte == 0 || (!path && (*byte <= b' ' || *byte == 127));
        if host.is_empty() || host.iter().any(bad) {
            return Err(BadAddress::Host);
        }
        let host = std::str::from_utf8(host).map_err(|_| BadAddress::Encoding)?;
        if let Some(path) = host.strip_prefix("unix:") {
            return Ok(Address::Unix(trim_slashes(path)));
        }
        let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        Ok(match literal.parse::<IpAddr>() {
            Ok(ip) => Address::Ip(SocketAddr::new(ip, port)),
            Err(_) => Address::Name(host.to_owned(), port),
        })
    }

    /// A unix stream socket at `path`.
    #[must_use]
    pub fn unix(path: &Path) -> Address {
        Address::Unix(path.to_owned())
    }
}

/// `unix:///tmp/x` is `/tmp/x` too.
fn trim_slashes(path: &str) -> PathBuf {
    let rest = path.trim_start_matches('/');
    if rest.len() == path.len() { PathBuf::from(path) } else { Path::new("/").join(rest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_users_write_them() {
        let ip = |s: &str| Address::Ip(s.parse().unwrap());
        assert_eq!(Address::parse(b"127.0.0.1", 80), Ok(ip("127.0.0.1:80")));
        assert_eq!(Address::parse(b"::1", 80), Ok(ip("[::1]:80")));
        assert_eq!(Address::parse(b"[::1]", 80), Ok(ip("[::1]:80")));
        assert_eq!(Address::parse(b"unix:/run/x", 0), Ok(Address::Unix("/run/x".into())));
        assert_eq!(Address::parse(b"unix:///run/x", 0), Ok(Address::Unix("/run/x".into())));
        assert_eq!(Address::parse(b"localhost", 1), Ok(Address::Name("localhost".into(), 1)));
        assert_eq!(Address::parse(b"", 1), Err(BadAddress::Host));
        for bad in [&b"a\0b"[..], b"a\r\nX: y", b"a b", b"unix:a\0b"] {
            assert_eq!(Address::parse(bad, 1), Err(BadAddress::Host));
        }
    }
}
