//! Datagrams: what `onPacket` is told of a sender, and `sendto()`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::{
    server::{DatagramSender, PacketSender, SocketKind},
    sys::errno,
    zend::{Array, Call, Thrown},
};

use super::{
    super::{functions, settings::warn},
    state::{PortFacts, ServerState},
};

/// `$addr` of `onPacket`.
pub(super) fn address(port: Option<&PortFacts>, sender: &PacketSender) -> Array {
    let mut array = Array::new(4);
    array.insert(b"server_socket", port.map_or(-1, |port| i64::from(port.descriptor)));
    array.insert(b"server_port", port.map_or(0, |port| i64::from(port.number)));
    match sender {
        PacketSender::Ip(address) => {
            array.insert(b"address", address.ip().to_string().as_str());
            array.insert(b"port", i64::from(address.port()));
        }
        PacketSender::Unix(path) => {
            array.insert(b"address", &path[..]);
            array.insert(b"port", 0i64);
        }
    }
    array
}

/// The two numbers that name an IPv4 sender in the oldest style: the address as `$fd`; the port's
/// descriptor and the sender's port as `$reactor_id`.
pub(super) fn numbers(port: &PortFacts, sender: &PacketSender) -> Option<(i64, i64)> {
    let PacketSender::Ip(SocketAddr::V4(address)) = sender else { return None };
    let fd = u32::from_ne_bytes(address.ip().octets());
    let reactor = (i64::from(port.descriptor) << 16) | i64::from(address.port());
    Some((fd.into(), reactor))
}

/// Who is named by such numbers, and the port that they came to. `None`: they are a session's.
pub(super) fn named(
    server: &ServerState,
    fd: i64,
    reactor: i64,
) -> Option<(PortFacts, SocketAddr)> {
    let descriptor = i32::try_from(reactor >> 16).ok().filter(|&descriptor| descriptor > 0)?;
    let number = u16::try_from(reactor & 0xffff).ok()?;
    let ip = Ipv4Addr::from(u32::try_from(fd).ok()?.to_ne_bytes());
    let senders = server.senders.borrow();
    let shared = server.shared.borrow();
    let ports = &shared.as_ref()?.ports;
    let of = |sender: &DatagramSender| ports.get(usize::from(sender.port)).copied();
    let is_it = |port: &PortFacts| port.descriptor == descriptor;
    let sends = |sender: &&DatagramSender| sender.kind == SocketKind::Udp && !sender.is_ipv6;
    let port = senders.iter().filter(sends).filter_map(of).find(is_it)?;
    Some((port, SocketAddr::from((ip, number))))
}

/// What `getClientInfo` gives for such a sender.
pub(super) fn info(port: &PortFacts, sender: SocketAddr) -> Array {
    let mut array = Array::new(3);
    array.insert(b"server_port", i64::from(port.number));
    array.insert(b"remote_port", i64::from(sender.port()));
    array.insert(b"remote_ip", sender.ip().to_string().as_str());
    array
}

/// `sendto(string $ip, int $port, string $data, int $server_socket = -1): bool`
pub(super) fn sendto(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 4)?;
    let server = call.this::<ServerState>()?;
    let (host, number, data) = (call.str(0)?, call.long(1)?, call.str(2)?);
    let socket = call.long_or(3, -1)?;
    call.ret_bool(false);
    if server.shared.borrow().is_none() {
        return warn("The server is not running");
    }
    match destination(host, number) {
        Ok(to) => send(call, server, &to, data, socket),
        Err(text) => warn(text),
    }
}

/// Sends a datagram from the port with that descriptor, or else from the first that fits.
pub(super) fn send(
    call: &Call<'_>,
    server: &ServerState,
    to: &PacketSender,
    data: &[u8],
    socket: i64,
) -> Result<(), Thrown> {
    if data.is_empty() {
        return warn("The data is empty");
    }
    let Some(shared) = server.shared.borrow().clone() else { return Ok(()) };
    let senders = server.senders.borrow().clone();
    let fits = |sender: &&DatagramSender| match to {
        PacketSender::Unix(_) => sender.kind == SocketKind::UnixDatagram,
        PacketSender::Ip(address) => {
            sender.kind == SocketKind::Udp && sender.is_ipv6 == address.is_ipv6()
        }
    };
    let wanted = |sender: &&DatagramSender| {
        let port = shared.ports.get(usize::from(sender.port));
        port.is_some_and(|port| i64::from(port.descriptor) == socket)
    };
    let found = senders.iter().find(|sender| wanted(sender) && fits(sender));
    let Some(sender) = found.or_else(|| senders.iter().find(fits)) else {
        return warn(match to {
            PacketSender::Unix(_) => "The server listens on no unix datagram socket",
            PacketSender::Ip(address) if address.is_ipv6() => "The server listens on no UDP6 port",
            PacketSender::Ip(_) => "The server listens on no UDP port",
        });
    };
    match sender.send(data, to) {
        Ok(()) => call.ret_bool(true),
        Err(error) => functions::set_last_error(errno::of(&error)),
    }
    Ok(())
}

/// Where a datagram goes: an IP address and port, or a path.
pub(super) fn destination(host: &[u8], port: i64) -> Result<PacketSender, &'static str> {
    if host.starts_with(b"/") || host.starts_with(b"\0") {
        return Ok(PacketSender::Unix(host.to_vec()));
    }
    let ip = std::str::from_utf8(host).ok().and_then(|host| host.parse::<IpAddr>().ok());
    let Some(ip) = ip else {
        return Err("The address must be an IPv4 or IPv6 address, or the path of a unix socket");
    };
    match u16::try_from(port) {
        Ok(port @ 1..) => Ok(PacketSender::Ip(SocketAddr::new(ip, port))),
        _ => Err("The port must be between 1 and 65535"),
    }
}
