use std::{net::SocketAddr, time::Duration};

use crate::{
    net::{Address, TlsClient},
    proto::proxy::{Handshake, Kind, Peer},
};

/// How a connection is made.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whom to reach.
    pub address: Address,
    /// How long resolving and connecting may take together. `None`: as long as the system lets it.
    pub timeout: Option<Duration>,
    /// How long the connection may last, connecting included. `None`: as long as it will.
    pub total: Option<Duration>,
    /// The local address to connect from.
    pub bind: Option<SocketAddr>,
    /// Whether small segments leave at once (TCP_NODELAY).
    pub nodelay: bool,
    /// A datagram socket that is connected to its peer: UDP, or a unix one.
    pub datagram: bool,
    /// Who connects to `address` in our place. It is not for unix sockets and datagrams.
    pub proxy: Option<Proxy>,
    /// TLS on the stream; its handshake is a part of connecting.
    pub tls: Option<TlsClient>,
    /// TLS begins only when the session asks for it ([`Session::poll_secure`]).
    pub tls_later: bool,
}

/// A proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where it is.
    pub address: Address,
    /// How it is talked to.
    pub kind: Kind,
}

impl Target {
    /// A stream to `address`, without delay for small segments, proxy and TLS.
    #[must_use]
    pub fn new(address: Address, timeout: Option<Duration>) -> Target {
        Target {
            address,
            timeout,
            total: None,
            bind: None,
            nodelay: true,
            datagram: false,
            proxy: None,
            tls: None,
            tls_later: false,
        }
    }

    /// Who is connected to: the peer, or its proxy.
    pub(super) fn first(&self) -> &Address {
        self.proxy.as_ref().map_or(&self.address, |proxy| &proxy.address)
    }

    /// What is to be said to the proxy.
    pub(super) fn handshake(&self) -> Option<Handshake> {
        let peer = match &self.address {
            Address::Ip(address) => Peer::Ip(*address),
            Address::Name(name, port) => Peer::Name(name.clone(), *port),
            Address::Unix(_) => return None,
        };
        Some(Handshake::new(&self.proxy.as_ref()?.kind, peer))
    }
}
