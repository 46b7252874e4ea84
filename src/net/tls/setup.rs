use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, SupportedCipherSuite,
    client::Resumption,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};

use super::{
    Tls,
    key::{self, BadKey},
    verify::Verifier,
};

/// How a client does TLS: the `ssl_*` options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSetup {
    /// Whether the peer must show a certificate for its name that a trusted authority signed.
    pub verify_peer: bool,
    /// Whether it may have signed it itself.
    pub allow_self_signed: bool,
    /// The trusted authorities, in PEM; without a file and a folder: the system's.
    pub ca_file: Option<PathBuf>,
    /// A folder of them, as `openssl rehash` makes it.
    pub ca_path: Option<PathBuf>,
    /// The most certificates between the peer's and the authority; `None`: as many as there are.
    pub verify_depth: Option<usize>,
    /// The name to verify and to send (SNI); `None`: the host that is connected to.
    pub host_name: Option<String>,
    /// The client's own certificate and what leads to its authority, in PEM.
    pub cert_file: Option<PathBuf>,
    /// The key of it, in PEM.
    pub key_file: Option<PathBuf>,
    /// What opens the key, if it is encrypted.
    pub passphrase: Option<Vec<u8>>,
    /// The cipher suites by their numbers, what is preferred first; `None`: all that are known.
    pub suites: Option<Vec<u16>>,
    /// Whether TLS 1.3 is left out.
    pub only_tls12: bool,
}

impl Default for TlsSetup {
    fn default() -> Self {
        TlsSetup {
            verify_peer: true,
            allow_self_signed: false,
            ca_file: None,
            ca_path: None,
            verify_depth: None,
            host_name: None,
            cert_file: None,
            key_file: None,
            passphrase: None,
            suites: None,
            only_tls12: false,
        }
    }
}

/// A setup that can not be.
#[derive(Debug, thiserror::Error)]
pub enum BadSetup {
    /// A file can not be read.
    #[error("option \"{0}\": unable to read {path}: {2}", path = .1.display())]
    File(&'static str, PathBuf, io::Error),
    /// There is nothing of use in a file.
    #[error("option \"{0}\": {path} holds no {2} in PEM", path = .1.display())]
    Nothing(&'static str, PathBuf, &'static str),
    /// The key is encrypted.
    #[error("option \"ssl_key_file\": {path}: {1}", path = .0.display())]
    Key(PathBuf, BadKey),
    /// No connection can be made with what is left of the cipher suites.
    #[error("option \"ssl_ciphers\": {0}")]
    Suites(String),
    /// One of certificate and key without the other.
    #[error("option \"{0}\" needs \"{1}\" too")]
    Alone(&'static str, &'static str),
    /// They do not belong together, or are of a kind that is not known.
    #[error("options \"ssl_cert_file\" and \"ssl_key_file\": {0}")]
    Pair(String),
    /// Neither a DNS name nor an address.
    #[error("\"{0}\" is no name for a TLS peer")]
    Name(String),
}

/// A setup whose files were read, for connections to one peer. Cloning shares it.
#[derive(Clone, Debug)]
pub struct TlsClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    roots: Arc<RootCertStore>,
    pinned: Arc<Vec<CertificateDer<'static>>>,
    own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    name: ServerName<'static>,
    setup: TlsSetup,
}

impl TlsClient {
    /// Reads the files that `setup` names, for connections to `host`.
    ///
    /// # Errors
    /// [`BadSetup`]
    pub fn new(setup: TlsSetup, host: &str) -> Result<TlsClient, BadSetup> {
        let host = setup.host_name.as_deref().unwrap_or(host);
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let name =
            ServerName::try_from(bare.to_owned()).map_err(|_| BadSetup::Name(host.to_owned()))?;
        let (roots, pinned) = match (&setup.ca_file, &setup.ca_path) {
            (None, None) => (system_roots(), Arc::default()),
            (file, folder) => roots(file.as_deref(), folder.as_deref())?,
        };
        let own = own_certificate(&setup)?;
        let client = TlsClient { shared: Arc::new(Shared { roots, pinned, own, name, setup }) };
        let bad = if client.shared.own.is_some() { BadSetup::Pair } else { BadSetup::Suites };
        client.config().map_err(|error| bad(error.to_string()))?;
        Ok(client)
    }

