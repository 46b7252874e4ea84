use std::{net::IpAddr, time::Duration};

use super::{
    CLIENT, HTTP_CLIENT, MemoryOptions, OptionError, OptionValue, PROXIES, PortOptions,
    ProcessOptions, Proxies, REDIS, Row, SERVER, Scope, TLS, TlsConfig, WatchOptions, lookup,
    nearest,
};

/// What was said, checked; and what the user should know, each a line ready to print.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved<C> {
    /// What holds now.
    pub config: C,
    /// In the order in which the options were given, cross-checks last.
    pub warnings: Vec<String>,
}

/// What `Swoole\Server::set()` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// Event workers; at least 1.
    pub worker_num: u32,
    /// I/O threads of PROCESS mode; 1 to `worker_num`.
    pub reactor_num: u32,
    /// Which worker gets what in PROCESS mode; 1 to 7.
    pub dispatch_mode: u32,
    /// The program chooses the workers in PROCESS mode.
    pub dispatch_func: bool,
    /// `onConnect` and `onClose` run in every dispatch mode.
    pub enable_unsafe_event: bool,
    /// What a closed connection has sent is dropped where workers share connections.
    pub discard_timeout_request: bool,
    /// Task workers.
    pub task_worker_num: u32,
    /// A task worker is replaced after so many tasks; 0 is never.
    pub task_max_request: u64,
    /// How tasks were to travel; only 1, through sockets, is built.
    pub task_ipc_mode: i64,
    /// A worker is replaced after so many requests; 0 is never.
    pub max_request: u64,
    /// Each worker adds a random 0..=n to `max_request`.
    pub max_request_grace: u64,
    /// When a worker is replaced for its memory.
    pub memory: MemoryOptions,
    /// How long a stopping worker may finish what it has begun; `None` is no limit.
    pub max_wait_time: Option<Duration>,
    /// The most connections; `None` is what the descriptor limit allows.
    pub max_conn: Option<u32>,
    /// For `listen(2)`.
    pub backlog: u32,
    /// TCP_NODELAY on accepted sockets.
    pub open_tcp_nodelay: bool,
    /// Whether `keepalive` holds for accepted sockets.
    pub open_tcp_keepalive: bool,
    /// How the kernel watches idle peers.
    pub keepalive: Keepalive,
    /// TCP_DEFER_ACCEPT in seconds; 0 is off.
    pub tcp_defer_accept: u32,
    /// Bytes that may wait to be sent on one connection.
    pub socket_buffer_size: usize,
    /// Bytes of one `send()`; at most `socket_buffer_size`.
    pub buffer_output_size: usize,
    /// Bytes of the longest packet or request; at least 65,536.
    pub package_max_length: usize,
    /// Whether `Request::$post` is filled.
    pub http_parse_post: bool,
    /// Run in the background.
    pub daemonize: bool,
    /// The root folder of all processes but the master.
    pub chroot: Option<Vec<u8>>,
    /// The user of all processes but the master.
    pub user: Option<Vec<u8>>,
    /// The group of all processes but the master.
    pub group: Option<Vec<u8>>,
    /// `text` or `json`.
    pub log_format: Vec<u8>,
    /// Where the engine's own lines go; `None` is standard output.
    pub log_file: Option<Vec<u8>>,
    /// 0 debug to 5 error.
    pub log_level: u8,
    /// Where the master writes its process id.
    pub pid_file: Option<Vec<u8>>,
    /// What belongs to a port.
    pub port: PortOptions,
    /// How processes run and end.
    pub process: ProcessOptions,
    /// What is watched.
    pub watch: WatchOptions,
}

/// How the kernel watches an idle peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// Silence before the first probe.
    pub idle: Duration,
    /// Between probes.
    pub interval: Duration,
    /// Unanswered probes that end the connection.
    pub count: u32,
}

