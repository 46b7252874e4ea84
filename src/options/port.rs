use super::PackageConfig;

/// What belongs to one port of a server, beside what `ServerConfig` names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortOptions {
    /// How what arrives is cut into packets; lengths count from behind four bytes by default.
    pub packages: PackageConfig,
    /// Whether HTTP is spoken; `None`: the server's class decides.
    pub http: Option<bool>,
    /// Whether requests of the Redis protocol are the packets.
    pub redis: bool,
    /// Bytes waiting for one peer at which onBufferFull runs; `None` is 0.8 of
    /// `socket_buffer_size`.
    pub high_watermark: Option<usize>,
    /// Bytes waiting for one peer at which onBufferEmpty runs then.
    pub low_watermark: usize,
    /// TCP_FASTOPEN on the listening socket.
    pub fastopen: bool,
    /// SO_RCVBUF; `None` is the kernel's.
    pub receive_buffer: Option<usize>,
    /// SO_SNDBUF; `None` is the kernel's.
    pub send_buffer: Option<usize>,
}

impl Default for PortOptions {
    fn default() -> Self {
        PortOptions {
            packages: PackageConfig { body_offset: 4, ..PackageConfig::default() },
            http: None,
            redis: false,
            high_watermark: None,
            low_watermark: 0,
            fastopen: false,
            receive_buffer: None,
            send_buffer: None,
        }
    }
}
