use std::time::Duration;

use super::Kind::{Bool, Int, Seconds, Size, Text};
use super::resolved::{Table, fill};
use super::{OptionError, OptionValue, Resolved, Row, Scope, Set, TLS, TlsConfig};

/// What `Swoole\MySQL::connect()` was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MysqlConfig {
    /// A name, an address or `unix:/path`.
    pub host: Vec<u8>,
    /// Not used by unix sockets.
    pub port: u16,
    /// For the handshake.
    pub user: Vec<u8>,
    /// For the handshake; empty is none.
    pub password: Vec<u8>,
    /// The schema to start with; empty is none.
    pub database: Vec<u8>,
    /// The key to encrypt the password with, as PEM; `None`: the server is asked for it.
    pub server_public_key: Option<Vec<u8>>,
    /// Whether the login and all that follows is said under TLS.
    pub ssl: bool,
    /// How TLS is done.
    pub tls: TlsConfig,
    /// The name of a character set; `None` is the server's own.
    pub charset: Option<Vec<u8>>,
    /// Whether numbers of a result are PHP numbers, where PHP has one that holds them.
    pub strict_type: bool,
    /// For resolving and connecting, and again for the handshake; `None` is no limit.
    pub timeout: Option<Duration>,
    /// How long a query may take; `None` is no limit.
    pub query_timeout: Option<Duration>,
    /// How long the connection stands without a query; `None` is no limit.
    pub idle_timeout: Option<Duration>,
    /// Bytes of a query.
    pub socket_buffer_size: usize,
    /// Bytes of a whole result.
    pub package_max_length: usize,
}

impl Default for MysqlConfig {
    fn default() -> Self {
        MysqlConfig {
            host: Vec::new(),
            port: 3306,
            user: Vec::new(),
            password: Vec::new(),
            database: Vec::new(),
            server_public_key: None,
            ssl: false,
            tls: TlsConfig::default(),
            charset: None,
            strict_type: false,
            timeout: Some(Duration::from_secs(1)),
            query_timeout: Some(Duration::from_secs(3600)),
            idle_timeout: Some(Duration::from_secs(300)),
            socket_buffer_size: 128 << 20,
            package_max_length: 256 << 20,
        }
    }
}

impl MysqlConfig {
    /// The keys that must be there, and the names that classic messages give them. User, password
    /// and database may be empty.
    pub const REQUIRED: [(&str, &str); 4] =
        [("host", "HOST"), ("user", "USER"), ("password", "PASSWORD"), ("database", "DATABASE")];

    /// Resolves what `connect()` was given.
    ///
    /// # Errors
    /// An option has a value that it cannot have.
    pub fn resolve<N: AsRef<str>>(
        options: &[(N, OptionValue)],
    ) -> Result<Resolved<Self>, OptionError> {
        let mut config = MysqlConfig::default();
        let mut tls = TlsConfig::default();
        let mut own = Table { rows: MYSQL, config: &mut config };
        let mut warnings =
            fill(options, &mut [&mut own, &mut Table { rows: TLS, config: &mut tls }])?;
        tls.check(&mut warnings)?;
        config.tls = tls;
        Ok(Resolved { config, warnings })
    }
}

/// The keys of the first argument of `Swoole\MySQL::connect()`.
pub static MYSQL: &[Row<MysqlConfig>] = &[
    row(
        "host",
        Text,
        "none, required",
        "a name, an address or unix:/path",
        Set::Text(1024, |c, v| c.host = v),
    ),
    row(
        "port",
        Int,
        "3306",
        "not used by unix sockets",
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        Set::Int(1..=65535, |c, v| c.port = v as u16),
    ),
    row("user", Text, "none, required", "at most 255 bytes", Set::Text(255, |c, v| c.user = v)),
    row(
        "password",
        Text,
        "none, required",
        "at most 255 bytes",
        Set::Text(255, |c, v| c.password = v),
    ),
    row(
        "database",
        Text,
        "none, required",
        "the schema to start with",
        Set::Text(255, |c, v| c.database = v),
    ),
    row(
        "server_public_key",
        Text,
        "asked of the server",
        "PEM: encrypts the password for caching_sha2_password without TLS",
        Set::Text(16384, |c, v| c.server_public_key = Some(v)),
    ),
    row("ssl", Bool, "false", "TLS, as the ssl_* options say", Set::Bool(|c, v| c.ssl = v)),
    row(
        "charset",
        Text,
        "the server's",
        "the name of a character set, as utf8mb4",
        Set::Text(64, |c, v| c.charset = Some(v)),
    ),
    row(
        "strict_type",
        Bool,
        "false",
        "whether numbers of a result are int and float",
        Set::Bool(|c, v| c.strict_type = v),
    ),
    Row::ignored(
        "fetch_mode",
        Bool,
        "false",
        Scope::Mysql,
        "results are always fetched whole",
        "the result is always given to the callback",
    ),
    row(
        "timeout",
        Seconds,
        "1.0",
        "connecting, and again the handshake",
        Set::Seconds(|c, v| c.timeout = v),
    ),
    row(
        "query_timeout",
        Seconds,
        "3600",
        "how long a query may take",
        Set::Seconds(|c, v| c.query_timeout = v),
    ),
    row(
        "idle_timeout",
        Seconds,
        "300",
        "how long a connection stands without a query",
        Set::Seconds(|c, v| c.idle_timeout = v),
    ),
    row(
        "socket_buffer_size",
        Size,
        "134217728",
        "bytes of the longest query; 0 lifts the limit",
        Set::Size(|c, v| c.socket_buffer_size = v),
    ),
    row(
        "package_max_length",
        Size,
        "268435456",
        "bytes of a whole result, 64 more counted for each row; 0 lifts the limit",
        Set::Size(|c, v| c.package_max_length = v),
    ),
];

const fn row(
    name: &'static str,
    kind: super::Kind,
    default: &'static str,
    doc: &'static str,
    set: Set<MysqlConfig>,
) -> Row<MysqlConfig> {
    Row::set(name, kind, default, Scope::Mysql, doc, set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadlines_are_finite() {
        let config = MysqlConfig::resolve::<&str>(&[]).unwrap().config;
        assert_eq!(config.timeout, Some(Duration::from_secs(1)));
        assert_eq!(config.query_timeout, Some(Duration::from_secs(3600)));
        assert_eq!(config.idle_timeout, Some(Duration::from_secs(300)));
    }
}
