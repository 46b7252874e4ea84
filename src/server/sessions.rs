//! The sessions of a whole server, in memory that all its processes share: who owns a connection,
//! and what is known of it. Found by id without a search, written by its owner, read by everybody
//! without a lock.
//!
//! Words: the id counter, where to look for a free place, how many are open; a bit a place; the way
//! from an id to its place; the rows. A row's first word holds its id, so a reader that finds the
//! same id before and after reading has read one session. What is read or changed later is a word of
//! its own, with the id in its upper half where a late writer could meet the next session.

use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering, fence},
    },
    time::{Duration, Instant},
};

use crate::sys::{process::Pid, shared::Counters};

/// What PHP calls `$fd`: unique across the workers and ports of a server.
pub type SessionId = u32;

/// The table. Made before the first fork; clones are the same table, in threads too.
#[derive(Clone, Debug)]
pub struct Sessions {
    words: Arc<Counters>,
    most: usize,
    base: Instant,
}

/// A session's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

/// What is known of a session when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The process that owns the connection, by its number in the server.
    pub owner: u16,
    /// That process's id, so that its sessions can be buried with it.
    pub pid: Pid,
    /// The port it came in on, by its number in the server.
    pub port: u16,
    /// What PHP is told as `reactor_id`.
    pub reactor: u16,
    /// The operating system's descriptor in the owner.
    pub descriptor: i32,
    /// The peer, unless it came over a unix socket.
    pub peer: Option<SocketAddr>,
    /// What the owner finds the connection by.
    pub key: u64,
    /// When it was accepted.
    pub now: Instant,
}

/// A copy of a session's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What was known when it was opened.
    pub opening: Opening,
    /// When something was last received.
    pub received: Instant,
    /// What `bind()` gave; 0: nothing.
    pub uid: u32,
    /// What holds of it.
    pub flags: Flags,
}

/// What holds of a session: a sum of the constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u32);

impl Flags {
    /// It is being closed: `onClose` is running or has run.
    pub const CLOSING: Flags = Flags(1);
    /// `onClose` has run and all is sent: only the peer's end is waited for.
    pub const GONE: Flags = Flags(2);
    /// Heartbeats leave it alone.
    pub const PROTECTED: Flags = Flags(4);

    /// Whether all of `flags` hold.
    #[must_use]
    pub fn has(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl Session {
    /// Its connection is on the way from its owner to another process.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.opening.pid == 0
    }
}

/// Ids are counted from 1 to this, then from 1 again.
const IDS: u64 = (1 << 24) - 1;

const COUNTER: usize = 0;
const HINT: usize = 1;
const OPEN: usize = 2;
const HEADER: usize = 8;

/// Words of a row.
const WIDTH: usize = 10;
const STATE: usize = 0;
const OWNER: usize = 1;
const DESCRIPTOR: usize = 2;
const PEER: usize = 3;
const ADDRESS: usize = 4;
const KEY: usize = 6;
const CONNECTED: usize = 7;
const RECEIVED: usize = 8;
const UID: usize = 9;

const NO_PEER: u64 = 0;
const IPV4: u64 = 4;
const IPV6: u64 = 6;

impl Sessions {
    /// Room for `most` sessions at a time, at least one and at most [`Sessions::MOST`]. `base` is a
    /// time before the first session's.
    ///
    /// # Errors
    /// When the system gives no memory.
    pub fn new(most: usize, base: Instant) -> io::Result<Sessions> {
        let most = most.clamp(1, Sessions::MOST);
        let bits = most.div_ceil(64);
        let words = HEADER + bits + most.next_power_of_two() + most * WIDTH;
        Ok(Sessions { words: Arc::new(Counters::new(words)?), most, base })
    }

    /// The most sessions that a table can be made for.
    pub const MOST: usize = 1_000_000;