/// What `Swoole\Client::set()` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// TCP_NODELAY.
    pub open_tcp_nodelay: bool,
    /// The local address to connect from.
    pub bind_address: Option<String>,
    /// The local port to connect from; 0 lets the kernel choose.
    pub bind_port: u16,
    /// Bytes that may wait to be sent.
    pub socket_buffer_size: usize,
    /// Bytes of the longest packet.
    pub package_max_length: usize,
    /// How what arrives is cut into packets.
    pub packages: PackageConfig,
    /// Bytes waiting to be sent at which onBufferFull runs; `None` is 0.8 of
    /// `socket_buffer_size`.
    pub buffer_high_watermark: Option<usize>,
    /// Bytes waiting to be sent at which onBufferEmpty runs then.
    pub buffer_low_watermark: usize,
    /// For a connect that names no timeout of its own; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// How long the connection may stand idle: before its first data on `Swoole\Client`, between
    /// requests on `Swoole\Http\Client`; `None` is no limit.
    pub read_timeout: Option<Duration>,
    /// How long a connection may last in all; `None` is no limit.
    pub total_timeout: Option<Duration>,
    /// How TLS is done.
    pub tls: TlsConfig,
    /// Who connects in the client's place.
    pub proxies: Proxies,
}

/// How what arrives is cut into packets; without a check it is delivered as it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageConfig {
    /// Deliver when what is there ends with `eof`.
    pub eof_check: bool,
    /// Deliver one packet for each `eof`; goes before `eof_check`.
    pub eof_split: bool,
    /// The end mark; 1 to 8 bytes.
    pub eof: Vec<u8>,
    /// Packets begin with their length. An end mark goes before it.
    pub length_check: bool,
    /// The `pack()` code of the length.
    pub length_type: u8,
    /// Where the length stands.
    pub length_offset: usize,
    /// From where on the length counts; 0: it counts the whole packet.
    pub body_offset: usize,
    /// A function tells the length; it goes before type and offsets.
    pub length_func: bool,
    /// Packets of MQTT. Marks and lengths go before it.
    pub mqtt: bool,
}

/// What `Swoole\Http\Client::set()` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpClientConfig {
    /// What every client has; `connect_timeout` follows `timeout` unless it was given.
    pub client: ClientConfig,
    /// For the response, from when the request was sent; `None` is no limit.
    pub timeout: Option<Duration>,
    /// Whether the connection is kept for the next request.
    pub keep_alive: bool,
    /// Whether WebSocket frames are to be masked; they are whatever it says.
    pub websocket_mask: bool,
}

/// What the constructor of `Swoole\Redis` was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisConfig {
    /// Connect only; `None` is no limit.
    pub timeout: Option<Duration>,
    /// For AUTH.
    pub password: Option<Vec<u8>>,
    /// For AUTH; means nothing without a password.
    pub username: Option<Vec<u8>>,
    /// For SELECT; `None` sends none.
    pub database: Option<u32>,
    /// How long the oldest waiting command may wait; `None` is no limit.
    pub response_timeout: Option<Duration>,
    /// How long the connection stands without a command; `None` is no limit.
    pub idle_timeout: Option<Duration>,
    /// Bytes of commands that may wait to be sent.
    pub socket_buffer_size: usize,
    /// Bytes of one reply.
    pub package_max_length: usize,
    /// Whether all is said under TLS.
    pub ssl: bool,
    /// How TLS is done.
    pub tls: TlsConfig,
}

impl Default for ServerConfig {
    /// The defaults of a machine with one CPU.
    fn default() -> Self {
        ServerConfig {
            worker_num: 1,
            reactor_num: 1,
            dispatch_mode: 2,
            dispatch_func: false,
            enable_unsafe_event: false,
            discard_timeout_request: false,
            task_worker_num: 0,
            task_max_request: 0,
            task_ipc_mode: 1,
            max_request: 0,
            max_request_grace: 0,
            memory: MemoryOptions::default(),
            max_wait_time: Some(Duration::from_secs(30)),
            max_conn: None,
            backlog: 512,
            open_tcp_nodelay: true,
            open_tcp_keepalive: false,
            keepalive: Keepalive {
                idle: Duration::from_secs(3600),
                interval: Duration::from_secs(60),
                count: 5,
            },
            tcp_defer_accept: 0,
            socket_buffer_size: 8 * MIB,
            buffer_output_size: 2 * MIB,
            package_max_length: 2 * MIB,
            http_parse_post: true,
            daemonize: false,
            chroot: None,
            user: None,
            group: None,
            log_format: b"text".to_vec(),
            log_file: None,
            log_level: 2,
            pid_file: None,
            port: PortOptions::default(),
            process: ProcessOptions::default(),
            watch: WatchOptions::default(),
        }
    }
}

impl Default for PackageConfig {
    /// The defaults of a client.
    fn default() -> Self {
        PackageConfig {
            eof_check: false,
            eof_split: false,
            eof: b"\r\n\r\n".to_vec(),
            length_check: false,
            length_type: b'N',
            length_offset: 0,
            body_offset: 0,
            length_func: false,
            mqtt: false,
        }
    }
}

