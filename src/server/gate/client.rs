//! One client's connection, as its I/O thread has it.

use std::{collections::VecDeque, net::SocketAddr};

use bytes::BytesMut;

use crate::{
    net::Stream,
    proto::{
        framing::{Decoder, Rule},
        http1::{Request, RequestDecoder, Version},
    },
    reactor::{Key, TimerKey},
};

pub(super) use super::super::connection::Phase;
use super::super::{
    port::{PortConfig, Speaks},
    progress::Seen,
    sessions::{Place, SessionId},
};

/// A connection: its stream, what arrived of the next message, and what its workers owe it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) stream: Stream,
    pub(super) session: SessionId,
    pub(super) place: Place,
    /// The port it came in on, in the order of adding.
    pub(super) listener: u16,
    pub(super) peer: Option<SocketAddr>,
    pub(super) phase: Phase,
    pub(super) protocol: Protocol,
    pub(super) input: BytesMut,
    pub(super) readable: bool,
    pub(super) read_closed: bool,
    pub(super) at_end: bool,
    /// `input` may hold a whole message that no event will speak of.
    pub(super) held: bool,
    /// A worker asked not to read on.
    pub(super) paused: bool,
    /// Nothing is read before a worker has confirmed it.
    pub(super) unconfirmed: bool,
    /// What the last look at its progress saw.
    pub(super) seen: Seen,
    /// The worker was told of the end of input.
    pub(super) told_end: bool,
    /// A frame of it went to some slot: there is a worker to tell of its end.
    pub(super) announced: bool,
    /// The program is asked who gets the last message.
    pub(super) asking: bool,
    /// Who gets the message that may be taken now.
    pub(super) slot: Option<usize>,
    /// The only slot that may have what it sends: the pieces make sense together only.
    pub(super) pinned: Option<usize>,
    /// The links to the workers that know it; the last one is the present one's.
    pub(super) homes: Vec<Key>,
    /// Bytes from workers that were not said to have left.
    pub(super) untold: usize,
    /// Bytes that it is known to hold.
    pub(super) counted: usize,
    /// Its peer did not take all at once.
    pub(super) blocked: bool,
    /// It is on the list of what is looked at in the end of the turn.
    pub(super) marked: bool,
    /// The peer has taken output since the last look.
    pub(super) progressed: bool,
    pub(super) limit: Option<TimerKey>,
}

/// What is taken off a connection's input.
#[derive(Debug)]
pub(super) enum Protocol {
    /// Bytes as they come; where PHP says how long a packet is, its worker asks it.
    Raw,
    /// Packets.
    Packets(Box<Decoder>),
    /// Requests.
    Http(Http),
    /// What broke the rule of packets was passed on: its worker closes the connection.
    Broken,
}

/// The HTTP side of a connection.
#[derive(Debug, Default)]
pub(super) struct Http {
    pub(super) decoder: RequestDecoder,
    /// Requests that wait for their answers, in order.
    pub(super) flights: VecDeque<Flight>,
    /// Requests taken so far.
    pub(super) made: u64,
    /// Bytes of those that wait.
    pub(super) flying: usize,
    /// The answer to the first of them has begun.
    pub(super) begun: bool,
    /// A request asks for another protocol: nothing is read before its answer.
    pub(super) upgrading: bool,
    /// Nothing further is read: the last request, or one that can not be read, was met.
    pub(super) last: bool,
    /// The status for the request that can not be read, once no answer is owed.
    pub(super) refusal: Option<u16>,
    /// A client waits for `100 Continue`, once no answer is owed.
    pub(super) continue_due: bool,
}

impl Http {
    /// A request was taken: its answer is owed.
    pub(super) fn expect(&mut self, request: &Request) {
        self.upgrading = request.upgrade();
        self.last = !request.keep_alive() && !self.upgrading;
        self.continue_due = false;
        let size = request.head().len() + request.body().len();
        self.flying += size;
        self.made += 1;
        self.flights.push_back(Flight {
            sent: None,
            version: request.version(),
            head_only: request.is_head(),
            keep_alive: request.keep_alive(),
            size,
        });
    }
}

/// A request on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    /// The link it went to and its number there; `None` while no worker serves.
    pub(super) sent: Option<(Key, u64)>,
    pub(super) version: Version,
    pub(super) head_only: bool,
    pub(super) keep_alive: bool,
    pub(super) size: usize,
}

/// Requests of one connection that may wait for their answers.
const PIPELINE: usize = 16;
/// While requests of more bytes wait for their answers, no further one is read.
const FLYING: usize = 1 << 20;
/// While more output than this waits, no further message is taken from the connection.
const OUTPUT_HIGH: usize = 64 * 1024;

impl Client {
    /// Whether the next message may be taken. `alone`: not while an answer is owed.
    pub(super) fn may_advance(&mut self, alone: bool) -> bool {
        if self.phase != Phase::Open || self.asking || self.paused || self.unconfirmed {
            return false;
        }
        let queued = self.stream.output().len();
        let http = match &self.protocol {
            Protocol::Raw | Protocol::Packets(_) => return true,
            Protocol::Broken => return false,
            Protocol::Http(http) => http,
        };
        let most = if alone { 1 } else { PIPELINE };
        let upgrades = http.upgrading && !http.flights.is_empty();
        !http.last
            && !upgrades
            && http.flights.len() < most
            && http.flying <= FLYING
            && queued <= OUTPUT_HIGH
    }

    /// Whether its end would cut nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.input.is_empty()
            && self.http().is_none_or(|http| {
                http.flights.is_empty() && http.refusal.is_none() && !http.decoder.is_midway()
            })
    }

    /// The HTTP side, if it has one.
    pub(super) fn http(&self) -> Option<&Http> {
        match &self.protocol {
            Protocol::Http(http) => Some(http),
            Protocol::Raw | Protocol::Packets(_) | Protocol::Broken => None,
        }
    }

    /// The HTTP side, if it has one.
    pub(super) fn http_mut(&mut self) -> Option<&mut Http> {
        match &mut self.protocol {
            Protocol::Http(http) => Some(http),
            Protocol::Raw | Protocol::Packets(_) | Protocol::Broken => None,
        }
    }

    /// The link to the worker that knows it best.
    pub(super) fn home(&self) -> Option<Key> {
        self.homes.last().copied()
    }

    /// The link that its present requests went to.
    pub(super) fn bound(&self) -> Option<Key> {
        self.http()?.flights.front()?.sent.map(|(lane, _)| lane)
    }

    /// So many answers are complete. Gives how many of them were owed.
    pub(super) fn complete(&mut self, answers: u16, begun: bool) -> u64 {
        let Protocol::Http(http) = &mut self.protocol else { return 0 };
        http.begun = begun;
        let mut owed = 0;
        for _ in 0..answers {
            let Some(flight) = http.flights.pop_front() else { break };
            http.flying -= flight.size;
            owed += 1;
        }
        if http.flights.is_empty() && http.flights.capacity() > 4 {
            http.flights = VecDeque::new();
        }
        owed
    }
}

impl Protocol {
    /// What is spoken on a port's connections.
    pub(super) fn of(port: &PortConfig) -> Protocol {
        match &port.speaks {
            Speaks::Http => Protocol::Http(Http::default()),
            Speaks::Raw | Speaks::Packets(Rule::Asked) => Protocol::Raw,
            Speaks::Packets(rule) => {
                Protocol::Packets(Box::new(Decoder::new(rule.clone(), port.package_max_length)))
            }
        }
    }
}