    /// How many sessions there can be at a time.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.word(OPEN).load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Opens a session. `None`: there are as many as there can be.
    #[must_use]
    pub fn open(&self, opening: &Opening) -> Option<(SessionId, Place)> {
        let place = self.take_place()?;
        let Opening { owner, pid, port, reactor, descriptor, peer, key, now } = *opening;
        let set = |column, value| self.at(place, column).store(value, Ordering::Relaxed);
        let (kind, address) = match peer.map(|peer| peer.ip()) {
            None => (NO_PEER, [0; 16]),
            Some(IpAddr::V4(ip)) => (IPV4, ip.to_ipv6_mapped().octets()),
            Some(IpAddr::V6(ip)) => (IPV6, ip.octets()),
        };
        let address = u128::from_be_bytes(address);
        // The row is void now: a reader that still sees the old id must not see new words.
        fence(Ordering::Release);
        set(OWNER, u64::from(pid.cast_unsigned()) << 32 | u64::from(owner));
        let descriptor = u64::from(descriptor.cast_unsigned());
        set(DESCRIPTOR, descriptor << 32 | u64::from(port) << 16 | u64::from(reactor));
        set(PEER, kind << 16 | u64::from(peer.map_or(0, |peer| peer.port())));
        set(ADDRESS, high(address));
        set(ADDRESS + 1, low(address));
        set(KEY, key);
        let now = self.pack(now);
        set(CONNECTED, now);
        set(RECEIVED, now);
        let id = self.take_id(place);
        set(UID, u64::from(id) << 32);
        self.at(place, STATE).store(u64::from(id) << 32, Ordering::Release);
        self.word(OPEN).fetch_add(1, Ordering::Relaxed);
        Some((id, place))
    }

    /// Something was received. The owner's to call.
    pub fn touch(&self, place: Place, now: Instant) {
        self.at(place, RECEIVED).store(self.pack(now), Ordering::Relaxed);
    }

    /// When something was last received. The owner's to ask.
    #[must_use]
    pub fn received(&self, place: Place) -> Instant {
        self.unpack(self.at(place, RECEIVED).load(Ordering::Relaxed))
    }

    /// Its connection leaves the owner for another process: until that calls [`adopt`](Self::adopt) it
    /// is nobody's, and is not buried with anybody. What is asked of it still goes to `owner`. The owner's
    /// to call.
    pub fn release(&self, place: Place) {
        let owner = self.at(place, OWNER);
        owner.store(u64::from(half_word(owner.load(Ordering::Relaxed))), Ordering::Release);
    }

    /// The connection has come to the process `pid`, whose number is `owner`: all else that is known of
    /// the session stays. `false`: it has ended.
    pub fn adopt(&self, id: SessionId, owner: u16, pid: Pid, descriptor: i32, key: u64) -> bool {
        let Some(place) = self.place_of(id) else { return false };
        let word = self.at(place, DESCRIPTOR);
        let rest = u64::from(low_half(word.load(Ordering::Relaxed)));
        word.store(u64::from(descriptor.cast_unsigned()) << 32 | rest, Ordering::Relaxed);
        self.at(place, KEY).store(key, Ordering::Relaxed);
        let owner = u64::from(pid.cast_unsigned()) << 32 | u64::from(owner);
        self.at(place, OWNER).store(owner, Ordering::Release);
        true
    }

    /// Ends a session: its id is known no more. The owner's to call; a second call changes nothing.
    pub fn close(&self, id: SessionId, place: Place) {
        let state = self.at(place, STATE);
        let before = state.load(Ordering::Relaxed);
        if before >> 32 != u64::from(id)
            || state.compare_exchange(before, 0, Ordering::AcqRel, Ordering::Relaxed).is_err()
        {
            return;
        }
        let entry = u64::from(id) << 32 | u64::from(place.0);
        let way = self.way(id);
        let _ = way.compare_exchange(entry, 0, Ordering::Release, Ordering::Relaxed);
        let word = place.0 as usize / 64;
        self.word(HEADER + word).fetch_and(!(1 << (place.0 % 64)), Ordering::Release);
        self.word(HINT).fetch_min(word as u64, Ordering::Release);
        self.word(OPEN).fetch_sub(1, Ordering::Relaxed);
    }