    /// Begins a connection; its first words are there to be polled.
    ///
    /// # Errors
    /// The setup does not make a connection, which [`new`](Self::new) has ruled out.
    pub fn start(&self) -> Result<Tls, super::TlsFailure> {
        let (config, verifier) = self.config()?;
        let connection = ClientConnection::new(Arc::new(config), self.shared.name.clone())?;
        Ok(Tls { connection, verifier, closing: false, closed_by_peer: false })
    }

    /// A configuration for one connection: its verifier remembers what it saw.
    fn config(&self) -> Result<(ClientConfig, Arc<Verifier>), rustls::Error> {
        let Shared { roots, pinned, own, setup, .. } = &*self.shared;
        let mut provider = rustls::crypto::ring::default_provider();
        if let Some(wanted) = &setup.suites {
            let place = |suite: &SupportedCipherSuite| {
                wanted.iter().position(|number| *number == u16::from(suite.suite()))
            };
            provider.cipher_suites.retain(|suite| place(suite).is_some());
            provider.cipher_suites.sort_by_key(place);
        }
        let provider = Arc::new(provider);
        let verifier = Arc::new(Verifier {
            roots: Arc::clone(roots),
            pinned: Arc::clone(pinned),
            provider: Arc::clone(&provider),
            required: setup.verify_peer,
            allow_self_signed: setup.allow_self_signed,
            depth: setup.verify_depth,
            seen: OnceLock::new(),
        });
        let versions: &[_] = if setup.only_tls12 { &[&TLS12] } else { &[&TLS13, &TLS12] };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Verifier>::clone(&verifier));
        let mut config = match own {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key())?,
            None => builder.with_no_client_auth(),
        };
        // Each connection has a configuration of its own: nobody would ever resume.
        config.resumption = Resumption::disabled();
        Ok((config, verifier))
    }
}

type Roots = (Arc<RootCertStore>, Arc<Vec<CertificateDer<'static>>>);

/// The system's authorities, read once.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let load = || {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    };
    Arc::clone(ROOTS.get_or_init(load))
}

fn roots(file: Option<&Path>, folder: Option<&Path>) -> Result<Roots, BadSetup> {
    for (option, path) in [("ssl_cafile", file), ("ssl_capath", folder)] {
        if let Some(path) = path {
            std::fs::metadata(path)
                .map_err(|error| BadSetup::File(option, path.to_owned(), error))?;
        }
    }
    let found = rustls_native_certs::load_certs_from_paths(file, folder).certs;
    let mut store = RootCertStore::empty();
    let (known, _) = store.add_parsable_certificates(found.iter().cloned());
    if known == 0 {
        let (option, path) = file
            .map(|file| ("ssl_cafile", file))
            .unwrap_or_else(|| ("ssl_capath", folder.unwrap_or(Path::new(""))));
        return Err(BadSetup::Nothing(option, path.to_owned(), "certificate"));
    }
    Ok((Arc::new(store), Arc::new(found)))
}

type Own = Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>;

fn own_certificate(setup: &TlsSetup) -> Result<Own, BadSetup> {
    let (cert, key) = match (&setup.cert_file, &setup.key_file) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(BadSetup::Alone("ssl_cert_file", "ssl_key_file")),
        (None, Some(_)) => return Err(BadSetup::Alone("ssl_key_file", "ssl_cert_file")),
        (Some(cert), Some(key)) => (cert, key),
    };
    let text = read("ssl_cert_file", cert)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok).collect();
    if chain.is_empty() {
        return Err(BadSetup::Nothing("ssl_cert_file", cert.clone(), "certificate"));
    }
    let text = read("ssl_key_file", key)?;
    match key::read(&text, setup.passphrase.as_deref()) {
        Ok(Some(key)) => Ok(Some((chain, key))),
        Ok(None) => Err(BadSetup::Nothing("ssl_key_file", key.clone(), "private key")),
        Err(bad) => Err(BadSetup::Key(key.clone(), bad)),
    }
}

fn read(option: &'static str, path: &Path) -> Result<Vec<u8>, BadSetup> {
    std::fs::read(path).map_err(|error| BadSetup::File(option, path.to_owned(), error))
}
