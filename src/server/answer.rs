//! Answering: from what PHP said to the bytes of its exchange.

use std::{
    cell::{Cell, Ref, RefCell},
    fs::File,
    time::{Duration, Instant, UNIX_EPOCH},
};

use crate::{
    proto::http1::{
        BodySize, Framed, HeaderBlock, LAST_CHUNK, RequestError, ResponseHead, Stamp, encode_chunk,
        encode_error, encode_response, encode_response_head,
    },
    reactor::{Key, Reactor, wall},
};

use super::{
    connection::Protocol,
    exchange::{Answering, Phase},
    worker::{ExchangeId, Worker},
};

/// The head of an answer as a program has set it.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The status.
    pub status: u16,
    /// The reason phrase, if it is not the registered one.
    pub reason: Option<&'a [u8]>,
    /// The headers.
    pub headers: &'a HeaderBlock,
}

/// Why an answer can not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The connection has ended, or the exchange was answered.
    #[error("the connection is gone")]
    Gone,
    /// The head is out already.
    #[error("the answer has begun")]
    Begun,
    /// Too much waits for the peer, or in the worker. It may be tried again.
    #[error("the output buffer is full")]
    Full,
}

impl Worker {
    /// Answers whole.
    ///
    /// # Errors
    /// [`AnswerError`]; nothing was taken.
    pub fn respond(&self, id: ExchangeId, head: Head<'_>, body: &[u8]) -> Result<(), AnswerError> {
        self.with_exchange(id, |worker, answering| {
            worker.fresh(answering)?;
            if !body.is_empty() && !worker.has_room(body.len()) {
                return Err(AnswerError::Full);
            }
            let stamp = worker.date.now(&worker.reactor);
            let head = worker.response_head(head, &stamp, answering);
            let framed = encode_response(answering.output.tail(), &head, body);
            *answering.phase = Phase::Complete;
            Ok(framed.close)
        })
    }

    /// Answers with a part of a file.
    ///
    /// # Errors
    /// [`AnswerError`]; nothing was taken.
    pub fn respond_file(
        &self,
        id: ExchangeId,
        head: Head<'_>,
        file: File,
        offset: u64,
        length: u64,
    ) -> Result<(), AnswerError> {
        self.with_exchange(id, |worker, answering| {
            worker.fresh(answering)?;
            let stamp = worker.date.now(&worker.reactor);
            let head = worker.response_head(head, &stamp, answering);
            let size = BodySize::Known(length);
            let framed = encode_response_head(answering.output.tail(), &head, size);
            if framed.body {
                answering.output.queue_file(file, offset, length);
            }
            *answering.phase = Phase::Complete;
            Ok(framed.close)
        })
    }

    /// Sends the head; the body comes piece by piece.
    ///
    /// # Errors
    /// [`AnswerError`]; nothing was taken.
    pub fn begin(&self, id: ExchangeId, head: Head<'_>) -> Result<(), AnswerError> {
        self.with_exchange(id, |worker, answering| {
            worker.fresh(answering)?;
            let stamp = worker.date.now(&worker.reactor);
            let head = worker.response_head(head, &stamp, answering);
            let framed = encode_response_head(answering.output.tail(), &head, BodySize::Unknown);
            *answering.phase = match framed {
                Framed { body: false, .. } => Phase::NoBody,
                Framed { chunked: true, .. } => Phase::Chunked,
                Framed { chunked: false, .. } => Phase::UntilClose,
            };
            Ok(framed.close)
        })
    }

    /// Sends a piece of the body of an answer that was begun.
    ///
    /// # Errors
    /// [`AnswerError::Gone`] when there is no such answer, [`AnswerError::Full`] when the peer has
    /// not taken enough of the pieces before.
    pub fn write(&self, id: ExchangeId, data: &[u8]) -> Result<(), AnswerError> {
        let budget = self.budget_of(id);
        self.with_exchange(id, |worker, answering| {
            let waiting = answering.output.len().saturating_add(data.len());
            if waiting > budget || !worker.has_room(data.len()) {
                return Err(AnswerError::Full);
            }
            match *answering.phase {
                Phase::Chunked => encode_chunk(answering.output.tail(), data),
                Phase::UntilClose => answering.output.tail().extend_from_slice(data),
                Phase::NoBody => {}
                Phase::Waiting | Phase::Complete => return Err(AnswerError::Gone),
            }
            Ok(false)
        })
    }

    /// Completes an answer that was begun.
    ///
    /// # Errors
    /// [`AnswerError::Gone`] when there is no such answer.
    pub fn finish(&self, id: ExchangeId) -> Result<(), AnswerError> {
        self.with_exchange(id, |_, answering| {
            match *answering.phase {
                Phase::Chunked => answering.output.tail().extend_from_slice(LAST_CHUNK),
                Phase::UntilClose | Phase::NoBody => {}
                Phase::Waiting | Phase::Complete => return Err(AnswerError::Gone),
            }
            *answering.phase = Phase::Complete;
            Ok(false)
        })
    }

    /// Gives up an answer that was begun: the connection ends without the final chunk, so that the
    /// client can tell that it is not whole (RFC 9112 section 8).
    pub fn break_off(&self, id: ExchangeId) {
        let _ = self.with_exchange(id, |_, answering| {
            *answering.phase = Phase::Complete;
            Ok(true)
        });
    }