    /// A session.
    #[must_use]
    pub fn find(&self, id: SessionId) -> Option<Session> {
        self.read(self.place_of(id)?).filter(|session| session.id == id)
    }

    /// What the owner `pid` finds the connection of a session by. Cheaper than [`find`](Self::find).
    #[must_use]
    pub fn key_of(&self, id: SessionId, pid: Pid) -> Option<u64> {
        let place = self.place_of(id)?;
        let state = self.at(place, STATE);
        let before = state.load(Ordering::Acquire) >> 32;
        let owner = self.at(place, OWNER).load(Ordering::Relaxed) >> 32;
        let key = self.at(place, KEY).load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        let stands = before == u64::from(id) && state.load(Ordering::Relaxed) >> 32 == before;
        (stands && owner == u64::from(pid.cast_unsigned())).then_some(key)
    }

    /// Sets or clears flags of a session that still stands. Gives the flags that held before.
    pub fn mark(&self, id: SessionId, flags: Flags, on: bool) -> Option<Flags> {
        let state = self.at(self.place_of(id)?, STATE);
        let change = |word: u64| {
            let bits = u64::from(flags.0);
            (word >> 32 == u64::from(id)).then_some(if on { word | bits } else { word & !bits })
        };
        let before = state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, change).ok()?;
        Some(flags_of(before))
    }

    /// Binds a session to a user's number. `Some(false)`: it is bound already.
    #[must_use]
    pub fn bind(&self, id: SessionId, uid: u32) -> Option<bool> {
        let word = self.at(self.place_of(id)?, UID);
        let unbound = u64::from(id) << 32;
        match word.compare_exchange(
            unbound,
            unbound | u64::from(uid),
            Ordering::Relaxed,
            Ordering::Relaxed,
        ) {
            Ok(_) => Some(true),
            Err(other) => (other >> 32 == u64::from(id)).then_some(false),
        }
    }

    /// The first session at or behind a place, in the order of places; places are given to the
    /// next session when they are free.
    #[must_use]
    pub fn from_place(&self, first: Place) -> Option<(Place, Session)> {
        let first = first.0 as usize;
        let mut word = first / 64;
        let mut mask = u64::MAX << (first % 64);
        while word < self.most.div_ceil(64) {
            let mut bits = self.word(HEADER + word).load(Ordering::Acquire) & mask;
            while bits != 0 {
                let place = place(word * 64 + bits.trailing_zeros() as usize);
                if let Some(session) = self.read(place) {
                    return Some((place, session));
                }
                bits &= bits - 1;
            }
            mask = u64::MAX;
            word += 1;
        }
        None
    }

