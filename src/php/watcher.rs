//! The descriptors of `Event::add`: level-triggered, with their callbacks and queued output.
//!
//! PHP code may close a watched descriptor without `Event::del`, and epoll then forgets it silently.
//! So a number is trusted only after [`Watchers::is_open`], and some time after PHP code has run all
//! watchers are looked at ([`Watchers::sweep`]): the loop never waits for what is gone.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    os::fd::RawFd,
    time::Duration,
};

use bytes::{Buf, BytesMut};

use crate::{
    ledger::{Kind, Number, RowId},
    reactor::{Arena, Driver, Key, Ready, Source, Token},
    sys::{errno, level},
    zend::{Callback, Kind as ValueKind, Thrown, Value},
};

use super::{
    engine::{Engine, ledger, open_row},
    settings::warn,
};

/// The most that `Event::write` queues on one descriptor.
pub(super) const OUTPUT_CAP: usize = 8 << 20;

/// How long after PHP code has run closed descriptors are looked for.
const SWEEP_AFTER: Duration = Duration::from_millis(100);

/// The watched descriptors of this process.
#[derive(Default)]
pub(super) struct Watchers {
    watchers: RefCell<Arena<Watcher>>,
    by_fd: RefCell<HashMap<RawFd, Key>>,
    /// PHP code has run since the last sweep.
    suspect: Cell<bool>,
    /// A sweep is in the loop's timers.
    planned: Cell<bool>,
}

/// What is to be watched.
pub(super) struct Watch {
    /// The descriptor.
    pub(super) fd: RawFd,
    /// What PHP gave, which is held and given back to the callbacks.
    pub(super) socket: Value,
    /// Called when there is something to read.
    pub(super) read: Option<Callback>,
    /// Called when there is room to write.
    pub(super) write: Option<Callback>,
    /// Which of the two are asked for.
    pub(super) flags: Flags,
}

/// Directions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) read: bool,
    pub(super) write: bool,
}

impl Flags {
    const NONE: Flags = Flags { read: false, write: false };
}

struct Watcher {
    watch: Watch,
    /// Tells the open file from a later one with the same number.
    identity: level::Identity,
    output: BytesMut,
    /// Made by `Event::add`; else only for the output, and gone when that is written.
    is_added: bool,
    is_running: bool,
    /// Deleted under its own callback; goes when that has returned.
    is_deleted: bool,
    row: RowId,
}

impl Watcher {
    /// What epoll shall look for: a direction without a callback would be reported for ever.
    fn interest(&self) -> Flags {
        Flags {
            read: self.watch.flags.read && self.watch.read.is_some(),
            write: self.watch.flags.write && self.watch.write.is_some() || !self.output.is_empty(),
        }
    }
}

impl Watchers {
    /// How many descriptors are watched.
    pub(super) fn len(&self) -> usize {
        self.by_fd.borrow().len()
    }

    /// All of them, by the numbers of their rows.
    pub(super) fn rows(&self) -> Vec<(Number, Key)> {
        self.watchers.borrow().iter().map(|(key, watcher)| (watcher.row.number(), key)).collect()
    }

    /// Starts to watch. `Ok(false)` after a warning.
    pub(super) fn add(&self, engine: &Engine, watch: Watch) -> Result<bool, Thrown> {
        let fd = watch.fd;
        let Some(key) = self.find(engine, fd)? else {
            return self.insert(engine, watch, true, b"");
        };
        let replaced = {
            let mut watchers = self.watchers.borrow_mut();
            let Some(watcher) = watchers.get_mut(key).filter(|watcher| !watcher.is_added) else {
                drop(watchers);
                warn(&format!("The descriptor {fd} is already watched"))?;
                return Ok(false);
            };
            watcher.is_added = true;
            std::mem::replace(&mut watcher.watch, watch)
        };
        drop(replaced);
        self.arm(engine, key);
        Ok(true)
    }

