use base64::Engine;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

/// Why a key that is there can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It is encrypted, and nothing was given to open it.
    #[error("the key is encrypted, it needs \"ssl_passphrase\"")]
    Locked,
    /// It is encrypted with something else.
    #[error("\"ssl_passphrase\" does not open the key")]
    Passphrase,
    /// It is encrypted in a way that is not known.
    #[error(
        "the key is encrypted in a way that is not known, not as \"openssl pkcs8 -topk8\" does it"
    )]
    Unknown,
}

/// The first private key of a PEM text, opened with `passphrase` if it is encrypted (PKCS #8, PBES2).
/// `None`: it holds none.
///
/// # Errors
/// It is encrypted and can not be opened.
pub(super) fn read(
    text: &[u8],
    passphrase: Option<&[u8]>,
) -> Result<Option<PrivateKeyDer<'static>>, BadKey> {
    if find(text, OLD_ENCRYPTION).is_some() {
        return Err(if passphrase.is_none() { BadKey::Locked } else { BadKey::Unknown });
    }
    let Some(der) = encrypted(text) else { return Ok(PrivateKeyDer::from_pem_slice(text).ok()) };
    let passphrase = passphrase.ok_or(BadKey::Locked)?;
    let key = EncryptedPrivateKeyInfoRef::try_from(&der[..]).map_err(|_| BadKey::Unknown)?;
    let opened = key.decrypt(passphrase).map_err(|error| {
        let other = |why: &pkcs8::pkcs5::Error| *why != pkcs8::pkcs5::Error::DecryptFailed;
        if matches!(&error, pkcs8::Error::EncryptedPrivateKey(why) if other(why)) {
            BadKey::Unknown
        } else {
            // A wrong passphrase leaves noise: bad padding, or no key.
            BadKey::Passphrase
        }
    })?;
    Ok(Some(PrivatePkcs8KeyDer::from(opened.as_bytes().to_vec()).into()))
}

const BEGIN: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &[u8] = b"-----END ENCRYPTED PRIVATE KEY-----";
/// A header of the form that came before PKCS #8 (RFC 1421), whose key is one round of MD5.
const OLD_ENCRYPTION: &[u8] = b"Proc-Type: 4,ENCRYPTED";

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// The bytes of an encrypted key (RFC 7468 section 11).
fn encrypted(text: &[u8]) -> Option<Vec<u8>> {
    let start = find(text, BEGIN)? + BEGIN.len();
    let rest = text.get(start..)?;
    let body = rest.get(..find(rest, END)?)?;
    let body: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `openssl pkcs8 -topk8` of `tests/tls/key.pem` with the passphrase "sesame".
    const LOCKED: &[u8] = include_bytes!("../../../tests/tls/key-locked.pem");

    #[test]
    fn a_locked_key_needs_its_passphrase() {
        let plain = include_bytes!("../../../tests/tls/key.pem");
        let plain = PrivateKeyDer::from_pem_slice(plain).unwrap();
        let opened = read(LOCKED, Some(b"sesame")).unwrap().unwrap();
        assert_eq!(opened.secret_der(), plain.secret_der());
        assert_eq!(read(LOCKED, None).unwrap_err(), BadKey::Locked);
        assert_eq!(read(LOCKED, Some(b"")).unwrap_err(), BadKey::Passphrase);
        assert_eq!(read(LOCKED, Some(b"wrong")).unwrap_err(), BadKey::Passphrase);
        assert_eq!(read(b"no key", Some(b"wrong")), Ok(None));
    }

    #[test]
    fn other_ways_to_lock_a_key_are_told() {
        let old =
            b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n";
        assert_eq!(read(old, None).unwrap_err(), BadKey::Locked);
        assert_eq!(read(old, Some(b"x")).unwrap_err(), BadKey::Unknown);
        let broken =
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----";
        assert_eq!(read(broken, Some(b"x")).unwrap_err(), BadKey::Unknown);
    }
}
