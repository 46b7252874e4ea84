//! A worker's end of the links to the I/O threads, and a connection that one of them has.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs::File,
    io,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::fs::FileExt,
    },
    rc::Rc,
    time::Duration,
};

use bytes::{Buf, BytesMut};
use socket2::Socket;

use crate::{
    net::{Output, Received, Sink},
    reactor::Key,
    sys::{
        self,
        descriptor::{Events, poll_one, stream_pair},
    },
};

use super::super::{sessions::SessionId, stats::Row};
use super::{
    frame::{self, BadFrame, Down, Sent},
    hello::{Doors, Hello},
    progress::{Counter, Progress},
};

/// A worker's links to all I/O threads, and the connections that it knows.
#[derive(Debug)]
pub struct Uplink {
    lines: Vec<Rc<Line>>,
    window: usize,
    discards: bool,
    is_shared: bool,
    relays: bool,
    /// Of the threads.
    counters: Vec<Row>,
    pub(in super::super) keys: RefCell<HashMap<SessionId, Key>>,
    /// This worker is on its way out; `true`: with the whole server.
    leaving: Cell<Option<bool>>,
}

/// How a worker uses its links.
#[derive(Clone, Copy, Debug)]
pub struct LinkOptions {
    /// Bytes that one connection may have waiting in its thread; what is more waits here.
    pub window: usize,
    /// What a closed connection has sent is dropped (`discard_timeout_request`).
    pub discards: bool,
    /// Workers share connections, and are not told of their ends.
    pub is_shared: bool,
    /// How many workers have connections; the others leave `onClose` to them.
    pub event_workers: usize,
}

/// The link to one I/O thread.
#[derive(Debug)]
pub(in super::super) struct Line {
    socket: Socket,
    counter: Counter,
    input: RefCell<BytesMut>,
    output: RefCell<BytesMut>,
    /// The thread took no more; the poll tells when it does.
    blocked: Cell<bool>,
    /// Nothing more comes.
    left: Cell<bool>,
    /// Connections whose output found so much waiting for the thread that it stayed with them.
    held_back: RefCell<Vec<SessionId>>,
}

/// A connection that an I/O thread has: bytes come and go in frames.
#[derive(Debug)]
pub(in super::super) struct Remote {
    session: SessionId,
    line: Rc<Line>,
    window: usize,
    output: Output,
    /// The peer sends nothing more.
    ended: Cell<bool>,
    /// Its end is not told here: other workers serve it too.
    quiet: bool,
    /// The thread tells the worker that has it when this one closes it.
    relays: bool,
    /// Bytes that the thread has and the peer may not.
    in_flight: usize,
    /// It is on the line's list.
    held_back: bool,
    completed: u16,
    begun: bool,
    /// HTTP is spoken on it, as far as the thread knows.
    speaks_http: bool,
    /// The thread is to learn that this is over.
    upgraded: bool,
    /// The thread knows that this worker is done with it.
    told: Cell<bool>,
}

/// Bytes received at once.
const RECEIVE: usize = 256 * 1024;
/// What waits for a thread is sent within a turn too when it is so much.
const BATCH: usize = 256 * 1024;
/// While so much waits, output stays with the connections; a buffer that grew so large is not kept.
const BURST: usize = 1 << 20;
/// How long the last words of a worker may take.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Bytes of a file that are read at once.
const FILE: usize = 64 * 1024;

impl Uplink {
    /// Makes a link to every thread: from now on they send this worker what is its.
    ///
    /// # Errors
    /// The system's.
    pub fn new(
        doors: &Doors,
        progress: &Progress,
        worker_id: usize,
        lane: usize,
        how: LinkOptions,
    ) -> io::Result<Uplink> {
        let mut lines = Vec::new();
        for thread in 0..progress.threads() {
            let (near, far) = stream_pair()?;
            let counter = progress.counter(thread, worker_id, lane);
            doors.knock(thread, Hello { worker_id, lane }, OwnedFd::from(far))?;
            lines.push(Rc::new(Line {
                socket: Socket::from(OwnedFd::from(near)),
                counter,
                input: RefCell::default(),
                output: RefCell::default(),
                blocked: Cell::new(false),
                left: Cell::new(false),
                held_back: RefCell::default(),
            }));
        }
        let LinkOptions { window, discards, is_shared, event_workers } = how;
        let (keys, leaving) = (RefCell::default(), Cell::new(None));
        let relays = worker_id >= event_workers;
        let counters = Vec::new();
        Ok(Uplink { lines, window, discards, is_shared, relays, counters, keys, leaving })
    }

    /// What waits in the threads counts as if it waited in the worker: these are their counters.
    #[must_use]
    pub fn counting(self, counters: Vec<Row>) -> Uplink {
        Uplink { counters, ..self }
    }

