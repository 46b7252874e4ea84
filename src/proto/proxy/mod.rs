//! What a client says to a proxy before the proxy connects it to somebody else: SOCKS5 (RFC 1928,
//! with user and password: RFC 1929) and HTTP's CONNECT (RFC 9110 section 9.3.6).
//!
//! Names are resolved by the proxy. Once it has agreed, the connection is the peer's.

mod http;
mod socks;

use std::net::SocketAddr;

use bytes::BytesMut;

use http::Connect;
use socks::Socks;

/// Who the proxy is to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// An address.
    Ip(SocketAddr),
    /// A name and a port.
    Name(String, u16),
}

/// Which proxy it is, and who we are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SOCKS5; user and password if it wants them, at most 255 bytes each.
    Socks5(Option<Credentials>),
    /// HTTP; user and password are sent with the request (RFC 7617).
    Http(Option<Credentials>),
}

/// A user and the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: Vec<u8>,
    /// The password.
    pub password: Vec<u8>,
}

/// Why a proxy gives no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It speaks no SOCKS5.
    #[error("the proxy does not speak SOCKS5")]
    Version,
    /// It wants another way of logging in.
    #[error("the proxy takes none of the ways to log in")]
    Method,
    /// It refuses the user or the password.
    #[error("the proxy refused the user or the password")]
    Login,
    /// It could not connect, with its own number for the reason (RFC 1928 section 6).
    #[error("the SOCKS5 proxy could not connect: {}", socks::reason(*.0))]
    Socks(u8),
    /// It answered CONNECT with this status.
    #[error("the HTTP proxy answered with status {0}")]
    Status(u16),
    /// Its answer to CONNECT can not be read.
    #[error("the HTTP proxy's answer is malformed")]
    Malformed,
}

impl ProxyError {
    /// The classic error number.
    #[must_use]
    pub fn err_code(self) -> i32 {
        match self {
            ProxyError::Version => 7001,
            ProxyError::Method => 7002,
            ProxyError::Login => 7003,
            ProxyError::Socks(_) => 7004,
            ProxyError::Status(_) | ProxyError::Malformed => 8001,
        }
    }
}

/// One talk with a proxy.
#[derive(Debug)]
pub struct Handshake {
    talk: Talk,
    output: BytesMut,
    input: BytesMut,
}

#[derive(Debug)]
enum Talk {
    Socks(Socks),
    Http(Connect),
}

impl Handshake {
    /// A talk that ends with a connection to `peer`.
    #[must_use]
    pub fn new(kind: &Kind, peer: Peer) -> Handshake {
        let mut output = BytesMut::new();
        let talk = match kind {
            Kind::Socks5(login) => Talk::Socks(Socks::new(login.clone(), peer, &mut output)),
            Kind::Http(login) => Talk::Http(Connect::new(login.as_ref(), &peer, &mut output)),
        };
        Handshake { talk, output, input: BytesMut::new() }
    }

    /// Takes what the proxy says. `true`: it has agreed; what is left in `raw` comes from the peer.
    ///
    /// # Errors
    /// [`ProxyError`]: there will be no connection.
    pub fn handle_input(&mut self, raw: &mut BytesMut) -> Result<bool, ProxyError> {
        if self.input.is_empty() {
            self.input = raw.split();
        } else {
            self.input.unsplit(raw.split());
        }
        let agreed = match &mut self.talk {
            Talk::Socks(socks) => socks.handle_input(&mut self.input, &mut self.output)?,
            Talk::Http(connect) => connect.handle_input(&mut self.input)?,
        };
        if agreed {
            *raw = self.input.split();
        }
        Ok(agreed)
    }

