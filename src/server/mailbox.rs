//! Letters between the processes of a server.
//!
//! Each process that can live at the same time has a box: a pair of packet sockets that the master
//! made before the first fork and holds for the server's whole life. Anybody writes to any box, only
//! its owner reads; what waits in a dead process's box is read by the next one with its address. The
//! letters that one process sends another arrive in order. A box that is full never blocks: letters
//! wait with their sender, up to a budget.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io,
    os::fd::{AsRawFd, OwnedFd},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Buf, BufMut, BytesMut};

pub use super::office::kind;
use super::office::{Address, PostOffice};
use crate::{
    reactor::{Key, Reactor, Source, Token},
    sys::{
        descriptor::{self, Events},
        level,
        packet::{self, MAX_DESCRIPTORS, Mapped},
        process::{self, Pid},
    },
};

/// What a letter says beside its payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// One of [`kind`].
    pub kind: u8,
    /// As the kind has them.
    pub flags: u8,
    /// As the kind has it.
    pub a: u64,
    /// As the kind has it.
    pub b: u64,
}

/// A letter as it is delivered.
#[derive(Debug)]
pub struct Letter<'a> {
    /// Kind, flags, numbers.
    pub head: Head,
    /// The sender's box.
    pub from: Address,
    /// The payload, of any length.
    pub payload: &'a [u8],
    /// What [`kind::CONNECTION`] brings. It was lost if this process had no descriptor for it.
    pub socket: Option<OwnedFd>,
}

/// One process's (or I/O thread's) place in the post: reads its own box, writes to all.
pub struct Mailbox {
    office: Arc<PostOffice>,
    own: Address,
    reactor: Rc<Reactor>,
    /// A child's copy must not touch the poll, which is its parent's too.
    process: Pid,
    outgoing: RefCell<Vec<Outgoing>>,
    /// Boxes with letters that no packet has taken along yet.
    unsent: RefCell<Vec<Address>>,
    queued: Cell<usize>,
    budget: usize,
    /// Room for one packet, kept between packets.
    input: Cell<BytesMut>,
    /// What this box holds is not asked for now.
    paused: Cell<bool>,
    /// What was read before its turn.
    backlog: RefCell<VecDeque<Kept>>,
}

/// What goes to one box.
#[derive(Default)]
struct Outgoing {
    open: Packet,
    /// Closed packets that the box did not take.
    waiting: VecDeque<Packet>,
    /// The poll tells when the box takes more.
    watched: bool,
}

#[derive(Default)]
struct Packet {
    bytes: BytesMut,
    descriptors: Vec<OwnedFd>,
    /// What the packet counts against the budget.
    cost: usize,
    /// It is one of connections, and of nothing else.
    sockets: bool,
}

struct Kept {
    head: Head,
    from: Address,
    payload: BytesMut,
    socket: Option<OwnedFd>,
}

/// How a wait for a letter ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// It came.
    Arrived,
    /// It did not come in time.
    TimedOut,
}

/// Bytes that wait for full boxes, at most, in one process.
pub const BUDGET: usize = 64 * 1024 * 1024;
/// A packet is closed when the next letter would make it longer.
const PACKET: usize = 64 * 1024;
/// A longer payload travels as memory, not in the packet.
const INLINE: usize = 32 * 1024;
/// Large payloads of one packet, at most.
const MEMORIES: usize = 8;
/// kind, flags, sender (2), length (4), a (8), b (8), in the machine's order.
const HEAD: usize = 24;
/// A length that says: the payload is in the packet's next descriptor.
const IN_MEMORY: u32 = u32::MAX;
/// Letters that wait behind a wait for another, in bytes.
const BACKLOG: usize = 64 * 1024 * 1024;
/// When the system is out of memory or descriptors.
const TRY_AGAIN: Duration = Duration::from_millis(10);

impl Mailbox {
    /// The place of the process with that address; its box is put on the reactor as
    /// [`Source::Mailbox`], level-triggered.
    ///
    /// # Errors
    /// `NotFound` for an address of another office; the poll's.
    pub fn new(office: Arc<PostOffice>, own: Address, reactor: Rc<Reactor>) -> io::Result<Mailbox> {
        let mailbox = Mailbox::writer(office, own, reactor);
        let pair = mailbox.office.pair(own).ok_or(io::ErrorKind::NotFound)?;
        let token = mailbox.token(own).to_bits();
        level::add(&mailbox.reactor.poll_fd(), &pair.reader, token, true, false)?;
        Ok(mailbox)
    }

