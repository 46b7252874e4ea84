use std::net::SocketAddr;

use bytes::{Buf, BufMut, BytesMut};

use super::{Credentials, Peer, ProxyError};

/// The SOCKS5 side of a talk (RFC 1928).
#[derive(Debug)]
pub(super) struct Socks {
    login: Option<Credentials>,
    peer: Peer,
    step: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Which way of logging in?
    Method,
    /// Is the login right?
    Login,
    /// Is there a connection?
    Reply,
}

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const NO_LOGIN: u8 = 0;
const WITH_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

impl Socks {
    pub(super) fn new(login: Option<Credentials>, peer: Peer, output: &mut BytesMut) -> Socks {
        match login {
            Some(_) => output.put_slice(&[VERSION, 2, NO_LOGIN, WITH_PASSWORD]),
            None => output.put_slice(&[VERSION, 1, NO_LOGIN]),
        }
        Socks { login, peer, step: Step::Method }
    }

    pub(super) fn handle_input(
        &mut self,
        input: &mut BytesMut,
        output: &mut BytesMut,
    ) -> Result<bool, ProxyError> {
        loop {
            match self.step {
                Step::Method => {
                    let &[version, ref rest @ ..] = &**input else { return Ok(false) };
                    if version != VERSION {
                        return Err(ProxyError::Version);
                    }
                    let &[method, ..] = rest else { return Ok(false) };
                    match (method, &self.login) {
                        (NO_LOGIN, _) => self.ask(output),
                        (WITH_PASSWORD, Some(login)) => {
                            output.put_u8(LOGIN_VERSION);
                            put_short(output, &login.user);
                            put_short(output, &login.password);
                            self.step = Step::Login;
                        }
                        _ => return Err(ProxyError::Method),
                    }
                    input.advance(2);
                }
                Step::Login => {
                    let &[_, status, ..] = &**input else { return Ok(false) };
                    if status != 0 {
                        return Err(ProxyError::Login);
                    }
                    input.advance(2);
                    self.ask(output);
                }
                Step::Reply => {
                    let &[version, ref rest @ ..] = &**input else { return Ok(false) };
                    if version != VERSION {
                        return Err(ProxyError::Version);
                    }
                    let &[status, ref rest @ ..] = rest else { return Ok(false) };
                    if status != 0 {
                        return Err(ProxyError::Socks(status));
                    }
                    let &[_, kind, ref rest @ ..] = rest else { return Ok(false) };
                    let address = match (kind, rest) {
                        (IPV4, _) => 4,
                        (IPV6, _) => 16,
                        (NAME, []) => return Ok(false),
                        (NAME, &[length, ..]) => 1 + usize::from(length),
                        _ => return Err(ProxyError::Version),
                    };
                    let whole = 4 + address + 2;
                    if input.len() < whole {
                        return Ok(false);
                    }
                    input.advance(whole);
                    return Ok(true);
                }
            }
        }
    }

    fn ask(&mut self, output: &mut BytesMut) {
        output.put_slice(&[VERSION, CONNECT, 0]);
        let port = match &self.peer {
            Peer::Ip(SocketAddr::V4(address)) => {
                output.put_u8(IPV4);
                output.put_slice(&address.ip().octets());
                address.port()
            }
            Peer::Ip(SocketAddr::V6(address)) => {
                output.put_u8(IPV6);
                output.put_slice(&address.ip().octets());
                address.port()
            }
            Peer::Name(name, port) => {
                output.put_u8(NAME);
                put_short(output, name.as_bytes());
                *port
            }
        };
        output.put_u16(port);
        self.step = Step::Reply;
    }
}

/// A length of one byte and so many bytes; what is longer has no form here, and no name or login
/// gets in that is.
fn put_short(output: &mut BytesMut, bytes: &[u8]) {
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    output.put_u8(length);
    output.put_slice(bytes.get(..usize::from(length)).unwrap_or_default());
}

/// The words of RFC 1928 section 6.
pub(super) fn reason(number: u8) -> &'static str {
    match number {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "its time was over",
        7 => "it can not connect",
        8 => "it does not know this kind of address",
        _ => "an unknown reason",
    }
}