impl PackageConfig {
    /// Bytes of the longest offset that is taken.
    pub(super) const MOST_OFFSET: i64 = 8192;

    /// # Errors
    /// The length's type is no code of `pack()` for an integer of 8 to 32 bits.
    pub(super) fn check(&self) -> Result<(), OptionError> {
        if b"cCsSnNlLvV".contains(&self.length_type) {
            return Ok(());
        }
        Err(OptionError::Value(
            "option \"package_length_type\" must be one of c C s S n N l L v V".into(),
        ))
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig {
            packages: PackageConfig::default(),
            buffer_high_watermark: None,
            buffer_low_watermark: 0,
            open_tcp_nodelay: true,
            bind_address: None,
            bind_port: 0,
            socket_buffer_size: 8 * MIB,
            package_max_length: 2 * MIB,
            connect_timeout: Some(Duration::from_millis(500)),
            read_timeout: Some(Duration::from_secs(300)),
            total_timeout: None,
            tls: TlsConfig::default(),
            proxies: Proxies::default(),
        }
    }
}

impl Default for HttpClientConfig {
    fn default() -> Self {
        HttpClientConfig {
            client: ClientConfig::default(),
            timeout: Some(Duration::from_millis(500)),
            keep_alive: true,
            websocket_mask: true,
        }
    }
}

impl Default for RedisConfig {
    fn default() -> Self {
        RedisConfig {
            timeout: Some(Duration::from_secs(1)),
            password: None,
            username: None,
            database: None,
            response_timeout: Some(Duration::from_secs(60)),
            idle_timeout: Some(Duration::from_secs(300)),
            socket_buffer_size: 128 * MIB,
            package_max_length: 256 * MIB,
            ssl: false,
            tls: TlsConfig::default(),
        }
    }
}

impl ServerConfig {
    /// Resolves what `set()` was given, for a machine with `cpus` CPUs.
    ///
    /// # Errors
    /// An option that is built has a value that it cannot have.
    pub fn resolve<N: AsRef<str>>(
        options: &[(N, OptionValue)],
        cpus: u32,
    ) -> Result<Resolved<Self>, OptionError> {
        let mut config = ServerConfig { worker_num: 0, reactor_num: 0, ..ServerConfig::default() };
        let mut warnings = fill(options, &mut [&mut Table { rows: SERVER, config: &mut config }])?;
        config.port.packages.check()?;
        config.cross_check(cpus.max(1), &mut warnings);
        Ok(Resolved { config, warnings })
    }

    /// Resolves what `Swoole\Server\Port::set()` was given: options of the whole server are told and
    /// passed over.
    ///
    /// # Errors
    /// An option that is built has a value that it cannot have.
    pub fn resolve_port<N: AsRef<str>>(
        options: &[(N, OptionValue)],
        cpus: u32,
    ) -> Result<Resolved<Self>, OptionError> {
        let of_server =
            |name: &str| lookup(SERVER, name).is_some_and(|row| row.scope == Scope::Server);
        let (others, own): (Vec<_>, Vec<_>) = options
            .iter()
            .map(|(name, value)| (name.as_ref(), value.clone()))
            .partition(|(name, _)| of_server(name));
        let mut resolved = ServerConfig::resolve(&own, cpus)?;
        resolved.warnings.extend(others.iter().map(|(name, _)| {
            format!("option \"{name}\" belongs to the server: a port does not take it")
        }));
        Ok(resolved)
    }