    /// Changes what is given; `flags`: `None` keeps them. `Ok(false)` after a warning.
    pub(super) fn set(
        &self,
        engine: &Engine,
        key: Key,
        read: Option<Callback>,
        write: Option<Callback>,
        flags: Option<Flags>,
    ) -> Result<bool, Thrown> {
        let (old_read, old_write) = {
            let mut watchers = self.watchers.borrow_mut();
            let Some(watcher) = watchers.get_mut(key) else { return Ok(false) };
            let watch = &mut watcher.watch;
            let wanted = flags.unwrap_or(Flags::NONE);
            let missing = if wanted.read && read.is_none() && watch.read.is_none() {
                Some("read")
            } else if wanted.write && write.is_none() && watch.write.is_none() {
                Some("write")
            } else {
                None
            };
            if let Some(missing) = missing {
                drop(watchers);
                warn(&format!("The {missing} callback is missing"))?;
                return Ok(false);
            }
            watch.flags = flags.unwrap_or(watch.flags);
            (
                read.and_then(|new| watch.read.replace(new)),
                write.and_then(|new| watch.write.replace(new)),
            )
        };
        self.arm(engine, key);
        drop(old_read);
        drop(old_write);
        Ok(true)
    }

    /// Stops watching and releases: now, or when its running callback has returned.
    pub(super) fn release(&self, engine: &Engine, key: Key) {
        let gone = {
            let mut watchers = self.watchers.borrow_mut();
            let Some(watcher) = watchers.get_mut(key) else { return };
            let fd = watcher.watch.fd;
            let mut by_fd = self.by_fd.borrow_mut();
            if by_fd.get(&fd) == Some(&key) {
                by_fd.remove(&fd);
                // Another file with that number may be somebody else's.
                if level::identity(&fd).is_ok_and(|now| now == watcher.identity) {
                    let _ = level::delete(&engine.reactor.poll_fd(), &fd);
                }
            }
            watcher.output = BytesMut::new();
            watcher.is_deleted = true;
            if watcher.is_running { None } else { watchers.remove(key) }
        };
        if let Some(gone) = gone {
            gone.release();
        }
    }

    /// Writes now what the descriptor takes and queues the rest. `Ok(false)` after a warning.
    pub(super) fn write(
        &self,
        engine: &Engine,
        fd: RawFd,
        socket: Value,
        data: &[u8],
    ) -> Result<bool, Thrown> {
        let key = self.find(engine, fd)?;
        let queued = key.map_or(0, |key| {
            self.watchers.borrow().get(key).map_or(0, |watcher| watcher.output.len())
        });
        if queued + data.len() > OUTPUT_CAP {
            warn(&format!("The descriptor {fd} has more than {OUTPUT_CAP} bytes to write"))?;
            return Ok(false);
        }
        let written = if queued > 0 { Ok(0) } else { write_some(fd, data) };
        let rest = match written {
            Ok(n) => data.get(n..).unwrap_or_default(),
            Err(error) => {
                warn(&format!("Unable to write to the descriptor {fd}, {}", reason(&error)))?;
                return Ok(false);
            }
        };
        if rest.is_empty() {
            return Ok(true);
        }
        let Some(key) = key else {
            let watch = Watch { fd, socket, read: None, write: None, flags: Flags::NONE };
            return self.insert(engine, watch, false, rest);
        };
        if let Some(watcher) = self.watchers.borrow_mut().get_mut(key) {
            watcher.output.extend_from_slice(rest);
        }
        self.arm(engine, key);
        Ok(true)
    }

    /// The watcher of an open descriptor. One whose descriptor was closed is dropped with a warning.
    pub(super) fn find(&self, engine: &Engine, fd: RawFd) -> Result<Option<Key>, Thrown> {
        let key = self.find_number(fd);
        match key {
            Some(key) if !self.is_open(engine, key) => self.drop_closed(engine, key).map(|()| None),
            key => Ok(key),
        }
    }

    /// The watcher of a number, whatever became of it.
    pub(super) fn find_number(&self, fd: RawFd) -> Option<Key> {
        self.by_fd.borrow().get(&fd).copied()
    }

    /// The watcher that was made with this very object or resource, whatever became of it.
    pub(super) fn find_value(&self, socket: &Value) -> Option<Key> {
        let same = |other: &Value| {
            let is_resource = |value: &Value| value.kind() == ValueKind::Resource;
            match (socket.as_object(), other.as_object()) {
                (Some(one), Some(two)) => one.is(&two),
                (None, None) if is_resource(socket) && is_resource(other) => {
                    socket.to_long() == other.to_long()
                }
                _ => false,
            }
        };
        let watchers = self.watchers.borrow();
        let mut all = watchers.iter();
        all.find(|(_, w)| !w.is_deleted && same(&w.watch.socket)).map(|(key, _)| key)
    }