    /// Bytes that wait in the threads.
    pub(in super::super) fn held(&self) -> usize {
        let held: u64 = self.counters.iter().map(Row::buffered).sum();
        usize::try_from(held).unwrap_or(usize::MAX)
    }

    /// Bytes that wait for the threads.
    pub(in super::super) fn unsent(&self) -> usize {
        self.lines.iter().map(|line| line.output.borrow().len()).sum()
    }

    /// Whether what a closed connection has sent is dropped.
    pub(in super::super) fn discards(&self) -> bool {
        self.discards
    }

    /// Whether workers share connections.
    pub(in super::super) fn is_shared(&self) -> bool {
        self.is_shared
    }

    pub(in super::super) fn lines(&self) -> &[Rc<Line>] {
        &self.lines
    }

    /// A connection of the thread behind `line`.
    pub(in super::super) fn remote(
        &self,
        line: usize,
        session: SessionId,
        quiet: bool,
    ) -> Option<Remote> {
        Some(Remote {
            session,
            line: Rc::clone(self.lines.get(line)?),
            window: self.window,
            output: Output::default(),
            ended: Cell::new(false),
            quiet: quiet || self.relays,
            relays: self.relays,
            in_flight: 0,
            held_back: false,
            completed: 0,
            begun: false,
            speaks_http: false,
            upgraded: false,
            told: Cell::new(false),
        })
    }

    /// Asks the threads to send nothing more. `for_good`: the whole server ends.
    pub(in super::super) fn leave(&self, for_good: bool) {
        let before = self.leaving.replace(Some(for_good));
        self.leaving.set(Some(for_good || before == Some(true)));
        if before.is_none() {
            for line in self.lines.iter().filter(|line| !line.left.get()) {
                frame::leave(&mut line.output.borrow_mut());
            }
        }
    }

    /// Whether nothing more comes from any thread.
    pub(in super::super) fn has_left(&self) -> bool {
        self.lines.iter().all(|line| line.left.get())
    }

    /// Whether nothing more comes, and the whole server ends.
    pub(in super::super) fn has_left_for_good(&self) -> bool {
        self.leaving.get() == Some(true) && self.has_left()
    }

    /// Whether [`flush`](Self::flush) has something to do.
    pub(in super::super) fn has_unsent(&self) -> bool {
        self.lines.iter().any(|line| !line.blocked.get() && !line.output.borrow().is_empty())
    }

    /// Sends what the threads take now.
    pub(in super::super) fn flush(&self) {
        for line in &self.lines {
            line.flush();
        }
    }

    /// Connections whose output was held back and may leave now.
    pub(in super::super) fn let_go(&self) -> Vec<SessionId> {
        let free = self.lines.iter().filter(|line| line.output.borrow().len() < BATCH);
        free.flat_map(|line| line.held_back.take()).collect()
    }

    /// Sends everything, and waits for it a while: the process ends.
    pub(in super::super) fn flush_at_end(&self) {
        for line in &self.lines {
            while !line.flush() {
                match poll_one(&line.socket, Events::WRITE, Some(LAST_WORDS)) {
                    Ok(found) if found.write => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(_) | Err(_) => break,
                }
            }
        }
    }
}

impl Line {
    /// Receives once. `Ok(true)`: there may be more to receive. For when the poll has reported it.
    pub(in super::super) fn receive(&self) -> io::Result<bool> {
        self.blocked.set(false);
        let mut input = self.input.borrow_mut();
        loop {
            match sys::receive(&self.socket, &mut input, RECEIVE) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(received) => return Ok(received == RECEIVE),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// The next frame that is whole; it counts as begun. Say [`done`](Self::done) after it.
    pub(in super::super) fn next(&self) -> Option<Down> {
        let frame = Down::decode(&mut self.input.borrow_mut());
        match frame {
            Ok(Some(frame)) => {
                self.counter.begin();
                Some(frame)
            }
            Ok(None) => None,
            Err(BadFrame) => {
                self.left.set(true);
                None
            }
        }
    }

    /// The last frame has been dealt with.
    pub(in super::super) fn done(&self) {
        self.counter.done();
    }

    /// Nothing more comes.
    pub(in super::super) fn close(&self) {
        self.left.set(true);
    }

    /// Whether nothing is left to send.
    fn flush(&self) -> bool {
        let mut output = self.output.borrow_mut();
        while !output.is_empty() {
            match self.socket.send_with_flags(&output, sys::MSG_NOSIGNAL) {
                Ok(sent) if sent == output.len() && output.capacity() > BURST => {
                    *output = BytesMut::new();
                }
                Ok(sent) if sent == output.len() => output.clear(),
                Ok(sent) => output.advance(sent),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.blocked.set(true);
                    return false;
                }
                // The thread is gone, and with it the master.
                Err(_) => {
                    output.clear();
                    self.left.set(true);
                }
            }
        }
        true
    }
}

impl AsRawFd for Line {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl Remote {
    pub(in super::super) fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    pub(in super::super) fn is_flushed(&self) -> bool {
        self.output.is_empty()
    }