    /// Ends every exchange that is still owed, for nobody will: with 500, or by breaking off what
    /// was begun. The connections end with it.
    pub fn abandon(&self) {
        self.retiring.set(!self.is_remote());
        let keys = self.connections.borrow().keys();
        for key in keys {
            while let Some(id) = self.first_exchange(key) {
                let headers = HeaderBlock::new();
                let head = Head { status: 500, reason: None, headers: &headers };
                if self.respond(id, head, b"").is_err() {
                    self.break_off(id);
                    break;
                }
            }
        }
    }

    /// Whether the exchange still waits for its answer's head.
    #[must_use]
    pub fn is_waiting(&self, id: ExchangeId) -> bool {
        self.phase_of(id) == Some(Phase::Waiting)
    }

    /// Bytes that wait for the exchange's peer, those of earlier answers included.
    #[must_use]
    pub fn queued(&self, id: ExchangeId) -> usize {
        let mut connections = self.connections.borrow_mut();
        connections.get_mut(id.connection).map_or(0, |connection| {
            let own = connection.stream.output().len();
            match &connection.protocol {
                Protocol::Http(http) => own + http.exchanges.queued(),
                Protocol::Raw | Protocol::Packets(_) => own,
            }
        })
    }

    /// Answers what could not be read, behind the answers that are owed.
    pub(super) fn refuse(&self, key: Key, error: RequestError) {
        self.refuse_with(key, error.status());
    }

    /// Answers with a status what will not come whole, behind the answers that are owed.
    pub(super) fn refuse_with(&self, key: Key, status: u16) {
        let serial = {
            let mut connections = self.connections.borrow_mut();
            let Some(connection) = connections.get_mut(key) else { return };
            let Protocol::Http(http) = &mut connection.protocol else { return };
            http.exchanges.push(Default::default(), false, false)
        };
        let _ = self.with_exchange(ExchangeId { connection: key, serial }, |worker, answering| {
            let stamp = worker.date.now(&worker.reactor);
            encode_error(answering.output.tail(), status, &stamp);
            *answering.phase = Phase::Complete;
            Ok(true)
        });
    }

    fn budget_of(&self, id: ExchangeId) -> usize {
        let connections = self.connections.borrow();
        let connection = connections.get(id.connection);
        let (port, held) = connection.map_or((0, 0), |c| (c.port, c.stream.held()));
        self.config.ports.get(port).socket_buffer_size.saturating_sub(held)
    }

    fn phase_of(&self, id: ExchangeId) -> Option<Phase> {
        let mut connections = self.connections.borrow_mut();
        let connection = connections.get_mut(id.connection)?;
        let Protocol::Http(http) = &mut connection.protocol else { return None };
        http.exchanges.find(id.serial, connection.stream.output()).map(|found| *found.phase)
    }

    fn fresh(&self, answering: &Answering<'_>) -> Result<(), AnswerError> {
        if *answering.phase == Phase::Waiting { Ok(()) } else { Err(AnswerError::Begun) }
    }

    fn response_head<'a>(
        &self,
        head: Head<'a>,
        stamp: &'a Stamp,
        answering: &Answering<'_>,
    ) -> ResponseHead<'a> {
        ResponseHead {
            status: head.status,
            reason: head.reason,
            headers: head.headers,
            content_encoding: None,
            peer: answering.facts.version,
            keep_alive: answering.keep_alive && !(answering.newest && self.is_retiring()),
            is_head: answering.facts.head_only,
            stamp,
        }
    }

    /// Runs `act` on an exchange. It says whether the connection ends with this answer; what is
    /// in turn then moves to the connection's output, to be sent with the turn's end.
    fn with_exchange(
        &self,
        id: ExchangeId,
        act: impl FnOnce(&Worker, &mut Answering<'_>) -> Result<bool, AnswerError>,
    ) -> Result<(), AnswerError> {
        let mut connections = self.connections.borrow_mut();
        let connection = connections.get_mut(id.connection).ok_or(AnswerError::Gone)?;
        if connection.phase != super::connection::Phase::Open {
            return Err(AnswerError::Gone);
        }
        let Protocol::Http(http) = &mut connection.protocol else { return Err(AnswerError::Gone) };
        let output = connection.stream.output();
        output.provide(&mut self.buffers.borrow_mut().spare);
        let mut answering = http.exchanges.find(id.serial, output).ok_or(AnswerError::Gone)?;
        let closes = act(self, &mut answering)?;
        if closes {
            http.exchanges.close_after(id.serial);
            http.last = true;
        }
        if !http.exchanges.advance(connection.stream.output()) {
            http.exchanges.clear();
        } else if http.continue_due {
            connection.ask_for_body();
        }
        self.mark_unsent(id.connection, connection);
        Ok(())
    }
}

/// The present second, written anew when it is over.
#[derive(Debug)]
pub(super) struct Date {
    stamp: RefCell<Stamp>,
    until: Cell<Option<Instant>>,
}

impl Default for Date {
    fn default() -> Self {
        Date { stamp: RefCell::new(Stamp::new(0)), until: Cell::new(None) }
    }
}

impl Date {
    pub(super) fn now(&self, reactor: &Reactor) -> Ref<'_, Stamp> {
        let now = reactor.now();
        if self.until.get().is_none_or(|until| until <= now) {
            let since = wall().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.stamp.replace(Stamp::new(since.as_secs()));
            let rest = Duration::from_secs(1) - Duration::from_nanos(since.subsec_nanos().into());
            self.until.set(Some(now + rest));
        }
        self.stamp.borrow()
    }
}
