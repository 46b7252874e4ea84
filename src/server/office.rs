//! The boxes of a server, and what kinds of letters there are.

use std::{io, os::fd::OwnedFd, sync::atomic::Ordering};

use super::stats::LANES;
use crate::sys::{packet, shared::Counters};

/// Kinds of letters: one table, so that no two modules use one number.
pub mod kind {
    /// `sendMessage`: the payload is the message; flags: [`SERIALIZED`].
    pub const MESSAGE: u8 = 1;
    /// `task`: a = number of the task, b = generation of the asking process, payload = data;
    /// flags: [`SERIALIZED`].
    pub const TASK: u8 = 2;
    /// The answer of a task, a and b as they were asked; flags: [`SERIALIZED`].
    pub const FINISH: u8 = 3;
    /// A task has ended without an answer; a and b as they were asked; flags: [`LOST`].
    pub const TASK_ENDED: u8 = 4;
    /// `send` of another process's session a.
    pub const SESSION_SEND: u8 = 5;
    /// `close` of it; flags: 1 drops what is queued.
    pub const SESSION_CLOSE: u8 = 6;
    /// `sendfile`: from b on; the payload is the length (u64) and the path.
    pub const SESSION_FILE: u8 = 7;
    /// Its reading; flags: 0 `pause`, 1 `resume`, 2 `confirm`.
    pub const SESSION_READ: u8 = 8;
    /// A connection, with its socket, for the next worker in the sender's place: session a, flags as
    /// `server::handover` has them. The payload is input that was not handled yet.
    pub const CONNECTION: u8 = 9;

    /// Flag: the payload is what PHP's `serialize()` made.
    pub const SERIALIZED: u8 = 1;
    /// Flag of [`TASK_ENDED`]: its task worker died with it.
    pub const LOST: u8 = 2;
    /// Flag of what is asked of a session: it was put behind the letter that brings the connection.
    pub const DEFERRED: u8 = 128;
}

/// Whose box: an index in the post office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(pub(super) u16);

impl Address {
    /// The number of the box.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

/// All boxes of a server. Made by the master before the first fork; threads may share it.
#[derive(Debug)]
pub struct PostOffice {
    pub(super) boxes: Vec<Pair>,
    slots: usize,
    /// The lane of each slot's serving process.
    serving: Counters,
    /// The generation of the process that reads each box; 0: nobody does.
    owners: Counters,
}

#[derive(Debug)]
pub(super) struct Pair {
    pub(super) reader: OwnedFd,
    pub(super) writer: OwnedFd,
}

impl PostOffice {
    /// Boxes for `slots` workers, task workers and user processes (two for each, as a process and
    /// its successor live at the same time), and `extra` more. Each is asked to hold `room` bytes of
    /// unread packets; the system may give less.
    ///
    /// # Errors
    /// The system's: `EMFILE` above all; `InvalidInput` for more than 65,536 boxes.
    pub fn new(slots: usize, extra: usize, room: usize) -> io::Result<PostOffice> {
        let count = slots * LANES + extra;
        if count > usize::from(u16::MAX) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut boxes = Vec::with_capacity(count);
        for _ in 0..count {
            let (reader, writer) = packet::pair()?;
            packet::set_room(&writer, room);
            boxes.push(Pair { reader, writer });
        }
        let (serving, owners) = (Counters::new(slots)?, Counters::new(count)?);
        Ok(PostOffice { boxes, slots, serving, owners })
    }

    /// The box of a slot's process in that lane.
    #[must_use]
    pub fn address(&self, slot: usize, lane: usize) -> Option<Address> {
        let number = (slot < self.slots && lane < LANES).then_some(slot * LANES + lane)?;
        u16::try_from(number).ok().map(Address)
    }

    /// One of the extra boxes.
    #[must_use]
    pub fn extra(&self, number: usize) -> Option<Address> {
        let number = self.slots * LANES + number;
        u16::try_from(number).ok().filter(|_| number < self.boxes.len()).map(Address)
    }

    /// The box of the process that serves in this slot.
    #[must_use]
    pub fn serving(&self, slot: usize) -> Option<Address> {
        self.address(slot, self.serving_lane(slot))
    }

    /// The lane of the process that serves in this slot, or that did so last.
    #[must_use]
    pub fn serving_lane(&self, slot: usize) -> usize {
        usize::from(self.serving.get(slot).is_some_and(|lane| lane.load(Ordering::Acquire) != 0))
    }

    /// Says which of a slot's processes serves from now on. The master's to call.
    pub fn set_serving(&self, slot: usize, lane: usize) {
        if let Some(serving) = self.serving.get(slot) {
            serving.store(u64::from(lane != 0), Ordering::Release);
        }
    }

    /// Says which process reads a box, by its generation; 0: none does. The master's to call.
    pub fn set_owner(&self, address: Address, generation: u64) {
        if let Some(owner) = self.owners.get(usize::from(address.0)) {
            owner.store(generation, Ordering::Release);
        }
    }

    /// The generation of the process that reads a box; 0 for none. An answer for another one than
    /// asked would find nobody.
    #[must_use]
    pub fn owner(&self, address: Address) -> u64 {
        self.owners.get(usize::from(address.0)).map_or(0, |owner| owner.load(Ordering::Acquire))
    }

    /// The box with that number.
    #[must_use]
    pub fn numbered(&self, number: u16) -> Option<Address> {
        (usize::from(number) < self.boxes.len()).then_some(Address(number))
    }

    /// The slot of a box; `None` for an extra one.
    #[must_use]
    pub fn slot_of(&self, address: Address) -> Option<usize> {
        let slot = usize::from(address.0) / LANES;
        (slot < self.slots).then_some(slot)
    }

    /// The box of the other process that may live in the same slot.
    #[must_use]
    pub fn other(&self, address: Address) -> Option<Address> {
        let slot = self.slot_of(address)?;
        (0..LANES).filter_map(|lane| self.address(slot, lane)).find(|other| *other != address)
    }

    /// Where a letter for a session goes whose connection is on its way, when `from` has it not: to the
    /// one that gives it away, which sends it on behind the connection, as long as that lives, else to the
    /// one that it goes to.
    #[must_use]
    pub fn behind(&self, owner: Address, from: Address) -> Option<Address> {
        if owner != from && self.owner(owner) != 0 {
            return Some(owner);
        }
        self.serving(self.slot_of(owner)?)
    }

    pub(super) fn pair(&self, address: Address) -> Option<&Pair> {
        self.boxes.get(usize::from(address.0))
    }
}
