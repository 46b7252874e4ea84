use rustls::{AlertDescription, CertificateError, Error};

/// Why TLS has ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFailure {
    /// The certificate's time is over.
    #[error("the peer's certificate has expired")]
    Expired,
    /// The certificate's time has not come.
    #[error("the peer's certificate is not valid yet")]
    NotYetValid,
    /// The certificate is signed by itself, and not trusted.
    #[error("the peer's certificate is self-signed")]
    SelfSigned,
    /// Nobody that is trusted has signed the certificate.
    #[error("the peer's certificate is signed by an unknown authority")]
    UnknownIssuer,
    /// The certificate is for another name.
    #[error("the peer's certificate is not for this host name")]
    Name,
    /// More certificates between the peer's and the root than `ssl_verify_depth`.
    #[error("the peer's chain of certificates is too long")]
    Depth,
    /// Another defect of the certificate.
    #[error("the peer's certificate is not valid")]
    Certificate,
    /// The peer does not take our certificate, or misses one.
    #[error("the peer refused the client's certificate: {}", alert(*.0))]
    Refused(u8),
    /// The peer has ended TLS with this alert (RFC 8446 section 6.2).
    #[error("the peer ended TLS: {}", alert(*.0))]
    Alert(u8),
    /// No version or cipher that both sides can.
    #[error("no TLS version or cipher in common with the peer")]
    Incompatible,
    /// What came is no TLS.
    #[error("the peer does not speak TLS")]
    NotTls,
    /// What came breaks TLS, or was tampered with.
    #[error("the peer broke the TLS protocol")]
    Protocol,
}

impl TlsFailure {
    /// The classic error number: 1012 for a certificate that is not trusted, 1013 for one of ours
    /// that the peer refused, 1014 for the rest.
    #[must_use]
    pub fn err_code(self) -> i32 {
        match self {
            TlsFailure::Expired
            | TlsFailure::NotYetValid
            | TlsFailure::SelfSigned
            | TlsFailure::UnknownIssuer
            | TlsFailure::Name
            | TlsFailure::Depth
            | TlsFailure::Certificate => 1012,
            TlsFailure::Refused(_) => 1013,
            TlsFailure::Alert(_)
            | TlsFailure::Incompatible
            | TlsFailure::NotTls
            | TlsFailure::Protocol => 1014,
        }
    }

    /// The same as rustls has it, so that the peer gets the right alert.
    pub(super) fn into_rustls(self) -> Error {
        Error::InvalidCertificate(match self {
            TlsFailure::Expired => CertificateError::Expired,
            TlsFailure::NotYetValid => CertificateError::NotValidYet,
            TlsFailure::UnknownIssuer => CertificateError::UnknownIssuer,
            TlsFailure::Name => CertificateError::NotValidForName,
            TlsFailure::Certificate => CertificateError::BadEncoding,
            TlsFailure::SelfSigned
            | TlsFailure::Depth
            | TlsFailure::Refused(_)
            | TlsFailure::Alert(_)
            | TlsFailure::Incompatible
            | TlsFailure::NotTls
            | TlsFailure::Protocol => {
                CertificateError::Other(rustls::OtherError(std::sync::Arc::new(self)))
            }
        })
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls adds to its errors as it likes")]
impl From<Error> for TlsFailure {
    fn from(error: Error) -> TlsFailure {
        match error {
            Error::InvalidCertificate(why) => match why {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    TlsFailure::Expired
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    TlsFailure::NotYetValid
                }
                CertificateError::UnknownIssuer => TlsFailure::UnknownIssuer,
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => TlsFailure::Name,
                CertificateError::Other(other) => {
                    other.0.downcast_ref().copied().unwrap_or(TlsFailure::Certificate)
                }
                _ => TlsFailure::Certificate,
            },
            Error::AlertReceived(alert) => match alert {
                AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::CertificateRequired => TlsFailure::Refused(alert.into()),
                _ => TlsFailure::Alert(alert.into()),
            },
            Error::PeerIncompatible(_) => TlsFailure::Incompatible,
            Error::InvalidMessage(_) => TlsFailure::NotTls,
            _ => TlsFailure::Protocol,
        }
    }
}

/// An alert in words: `handshake failure` for 40.
fn alert(number: u8) -> String {
    let name = format!("{:?}", AlertDescription::from(number));
    let mut words = String::new();
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_small {
            words.push(' ');
        }
        after_small = letter.is_ascii_lowercase();
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_words() {
        assert_eq!(alert(40), "handshake failure");
        assert_eq!(alert(48), "unknown ca");
        let text = TlsFailure::from(Error::AlertReceived(AlertDescription::CertificateRequired));
        assert_eq!(
            text.to_string(),
            "the peer refused the client's certificate: certificate required"
        );
        assert_eq!(text.err_code(), 1013);
    }

    #[test]
    fn reasons_survive_the_way_through_rustls() {
        for failure in [
            TlsFailure::Expired,
            TlsFailure::NotYetValid,
            TlsFailure::SelfSigned,
            TlsFailure::UnknownIssuer,
            TlsFailure::Name,
            TlsFailure::Depth,
            TlsFailure::Certificate,
        ] {
            assert_eq!(TlsFailure::from(failure.into_rustls()), failure);
            assert_eq!(failure.err_code(), 1012);
        }
    }
}
