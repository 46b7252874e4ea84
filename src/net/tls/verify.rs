use std::sync::{Arc, OnceLock};

use rustls::{
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use webpki::{EndEntityCert, KeyUsage};

use super::TlsFailure;

/// Verifies the peer of one connection, and remembers what it found.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) roots: Arc<RootCertStore>,
    /// The certificates of `ssl_cafile` themselves: one that a peer shows as its own is trusted,
    /// also where it says that it is an authority, as self-signed ones mostly do.
    pub(super) pinned: Arc<Vec<CertificateDer<'static>>>,
    pub(super) provider: Arc<CryptoProvider>,
    /// Whether a bad certificate ends the handshake.
    pub(super) required: bool,
    pub(super) allow_self_signed: bool,
    /// The most certificates between the peer's and the root.
    pub(super) depth: Option<usize>,
    pub(super) seen: OnceLock<Seen>,
}

/// What was found, without and with self-signed certificates allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    strict: Result<(), TlsFailure>,
    tolerant: Result<(), TlsFailure>,
}

impl Verifier {
    /// What was found; `None`: nothing was shown yet.
    pub(super) fn verdict(&self, allow_self_signed: bool) -> Result<(), Option<TlsFailure>> {
        let seen = self.seen.get().ok_or(None)?;
        if allow_self_signed { seen.tolerant } else { seen.strict }.map_err(Some)
    }

    fn check(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
        allow_self_signed: bool,
    ) -> Result<(), TlsFailure> {
        let certificate = EndEntityCert::try_from(end_entity).map_err(reason)?;
        let path = certificate.verify_for_usage(
            self.provider.signature_verification_algorithms.all,
            &self.roots.roots,
            intermediates,
            now,
            KeyUsage::server_auth(),
            None,
            None,
        );
        match path {
            Ok(path) => {
                let between = path.intermediate_certificates().count();
                if self.depth.is_some_and(|depth| between > depth) {
                    return Err(TlsFailure::Depth);
                }
            }
            // Both are found only when the certificate's time is right: that is looked at first.
            Err(webpki::Error::UnknownIssuer | webpki::Error::CaUsedAsEndEntity) => {
                let pinned = self.pinned.iter().any(|pinned| pinned == end_entity);
                let self_signed = certificate.issuer() == certificate.subject();
                let tolerated = self_signed && allow_self_signed;
                if !pinned && !tolerated {
                    return Err(if self_signed {
                        TlsFailure::SelfSigned
                    } else {
                        TlsFailure::UnknownIssuer
                    });
                }
            }
            Err(error) => return Err(reason(error)),
        }
        certificate.verify_is_valid_for_subject_name(name).map_err(reason)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let check = |tolerant| self.check(end_entity, intermediates, server_name, now, tolerant);
        let seen = self.seen.get_or_init(|| {
            let strict = check(false);
            let tolerant = if strict.is_ok() { strict } else { check(true) };
            Seen { strict, tolerant }
        });
        let found = if self.allow_self_signed { seen.tolerant } else { seen.strict };
        match found {
            Err(failure) if self.required => Err(failure.into_rustls()),
            Ok(()) | Err(_) => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "webpki adds to its errors as it likes")]
fn reason(error: webpki::Error) -> TlsFailure {
    match error {
        webpki::Error::CertExpired { .. } => TlsFailure::Expired,
        webpki::Error::CertNotValidYet { .. } => TlsFailure::NotYetValid,
        webpki::Error::UnknownIssuer => TlsFailure::UnknownIssuer,
        webpki::Error::CertNotValidForName(_) => TlsFailure::Name,
        _ => TlsFailure::Certificate,
    }
}