    /// Appends what is to be said to the proxy to `out`.
    pub fn poll_output(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(&self.output);
        self.output = BytesMut::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(talk: &mut Handshake) -> Vec<u8> {
        let mut out = BytesMut::new();
        talk.poll_output(&mut out);
        out.to_vec()
    }

    fn login() -> Option<Credentials> {
        Some(Credentials { user: b"ann".to_vec(), password: b"secret".to_vec() })
    }

    fn name() -> Peer {
        Peer::Name("example.com".into(), 443)
    }

    /// Gives `answer` in pieces cut at every byte; the end must always be the same.
    fn cut(kind: &Kind, answer: &[u8]) -> (Result<bool, ProxyError>, Vec<u8>, Vec<u8>) {
        let mut all = Vec::new();
        for at in 0..=answer.len() {
            let mut talk = Handshake::new(kind, name());
            let mut said = output(&mut talk);
            let (mut result, mut rest) = (Ok(false), BytesMut::new());
            for piece in [&answer[..at], &answer[at..]] {
                if result == Ok(true) {
                    rest.extend_from_slice(piece);
                } else if result == Ok(false) && !piece.is_empty() {
                    rest = BytesMut::from(piece);
                    result = talk.handle_input(&mut rest);
                }
                said.extend(output(&mut talk));
            }
            all.push((result, said, rest.to_vec()));
        }
        all.dedup();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn socks_without_a_login() {
        let agreed = b"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50hello";
        let (result, said, rest) = cut(&Kind::Socks5(None), agreed);
        assert_eq!(result, Ok(true));
        assert_eq!(said, b"\x05\x01\x00\x05\x01\x00\x03\x0bexample.com\x01\xbb");
        assert_eq!(rest, b"hello");
    }

    #[test]
    fn socks_with_a_login() {
        let agreed = b"\x05\x02\x01\x00\x05\x00\x00\x03\x02ab\x00\x50";
        let (result, said, rest) = cut(&Kind::Socks5(login()), agreed);
        assert_eq!(result, Ok(true));
        let wanted =
            b"\x05\x02\x00\x02\x01\x03ann\x06secret\x05\x01\x00\x03\x0bexample.com\x01\xbb";
        assert_eq!(said, wanted);
        assert!(rest.is_empty());
    }

    #[test]
    fn socks_addresses_have_their_own_form() {
        for (address, form) in [
            ("127.0.0.1:80", &b"\x01\x7f\x00\x00\x01\x00\x50"[..]),
            ("[::1]:80", b"\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50"),
        ] {
            let mut talk = Handshake::new(&Kind::Socks5(None), Peer::Ip(address.parse().unwrap()));
            talk.handle_input(&mut BytesMut::from(&b"\x05\x00"[..])).unwrap();
            assert_eq!(output(&mut talk)[3 + 3..], *form);
        }
    }

    #[test]
    fn socks_refusals_have_their_numbers() {
        for (answer, error) in [
            (&b"\x04\x00"[..], ProxyError::Version),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", ProxyError::Version),
            (b"\x05\xff", ProxyError::Method),
            (b"\x05\x01", ProxyError::Method),
            (b"\x05\x00\x05\x05\x00\x01\0\0\0\0\0\0", ProxyError::Socks(5)),
            (b"\x05\x00\x04\x00\x00\x01", ProxyError::Version),
            (b"\x05\x00\x05\x00\x00\x09", ProxyError::Version),
        ] {
            let (result, ..) = cut(&Kind::Socks5(None), answer);
            assert_eq!(result, Err(error));
        }
        let (result, ..) = cut(&Kind::Socks5(login()), b"\x05\x02\x01\x01");
        assert_eq!(result, Err(ProxyError::Login));
        let (result, ..) = cut(&Kind::Socks5(None), b"\x05\x02");
        assert_eq!(result, Err(ProxyError::Method), "a login that nobody has");
        assert_eq!(ProxyError::Socks(5).err_code(), 7004);
        assert!(ProxyError::Socks(5).to_string().ends_with("connection refused"));
    }

    #[test]
    fn http_asks_and_keeps_what_follows() {
        let (result, said, rest) =
            cut(&Kind::Http(login()), b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\nhello");
        assert_eq!(result, Ok(true));
        let wanted = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\
            Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n\r\n";
        assert_eq!(String::from_utf8(said).unwrap(), wanted);
        assert_eq!(rest, b"hello");
        let v6 = Peer::Ip("[::1]:80".parse().unwrap());
        let said = output(&mut Handshake::new(&Kind::Http(None), v6));
        assert_eq!(said, b"CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
    }

    #[test]
    fn http_refusals() {
        for (answer, error) in [
            (&b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"[..], ProxyError::Login),
            (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", ProxyError::Status(502)),
            (b"nonsense\r\n\r\n", ProxyError::Malformed),
        ] {
            let (result, ..) = cut(&Kind::Http(None), answer);
            assert_eq!(result, Err(error));
        }
        let (result, ..) =
            cut(&Kind::Http(None), b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx");
        assert_eq!(result, Ok(true), "interim answers are skipped");
    }

    #[test]
    fn a_head_without_end_is_refused() {
        let mut talk = Handshake::new(&Kind::Http(None), name());
        let mut answer = BytesMut::from(&b"HTTP/1.1 200 OK\r\n"[..]);
        for _ in 0..5000 {
            match talk.handle_input(&mut answer) {
                Ok(agreed) => assert!(!agreed),
                Err(error) => return assert_eq!(error, ProxyError::Malformed),
            }
            answer.extend_from_slice(b"Name: value\r\n");
        }
        panic!("it was taken");
    }
}
