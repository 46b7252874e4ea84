//! The answers that a connection owes, in the order of its requests (RFC 9112 section 9.3.2).
//!
//! A handler may answer later than the handler of the next request: what comes out of turn is kept
//! with its exchange until everything before it has been answered.

use std::collections::VecDeque;

use crate::{net::Output, proto::http1::Version};

/// Numbers the requests of one connection.
pub(super) type Serial = u32;

/// One request whose answer is not complete, and how to frame that answer.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Its number on the connection.
    pub(super) serial: Serial,
    /// The client's version: 1.0 knows no chunks.
    pub(super) version: Version,
    /// The request was HEAD: the answer has no body.
    pub(super) head_only: bool,
    /// The client lets the connection stand after it.
    pub(super) keep_alive: bool,
    /// How far its answer is.
    pub(super) phase: Phase,
}

/// An exchange whose turn has not come, and what was answered before that.
#[derive(Debug)]
struct Later {
    exchange: Exchange,
    output: Output,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing was answered.
    Waiting,
    /// The head is out, the body comes in chunks.
    Chunked,
    /// The head is out, the body ends with the connection.
    UntilClose,
    /// The head is out, and the answer has no body.
    NoBody,
    /// Complete; only the answers before it hold it back.
    Complete,
}

/// The exchanges of one connection, the oldest first. An idle connection's holds no memory.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    first: Option<Exchange>,
    later: VecDeque<Later>,
    made: Serial,
    /// Answers completed since they were last asked for.
    completed: u16,
}

impl Exchanges {
    /// Takes a request in.
    pub(super) fn push(&mut self, version: Version, head_only: bool, keep_alive: bool) -> Serial {
        self.made = self.made.wrapping_add(1);
        let exchange =
            Exchange { serial: self.made, version, head_only, keep_alive, phase: Phase::Waiting };
        if self.first.is_none() {
            self.first = Some(exchange);
        } else {
            self.later.push_back(Later { exchange, output: Output::default() });
        }
        self.made
    }

    /// How many answers are owed.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.later.len()
    }

    /// The number of the newest request.
    #[must_use]
    pub(super) fn made(&self) -> Serial {
        self.made
    }

    /// Whether none is owed.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The number of the request that is answered next.
    #[must_use]
    pub(super) fn first_serial(&self) -> Option<Serial> {
        self.first.as_ref().map(|exchange| exchange.serial)
    }

    /// An exchange, and where its output goes now: the connection's if it is its turn.
    pub(super) fn find<'a>(
        &'a mut self,
        serial: Serial,
        connection: &'a mut Output,
    ) -> Option<Answering<'a>> {
        let newest = serial == self.made;
        let first = self.first.as_mut()?;
        if first.serial == serial {
            return Some(Answering::new(first, newest, connection));
        }
        let later = self.later.iter_mut().find(|later| later.exchange.serial == serial)?;
        Some(Answering::new(&mut later.exchange, newest, &mut later.output))
    }

    /// Moves what is answered and in turn to the connection's output. Gives whether the connection
    /// stands after the answers that were completed: `false` when one of them was its last.
    pub(super) fn advance(&mut self, connection: &mut Output) -> bool {
        while let Some(first) = &self.first {
            if first.phase != Phase::Complete {
                return true;
            }
            let last = !first.keep_alive;
            self.completed = self.completed.saturating_add(1);
            self.first = None;
            if let Some(Later { exchange, output }) = self.later.pop_front() {
                self.first = Some(exchange);
                connection.append(output);
            } else if self.later.capacity() > 0 {
                self.later = VecDeque::new();
            }
            if last {
                return false;
            }
        }
        true
    }

    /// Nothing is owed any more.
    pub(super) fn clear(&mut self) {
        let Exchanges { made, completed, .. } = *self;
        *self = Exchanges { made, completed, ..Exchanges::default() };
    }

    /// How many answers were completed since the last call.
    pub(super) fn take_completed(&mut self) -> u16 {
        std::mem::take(&mut self.completed)
    }

    /// Whether a part of the next answer has been given out.
    pub(super) fn has_begun(&self) -> bool {
        self.first.as_ref().is_some_and(|first| first.phase != Phase::Waiting)
    }

    /// Says that the connection ends with this exchange's answer.
    pub(super) fn close_after(&mut self, serial: Serial) {
        let later = self.later.iter_mut().map(|later| &mut later.exchange);
        if let Some(exchange) = self.first.iter_mut().chain(later).find(|e| e.serial == serial) {
            exchange.keep_alive = false;
        }
    }

    /// Bytes that wait for their turn.
    #[must_use]
    pub(super) fn queued(&self) -> usize {
        self.later.iter().map(|later| later.output.len()).sum()
    }
}

/// An exchange that is being answered.
#[derive(Debug)]
pub(super) struct Answering<'a> {
    /// How far it is.
    pub(super) phase: &'a mut Phase,
    /// What decides its framing.
    pub(super) facts: Facts,
    /// The client lets the connection stand after it.
    pub(super) keep_alive: bool,
    /// No request came behind it.
    pub(super) newest: bool,
    /// Where its bytes go.
    pub(super) output: &'a mut Output,
}

/// What of a request decides how its answer is framed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// The client's version.
    pub(super) version: Version,
    /// The request was HEAD.
    pub(super) head_only: bool,
}

impl<'a> Answering<'a> {
    fn new(exchange: &'a mut Exchange, newest: bool, output: &'a mut Output) -> Answering<'a> {
        let Exchange { version, head_only, keep_alive, .. } = *exchange;
        Answering {
            phase: &mut exchange.phase,
            facts: Facts { version, head_only },
            keep_alive,
            newest,
            output,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(exchanges: &mut Exchanges, serial: Serial, text: &str, connection: &mut Output) {
        let answering = exchanges.find(serial, connection).unwrap();
        answering.output.tail().extend_from_slice(text.as_bytes());
        *answering.phase = Phase::Complete;
    }

    #[test]
    fn answers_leave_in_the_order_of_their_requests() {
        let (mut exchanges, mut out) = (Exchanges::default(), Output::default());
        let serials: Vec<_> =
            (0..3).map(|_| exchanges.push(Version::Http11, false, true)).collect();
        answer(&mut exchanges, serials[2], "three ", &mut out);
        assert!(exchanges.advance(&mut out));
        answer(&mut exchanges, serials[1], "two ", &mut out);
        assert!(exchanges.advance(&mut out));
        assert!(out.is_empty());
        answer(&mut exchanges, serials[0], "one ", &mut out);
        assert!(exchanges.advance(&mut out));
        assert_eq!(&out.tail()[..], b"one two three ");
        assert!(exchanges.is_empty());
        assert_eq!(exchanges.later.capacity(), 0);
    }

    #[test]
    fn the_last_answer_is_the_one_that_ends_the_connection() {
        let (mut exchanges, mut out) = (Exchanges::default(), Output::default());
        let first = exchanges.push(Version::Http11, false, true);
        let second = exchanges.push(Version::Http11, false, false);
        answer(&mut exchanges, second, "two", &mut out);
        assert!(exchanges.advance(&mut out));
        answer(&mut exchanges, first, "one", &mut out);
        assert!(!exchanges.advance(&mut out));
        assert_eq!(&out.tail()[..], b"onetwo");
    }
}
