//! What options say about TLS and proxies, ready for a [`Target`](super::Target).

use thiserror::Error;

use super::Proxy;
use crate::{
    net::{Address, BadAddress, BadSetup, TlsClient, TlsSetup},
    options::{Proxies, ProxyConfig, TlsConfig},
    proto::proxy::{Credentials, Kind},
};

/// A proxy that can not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadProxy {
    /// There is a host and no port.
    #[error("option \"{0}_host\" needs \"{0}_port\" too")]
    Port(&'static str),
    /// The host is none.
    #[error("option \"{0}_host\": {1}")]
    Host(&'static str, BadAddress),
}

/// The proxy that the options name; SOCKS5 goes before HTTP.
///
/// # Errors
/// [`BadProxy`]
pub fn proxy(config: &Proxies) -> Result<Option<Proxy>, BadProxy> {
    let socks = make("socks5", &config.socks5, Kind::Socks5)?;
    if socks.is_some() { Ok(socks) } else { make("http_proxy", &config.http, Kind::Http) }
}

/// TLS as the options want it, for connections to `host`. Reads the files that they name.
///
/// # Errors
/// [`BadSetup`]
pub fn tls(config: &TlsConfig, host: &str) -> Result<TlsClient, BadSetup> {
    let path = |path: &Option<String>| path.as_ref().map(Into::into);
    let setup = TlsSetup {
        verify_peer: config.verify_peer,
        allow_self_signed: config.allow_self_signed,
        ca_file: path(&config.ca_file),
        ca_path: path(&config.ca_path),
        verify_depth: config.verify_depth,
        host_name: config.host_name.clone(),
        cert_file: path(&config.cert_file),
        key_file: path(&config.key_file),
        passphrase: config.passphrase.clone(),
        suites: config.suites.clone(),
        only_tls12: config.only_tls12(),
    };
    TlsClient::new(setup, host)
}

fn make(
    name: &'static str,
    config: &ProxyConfig,
    kind: impl FnOnce(Option<Credentials>) -> Kind,
) -> Result<Option<Proxy>, BadProxy> {
    let Some(host) = &config.host else { return Ok(None) };
    let port = config.port.ok_or(BadProxy::Port(name))?;
    let address = Address::parse(host.as_bytes(), port).map_err(|bad| BadProxy::Host(name, bad))?;
    let login = config.user.is_some() || config.password.is_some();
    let credentials = login.then(|| Credentials {
        user: config.user.clone().unwrap_or_default(),
        password: config.password.clone().unwrap_or_default(),
    });
    Ok(Some(Proxy { address, kind: kind(credentials) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_needs_its_port() {
        let mut config = Proxies::default();
        assert!(proxy(&config).unwrap().is_none());
        config.http.host = Some("10.0.0.1".into());
        assert_eq!(proxy(&config).unwrap_err(), BadProxy::Port("http_proxy"));
        config.http.port = Some(3128);
        config.http.user = Some(b"ann".to_vec());
        let login = Credentials { user: b"ann".to_vec(), password: Vec::new() };
        assert_eq!(proxy(&config).unwrap().unwrap().kind, Kind::Http(Some(login)));
        config.socks5.host = Some("::1".into());
        config.socks5.port = Some(1080);
        assert_eq!(proxy(&config).unwrap().unwrap().kind, Kind::Socks5(None));
    }
}
