use base64::{Engine, engine::general_purpose::STANDARD};
use mysql_common::{
    crypto::rsa::{GetRandom, Pkcs1OaepPadding, PublicKey},
    num_bigint::BigUint,
};

use super::{AuthError, auth::NONCE};

/// A server's RSA public key: what it encrypts nobody but the server can read.
///
/// Only encryption is used, so what attacks on the timing of RSA's private half reach is not here.
/// The key is read here and not by `mysql_common`, whose reader panics at a malformed one.
#[derive(Debug)]
pub struct ServerKey {
    key: PublicKey,
    octets: usize,
}

impl ServerKey {
    /// Reads a key as a server sends it: PEM, `BEGIN PUBLIC KEY` (RFC 7468 section 13), RSA, 1024 to
    /// 8192 bits.
    ///
    /// # Errors
    /// [`AuthError::Key`].
    pub fn parse(pem: &[u8]) -> Result<ServerKey, AuthError> {
        read(pem).ok_or(AuthError::Key)
    }

    /// Encrypts the password for the server that gave `nonce` (OAEP with SHA-1, RFC 8017 section 7.1),
    /// a different one each time.
    ///
    /// # Errors
    /// The nonce is short, or the password does not fit into the key.
    pub fn seal(&self, password: &[u8], nonce: &[u8]) -> Result<Vec<u8>, AuthError> {
        let nonce: &[u8; NONCE] = nonce.first_chunk().ok_or(AuthError::Nonce)?;
        let mixed = password.iter().chain(&[0]).zip(nonce.iter().cycle());
        let mixed: Vec<u8> = mixed.map(|(byte, mask)| byte ^ mask).collect();
        if mixed.len() > self.octets - OAEP {
            return Err(AuthError::TooLong);
        }
        self.key.encrypt_block(mixed, Pkcs1OaepPadding::new(GetRandom)).map_err(|_| AuthError::Key)
    }
}

fn read(pem: &[u8]) -> Option<ServerKey> {
    let from = memchr::memmem::find(pem, BEGIN)? + BEGIN.len();
    let body = pem.get(from..)?;
    let body = body.get(..memchr::memmem::find(body, END)?)?;
    let body: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(body).ok()?;
    // RFC 5280 section 4.1 (SubjectPublicKeyInfo), RFC 8017 appendix A.1.1 (RSAPublicKey).
    let mut der = &*der;
    let mut info = element(&mut der, SEQUENCE)?;
    let mut algorithm = element(&mut info, SEQUENCE)?;
    if element(&mut algorithm, OBJECT_IDENTIFIER)? != RSA_ENCRYPTION {
        return None;
    }
    let [0, key @ ..] = element(&mut info, BIT_STRING)? else { return None };
    let mut key = key;
    let mut numbers = element(&mut key, SEQUENCE)?;
    let modulus = BigUint::from_bytes_be(element(&mut numbers, INTEGER)?);
    let exponent = BigUint::from_bytes_be(element(&mut numbers, INTEGER)?);
    let bits = modulus.bits();
    // mysql_common counts the octets of whole ones only; keys have no other size. The exponent's
    // bound is what encrypting costs.
    let usable = (1024..=8192).contains(&bits)
        && bits.is_multiple_of(8)
        && modulus.bit(0)
        && exponent.bit(0)
        && (2..=64).contains(&exponent.bits());
    let octets = usize::try_from(bits / 8).ok()?;
    usable.then(|| ServerKey { key: PublicKey::new(modulus, exponent), octets })
}

/// Takes the contents of the element at the start, which must be of this kind.
fn element<'a>(der: &mut &'a [u8], kind: u8) -> Option<&'a [u8]> {
    let [found, first, rest @ ..] = *der else { return None };
    let (length, rest) = match usize::from(*first) {
        short @ 0..=0x7F => (short, rest),
        long @ 0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(long - 0x80)?;
            (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    *der = rest;
    (*found == kind).then_some(contents)
}

const BEGIN: &[u8] = b"-----BEGIN PUBLIC KEY-----";
const END: &[u8] = b"-----END PUBLIC KEY-----";
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];
/// Octets of a block that OAEP with SHA-1 takes for itself.
const OAEP: usize = 42;

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../../tests/checks/server-key.pem");

    #[test]
    fn a_password_is_sealed_differently_each_time() {
        let key = ServerKey::parse(PEM.as_bytes()).unwrap();
        let sealed = key.seal(b"secret", &[7; 21]).unwrap();
        assert_eq!(sealed.len(), 256);
        assert_ne!(sealed, key.seal(b"secret", &[7; 21]).unwrap());
        assert_eq!(key.seal(b"secret", &[7; 19]), Err(AuthError::Nonce));
    }

    #[test]
    fn a_password_must_fit() {
        let key = ServerKey::parse(PEM.as_bytes()).unwrap();
        assert!(key.seal(&[b'x'; 213], &[7; 20]).is_ok());
        assert_eq!(key.seal(&[b'x'; 214], &[7; 20]), Err(AuthError::TooLong));
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let body: Vec<u8> =
            PEM.lines().filter(|line| !line.starts_with('-')).collect::<String>().into();
        let der = STANDARD.decode(body).unwrap();
        let wrap = |der: &[u8]| [BEGIN, STANDARD.encode(der).as_bytes(), END].concat();
        assert!(ServerKey::parse(&wrap(&der)).is_ok());
        for end in 0..der.len() {
            assert!(ServerKey::parse(&wrap(&der[..end])).is_err(), "cut at {end}");
            for byte in [0, 1, 0x7F, 0x80, 0x84, 0xFF] {
                let mut damaged = der.clone();
                damaged[end] = byte;
                let read = ServerKey::parse(&wrap(&damaged));
                // Further in it is another number of the same size.
                if let (Ok(key), ..40) = (read, end) {
                    assert!(key.seal(b"secret", &[7; 20]).is_ok());
                }
            }
        }
        for pem in [&b""[..], BEGIN, END, &[END, BEGIN].concat(), &[BEGIN, b"*", END].concat()] {
            assert!(ServerKey::parse(pem).is_err());
        }
    }
}
