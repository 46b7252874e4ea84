//! A gate on the loop of PHP's own thread: for `dispatch_func`, which is PHP's to run.

use std::{cell::RefCell, io, rc::Rc};

use bytes::Bytes;

use super::{
    dispatch::{Ask, Message},
    gate::Gate,
    thread::GateParts,
};
use crate::reactor::{Reactor, Ready, Token};

use super::super::sessions::SessionId;

/// The connections of a server whose program chooses the workers. No borrow of it is open while the
/// program is asked: what there is to ask is taken out (`poll_question`) and answered afterwards.
pub struct LocalGate {
    gate: RefCell<Gate>,
}

/// Which worker gets this?
#[derive(Debug)]
pub struct Question {
    ask: Ask,
}

impl LocalGate {
    /// Accepts and serves on this loop.
    ///
    /// # Errors
    /// When a descriptor can not be registered.
    pub fn new(reactor: Rc<Reactor>, parts: GateParts) -> io::Result<LocalGate> {
        let GateParts { config, shared, listeners, door, cpu: _ } = parts;
        let gate = Gate::new(config, reactor, shared, listeners, door)?;
        Ok(LocalGate { gate: RefCell::new(gate) })
    }

    /// A descriptor of a listener, a connection or a link is ready.
    pub fn handle_ready(&self, token: Token, ready: Ready) {
        self.gate.borrow_mut().handle_ready(token, ready);
    }

    /// A timer of a listener's or a connection's is due.
    pub fn handle_timer(&self, token: Token) {
        self.gate.borrow_mut().handle_timer(token);
    }

    /// The end of a turn: sends what was queued.
    pub fn settle(&self) {
        self.gate.borrow_mut().settle();
    }

    /// What the program is to be asked next.
    #[must_use]
    pub fn poll_question(&self) -> Option<Question> {
        self.gate.borrow_mut().poll_ask().map(|ask| Question { ask })
    }

    /// What the program has said: a worker, or nobody.
    pub fn answer(&self, question: Question, worker: Option<usize>) {
        self.gate.borrow_mut().answer_ask(question.ask, worker);
    }

    /// Accepts no more.
    pub fn stop(&self) {
        self.gate.borrow_mut().stop();
    }

    /// No worker will answer any more: sends what can be sent, then closes every connection.
    pub fn finish(&self) {
        self.gate.borrow_mut().finish();
    }

    /// Whether nothing is left to do after [`finish`](Self::finish).
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.gate.borrow().is_done()
    }
}

impl Question {
    /// The session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.ask.session
    }

    /// 0: data, 4: its end, 5: its beginning.
    #[must_use]
    pub fn kind(&self) -> i64 {
        match self.ask.message {
            Message::Data(..) => 0,
            Message::Ended => 4,
            Message::Connect => 5,
        }
    }

    /// The beginning of the data.
    #[must_use]
    pub fn data(&self) -> Bytes {
        match &self.ask.message {
            Message::Data(head, _) => head.slice(..head.len().min(SHOWN)),
            Message::Connect | Message::Ended => Bytes::new(),
        }
    }
}

/// Bytes of a message that the program is shown.
const SHOWN: usize = 8 * 1024;
