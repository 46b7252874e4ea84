use mysql_common::auth::plugins::{
    caching_sha2_password::scramble_sha256, mysql_native_password::scramble_native,
};

/// How the password is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plugin {
    /// `mysql_native_password`: SHA-1 with the server's nonce.
    Native,
    /// `caching_sha2_password`: SHA-256 with the server's nonce; a server that has not cached the
    /// account asks for the password itself.
    CachingSha2,
}

/// The login cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Another method than those of [`Plugin`].
    #[error("Authentication method '{0}' is not supported")]
    Unknown(String),
    /// A nonce of another length.
    #[error("The server's authentication data are malformed")]
    Nonce,
    /// The key that the password is to be encrypted with is none, or none that can be used.
    #[error("The server's public key cannot be used")]
    Key,
    /// The password is longer than what the server's key encrypts.
    #[error("The password is too long for the server's public key")]
    TooLong,
}

impl Plugin {
    /// The method that a server names.
    ///
    /// # Errors
    /// It is none of ours.
    pub fn named(name: &[u8]) -> Result<Plugin, AuthError> {
        match name {
            b"mysql_native_password" => Ok(Plugin::Native),
            b"caching_sha2_password" => Ok(Plugin::CachingSha2),
            _ => Err(AuthError::Unknown(String::from_utf8_lossy(name).into_owned())),
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Plugin::Native => "mysql_native_password",
            Plugin::CachingSha2 => "caching_sha2_password",
        }
    }

    /// Proves the password for a nonce, with or without its closing NUL. Empty without a password.
    ///
    /// # Errors
    /// [`AuthError::Nonce`].
    pub fn prove(self, password: &[u8], nonce: &[u8]) -> Result<Vec<u8>, AuthError> {
        let nonce: &[u8; NONCE] = nonce.first_chunk().ok_or(AuthError::Nonce)?;
        Ok(match self {
            Plugin::Native => scramble_native(nonce, password).map(Vec::from),
            Plugin::CachingSha2 => scramble_sha256(nonce, password).map(Vec::from),
        }
        .unwrap_or_default())
    }
}

/// Bytes of a server's nonce.
pub(super) const NONCE: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_known_by_name() {
        for plugin in [Plugin::Native, Plugin::CachingSha2] {
            assert_eq!(Plugin::named(plugin.name().as_bytes()), Ok(plugin));
            assert_eq!(plugin.prove(b"", &[1; 21]), Ok(vec![]));
            assert_eq!(plugin.prove(b"secret", &[1; 19]), Err(AuthError::Nonce));
        }
        assert!(matches!(Plugin::named(b"mysql_clear_password"), Err(AuthError::Unknown(_))));
    }
}