    /// What a watcher asks for, if it was added.
    pub(super) fn flags(&self, key: Key) -> Option<Flags> {
        self.watchers.borrow().get(key).filter(|w| w.is_added).map(|w| w.watch.flags)
    }

    /// PHP code runs: it may close what is watched.
    pub(super) fn suspect(&self) {
        self.suspect.set(true);
    }

    /// Before a wait: plans a sweep if PHP code has run since the last one.
    pub(super) fn plan_sweep(&self, engine: &Engine) {
        if self.suspect.get() && !self.planned.get() && self.len() > 0 {
            self.planned.set(true);
            let token = Token::new(Source::Watcher, Key::fixed(0));
            let at = engine.reactor.now() + SWEEP_AFTER;
            engine.reactor.timers().borrow_mut().insert(at, token);
        }
    }

    /// The planned sweep is due.
    pub(super) fn handle_sweep(&self, engine: &Engine) {
        self.planned.set(false);
        self.sweep(engine);
    }

    /// Drops the watchers whose descriptors were closed, with a warning each.
    pub(super) fn sweep(&self, engine: &Engine) {
        self.suspect.set(false);
        if self.len() == 0 {
            return;
        }
        let keys: Vec<_> = self.by_fd.borrow().values().copied().collect();
        for key in keys {
            if !self.is_open(engine, key) {
                if let Some(text) = self.take_closed(engine, key) {
                    engine.report_pending();
                    engine.warn(&text);
                }
            }
        }
    }

    /// The descriptor is ready: flushes, then calls back, reading first.
    pub(super) fn handle_ready(&self, engine: &Engine, key: Key, ready: Ready) {
        // A hang-up is read to its end. An error beside other events shows in what they lead to.
        let ended = ready.read_closed || ready.error && ready.readable;
        let failed = ready.read_closed || ready.error;
        let Some((fd, wants, flushes)) = self.with(key, |watcher| {
            let (flags, watch) = (watcher.watch.flags, &watcher.watch);
            let wants = Flags {
                read: watch.read.is_some() && (ended || flags.read && ready.readable),
                write: watch.write.is_some() && flags.write && ready.writable,
            };
            (watch.fd, wants, !watcher.output.is_empty() && (failed || ready.writable))
        }) else {
            return;
        };
        if flushes {
            self.flush(engine, key, fd);
        }
        if wants.read {
            self.call(engine, key, |watch| watch.read.clone());
        }
        if wants.write && !engine.stopped() {
            self.call(engine, key, |watch| watch.write.clone());
        }
        if failed && !flushes && wants == Flags::NONE {
            self.release(engine, key);
            engine.report_pending();
            engine.warn(&format!("The descriptor {fd} has failed and is no longer watched"));
        }
    }

    fn call(&self, engine: &Engine, key: Key, pick: impl FnOnce(&Watch) -> Option<Callback>) {
        let Some((Some(callback), socket, row)) = self.with(key, |watcher| {
            let callback = pick(&watcher.watch);
            watcher.is_running = callback.is_some();
            (callback, watcher.watch.socket.clone(), watcher.row)
        }) else {
            return;
        };
        ledger().set_state(row, "running");
        engine.call(row.number(), callback, [socket]);
        let gone = {
            let mut watchers = self.watchers.borrow_mut();
            let Some(watcher) = watchers.get_mut(key) else { return };
            watcher.is_running = false;
            if watcher.is_deleted { watchers.remove(key) } else { None }
        };
        match gone {
            Some(gone) => {
                gone.release();
                engine.report_pending();
            }
            None => ledger().set_state(row, "waiting"),
        }
    }

