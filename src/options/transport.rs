use super::Kind::{Bool, Int, Text};
use super::{Kind, OptionError, Row, Scope, Set, ciphers};

/// How a client does TLS: what its `ssl_*` options said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// Verify the peer's certificate and its name.
    pub verify_peer: bool,
    /// A certificate that signed itself is taken too, for the right name.
    pub allow_self_signed: bool,
    /// The trusted authorities; without file and folder: the system's.
    pub ca_file: Option<String>,
    /// A folder of them.
    pub ca_path: Option<String>,
    /// The most certificates between the peer's and the authority's; `None` is no limit.
    pub verify_depth: Option<usize>,
    /// The name to verify and to send; `None` is the host that is connected to.
    pub host_name: Option<String>,
    /// The client's certificate.
    pub cert_file: Option<String>,
    /// Its key.
    pub key_file: Option<String>,
    /// What opens the key, if it is encrypted.
    pub passphrase: Option<Vec<u8>>,
    /// A list of ciphers, as OpenSSL has it.
    pub ciphers: Option<String>,
    /// The cipher suites that it leaves, by their numbers, what is preferred first; `None` is all.
    pub suites: Option<Vec<u16>>,
    /// A `SWOOLE_*_METHOD` constant.
    pub method: i64,
}

impl Default for TlsConfig {
    fn default() -> Self {
        TlsConfig {
            verify_peer: true,
            allow_self_signed: false,
            ca_file: None,
            ca_path: None,
            verify_depth: None,
            host_name: None,
            cert_file: None,
            key_file: None,
            passphrase: None,
            ciphers: None,
            suites: None,
            method: 0,
        }
    }
}

impl TlsConfig {
    /// Whether TLS 1.2 alone was asked for.
    #[must_use]
    pub fn only_tls12(&self) -> bool {
        TLS12_METHODS.contains(&self.method)
    }

    /// # Errors
    /// No cipher is left.
    pub(super) fn check(&mut self, warnings: &mut Vec<String>) -> Result<(), OptionError> {
        if let Some(list) = &self.ciphers {
            let (suites, unknown) = ciphers::choose(list)?;
            self.suites = Some(suites);
            if !unknown.is_empty() {
                warnings.push(format!(
                    "option \"ssl_ciphers\" names what the TLS library does not have: {}",
                    unknown.join(", ")
                ));
            }
        }
        if !ANY_METHODS.contains(&self.method) && !self.only_tls12() {
            warnings.push(
                "option \"ssl_method\" names a version that is not secure any more; TLS 1.2 and \
                 1.3 are used"
                    .into(),
            );
        }
        Ok(())
    }
}

/// A proxy, as the options name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyConfig {
    /// Its host; `None` is no proxy.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// The user there.
    pub user: Option<Vec<u8>>,
    /// The user's password.
    pub password: Option<Vec<u8>>,
}

/// The proxies of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// The SOCKS5 proxy; it goes before `http`.
    pub socks5: ProxyConfig,
    /// The HTTP proxy.
    pub http: ProxyConfig,
}

/// The options of proxies, which `Swoole\Client` and `Swoole\Http\Client` have.
pub static PROXIES: &[Row<Proxies>] = &[
    text("socks5_host", "none", "the SOCKS5 proxy", |c, v| c.socks5.host = utf8(v)),
    port("socks5_port", |c, v| c.socks5.port = u16::try_from(v).ok()),
    text("socks5_username", "none", "the user there", |c, v| c.socks5.user = Some(v)),
    text("socks5_password", "none", "the user's password", |c, v| c.socks5.password = Some(v)),
    text("http_proxy_host", "none", "the HTTP proxy; after socks5_host", |c, v| {
        c.http.host = utf8(v);
    }),
    port("http_proxy_port", |c, v| c.http.port = u16::try_from(v).ok()),
    text("http_proxy_user", "none", "the user there", |c, v| c.http.user = Some(v)),
    text("http_proxy_username", "none", "another name of http_proxy_user", |c, v| {
        c.http.user = Some(v);
    }),
    text("http_proxy_password", "none", "the user's password", |c, v| {
        c.http.password = Some(v);
    }),
];

