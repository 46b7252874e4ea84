//! What peers send: reads it, takes whole messages off it, and gives them to workers.

use bytes::{Bytes, BytesMut};

use crate::{
    proto::{
        framing::Found,
        http1::{Request, encode_chunk_head},
    },
    reactor::{Key, Source, Token},
};

use super::{
    client::{Phase, Protocol},
    dispatch::{Message, Mode},
    gate::Gate,
};

/// Bytes received at most in one turn and connection.
const RECEIVE: usize = 64 * 1024;

enum Taken {
    Request(Request),
    Bytes(Bytes),
    Continue,
    Refused,
    More,
}

impl Gate {
    /// Reads what is there and gives what is complete to a worker.
    pub(super) fn advance(&mut self, key: Key) {
        let mut shared = std::mem::take(&mut self.input);
        let mut received = false;
        while self.take_messages(key, &mut shared) && !received {
            received = true;
            if !self.receive_from(key, &mut shared) {
                break;
            }
        }
        shared.clear();
        self.input = shared;
        self.finish_turn(key);
        self.count(key);
        self.keep_within_budget(key);
    }

    /// Gives what is complete in the input to a worker. `true`: more input is wanted.
    fn take_messages(&mut self, key: Key, shared: &mut BytesMut) -> bool {
        // What the connection kept goes before what was just received, which was appended to it.
        let mut own = match self.clients.get_mut(key) {
            Some(client) => std::mem::take(&mut client.input),
            None => return false,
        };
        let keeps = !own.is_empty();
        let input = if keeps { &mut own } else { shared };
        let wanted = loop {
            let may_advance = self.may_advance(key);
            let Some(client) = self.clients.get_mut(key) else { return false };
            client.held = !may_advance && !input.is_empty();
            if !may_advance || input.is_empty() {
                break may_advance;
            }
            if !self.take_message(key, input) {
                break true;
            }
        };
        if !input.is_empty()
            && let Some(client) = self.clients.get_mut(key)
            && client.phase == Phase::Open
        {
            client.input = if keeps { own } else { BytesMut::from(&input[..]) };
        }
        wanted
    }

    /// Takes one message off the input. `false`: it is not whole.
    fn take_message(&mut self, key: Key, input: &mut BytesMut) -> bool {
        let memo = &mut self.memo;
        let Some(client) = self.clients.get_mut(key) else { return false };
        let port = self.config.ports.get(client.listener);
        let taken = match &mut client.protocol {
            Protocol::Raw => Taken::Bytes(input.split().freeze()),
            Protocol::Broken => return false,
            Protocol::Packets(decoder) => match decoder.next(input) {
                Ok(Some(Found::Packet(packet))) => Taken::Bytes(packet),
                Ok(Some(Found::Head(_)) | None) => Taken::More,
                Err(_) => {
                    // Its worker meets the same error, and knows what to say.
                    client.protocol = Protocol::Broken;
                    Taken::Bytes(input.split().freeze())
                }
            },
            Protocol::Http(http) => match http.decoder.decode_with(input, &port.limits, memo) {
                Ok(Some(request)) => {
                    http.expect(&request);
                    Taken::Request(request)
                }
                Ok(None) if http.decoder.poll_continue() => Taken::Continue,
                Ok(None) => Taken::More,
                Err(error) => {
                    http.last = true;
                    http.refusal = Some(error.status());
                    Taken::Refused
                }
            },
        };
        match taken {
            Taken::Request(request) => {
                let (head, body) = rebuilt(&request);
                self.dispatch(key, Message::Data(head, body));
            }
            Taken::Bytes(bytes) => self.dispatch(key, Message::Data(bytes, Bytes::new())),
            Taken::Continue => {
                self.ask_for_body(key);
                return false;
            }
            Taken::Refused => {
                input.clear();
                self.refuse(key);
            }
            Taken::More => return false,
        }
        true
    }

    fn dispatch(&mut self, key: Key, message: Message) {
        let slot = self.clients.get_mut(key).and_then(|client| client.slot.take());
        if self.config.mode == Mode::Asked {
            self.ask(key, message);
        } else if let Some(slot) = slot {
            self.deliver(key, slot, message);
        }
    }

    /// Whether the next message may be taken, and for whom.
    fn may_advance(&mut self, key: Key) -> bool {
        let alone = self.config.mode.is_one_by_one();
        let Some(client) = self.clients.get_mut(key) else { return false };
        if !client.may_advance(alone) {
            return false;
        }
        let slot = self.route(key);
        let Some(client) = self.clients.get_mut(key) else { return false };
        client.slot = slot;
        slot.is_some()
    }

    /// One receive into the shared buffer, or behind what the connection kept. `false`: nothing
    /// came that could be handed over.
    fn receive_from(&mut self, key: Key, shared: &mut BytesMut) -> bool {
        let Some(client) = self.clients.get_mut(key) else { return false };
        if client.at_end || !(client.readable || client.read_closed) {
            return false;
        }
        match client.stream.receive_some(shared, RECEIVE) {
            Ok(None) => client.readable = false,
            Ok(Some(received)) if received.bytes == 0 => client.at_end = true,
            Ok(Some(received)) => {
                self.shared.sessions.touch(client.place, self.reactor.now());
                client.readable = !received.drained || client.read_closed;
                if !client.input.is_empty() {
                    client.input.extend_from_slice(shared);
                    shared.clear();
                }
                return true;
            }
            Err(_) => {
                client.at_end = true;
                self.drop_broken(key);
            }
        }
        false
    }

    /// The end of a connection's turn: tells its end, comes back for what waits.
    fn finish_turn(&mut self, key: Key) {
        let alone = self.config.mode.is_one_by_one();
        let Some(client) = self.clients.get_mut(key) else { return };
        if client.phase != Phase::Open {
            return;
        }
        if client.at_end {
            let refusing = client.http().is_some_and(|http| http.refusal.is_some());
            if !client.told_end && !client.held && !refusing {
                self.tell_end(key);
            }
        } else if (client.held || client.readable || client.read_closed)
            && client.may_advance(alone)
            && client.slot.is_some()
        {
            self.reactor.again(Token::new(Source::Conn, key));
        } else if self.stopping && client.is_idle() && !client.announced {
            self.close(key);
        }
    }
}

/// A request as its worker can decode it again: the head as it came, and the body in one chunk if
/// the head says so.
fn rebuilt(request: &Request) -> (Bytes, Bytes) {
    let (head, body) = (request.head().clone(), request.body().clone());
    if request.header(b"transfer-encoding").is_none() {
        return (head, body);
    }
    let mut chunked = BytesMut::with_capacity(body.len() + 32);
    if !body.is_empty() {
        encode_chunk_head(&mut chunked, body.len() as u64);
        chunked.extend_from_slice(&body);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    (head, chunked.freeze())
}