    /// One that only sends.
    #[must_use]
    pub fn writer(office: Arc<PostOffice>, own: Address, reactor: Rc<Reactor>) -> Mailbox {
        let outgoing = office.boxes.iter().map(|_| Outgoing::default()).collect();
        Mailbox {
            office,
            own,
            reactor,
            process: process::id(),
            outgoing: RefCell::new(outgoing),
            unsent: RefCell::default(),
            queued: Cell::new(0),
            budget: BUDGET,
            input: Cell::default(),
            paused: Cell::new(false),
            backlog: RefCell::default(),
        }
    }

    /// All boxes.
    #[must_use]
    pub fn office(&self) -> &Arc<PostOffice> {
        &self.office
    }

    /// This process's box.
    #[must_use]
    pub fn address(&self) -> Address {
        self.own
    }

    /// Bytes that wait to be sent.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queued.get()
    }

    /// Posts a letter: it leaves with others for that box by [`flush`](Self::flush).
    ///
    /// # Errors
    /// `WouldBlock` when the box is full and so is this process's budget, `NotFound` for no
    /// address; when a large payload finds no memory. Nothing was posted then.
    pub fn post(&self, to: Address, head: Head, payload: &[&[u8]]) -> io::Result<()> {
        self.post_with(to, head, payload, None)
    }

    /// Posts a letter of [`kind::CONNECTION`]. Such letters share packets with none of another kind: who
    /// reads them runs no code between them that it could die of.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub fn post_socket(
        &self,
        to: Address,
        head: Head,
        payload: &[&[u8]],
        socket: OwnedFd,
    ) -> io::Result<()> {
        self.post_with(to, head, payload, Some(socket))
    }

    fn post_with(
        &self,
        to: Address,
        head: Head,
        payload: &[&[u8]],
        socket: Option<OwnedFd>,
    ) -> io::Result<()> {
        let length: usize = payload.iter().map(|part| part.len()).sum();
        let mut outgoing = self.outgoing.borrow_mut();
        let out = outgoing.get_mut(usize::from(to.0)).ok_or(io::ErrorKind::NotFound)?;
        if self.queued.get() > 0 && self.queued.get() + length > self.budget {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let memory = if length > INLINE { Some(packet::sealed_memory(payload)?) } else { None };
        if !out.open.has_room(length.min(INLINE), socket.is_some()) {
            self.close(to, out);
        }
        let cost = HEAD + length;
        self.queued.set(self.queued.get() + cost);
        let packet = &mut out.open;
        let fresh = packet.bytes.is_empty();
        packet.cost += cost;
        packet.sockets = socket.is_some();
        packet.descriptors.extend(socket);
        let inline = u32::try_from(length).unwrap_or(IN_MEMORY);
        packet.bytes.put_u8(head.kind);
        packet.bytes.put_u8(head.flags);
        packet.bytes.put_u16_ne(self.own.0);
        packet.bytes.put_u32_ne(if memory.is_some() { IN_MEMORY } else { inline });
        packet.bytes.put_u64_ne(head.a);
        packet.bytes.put_u64_ne(head.b);
        match memory {
            Some(memory) => packet.descriptors.push(memory),
            None => payload.iter().for_each(|part| packet.bytes.put_slice(part)),
        }
        if fresh {
            self.unsent.borrow_mut().push(to);
        }
        Ok(())
    }

    /// Posts a letter in a packet of its own, and sends it: so that who dies with it has read no
    /// other one.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub fn post_alone(&self, to: Address, head: Head, payload: &[&[u8]]) -> io::Result<()> {
        if let Some(out) = self.outgoing.borrow_mut().get_mut(usize::from(to.0)) {
            self.close(to, out);
        }
        self.post(to, head, payload)?;
        if let Some(out) = self.outgoing.borrow_mut().get_mut(usize::from(to.0)) {
            self.close(to, out);
        }
        Ok(())
    }

    /// Sends what was posted: once a turn.
    pub fn flush(&self) {
        if self.unsent.borrow().is_empty() {
            return;
        }
        let unsent = self.unsent.take();
        let mut outgoing = self.outgoing.borrow_mut();
        for to in &unsent {
            if let Some(out) = outgoing.get_mut(usize::from(to.0)) {
                self.close(*to, out);
            }
        }
        drop(outgoing);
        let mut kept = self.unsent.borrow_mut();
        if kept.is_empty() {
            *kept = unsent;
            kept.clear();
        }
    }

    /// Whether something waits for [`flush`](Self::flush), so that the poll must not wait.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        !self.unsent.borrow().is_empty()
    }

    /// A token of [`Source::Mailbox`] is ready or due: a full box takes letters again, or this
    /// process's box holds some, of which those of one packet are delivered, in order. After a
    /// `deliver` that says `false` the rest is kept for the next call. Nothing is borrowed while
    /// `deliver` runs.
    pub fn handle_ready(&self, token: Token, deliver: &mut dyn FnMut(Letter<'_>) -> bool) {
        let index = token.key().index();
        if index != u32::from(self.own.0) {
            if let Some(out) = self.outgoing.borrow_mut().get_mut(index as usize)
                && let Ok(number) = u16::try_from(index)
            {
                self.push(Address(number), out);
            }
            return;
        }
        if self.paused.get() {
            return;
        }
        if self.deliver_backlog(deliver) {
            self.deliver_packet(self.own, deliver);
        }
        if !self.backlog.borrow().is_empty() {
            self.reactor.again(token);
        }
    }

    /// Takes everything out of the box of a dead process whose place this one has taken; it is
    /// delivered by [`handle_ready`](Self::handle_ready).
    pub fn adopt(&self, address: Address) {
        if address != self.own {
            self.empty(address);
        }
    }

    /// Takes out what this process's box holds at this moment: it is delivered as what is adopted is.
    pub fn take_in(&self) {
        self.empty(self.own);
    }

    /// Whether letters were taken out of a box and not delivered yet.
    #[must_use]
    pub fn has_backlog(&self) -> bool {
        !self.backlog.borrow().is_empty()
    }

    /// Delivers nothing until [`resume`](Self::resume); letters wait in the box.
    pub fn pause(&self) {
        self.watch_own(true);
    }

    /// Delivers again.
    pub fn resume(&self) {
        self.watch_own(false);
        if !self.backlog.borrow().is_empty() {
            self.reactor.again(self.token(self.own));
        }
    }

    fn watch_own(&self, pause: bool) {
        if self.paused.replace(pause) != pause
            && let Some(pair) = self.office.pair(self.own)
        {
            let token = self.token(self.own).to_bits();
            let _ = level::modify(&self.reactor.poll_fd(), &pair.reader, token, !pause, false);
        }
    }

    /// Whether no letter waits for this process, at this moment.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let Some(pair) = self.office.pair(self.own) else { return true };
        let waits = descriptor::poll_one(&pair.reader, Events::READ, Some(Duration::ZERO));
        self.backlog.borrow().is_empty() && !waits.is_ok_and(|found| found.read)
    }

    /// Waits for a letter that `wanted` takes, at most until `deadline`. Other letters that arrive
    /// meanwhile are delivered later, by [`handle_ready`](Self::handle_ready). What was posted is
    /// sent first.
    pub fn wait(&self, deadline: Instant, wanted: &mut dyn FnMut(&Letter<'_>) -> bool) -> Waited {
        self.flush();
        let Some(pair) = self.office.pair(self.own) else { return Waited::TimedOut };
        let mut arrived = false;
        loop {
            let left = deadline.saturating_duration_since(self.reactor.refresh_now());
            if left.is_zero() {
                return Waited::TimedOut;
            }
            let mut polled = vec![(pair.reader.as_raw_fd(), Events::READ)];
            polled.extend(self.full().into_iter().map(|fd| (fd, Events::WRITE)));
            if descriptor::poll_many(&mut polled, left).is_err() {
                continue;
            }
            if polled.iter().any(|(_, found)| found.write) {
                self.push_all();
            }
            if polled.first().is_some_and(|(_, found)| found.read) {
                self.deliver_packet(self.own, &mut |letter| {
                    if !arrived && wanted(&letter) {
                        arrived = true;
                    } else {
                        self.backlog.borrow_mut().push_back(Kept::of(letter));
                    }
                    true
                });
                if !self.backlog.borrow().is_empty() {
                    self.reactor.again(self.token(self.own));
                }
            }
            if arrived {
                return Waited::Arrived;
            }
            if self.backlog.borrow().iter().map(Kept::len).sum::<usize>() > BACKLOG {
                return Waited::TimedOut;
            }
        }
    }

    /// The process ends: what it has read and not delivered goes to its heir, and what was posted is
    /// sent, for which full boxes have until `deadline`. The heir is the process that serves in its place:
    /// what its own box still holds goes there too. If there is none, its own box keeps all for the next.
    /// Gives the sessions whose connections found no room: they are lost.
    pub fn end(&self, deadline: Instant, heir: Address) -> Vec<u64> {
        if heir != self.own {
            // Who writes from now on writes to the heir.
            self.office.set_owner(self.own, 0);
            self.take_in();
        }
        for kept in self.backlog.take() {
            let _ = self.post_with(heir, kept.head, &[&kept.payload], kept.socket);
        }
        self.flush();
        loop {
            let full = self.full();
            let left = deadline.saturating_duration_since(self.reactor.refresh_now());
            if full.is_empty() || left.is_zero() {
                let outgoing = self.outgoing.borrow();
                let waiting = outgoing.iter().flat_map(|out| &out.waiting);
                return waiting.flat_map(Packet::connections).collect();
            }
            let mut polled: Vec<_> = full.into_iter().map(|fd| (fd, Events::WRITE)).collect();
            let _ = descriptor::poll_many(&mut polled, left);
            self.push_all();
        }
    }

    /// Takes everything out of a box, to be delivered in a later turn.
    fn empty(&self, address: Address) {
        while self.deliver_packet(address, &mut |letter| {
            self.backlog.borrow_mut().push_back(Kept::of(letter));
            true
        }) {}
        if !self.backlog.borrow().is_empty() {
            self.reactor.again(self.token(self.own));
        }
    }

    /// Delivers what was kept; `false` when `deliver` said so.
    fn deliver_backlog(&self, deliver: &mut dyn FnMut(Letter<'_>) -> bool) -> bool {
        let count = self.backlog.borrow().len();
        for _ in 0..count {
            let Some(kept) = self.backlog.borrow_mut().pop_front() else { break };
            let Kept { head, from, payload, socket } = kept;
            if !deliver(Letter { head, from, payload: &payload, socket }) {
                return false;
            }
        }
        true
    }

    /// Delivers the letters of one packet; `false` when there was none.
    fn deliver_packet(&self, from: Address, deliver: &mut dyn FnMut(Letter<'_>) -> bool) -> bool {
        let Some(pair) = self.office.pair(from) else { return false };
        let mut bytes = self.input.take();
        bytes.clear();
        let mut descriptors = Vec::new();
        let received = packet::receive(&pair.reader, &mut bytes, RECEIVE, &mut descriptors);
        let mut descriptors = descriptors.into_iter();
        let mut rest = &bytes[..];
        let mut goes_on = true;
        let mut later = Vec::new();
        while let Some((head, sender, length)) = take_head(&mut rest) {
            let brings = head.kind == kind::CONNECTION;
            let mut socket = if brings { descriptors.next() } else { None };
            let memory = if length == IN_MEMORY { Some(descriptors.next()) } else { None };
            let mapped = memory.map(|memory| memory.and_then(|memory| Mapped::new(memory).ok()));
            let inline = match mapped {
                Some(_) => 0,
                None => usize::try_from(length).unwrap_or(usize::MAX),
            };
            let Some((payload, after)) = rest.split_at_checked(inline) else { break };
            rest = after;
            let payload = match &mapped {
                None => payload,
                Some(Some(mapped)) => mapped,
                Some(None) if brings => {
                    socket = None;
                    payload
                }
                // No memory to map it: its sender waits as for a process that died with it.
                Some(None) => continue,
            };
            let letter = Letter { head, from: sender, payload, socket };
            if goes_on {
                goes_on = deliver(letter);
            } else {
                later.push(Kept::of(letter));
            }
        }
        let mut backlog = self.backlog.borrow_mut();
        later.into_iter().rev().for_each(|kept| backlog.push_front(kept));
        drop(backlog);
        self.input.set(bytes);
        received.is_ok_and(|length| length > 0)
    }

    /// Closes the open packet and sends it behind those that wait.
    fn close(&self, to: Address, out: &mut Outgoing) {
        if out.open.bytes.is_empty() {
            return;
        }
        if out.waiting.is_empty() && self.send(to, &out.open).is_ok() {
            self.queued.set(self.queued.get().saturating_sub(out.open.cost));
            out.open.clear();
            return;
        }
        out.waiting.push_back(std::mem::take(&mut out.open));
        self.push(to, out);
    }

    /// Sends the closed packets until the box is full.
    fn push(&self, to: Address, out: &mut Outgoing) {
        while let Some(packet) = out.waiting.front() {
            match self.send(to, packet) {
                Ok(()) => {
                    self.queued.set(self.queued.get().saturating_sub(packet.cost));
                    out.waiting.pop_front();
                }
                Err(error) => return self.watch(to, out, &error),
            }
        }
        if std::mem::take(&mut out.watched)
            && let Some(pair) = self.office.pair(to)
        {
            self.reactor.deregister(&pair.writer);
        }
    }

    fn push_all(&self) {
        for (number, out) in (0u16..).zip(self.outgoing.borrow_mut().iter_mut()) {
            if !out.waiting.is_empty() {
                self.push(Address(number), out);
            }
        }
    }

    fn send(&self, to: Address, packet: &Packet) -> io::Result<()> {
        let pair = self.office.pair(to).ok_or(io::ErrorKind::NotFound)?;
        packet::send(&pair.writer, &packet.bytes, &packet.descriptors)
    }

    fn watch(&self, to: Address, out: &mut Outgoing, error: &io::Error) {
        use crate::reactor::Interest;

        let Some(pair) = self.office.pair(to) else { return };
        let token = self.token(to);
        let full = error.kind() == io::ErrorKind::WouldBlock;
        if full && !out.watched {
            out.watched = self.reactor.register(&pair.writer, token, Interest::WRITABLE).is_ok();
        }
        if !full || !out.watched {
            let at = self.reactor.now() + TRY_AGAIN;
            self.reactor.timers().borrow_mut().insert(at, token);
        }
    }

    /// The boxes that letters wait for.
    fn full(&self) -> Vec<std::os::fd::RawFd> {
        let outgoing = self.outgoing.borrow();
        let waiting = outgoing.iter().zip(&self.office.boxes);
        waiting
            .filter(|(out, _)| !out.waiting.is_empty())
            .map(|(_, pair)| pair.writer.as_raw_fd())
            .collect()
    }

    #[expect(clippy::unused_self, reason = "the token of this mailbox's reactor")]
    fn token(&self, address: Address) -> Token {
        Token::new(Source::Mailbox, Key::fixed(u32::from(address.0)))
    }
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        if self.process != process::id() {
            return;
        }
        if let Some(pair) = self.office.pair(self.own) {
            self.reactor.deregister(&pair.reader);
        }
        for (out, pair) in self.outgoing.get_mut().iter().zip(&self.office.boxes) {
            if out.watched {
                self.reactor.deregister(&pair.writer);
            }
        }
    }
}

impl Packet {
    fn has_room(&self, length: usize, socket: bool) -> bool {
        self.bytes.is_empty()
            || (self.bytes.len() + HEAD + length <= PACKET
                && self.sockets == socket
                && self.descriptors.len() < if socket { MAX_DESCRIPTORS - 1 } else { MEMORIES })
    }

    /// The sessions of the connections in it.
    fn connections(&self) -> Vec<u64> {
        let (mut sessions, mut rest) = (Vec::new(), &self.bytes[..]);
        while self.sockets
            && let Some((head, _, length)) = take_head(&mut rest)
        {
            sessions.push(head.a);
            let inline = if length == IN_MEMORY { 0 } else { length as usize };
            rest = rest.get(inline..).unwrap_or_default();
        }
        sessions
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.descriptors.clear();
        self.cost = 0;
    }
}

impl Kept {
    fn of(letter: Letter<'_>) -> Kept {
        let Letter { head, from, payload, socket } = letter;
        Kept { head, from, payload: BytesMut::from(payload), socket }
    }

    fn len(&self) -> usize {
        self.payload.len()
    }
}

/// What a packet is received into: the longest one that is sent.
const RECEIVE: usize = PACKET + HEAD + INLINE;

fn take_head(rest: &mut &[u8]) -> Option<(Head, Address, u32)> {
    if rest.len() < HEAD {
        return None;
    }
    let (kind, flags) = (rest.get_u8(), rest.get_u8());
    let (sender, length) = (rest.get_u16_ne(), rest.get_u32_ne());
    let (a, b) = (rest.get_u64_ne(), rest.get_u64_ne());
    Some((Head { kind, flags, a, b }, Address(sender), length))
}

#[cfg(test)]
#[path = "mailbox_tests.rs"]
mod tests;