    /// All sessions, those that are opened or ended meanwhile perhaps.
    pub fn iter(&self) -> impl Iterator<Item = Session> + '_ {
        let mut next = Place::FIRST;
        std::iter::from_fn(move || {
            let (place, session) = self.from_place(next)?;
            next = place.after();
            Some(session)
        })
    }

    /// Where a session stands.
    #[must_use]
    pub fn place_of(&self, id: SessionId) -> Option<Place> {
        let entry = self.way(id).load(Ordering::Acquire);
        (entry != 0 && entry >> 32 == u64::from(id)).then(|| Place(low_half(entry)))
    }

    /// Ends the sessions of a process that has ended without doing so.
    pub fn bury(&self, pid: Pid) {
        let mut next = Place::FIRST;
        while let Some((place, session)) = self.from_place(next) {
            if session.opening.pid == pid {
                self.close(session.id, place);
            }
            next = place.after();
        }
    }

    fn take_place(&self) -> Option<Place> {
        let words = self.most.div_ceil(64);
        let hint = usize::try_from(self.word(HINT).load(Ordering::Acquire)).unwrap_or(0);
        for word in (hint..words).chain(0..hint.min(words)) {
            let bits = self.word(HEADER + word);
            let mut seen = bits.load(Ordering::Relaxed);
            loop {
                let free = (!seen).trailing_zeros() as usize;
                if free == 64 || word * 64 + free >= self.most {
                    break;
                }
                let after = seen | 1 << free;
                match bits.compare_exchange(seen, after, Ordering::AcqRel, Ordering::Relaxed) {
                    Ok(_) => {
                        self.move_hint(hint, word);
                        return Some(place(word * 64 + free));
                    }
                    Err(now) => seen = now,
                }
            }
        }
        None
    }

    /// All before `word` were full a moment ago. What was freed since then is found again by the
    /// second half of the next search at the latest.
    fn move_hint(&self, from: usize, word: usize) {
        if word > from {
            let (from, word) = (from as u64, word as u64);
            let hint = self.word(HINT);
            let _ = hint.compare_exchange(from, word, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// The next id whose way is free: there are at least as many ways as places.
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^24")]
    fn take_id(&self, place: Place) -> SessionId {
        loop {
            let n = self.word(COUNTER).fetch_add(1, Ordering::Relaxed);
            let id = (n % IDS + 1) as SessionId;
            let entry = u64::from(id) << 32 | u64::from(place.0);
            let way = self.way(id);
            if way.compare_exchange(0, entry, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return id;
            }
        }
    }

    fn read(&self, place: Place) -> Option<Session> {
        let get = |column| self.at(place, column).load(Ordering::Relaxed);
        let state = self.at(place, STATE).load(Ordering::Acquire);
        let (id, flags) = (high_half(state), flags_of(state));
        let (owner, descriptor, peer) = (get(OWNER), get(DESCRIPTOR), get(PEER));
        let address = Ipv6Addr::from(u128::from(get(ADDRESS)) << 64 | u128::from(get(ADDRESS + 1)));
        let ip = match peer >> 16 {
            IPV4 => address.to_ipv4_mapped().map(IpAddr::V4),
            IPV6 => Some(IpAddr::V6(address)),
            _ => None,
        };
        let session = Session {
            id,
            opening: Opening {
                owner: half_word(owner),
                pid: high_half(owner).cast_signed(),
                port: half_word(descriptor >> 16),
                reactor: half_word(descriptor),
                descriptor: high_half(descriptor).cast_signed(),
                peer: ip.map(|ip| SocketAddr::new(ip, half_word(peer))),
                key: get(KEY),
                now: self.unpack(get(CONNECTED)),
            },
            received: self.unpack(get(RECEIVED)),
            uid: low_half(get(UID)),
            flags,
        };
        fence(Ordering::Acquire);
        let after = high_half(self.at(place, STATE).load(Ordering::Relaxed));
        (id != 0 && after == id).then_some(session)
    }

    fn pack(&self, at: Instant) -> u64 {
        let since = at.checked_duration_since(self.base).unwrap_or(Duration::ZERO);
        since.as_secs() << 30 | u64::from(since.subsec_nanos())
    }

    fn unpack(&self, packed: u64) -> Instant {
        let nanos = packed & ((1 << 30) - 1);
        self.base + Duration::from_secs(packed >> 30) + Duration::from_nanos(nanos)
    }

    fn way(&self, id: SessionId) -> &AtomicU64 {
        let ways = self.most.next_power_of_two();
        self.word(HEADER + self.most.div_ceil(64) + (id as usize & (ways - 1)))
    }

    fn at(&self, place: Place, column: usize) -> &AtomicU64 {
        let rows = HEADER + self.most.div_ceil(64) + self.most.next_power_of_two();
        self.word(rows + place.0 as usize * WIDTH + column)
    }

    #[expect(clippy::indexing_slicing, reason = "places are below `most`, all else is a constant")]
    fn word(&self, at: usize) -> &AtomicU64 {
        &self.words[at]
    }
}

impl Place {
    /// The first place.
    pub const FIRST: Place = Place(0);

    /// The place behind it.
    #[must_use]
    pub fn after(self) -> Place {
        Place(self.0 + 1)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "places are below MOST")]
fn place(number: usize) -> Place {
    Place(number as u32)
}

fn flags_of(state: u64) -> Flags {
    Flags(low_half(state))
}

fn high_half(word: u64) -> u32 {
    (word >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
fn low_half(word: u64) -> u32 {
    word as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest 16 bits")]
fn half_word(word: u64) -> u16 {
    word as u16
}

fn high(number: u128) -> u64 {
    (number >> 64) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
fn low(number: u128) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactor::monotonic;

    fn opening(owner: u16, now: Instant) -> Opening {
        Opening {
            owner,
            pid: 100 + i32::from(owner),
            port: 3,
            reactor: 7,
            descriptor: 12,
            peer: Some("[2001:db8::1]:65535".parse().unwrap()),
            key: 1 << 55 | 5,
            now,
        }
    }

    #[test]
    fn what_was_opened_is_found_until_it_is_closed() {
        let base = monotonic();
        let sessions = Sessions::new(100, base).unwrap();
        let now = base + Duration::from_nanos(5_123_456_789);
        let (first, at) = sessions.open(&opening(2, now)).unwrap();
        let v4 = Opening { peer: Some("127.0.0.1:80".parse().unwrap()), ..opening(2, now) };
        let (second, _) = sessions.open(&v4).unwrap();
        let unix = Opening { peer: None, ..opening(9, now) };
        let (third, _) = sessions.open(&unix).unwrap();
        assert_eq!((first, second, third, sessions.len()), (1, 2, 3, 3));
        let found = sessions.find(first).unwrap();
        assert_eq!((found.id, found.opening, found.received), (1, opening(2, now), now));
        assert_eq!(sessions.find(second).unwrap().opening, v4);
        assert_eq!(sessions.find(third).unwrap().opening, unix);
        assert_eq!(sessions.key_of(first, 102), Some(1 << 55 | 5));
        assert_eq!(sessions.key_of(first, 103), None);
        sessions.touch(at, now + Duration::from_secs(1));
        assert_eq!(sessions.find(first).unwrap().received, now + Duration::from_secs(1));
        assert_eq!(sessions.iter().map(|s| s.id).collect::<Vec<_>>(), [1, 2, 3]);
        sessions.close(first, at);
        sessions.close(first, at);
        assert_eq!((sessions.find(first), sessions.key_of(first, 102)), (None, None));
        assert_eq!((sessions.len(), sessions.iter().count()), (2, 2));
        assert_eq!(sessions.find(0), None);
    }

    #[test]
    fn a_place_is_used_again_and_an_id_is_not() {
        let sessions = Sessions::new(3, monotonic()).unwrap();
        let open = || sessions.open(&opening(1, sessions.base));
        let mut seen = std::collections::HashSet::new();
        let (kept, _) = open().unwrap();
        for _ in 0..1000 {
            let (id, at) = open().unwrap();
            assert!(seen.insert(id) && id != kept);
            sessions.close(id, at);
            assert_eq!(sessions.find(id), None);
        }
        let more = [open().unwrap(), open().unwrap()];
        assert_eq!(open(), None);
        assert_eq!(sessions.len(), 3);
        sessions.close(more[0].0, more[0].1);
        assert!(open().is_some());
    }

    #[test]
    fn ids_go_on_from_one_and_pass_over_those_that_stand() {
        let sessions = Sessions::new(2, monotonic()).unwrap();
        let (first, _) = sessions.open(&opening(1, sessions.base)).unwrap();
        assert_eq!(first, 1);
        sessions.word(COUNTER).store(IDS - 1, Ordering::Relaxed);
        let (last, at) = sessions.open(&opening(1, sessions.base)).unwrap_or((0, Place(0)));
        // 2^24 - 1 has the way of 1, which still stands.
        assert_ne!(u64::from(last), IDS);
        assert_eq!(last, 2);
        sessions.close(last, at);
    }

    #[test]
    fn flags_and_users_belong_to_one_session() {
        let sessions = Sessions::new(1, monotonic()).unwrap();
        let (id, at) = sessions.open(&opening(1, sessions.base)).unwrap();
        assert_eq!(sessions.mark(id, Flags::PROTECTED, true), Some(Flags(0)));
        assert_eq!(sessions.mark(id, Flags::CLOSING, true), Some(Flags::PROTECTED));
        assert_eq!(sessions.mark(id, Flags::PROTECTED, false).unwrap().0, 5);
        assert!(sessions.find(id).unwrap().flags.has(Flags::CLOSING));
        assert_eq!((sessions.bind(id, 9), sessions.bind(id, 8)), (Some(true), Some(false)));
        assert_eq!(sessions.find(id).unwrap().uid, 9);
        sessions.close(id, at);
        let (next, _) = sessions.open(&opening(1, sessions.base)).unwrap();
        let found = sessions.find(next).unwrap();
        assert_eq!((found.uid, found.flags), (0, Flags(0)));
        assert_eq!((sessions.mark(id, Flags::GONE, true), sessions.bind(id, 1)), (None, None));
    }

    #[test]
    fn a_session_that_moves_keeps_all_but_its_owner() {
        let sessions = Sessions::new(10, monotonic()).unwrap();
        let (id, at) = sessions.open(&opening(4, sessions.base)).unwrap();
        let later = sessions.base + Duration::from_secs(2);
        sessions.touch(at, later);
        assert!(sessions.bind(id, 77).is_some());
        sessions.mark(id, Flags::PROTECTED, true);
        sessions.release(at);
        let moving = sessions.find(id).unwrap();
        assert!(moving.is_moving() && moving.opening.owner == 4);
        assert_eq!((sessions.key_of(id, 104), sessions.key_of(id, 0)), (None, Some(1 << 55 | 5)));
        sessions.bury(104);
        assert!(sessions.adopt(id, 5, 105, 99, 1 << 55 | 6));
        let moved = sessions.find(id).unwrap();
        let (pid, descriptor, key) = (105, 99, 1 << 55 | 6);
        let expected = Opening { owner: 5, pid, descriptor, key, ..opening(4, sessions.base) };
        assert_eq!((moved.opening, moved.received, moved.uid), (expected, later, 77));
        assert!(moved.flags.has(Flags::PROTECTED) && !moved.is_moving());
        assert_eq!((sessions.key_of(id, 104), sessions.key_of(id, 105)), (None, Some(key)));
        sessions.bury(104);
        assert_eq!(sessions.len(), 1);
        sessions.bury(105);
        assert!(sessions.is_empty() && !sessions.adopt(id, 5, 105, 99, key));
    }

    #[test]
    fn the_sessions_of_a_dead_process_are_buried() {
        let sessions = Sessions::new(200, monotonic()).unwrap();
        for n in 0..150u16 {
            sessions.open(&opening(n % 2, sessions.base)).unwrap();
        }
        sessions.bury(101);
        assert_eq!(sessions.len(), 75);
        assert!(sessions.iter().all(|session| session.opening.pid == 100));
    }

    #[test]
    fn readers_never_see_two_sessions_in_one() {
        let sessions = Sessions::new(2, monotonic()).unwrap();
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut read = 0u32;
                while !stop.load(Ordering::Relaxed) || read == 0 {
                    for session in sessions.iter() {
                        let Opening { owner, port, key, .. } = session.opening;
                        assert_eq!((owner, u64::from(owner)), (port, key));
                        read += 1;
                    }
                }
            });
            for n in 0..200_000u32 {
                let n = u16::try_from(n % 60_000).unwrap();
                let same = Opening { port: n, key: n.into(), ..opening(n, sessions.base) };
                let (id, at) = sessions.open(&same).unwrap();
                if n % 64 == 0 {
                    std::thread::yield_now();
                }
                sessions.close(id, at);
            }
            let (id, at) =
                sessions.open(&Opening { port: 1, key: 1, ..opening(1, sessions.base) }).unwrap();
            stop.store(true, Ordering::Relaxed);
            reader.join().unwrap();
            sessions.close(id, at);
        });
    }
}