/// The options of TLS, which every client has that can do TLS.
pub static TLS: &[Row<TlsConfig>] = &[
    row(
        "ssl_method",
        Int,
        "0",
        "SWOOLE_TLSv1_2_METHOD leaves TLS 1.3 out; TLS 1.2 and 1.3 are all there is",
        Set::Int(0..=17, |c, v| c.method = v),
    ),
    Row::ignored(
        "ssl_compress",
        Bool,
        "false",
        Scope::Client,
        "TLS compression",
        "compression under TLS is not secure",
    ),
    row(
        "ssl_ciphers",
        Text,
        "all that are secure",
        "a list as OpenSSL has it: names, HIGH, !ECDSA",
        Set::Text(4096, |c, v| c.ciphers = utf8(v)),
    ),
    file("ssl_cert_file", "none", "the client's certificate, in PEM", |c, v| {
        c.cert_file = utf8(v);
    }),
    file("ssl_key_file", "none", "its key, in PEM", |c, v| {
        c.key_file = utf8(v);
    }),
    row(
        "ssl_passphrase",
        Text,
        "none",
        "opens a key that is encrypted (PKCS #8)",
        Set::Text(1024, |c, v| c.passphrase = Some(v)),
    ),
    text("ssl_host_name", "the host", "the name to verify and to send (SNI)", |c, v| {
        c.host_name = utf8(v);
    }),
    text("tls_host_name", "the host", "another name of ssl_host_name", |c, v| {
        c.host_name = utf8(v);
    }),
    row(
        "ssl_verify_peer",
        Bool,
        "true",
        "verify the peer's certificate and its name",
        Set::Bool(|c, v| c.verify_peer = v),
    ),
    row(
        "ssl_allow_self_signed",
        Bool,
        "false",
        "accept a certificate that signed itself, for the right name",
        Set::Bool(|c, v| c.allow_self_signed = v),
    ),
    file("ssl_cafile", "the system's", "the trusted authorities, in PEM", |c, v| {
        c.ca_file = utf8(v);
    }),
    file("ssl_capath", "the system's", "a folder of them, as openssl rehash makes it", |c, v| {
        c.ca_path = utf8(v);
    }),
    row(
        "ssl_verify_depth",
        Int,
        "no limit",
        "the most certificates between the peer's and the authority's",
        Set::Int(0..=100, |c, v| c.verify_depth = usize::try_from(v).ok()),
    ),
];

/// Those that leave the choice.
const ANY_METHODS: [i64; 3] = [0, 4, 5];
/// `SWOOLE_TLSv1_2_METHOD` and its server's and client's form.
const TLS12_METHODS: [i64; 3] = [12, 13, 14];

fn utf8(value: Vec<u8>) -> Option<String> {
    String::from_utf8(value).ok().filter(|text| !text.is_empty())
}

const fn row<C>(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    set: Set<C>,
) -> Row<C> {
    Row::set(name, kind, default, Scope::Client, doc, set)
}

const fn text<C>(
    name: &'static str,
    default: &'static str,
    doc: &'static str,
    store: fn(&mut C, Vec<u8>),
) -> Row<C> {
    row(name, Text, default, doc, Set::Text(255, store))
}

const fn file(
    name: &'static str,
    default: &'static str,
    doc: &'static str,
    store: fn(&mut TlsConfig, Vec<u8>),
) -> Row<TlsConfig> {
    row(name, Text, default, doc, Set::Text(4096, store))
}

const fn port(name: &'static str, store: fn(&mut Proxies, i64)) -> Row<Proxies> {
    row(name, Int, "none", "its port; a proxy needs one", Set::Int(1..=65_535, store))
}

#[cfg(test)]
mod tests {
    use crate::options::{ClientConfig, OptionValue};

    #[test]
    fn old_versions_are_warned_about() {
        let resolve = |method| {
            let resolved = ClientConfig::resolve(&[("ssl_method", OptionValue::Long(method))]);
            let resolved = resolved.unwrap();
            (resolved.config.tls.only_tls12(), resolved.warnings.len())
        };
        assert_eq!(resolve(0), (false, 0));
        assert_eq!(resolve(14), (true, 0));
        assert_eq!(resolve(8), (false, 1));
    }

    #[test]
    fn proxies_are_named() {
        let text = |text: &str| OptionValue::Str(text.as_bytes().to_vec());
        let config = ClientConfig::resolve(&[
            ("http_proxy_host", text("proxy.test")),
            ("http_proxy_port", text("3128")),
            ("http_proxy_user", text("ann")),
        ])
        .unwrap()
        .config;
        assert_eq!(config.proxies.http.host.as_deref(), Some("proxy.test"));
        assert_eq!(config.proxies.http.port, Some(3128));
        assert_eq!(config.proxies.http.user.as_deref(), Some(&b"ann"[..]));
        assert!(config.proxies.socks5.host.is_none());
        assert!(ClientConfig::resolve(&[("socks5_port", OptionValue::Long(0))]).is_err());
    }
}
