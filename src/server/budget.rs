//! The memory of a worker's connections: what waits to be sent, and what has come of messages that are
//! not complete. Counted when a connection's turn ends or something is queued for it.

use super::{
    connection::{Connection, Phase, Protocol},
    sessions::SessionId,
    worker::{Worker, WorkerHooks},
};

/// A connection whose output has passed a watermark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    session: SessionId,
    port: u16,
    full: bool,
}

impl Worker {
    /// Bytes that wait in this worker.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffered.get()
    }

    /// Whether so many bytes more may wait, here and in the I/O threads together.
    pub(super) fn has_room(&self, more: usize) -> bool {
        let elsewhere = match &*self.uplink.borrow() {
            Some(uplink) => uplink.held() + uplink.unsent(),
            None => 0,
        };
        self.buffered.get().saturating_add(elsewhere).saturating_add(more)
            <= self.config.buffer_total_size
    }

    /// Counts a connection anew.
    pub(super) fn count(&self, connection: &mut Connection) {
        let now = connection.buffered();
        let before = std::mem::replace(&mut connection.counted, now);
        if now != before {
            let all = (self.buffered.get() + now).saturating_sub(before);
            self.buffered.set(all);
            self.counters.set_buffered(all as u64);
        }
    }

    /// A connection is gone, with what waited for it.
    pub(super) fn uncount(&self, connection: &Connection) {
        if connection.counted > 0 {
            let all = self.buffered.get().saturating_sub(connection.counted);
            self.buffered.set(all);
            self.counters.set_buffered(all as u64);
        }
    }

    /// After a flush: notes when the output has grown to the high watermark, or shrunk to the low one
    /// after that.
    pub(super) fn watch_marks(&self, connection: &mut Connection) {
        let idle = connection.stream.is_flushed() && connection.stream.held() == 0;
        if connection.phase != Phase::Open || (!connection.full && idle) {
            return;
        }
        let port = self.config.ports.get(connection.port);
        let waiting = connection.stream.output().len() + connection.stream.held();
        let passed = match connection.full {
            false => waiting >= port.high_watermark,
            true => waiting <= port.low_watermark,
        };
        if passed {
            connection.full = !connection.full;
            let Connection { session, port, full, .. } = *connection;
            self.marks.borrow_mut().push(Mark { session, port, full });
        }
    }

    /// Tells what [`watch_marks`](Self::watch_marks) has noted. What the hooks cause comes next time.
    pub(super) fn tell_marks(&self, hooks: &dyn WorkerHooks) {
        if self.marks.borrow().is_empty() {
            return;
        }
        for Mark { session, port, full } in self.marks.take() {
            if hooks.stopped() {
                return;
            }
            if self.key_of(session).is_some() {
                hooks.on_watermark(session, port, full);
            }
        }
    }
}

impl Connection {
    fn buffered(&mut self) -> usize {
        let of_protocol = match &self.protocol {
            Protocol::Raw | Protocol::Packets(_) => 0,
            Protocol::Http(http) => http.decoder.held() + http.exchanges.queued(),
        };
        let output = if self.stream.is_flushed() { 0 } else { self.stream.output().len() };
        self.input.len() + output + of_protocol
    }
}
