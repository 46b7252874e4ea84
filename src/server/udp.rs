//! Datagrams of a worker's ports. Answers go past the worker, through [`super::DatagramSender`].

use std::io;

use crate::{reactor::Token, sys};

use super::{
    listen::SocketKind,
    port::PacketSender,
    worker::{Worker, WorkerHooks},
};

/// Datagrams received at most in one turn and socket.
const PACKETS: usize = 64;
/// Bytes of the longest datagram (RFC 768 leaves 65,507 to IPv4; unix sockets may send more, which
/// is cut).
const LONGEST: usize = 65_536;

impl Worker {
    /// What a listener's socket is.
    pub(super) fn kind_of(&self, token: Token) -> Option<SocketKind> {
        let listeners = self.listeners.borrow();
        listeners.get(token.key().index() as usize).map(|listener| listener.kind)
    }

    /// A datagram socket is ready: hands over what waits.
    pub(super) fn receive_packets(&self, token: Token, hooks: &dyn WorkerHooks) {
        let mut data = self.buffers.borrow_mut().take_input();
        let mut again = true;
        for _ in 0..PACKETS {
            data.clear();
            let (received, port) = {
                let listeners = self.listeners.borrow();
                let Some(listener) = listeners.get(token.key().index() as usize) else { break };
                (sys::receive_from(&listener.socket, &mut data, LONGEST, 0), listener.port)
            };
            match received {
                Ok(sender) => {
                    self.count_request();
                    hooks.on_packet(port, &PacketSender::of(&sender), &data);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    again = false;
                    break;
                }
                // What became of an earlier answer (ICMP) is told here; or a signal came.
                Err(_) => {}
            }
            if hooks.stopped() {
                break;
            }
        }
        data.clear();
        self.buffers.borrow_mut().give_input(data);
        if again {
            self.reactor.again(token);
        }
    }
}