    fn cross_check(&mut self, cpus: u32, warnings: &mut Vec<String>) {
        let most = cpus.saturating_mul(WORKERS_PER_CPU);
        if self.worker_num == 0 {
            self.worker_num = cpus;
        } else if self.worker_num > most {
            warnings.push(format!(
                "option \"worker_num\" is {}, more than {WORKERS_PER_CPU} for each CPU; {most} is \
                 used",
                self.worker_num
            ));
            self.worker_num = most;
        }
        if self.reactor_num == 0 {
            self.reactor_num = cpus.min(REACTORS);
        }
        self.reactor_num = self.reactor_num.min(cpus.saturating_mul(4)).min(self.worker_num);
        if self.dispatch_func {
            // PHP runs on one thread.
            self.reactor_num = 1;
            self.dispatch_mode = 6;
        } else if self.dispatch_mode == 6 {
            warnings.push(
                "option \"dispatch_mode\" is 6, which needs \"dispatch_func\"; 2 is used".into(),
            );
            self.dispatch_mode = 2;
        }
        if self.task_worker_num > most {
            warnings.push(format!(
                "option \"task_worker_num\" is {}, more than {WORKERS_PER_CPU} for each CPU; {most} is \
                 used",
                self.task_worker_num
            ));
            self.task_worker_num = most;
        }
        if !matches!(&self.log_format[..], b"text" | b"json") {
            warnings.push(format!(
                "option \"log_format\" is \"{}\", neither \"text\" nor \"json\"; \"text\" is used",
                String::from_utf8_lossy(&self.log_format)
            ));
            self.log_format = b"text".to_vec();
        }
        if self.task_ipc_mode != 1 {
            warnings.push(format!(
                "option \"task_ipc_mode\" has no effect: tasks travel through unix sockets (1), not \
                 as {} wants",
                self.task_ipc_mode
            ));
            self.task_ipc_mode = 1;
        }
        let least = self.worker_num.saturating_mul(2).saturating_add(32);
        if let Some(max_conn) = self.max_conn.filter(|&max_conn| max_conn < least) {
            warnings.push(format!(
                "option \"max_conn\" is {max_conn}, less than the {least} that {} workers need; \
                 the default is used",
                self.worker_num
            ));
            self.max_conn = None;
        }
        if self.package_max_length < LEAST_PACKAGE {
            warnings.push(format!(
                "option \"package_max_length\" is {}, less than {LEAST_PACKAGE}; {LEAST_PACKAGE} \
                 is used",
                self.package_max_length
            ));
            self.package_max_length = LEAST_PACKAGE;
        }
        if self.max_request == 0 && self.max_request_grace > 0 {
            warnings.push(
                "option \"max_request_grace\" has no effect: \"max_request\" is not set".into(),
            );
        }
        self.watch.cross_check(warnings);
        // A send that is larger than the queue could never succeed.
        self.buffer_output_size = self.buffer_output_size.min(self.socket_buffer_size);
    }
}

impl ClientConfig {
    /// Resolves what `set()` was given.
    ///
    /// # Errors
    /// An option that is built has a value that it cannot have.
    pub fn resolve<N: AsRef<str>>(
        options: &[(N, OptionValue)],
    ) -> Result<Resolved<Self>, OptionError> {
        let mut config = ClientConfig::default();
        let warnings = config.fill(options, None)?;
        config.packages.check()?;
        Ok(Resolved { config, warnings })
    }

    /// [`resolve`](Self::resolve) for a client without a loop: what means nothing to it warns.
    ///
    /// # Errors
    /// As `resolve`.
    pub fn resolve_blocking<N: AsRef<str>>(
        options: &[(N, OptionValue)],
    ) -> Result<Resolved<Self>, OptionError> {
        let mut resolved = ClientConfig::resolve(options)?;
        let said = options.iter().filter(|(_, value)| *value != OptionValue::Null);
        for name in said.map(|(name, _)| name.as_ref()).filter(|name| OF_LOOPS.contains(name)) {
            resolved.warnings.push(format!(
                "option \"{name}\" has no effect on a synchronous client: nothing waits while no \
                 method runs"
            ));
        }
        Ok(resolved)
    }

