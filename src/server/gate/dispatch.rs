//! Which worker gets what: the places for workers, the links to them, their births and deaths.

use std::{net::IpAddr, os::fd::OwnedFd};

use bytes::{Bytes, BytesMut};
use socket2::Socket;

use crate::{
    proto::http1::{BodySize, HeaderBlock, ResponseHead, Stamp, encode_response_head},
    reactor::{Interest, Key, Ready, Source, Token},
};

use super::super::sessions::{Flags, SessionId};
use super::{
    client::{Client, Flight, Http, Phase, Protocol},
    frame::{Down, Opening, Told, encode_data},
    gate::Gate,
    hello::Hello,
    lane::{Heard, Lane},
};

/// Which worker gets what (`dispatch_mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// One after the other (1).
    RoundRobin,
    /// A connection has its worker (2).
    #[default]
    Session,
    /// The one with the least to do (3 and 7).
    Idle,
    /// A client's address has its worker (4).
    Address,
    /// What `bind()` gave has its worker (5).
    Uid,
    /// The program says (`dispatch_func`).
    Asked,
}

impl Mode {
    /// From the value of `dispatch_mode`.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Mode> {
        Some(match number {
            1 => Mode::RoundRobin,
            2 => Mode::Session,
            3 | 7 => Mode::Idle,
            4 => Mode::Address,
            5 => Mode::Uid,
            _ => return None,
        })
    }

    /// Whether a connection's next request waits for the answer to the one before.
    pub(super) fn is_one_by_one(self) -> bool {
        self.is_shared() || self == Mode::Asked
    }

    /// Whether what comes of one connection is spread over the workers.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(self, Mode::RoundRobin | Mode::Idle)
    }
}

/// The place of one `worker_id`.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The link to the process that serves now.
    serving: Option<Key>,
    /// What waits for one.
    waiting: Vec<Parcel>,
    waiting_bytes: usize,
    /// Connections that wait for room.
    stalled: Vec<Key>,
}

/// What a worker is to get.
#[derive(Debug)]
pub(super) enum Message {
    Connect,
    /// A request, or bytes.
    Data(Bytes, Bytes),
    Ended,
}

/// What the program is to be asked.
#[derive(Debug)]
pub(super) struct Ask {
    client: Key,
    pub(super) session: SessionId,
    pub(super) message: Message,
}

#[derive(Debug)]
struct Parcel {
    client: Key,
    message: Message,
}

/// While more bytes than this wait for a worker, nothing further is read for it.
const HIGH: usize = 4 << 20;

impl Slot {
    /// Bytes that wait for a worker.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }
}

impl Gate {
    /// The slot that gets the next message of a connection. `None`: nothing is read for now.
    pub(super) fn route(&mut self, key: Key) -> Option<usize> {
        let slot = self.choose(key)?;
        let serving = self.slots.get(slot)?.serving;
        let lane = serving.and_then(|lane| self.lanes.get(lane));
        let waiting = lane.map_or(0, Lane::unsent);
        let slot_state = self.slots.get_mut(slot)?;
        if waiting + slot_state.waiting_bytes > HIGH {
            slot_state.stalled.push(key);
            return None;
        }
        let bound = self.clients.get(key)?.bound();
        // Answers come in order: a request goes to another process only when none is owed.
        (bound.is_none() || bound == serving).then_some(slot)
    }

    /// Tells a worker of a new connection, if it wants to know.
    pub(super) fn announce(&mut self, key: Key) {
        let quiet = self.config.mode.is_shared() && !self.config.unsafe_events;
        if self.config.announces && self.config.mode == Mode::Asked {
            self.ask(key, Message::Connect);
        } else if self.config.announces
            && !quiet
            && let Some(slot) = self.choose(key)
        {
            self.deliver(key, slot, Message::Connect);
        }
    }

    /// Tells the worker that has a connection that its peer sends nothing more.
    pub(super) fn tell_end(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        client.told_end = true;
        if self.config.discards && self.config.mode.is_shared() {
            self.shared.sessions.mark(client.session, Flags::CLOSING, true);
        }
        let (announced, home) = (client.announced, client.home());
        if !announced {
            self.close(key);
        } else if self.config.mode == Mode::Asked {
            self.ask(key, Message::Ended);
        } else if !self.config.mode.is_shared()
            && let Some(slot) = self.choose(key)
        {
            self.deliver(key, slot, Message::Ended);
        } else if let Some(home) = home {
            self.hand(key, home, Message::Ended);
        } else {
            self.close(key);
        }
    }