    /// Bytes that its thread has for the peer, as far as is known. A thread need not tell at once of
    /// the few that leave without a wait: they count nothing.
    pub(in super::super) fn held(&self) -> usize {
        let few = self.output.is_empty() && self.in_flight < self.window / 4;
        if few { 0 } else { self.in_flight }
    }

    /// Whether its end is not told here.
    pub(in super::super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Its output is not on the line's list any more.
    pub(in super::super) fn let_go(&mut self) {
        self.held_back = false;
    }

    /// The peer sends nothing more.
    pub(in super::super) fn end_input(&self) {
        self.ended.set(true);
    }

    /// The thread has dropped it.
    pub(in super::super) fn forget(&self) {
        self.told.set(true);
    }

    /// The peer has taken so many bytes.
    pub(in super::super) fn taken(&mut self, bytes: u32) {
        self.in_flight = self.in_flight.saturating_sub(bytes as usize);
    }

    /// The end of input, when it has come. Bytes are handed over as they come, not asked for.
    pub(in super::super) fn receive(&self) -> Option<Received> {
        self.ended.get().then_some(Received { bytes: 0, drained: true })
    }

    /// Says with the next bytes how many more answers are complete, and whether the next has begun.
    pub(in super::super) fn note(&mut self, completed: u16, begun: bool) {
        self.completed += completed;
        self.begun = begun;
    }

    /// Says with the next bytes when HTTP is not spoken any more.
    pub(in super::super) fn speak(&mut self, http: bool) {
        self.upgraded |= self.speaks_http && !http;
        self.speaks_http = http;
    }

    /// Gives what waits to the thread, as far as it may have it: `true` when all is gone.
    ///
    /// # Errors
    /// That a file got shorter.
    pub(in super::super) fn flush(&mut self, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        if self.output.is_empty() && self.completed == 0 && !self.upgraded {
            return Ok(true);
        }
        if self.line.output.borrow().len() >= BATCH && !self.line.blocked.get() {
            self.line.flush();
        }
        let mut out = self.line.output.borrow_mut();
        if out.len() >= BURST && !self.output.is_empty() {
            if !std::mem::replace(&mut self.held_back, true) {
                self.line.held_back.borrow_mut().push(self.session);
            }
            return Ok(false);
        }
        let start = frame::begin_send(&mut out, self.session);
        let before = out.len();
        let room = self.window.saturating_sub(self.in_flight);
        let flushed = self.output.flush(&mut Frames { out: &mut out, room }, spare);
        let gone = matches!(flushed, Ok(true));
        let sent = out.len() - before;
        self.in_flight += sent;
        let completed = if gone { std::mem::take(&mut self.completed) } else { 0 };
        if sent == 0 && completed == 0 && !self.upgraded {
            out.truncate(start);
        } else {
            let upgraded = std::mem::take(&mut self.upgraded);
            let begun = !gone || self.begun;
            frame::end_send(&mut out, start, Sent { completed, begun, upgraded });
        }
        flushed
    }

    /// Has the thread read from it, or not.
    pub(in super::super) fn read(&self, on: bool) {
        frame::read_session(&mut self.line.output.borrow_mut(), self.session, on);
    }

    /// This worker is done with it: it is closed when what was sent has left, or at once.
    pub(in super::super) fn close(&self, reset: bool) {
        if !self.told.replace(true) {
            let mut out = self.line.output.borrow_mut();
            frame::end_session(&mut out, self.session, reset, self.relays);
        }
    }
}

/// The body of a frame, with so much room.
struct Frames<'a> {
    out: &'a mut BytesMut,
    room: usize,
}

impl Sink for Frames<'_> {
    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        if taken == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.out.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        self.room -= taken;
        Ok(taken)
    }

    fn send_file(&mut self, file: &File, offset: u64, length: u64) -> io::Result<u64> {
        let wanted = usize::try_from(length).unwrap_or(usize::MAX).min(self.room).min(FILE);
        if wanted == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let before = self.out.len();
        self.out.resize(before + wanted, 0);
        let read = file.read_at(self.out.get_mut(before..).unwrap_or_default(), offset);
        self.out.truncate(before + *read.as_ref().unwrap_or(&0));
        self.room -= self.out.len() - before;
        read.map(|read| read as u64)
    }
}