    fn check_bind(&self, warnings: &mut Vec<String>) -> Result<(), OptionError> {
        match &self.bind_address {
            Some(address) if address.parse::<IpAddr>().is_err() => {
                Err(OptionError::Value("option \"bind_address\" must be an IP address".to_owned()))
            }
            None if self.bind_port > 0 => {
                let text = "option \"bind_port\" has no effect: \"bind_address\" is not set";
                warnings.push(text.to_owned());
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Takes the options of all clients, and what `more` knows.
    fn fill<N: AsRef<str>>(
        &mut self,
        options: &[(N, OptionValue)],
        more: Option<&mut dyn Fill>,
    ) -> Result<Vec<String>, OptionError> {
        let (mut tls, mut proxies) = (TlsConfig::default(), Proxies::default());
        let mut own = Table { rows: CLIENT, config: self };
        let mut tls_table = Table { rows: TLS, config: &mut tls };
        let mut proxy_table = Table { rows: PROXIES, config: &mut proxies };
        let mut tables: Vec<&mut dyn Fill> = vec![&mut own, &mut tls_table, &mut proxy_table];
        if let Some(more) = more {
            tables.insert(0, more);
        }
        let mut warnings = fill(options, &mut tables)?;
        self.check_bind(&mut warnings)?;
        tls.check(&mut warnings)?;
        (self.tls, self.proxies) = (tls, proxies);
        Ok(warnings)
    }
}

impl HttpClientConfig {
    /// Resolves what `set()` was given.
    ///
    /// # Errors
    /// An option that is built has a value that it cannot have.
    pub fn resolve<N: AsRef<str>>(
        options: &[(N, OptionValue)],
    ) -> Result<Resolved<Self>, OptionError> {
        let mut config = HttpClientConfig::default();
        let mut client = ClientConfig::default();
        let mut own = Table { rows: HTTP_CLIENT, config: &mut config };
        let mut warnings = client.fill(options, Some(&mut own))?;
        let said = |(name, value): &(N, OptionValue)| {
            name.as_ref() == "connect_timeout" && *value != OptionValue::Null
        };
        client.connect_timeout =
            if options.iter().any(said) { config.client.connect_timeout } else { config.timeout };
        config.client = client;
        if !config.websocket_mask {
            warnings.push(
                "option \"websocket_mask\" can not be switched off: frames of a client are masked \
                 (RFC 6455 section 5.1)"
                    .into(),
            );
        }
        Ok(Resolved { config, warnings })
    }
}

impl RedisConfig {
    /// Resolves what the constructor was given.
    ///
    /// # Errors
    /// An option that is built has a value that it cannot have.
    pub fn resolve<N: AsRef<str>>(
        options: &[(N, OptionValue)],
    ) -> Result<Resolved<Self>, OptionError> {
        let mut config = RedisConfig::default();
        let mut tls = TlsConfig::default();
        let mut own = Table { rows: REDIS, config: &mut config };
        let mut warnings =
            fill(options, &mut [&mut own, &mut Table { rows: TLS, config: &mut tls }])?;
        tls.check(&mut warnings)?;
        config.tls = tls;
        if config.username.is_some() && config.password.is_none() {
            warnings.push("option \"username\" has no effect: \"password\" is not set".into());
        }
        Ok(Resolved { config, warnings })
    }
}

/// Options of clients that mean nothing without a loop.
const OF_LOOPS: [&str; 3] = ["read_timeout", "buffer_high_watermark", "buffer_low_watermark"];

const MIB: usize = 1024 * 1024;
const WORKERS_PER_CPU: u32 = 1000;
/// I/O threads by default, at most.
const REACTORS: u32 = 8;
const LEAST_PACKAGE: usize = 65_536;

/// A table and what it fills, so that a class can have the rows of two.
pub(super) trait Fill {
    /// `None`: the table does not know the name.
    fn fill(
        &mut self,
        name: &str,
        value: &OptionValue,
    ) -> Option<Result<Option<String>, OptionError>>;
    fn names(&self) -> Vec<&'static str>;
}

pub(super) struct Table<'a, C: 'static> {
    pub(super) rows: &'static [Row<C>],
    pub(super) config: &'a mut C,
}

impl<C> Fill for Table<'_, C> {
    fn fill(
        &mut self,
        name: &str,
        value: &OptionValue,
    ) -> Option<Result<Option<String>, OptionError>> {
        lookup(self.rows, name).map(|row| row.apply(self.config, value))
    }

    fn names(&self) -> Vec<&'static str> {
        self.rows.iter().map(|row| row.name).collect()
    }
}

/// Gives each option to the first table that knows it; later options override earlier ones.
pub(super) fn fill<N: AsRef<str>>(
    options: &[(N, OptionValue)],
    tables: &mut [&mut dyn Fill],
) -> Result<Vec<String>, OptionError> {
    let mut warnings = Vec::new();
    for (name, value) in options {
        let name = name.as_ref();
        if *value == OptionValue::Null {
            continue;
        }
        let warning = match tables.iter_mut().find_map(|table| table.fill(name, value)) {
            Some(applied) => applied?,
            None => {
                let names = tables.iter().flat_map(|table| table.names());
                Some(match nearest(names, name) {
                    Some(meant) => format!("unknown option \"{name}\", did you mean \"{meant}\"?"),
                    None => format!("unknown option \"{name}\""),
                })
            }
        };
        warnings.extend(warning);
    }
    Ok(warnings)
}

#[cfg(test)]
#[path = "resolved_tests.rs"]
mod tests;
