//! What holds for the connections of one port.

use std::{net::SocketAddr, time::Duration};

use socket2::SockAddr;

use crate::{
    options::{PackageConfig, ServerConfig},
    proto::{
        framing::{BadRule, Rule},
        limits::Limits,
    },
};

/// What a worker needs to know of a port, resolved from the options.
#[derive(Clone, Debug)]
pub struct PortConfig {
    /// What is spoken.
    pub speaks: Speaks,
    /// The port that PHP is told.
    pub number: u16,
    /// Caps of requests.
    pub limits: Limits,
    /// Bytes of the longest packet.
    pub package_max_length: usize,
    /// Bytes that may wait for one connection's peer.
    pub socket_buffer_size: usize,
    /// Bytes waiting for one peer at which `on_watermark` tells that it is full.
    pub high_watermark: usize,
    /// Bytes waiting then at which it tells that it is not any more.
    pub low_watermark: usize,
    /// TCP_NODELAY on accepted sockets.
    pub nodelay: bool,
    /// Keepalive on accepted sockets: idle, interval, probes.
    pub keepalive: Option<(Duration, Duration, u32)>,
}

/// What is spoken on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Bytes as they come.
    Raw,
    /// Packets.
    Packets(Rule),
    /// HTTP/1.
    Http,
}

/// The ports of a worker, by their numbers in the server; there is at least one.
#[derive(Clone, Debug)]
pub struct Ports {
    primary: PortConfig,
    others: Vec<PortConfig>,
}

/// Who sent a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PacketSender {
    /// A UDP address.
    Ip(SocketAddr),
    /// The path of a unix socket, with a zero in front if it is the kernel's; empty if it has none.
    Unix(Vec<u8>),
}

impl PortConfig {
    /// What the options say of a port. An end mark goes before a length, then come HTTP, MQTT, Redis.
    ///
    /// # Errors
    /// The options name a framing that can not be.
    pub fn new(config: &ServerConfig, http: bool, number: u16) -> Result<PortConfig, BadRule> {
        let keepalive = config.keepalive;
        Ok(PortConfig {
            speaks: match rule(&config.port.packages)? {
                Some(rule) => Speaks::Packets(rule),
                None if http => Speaks::Http,
                None if config.port.packages.mqtt => Speaks::Packets(Rule::Mqtt),
                None if config.port.redis => Speaks::Packets(Rule::Command),
                None => Speaks::Raw,
            },
            number,
            limits: Limits { body: config.package_max_length as u64, ..Limits::REQUEST },
            package_max_length: config.package_max_length,
            socket_buffer_size: config.socket_buffer_size,
            high_watermark: config.port.high_watermark.unwrap_or(config.socket_buffer_size / 5 * 4),
            low_watermark: config.port.low_watermark,
            nodelay: config.open_tcp_nodelay,
            keepalive: config.open_tcp_keepalive.then_some((
                keepalive.idle,
                keepalive.interval,
                keepalive.count,
            )),
        })
    }
}

impl Ports {
    /// The primary port, and the others in the order in which they were added.
    #[must_use]
    pub fn new(primary: PortConfig, others: Vec<PortConfig>) -> Ports {
        Ports { primary, others }
    }

    /// A port; the primary one for a number that is none.
    #[must_use]
    pub fn get(&self, port: u16) -> &PortConfig {
        let other = usize::from(port).checked_sub(1).and_then(|other| self.others.get(other));
        other.unwrap_or(&self.primary)
    }
}

impl PacketSender {
    /// From what `recvfrom` says.
    #[must_use]
    pub fn of(address: &SockAddr) -> PacketSender {
        use std::os::unix::ffi::OsStrExt;
        match address.as_socket() {
            Some(ip) => PacketSender::Ip(ip),
            None => {
                let path = address.as_pathname().map(|path| path.as_os_str().as_bytes().to_vec());
                let kernel = || Some([b"\0", address.as_abstract_namespace()?].concat());
                PacketSender::Unix(path.or_else(kernel).unwrap_or_default())
            }
        }
    }
}

fn rule(packages: &PackageConfig) -> Result<Option<Rule>, BadRule> {
    Ok(if packages.eof_check || packages.eof_split {
        Some(Rule::eof(&packages.eof, packages.eof_split)?)
    } else if packages.length_check && packages.length_func {
        Some(Rule::Asked)
    } else if packages.length_check {
        let PackageConfig { length_type, length_offset, body_offset, .. } = *packages;
        Some(Rule::length(length_type, length_offset, body_offset)?)
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_mark_goes_before_a_length_and_that_before_http_and_mqtt() {
        let mut config = ServerConfig::default();
        let speaks = |config: &ServerConfig, http| PortConfig::new(config, http, 1).unwrap().speaks;
        assert_eq!((speaks(&config, false), speaks(&config, true)), (Speaks::Raw, Speaks::Http));
        config.port.packages.mqtt = true;
        assert_eq!(speaks(&config, false), Speaks::Packets(Rule::Mqtt));
        assert_eq!(speaks(&config, true), Speaks::Http);
        config.port.packages.length_check = true;
        let length = Rule::length(b'N', 0, 4).unwrap();
        assert_eq!(speaks(&config, true), Speaks::Packets(length));
        config.port.packages.length_func = true;
        assert_eq!(speaks(&config, true), Speaks::Packets(Rule::Asked));
        config.port.packages.eof_check = true;
        let eof = Rule::eof(b"\r\n\r\n", false).unwrap();
        assert_eq!(speaks(&config, true), Speaks::Packets(eof));
    }
}