    fn flush(&self, engine: &Engine, key: Key, fd: RawFd) {
        let written = self.with(key, |watcher| {
            let written = write_some(fd, &watcher.output)?;
            watcher.output.advance(written);
            if watcher.output.is_empty() {
                watcher.output = BytesMut::new();
            }
            Ok::<_, io::Error>(watcher.output.is_empty() && !watcher.is_added)
        });
        match written {
            None => {}
            Some(Ok(false)) => self.arm(engine, key),
            Some(Ok(true)) => self.release(engine, key),
            Some(Err(error)) => {
                let added = self.with(key, |watcher| {
                    watcher.output = BytesMut::new();
                    watcher.is_added
                });
                match added {
                    Some(true) => self.arm(engine, key),
                    _ => self.release(engine, key),
                }
                engine.report_pending();
                let reason = reason(&error);
                engine.warn(&format!("Unable to write to the descriptor {fd}, {reason}"));
            }
        }
        engine.report_pending();
    }

    fn insert(
        &self,
        engine: &Engine,
        watch: Watch,
        is_added: bool,
        output: &[u8],
    ) -> Result<bool, Thrown> {
        let fd = watch.fd;
        let identity = match level::identity(&fd) {
            Ok(identity) => identity,
            Err(error) => {
                warn(&format!("Unable to watch the descriptor {fd}, {}", reason(&error)))?;
                return Ok(false);
            }
        };
        let row = open_row(Kind::Watcher, &watch.socket, "waiting");
        let watcher = Watcher {
            watch,
            identity,
            output: BytesMut::from(output),
            is_added,
            is_running: false,
            is_deleted: false,
            row,
        };
        let interest = watcher.interest();
        let key = self.watchers.borrow_mut().insert(watcher);
        let (poll, token) = (engine.reactor.poll_fd(), Token::new(Source::Watcher, key).to_bits());
        match level::add(&poll, &fd, token, interest.read, interest.write) {
            Ok(()) => {
                self.by_fd.borrow_mut().insert(fd, key);
                self.suspect();
                Ok(true)
            }
            Err(error) => {
                let refused = self.watchers.borrow_mut().remove(key);
                if let Some(refused) = refused {
                    refused.release();
                }
                warn(&format!("Unable to watch the descriptor {fd}, {}", reason(&error)))?;
                Ok(false)
            }
        }
    }

    /// Tells epoll what to look for now. Fails for a closed descriptor, which the sweep finds.
    fn arm(&self, engine: &Engine, key: Key) {
        self.is_open(engine, key);
    }

    /// Whether epoll still watches the file that was added; tells it anew what to look for.
    fn is_open(&self, engine: &Engine, key: Key) -> bool {
        let known = self.with(key, |w| (w.watch.fd, w.identity, w.interest()));
        let Some((fd, identity, interest)) = known else { return false };
        let token = Token::new(Source::Watcher, key).to_bits();
        // The number may be a client's by now: what is not ours must not be touched.
        level::identity(&fd).is_ok_and(|now| now == identity)
            && level::modify(&engine.reactor.poll_fd(), &fd, token, interest.read, interest.write)
                .is_ok()
    }

    /// Drops the watcher of a descriptor that was closed, with a warning.
    pub(super) fn drop_closed(&self, engine: &Engine, key: Key) -> Result<(), Thrown> {
        self.take_closed(engine, key).map_or(Ok(()), |text| warn(&text))
    }

    /// Drops it and gives the warning.
    fn take_closed(&self, engine: &Engine, key: Key) -> Option<String> {
        let fd = self.with(key, |watcher| watcher.watch.fd)?;
        self.release(engine, key);
        Some(format!("The descriptor {fd} was closed without Event::del(); its watcher is dropped"))
    }

    fn with<R>(&self, key: Key, act: impl FnOnce(&mut Watcher) -> R) -> Option<R> {
        let mut watchers = self.watchers.borrow_mut();
        watchers.get_mut(key).filter(|watcher| !watcher.is_deleted).map(act)
    }
}

impl Watcher {
    /// Drops what it holds, the socket first, then ends the row.
    fn release(self) {
        let Watch { socket, read, write, .. } = self.watch;
        drop(socket);
        drop(read);
        drop(write);
        ledger().close(self.row);
    }
}

/// A failed system call as classic warnings end with it.
pub(super) fn reason(error: &io::Error) -> String {
    let number = errno::of(error);
    format!("Error: {}[{number}]", errno::text(number))
}

/// As much as goes now; 0 when nothing does.
fn write_some(fd: RawFd, data: &[u8]) -> io::Result<usize> {
    match level::write(&fd, data) {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) =>
        {
            Ok(0)
        }
        other => other,
    }
}