    /// Leaves it to the program who gets a message. Nothing is read before that.
    pub(super) fn ask(&mut self, key: Key, message: Message) {
        let Some(client) = self.clients.get_mut(key) else { return };
        client.announced = true;
        client.asking = true;
        let session = client.session;
        self.asks.push_back(Ask { client: key, session, message });
    }

    /// What the program is to be asked next.
    pub(super) fn poll_ask(&mut self) -> Option<Ask> {
        self.asks.pop_front()
    }

    /// What the program has said. Nobody's data is dropped; an HTTP connection ends then, for it
    /// would wait for an answer.
    pub(super) fn answer_ask(&mut self, ask: Ask, slot: Option<usize>) {
        let Ask { client: key, message, .. } = ask;
        let Some(client) = self.clients.get_mut(key) else { return };
        client.asking = false;
        match slot.filter(|slot| *slot < self.slots.len()) {
            Some(slot) => self.deliver(key, slot, message),
            None if client.http().is_some() || matches!(message, Message::Ended) => {
                self.tell_gone(key, Told::ByServer);
                self.close(key);
            }
            None => {}
        }
        self.mark(key);
    }

    /// Tells the workers that know a connection that it is gone; it is the present one's to run
    /// `onClose`.
    pub(super) fn tell_gone(&mut self, key: Key, told: Told) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let (session, homes) = (client.session, std::mem::take(&mut client.homes));
        let last = homes.last().copied();
        for home in homes {
            let told = if Some(home) == last { told } else { Told::Nothing };
            self.push(home, |out| Down::Gone { session, told }.encode(out));
        }
    }

    /// Gives a message to a slot's worker, or keeps it for the next one.
    pub(super) fn deliver(&mut self, key: Key, slot: usize, message: Message) {
        if let Some(client) = self.clients.get_mut(key) {
            client.announced = true;
        }
        let Some(slot) = self.slots.get_mut(slot) else { return };
        if let Some(lane) = slot.serving {
            self.turn = self.turn.wrapping_add(1);
            return self.hand(key, lane, message);
        }
        if let Message::Data(head, body) = &message {
            slot.waiting_bytes += head.len() + body.len();
        }
        let message = match message {
            // Slices of the shared input would pin it.
            Message::Data(head, body) => Message::Data(copied(&head), copied(&body)),
            other @ (Message::Connect | Message::Ended) => other,
        };
        slot.waiting.push(Parcel { client: key, message });
    }

    /// Queues a frame for a link; one that is gone gets nothing.
    pub(super) fn push(&mut self, key: Key, encode: impl FnOnce(&mut BytesMut)) -> Option<u64> {
        let lane = self.lanes.get_mut(key)?;
        if !lane.has_pending() {
            self.told.push(key);
        }
        Some(lane.push(encode))
    }

    /// Sends what the links were given.
    pub(super) fn flush_lanes(&mut self) {
        for key in std::mem::take(&mut self.told) {
            self.flush_lane(key);
        }
    }

    /// A link is ready: takes what the worker has said.
    pub(super) fn handle_lane(&mut self, key: Key, ready: Ready) {
        if key == Hello::key() {
            return self.greet();
        }
        if ready.writable {
            self.flush_lane(key);
        }
        if ready.readable || ready.read_closed || ready.error {
            self.receive(key, ready.read_closed || ready.error);
        }
    }

    /// A worker is on its way out: it gets nothing more.
    pub(super) fn let_leave(&mut self, key: Key) {
        let Some(lane) = self.lanes.get_mut(key) else { return };
        if std::mem::replace(&mut lane.leaving, true) {
            return;
        }
        let worker_id = lane.worker_id;
        if let Some(slot) = self.slots.get_mut(worker_id)
            && slot.serving == Some(key)
        {
            slot.serving = None;
        }
        self.push(key, |out| Down::Left.encode(out));
    }

    /// The slot for a connection, whoever serves there.
    fn choose(&self, key: Key) -> Option<usize> {
        let client = self.clients.get(key)?;
        let count = self.slots.len().max(1);
        let session = client.session as usize % count;
        if client.pinned.is_some() {
            return client.pinned;
        }
        Some(match self.config.mode {
            // The program is asked; this is who is next when it can not be.
            Mode::Session | Mode::Asked => session,
            Mode::Address => match client.peer.map(|peer| peer.ip()) {
                Some(IpAddr::V4(ip)) => ip.to_bits() as usize % count,
                Some(IpAddr::V6(ip)) => ip.octets().iter().fold(0, hash) % count,
                None => session,
            },
            Mode::Uid => match self.shared.sessions.find(client.session).map(|row| row.uid) {
                Some(uid @ 1..) => uid as usize % count,
                Some(0) | None => session,
            },
            Mode::RoundRobin => self.in_turn().next().map_or(0, |(slot, _)| slot),
            Mode::Idle => {
                let load = |(_, lane): &(usize, &Lane)| lane.load();
                self.in_turn().min_by_key(load).map_or(0, |(slot, _)| slot)
            }
        })
    }

    /// The slots that are served, in the order of their turn.
    fn in_turn(&self) -> impl Iterator<Item = (usize, &Lane)> {
        let count = self.slots.len().max(1);
        (0..count).filter_map(move |step| {
            let slot = (self.turn + step) % count;
            let lane = self.slots.get(slot)?.serving?;
            Some((slot, self.lanes.get(lane)?))
        })
    }

    /// Gives a message to the worker behind a link, which is told of the connection first.
    fn hand(&mut self, key: Key, lane: Key, message: Message) {
        let is_shared = self.config.mode.is_shared() && !self.config.unsafe_events;
        let Some(client) = self.clients.get_mut(key) else { return };
        let session = client.session;
        if client.home() != Some(lane) {
            let known = client.homes.contains(&lane);
            client.homes.retain(|home| *home != lane);
            client.homes.push(lane);
            if !known {
                let opening = Opening {
                    is_new: matches!(message, Message::Connect),
                    is_shared,
                    reactor_id: self.config.reactor_id,
                    listener: client.listener,
                    peer: client.peer,
                };
                self.push(lane, |out| Down::Open { session, opening }.encode(out));
            }
        }
        match message {
            Message::Connect => {}
            Message::Data(head, body) => {
                let number = self.push(lane, |out| encode_data(out, session, &[&head, &body]));
                self.depart(key, lane, number);
            }
            Message::Ended => {
                self.push(lane, |out| Down::Ended { session }.encode(out));
            }
        }
    }

    /// The first request of a connection that had not gone has gone now.
    fn depart(&mut self, key: Key, lane: Key, number: Option<u64>) {
        let http = self.clients.get_mut(key).and_then(|client| client.http_mut());
        let Some(http) = http else { return };
        if let Some(flight) = http.flights.iter_mut().find(|flight| flight.sent.is_none()) {
            flight.sent = number.map(|number| (lane, number));
            if let Some(lane) = self.lanes.get_mut(lane) {
                lane.owed += 1;
            }
        }
    }

    fn flush_lane(&mut self, key: Key) {
        let Some(lane) = self.lanes.get_mut(key) else { return };
        // That the worker is gone is seen when its last words are read.
        let _ = lane.flush(&mut self.spare_batches);
        if lane.unsent() > HIGH / 2 {
            return;
        }
        let Some(slot) = self.slots.get_mut(lane.worker_id) else { return };
        for client in std::mem::take(&mut slot.stalled) {
            self.reactor.again(Token::new(Source::Conn, client));
        }
    }

    /// Takes what a worker has said. `to_end`: until nothing is there, or the end, which is not told
    /// once more when it came together with the last words.
    fn receive(&mut self, key: Key, to_end: bool) {
        loop {
            let mut frames = Vec::new();
            let Some(lane) = self.lanes.get_mut(key) else { return };
            let received = lane.receive(&mut frames);
            for frame in frames {
                self.handle_frame(key, frame);
            }
            match received {
                Ok(Heard::Nothing) => return,
                Ok(Heard::Some | Heard::All) if to_end => {}
                Ok(Heard::All) => return,
                Ok(Heard::Some) => {
                    return self.reactor.again(Token::new(Source::Channel, key));
                }
                Err(_) => return self.bury(key),
            }
        }
    }

    /// Workers have made links to this thread.
    fn greet(&mut self) {
        while let Some((hello, socket)) = self.hello.receive() {
            self.welcome(hello, socket);
        }
    }

    fn welcome(&mut self, hello: Hello, socket: OwnedFd) {
        let Hello { worker_id, lane } = hello;
        // What a dead predecessor left is known before its counters serve the next.
        for key in self.lanes.keys() {
            if self.lanes.get(key).is_some_and(|lane| lane.worker_id == worker_id) {
                self.receive(key, true);
            }
        }
        let thread = usize::from(self.config.reactor_id);
        let counter = self.shared.progress.counter(thread, worker_id, lane);
        let key = self.lanes.insert(Lane::new(worker_id, Socket::from(socket), counter));
        let registered = self.lanes.get(key).is_some_and(|lane| {
            let token = Token::new(Source::Channel, key);
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.reactor.register(lane, token, interest).is_ok()
        });
        if !registered {
            self.lanes.remove(key);
            return;
        }
        let Some(slot) = self.slots.get_mut(worker_id) else { return };
        slot.serving = Some(key);
        let shared = self.config.mode.is_shared();
        for slot in 0..self.slots.len() {
            if shared || slot == worker_id {
                self.deliver_waiting(slot);
            }
        }
    }

    fn deliver_waiting(&mut self, number: usize) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        slot.waiting_bytes = 0;
        let (waiting, stalled) =
            (std::mem::take(&mut slot.waiting), std::mem::take(&mut slot.stalled));
        for Parcel { client, message } in waiting {
            let chosen =
                if self.config.mode == Mode::Asked { Some(number) } else { self.choose(client) };
            if let Some(slot) = chosen {
                self.deliver(client, slot, message);
            }
        }
        for client in stalled {
            self.reactor.again(Token::new(Source::Conn, client));
        }
    }

    /// A worker is gone. What it had begun is answered with 500, or broken off; what it had not
    /// begun goes to the next one; its connections stay.
    fn bury(&mut self, key: Key) {
        let Some(mut lane) = self.lanes.remove(key) else { return };
        self.reactor.deregister(&lane);
        if let Some(slot) = self.slots.get_mut(lane.worker_id)
            && slot.serving == Some(key)
        {
            slot.serving = None;
        }
        for client in self.clients.keys() {
            let Some(state) = self.clients.get_mut(client) else { continue };
            let homes = state.homes.len();
            state.homes.retain(|home| *home != key);
            if state.homes.len() == homes || state.phase != Phase::Open {
                continue;
            }
            state.told_end = false;
            state.untold = 0;
            state.paused = false;
            self.answer_for(client, key, &lane);
            self.close_answered(client);
            self.mark(client);
        }
        for frame in lane.unbegun() {
            let (session, message) = match frame {
                Down::Open { session, opening } if opening.is_new => (session, Message::Connect),
                Down::Data { session, bytes } => (session, Message::Data(bytes, Bytes::new())),
                // The rest was for that worker alone, or is told anew.
                Down::Open { .. }
                | Down::Ended { .. }
                | Down::Gone { .. }
                | Down::Taken { .. }
                | Down::Left => continue,
            };
            let Some(client) = self.find(session) else { continue };
            let open = self.clients.get(client).is_some_and(|c| c.phase == Phase::Open);
            let asked = self.config.mode == Mode::Asked;
            let slot = if asked { Some(lane.worker_id) } else { self.choose(client) };
            if open && let Some(slot) = slot {
                self.deliver(client, slot, message);
            }
        }
    }

    /// Ends a connection whose last answer a dead worker has given, but not its end.
    fn close_answered(&mut self, key: Key) {
        let http = self.clients.get(key).and_then(|client| client.http());
        let answered = |http: &Http| http.last && http.flights.is_empty() && http.refusal.is_none();
        if http.is_some_and(answered) {
            self.close(key);
        }
    }

    /// Answers what a dead worker had begun for one connection.
    fn answer_for(&mut self, key: Key, gone: Key, lane: &Lane) {
        let date = self.date.now(&self.reactor);
        let Some(client) = self.clients.get_mut(key) else { return };
        let Client { protocol: Protocol::Http(http), stream, .. } = &mut **client else { return };
        let mut closes = false;
        while let Some(flight) = http.flights.front()
            && let Some((_, number)) = flight.sent.filter(|(lane, _)| *lane == gone)
            && lane.has_begun(number)
            && !closes
        {
            let flight = *flight;
            http.flights.pop_front();
            http.flying -= flight.size;
            closes = http.begun || !flight.keep_alive;
            if !http.begun {
                refuse_500(stream.output().tail(), flight, &date);
            }
        }
        http.begun = false;
        for flight in &mut http.flights {
            flight.sent = flight.sent.filter(|(lane, _)| *lane != gone);
        }
        drop(date);
        if closes {
            self.close(key);
        }
    }
}

fn refuse_500(out: &mut BytesMut, flight: Flight, stamp: &Stamp) {
    let head = ResponseHead {
        status: 500,
        reason: None,
        headers: &HeaderBlock::new(),
        content_encoding: None,
        peer: flight.version,
        keep_alive: flight.keep_alive,
        is_head: flight.head_only,
        stamp,
    };
    encode_response_head(out, &head, BodySize::Known(0));
}

fn copied(bytes: &Bytes) -> Bytes {
    if bytes.is_empty() { Bytes::new() } else { Bytes::copy_from_slice(bytes) }
}

fn hash(sum: usize, byte: &u8) -> usize {
    sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
}
