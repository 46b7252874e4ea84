//! A process's letters from and to the others of its server: messages, tasks and their answers.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;

use crate::{
    reactor::Token,
    server::{
        Address, Crew, Letter, Mailbox, Parcel, PostOffice, Role, SessionId, TaskBoard,
        mailbox::{Head, Waited, kind},
    },
    zend::{Callback, Thrown, Value, ZStr, fence},
};

use super::{
    super::engine::{Engine, ledger},
    forward,
    task::Running,
    worker::{Hooks, WorkerPart},
};

/// What a process needs to write and read letters.
pub(super) struct Post {
    pub(super) mailbox: Mailbox,
    pub(super) place: Place,
    pub(super) board: TaskBoard,
    /// The number of the next task that this process asks for.
    next_task: Cell<u64>,
    /// In a task worker: the task that it is at.
    pub(super) running: RefCell<Option<Running>>,
    /// In a task worker: tasks that it has ended.
    pub(super) ran: Cell<u64>,
}

/// Which process this is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) crew: Crew,
    pub(super) role: Role,
    pub(super) slot: usize,
    pub(super) lane: usize,
    pub(super) generation: u64,
}

/// How long full boxes may take in what a process that ends has written.
const LAST_LETTERS: Duration = Duration::from_secs(1);

impl Post {
    /// Opens the box of that address on the engine's loop.
    pub(super) fn new(
        engine: &Engine,
        office: Arc<PostOffice>,
        address: Address,
        place: Place,
        board: TaskBoard,
    ) -> io::Result<Post> {
        let mailbox = Mailbox::new(office, address, Rc::clone(&engine.reactor))?;
        // Whoever was told to adopt what is there may have died before it did.
        let office = mailbox.office();
        if let Some(other) = office.other(address).filter(|other| office.owner(*other) == 0) {
            mailbox.adopt(other);
        }
        Ok(Post {
            mailbox,
            place,
            board,
            next_task: Cell::new(0),
            running: RefCell::default(),
            ran: Cell::new(0),
        })
    }

    /// Whether this process runs tasks.
    pub(super) fn is_task_worker(&self) -> bool {
        self.place.role == Role::TaskWorker
    }

    /// Whether the end of the turn has work for it.
    pub(super) fn has_to_settle(&self) -> bool {
        self.mailbox.has_unsent() || self.running.borrow().is_some()
    }

    /// Letters have arrived, or a full box takes some again.
    pub(super) fn handle_ready(&self, engine: &Engine, part: &WorkerPart, token: Token) {
        self.mailbox.handle_ready(token, &mut |letter| {
            self.handle_letter(engine, part, letter);
            engine.stop_reason().is_none() && self.running.borrow().is_none()
        });
    }

    /// Another process of this place is gone: what its box still holds is for this one.
    pub(super) fn adopt(&self, lane: u8) {
        let office = Arc::clone(self.mailbox.office());
        if let Some(address) = office.address(self.place.slot, lane.into()) {
            self.mailbox.adopt(address);
        }
    }

    /// Gives a connection to the process that serves in this place, or will: to this one's own box, if
    /// nobody does.
    pub(super) fn give(&self, parcel: Parcel) -> bool {
        let Parcel { session, flags, socket: Some(socket), input } = parcel else { return false };
        let Some(to) = self.mailbox.office().serving(self.place.slot) else { return false };
        let head = Head { kind: kind::CONNECTION, flags, a: session.into(), b: 0 };
        self.mailbox.post_socket(to, head, &[&input], socket).is_ok()
    }

    /// Whether the process that this one has replaced still lives: it may give connections.
    pub(super) fn has_elder(&self) -> bool {
        let (office, own) = (self.mailbox.office(), self.mailbox.address());
        office.serving(self.place.slot) == Some(own)
            && office.other(own).is_some_and(|other| office.owner(other) != 0)
    }

    /// Sends what was posted, where the end of the turn may be far: tasks and processes of the user's
    /// may block for as long as they like.
    pub(super) fn flush_if_it_may_block(&self) {
        if self.place.role != Role::Worker {
            self.mailbox.flush();
        }
    }

    /// The process ends. Gives the sessions whose connections could not be handed over.
    pub(super) fn end(&self, engine: &Engine) -> Vec<u64> {
        let own = self.mailbox.address();
        let heir = self.mailbox.office().serving(self.place.slot).unwrap_or(own);
        self.mailbox.end(engine.reactor.refresh_now() + LAST_LETTERS, heir)
    }

    /// Posts a task to a task worker and gives its number. It is known as waiting before anybody
    /// can answer it.
    pub(super) fn ask(&self, to: Option<usize>, payload: &Payload) -> io::Result<u64> {
        let task_worker = to.unwrap_or_else(|| self.board.choose());
        let slot = self.place.crew.workers + task_worker;
        let office = self.mailbox.office();
        let address = office.serving(slot).ok_or(io::ErrorKind::NotFound)?;
        let number = self.next_task.get();
        let (flags, generation) = (payload.flags, self.place.generation);
        let head = Head { kind: kind::TASK, flags, a: number, b: generation };
        self.board.posted(task_worker);
        if let Err(error) = self.mailbox.post_alone(address, head, &[payload.bytes()]) {
            self.board.ended(task_worker);
            return Err(error);
        }
        self.next_task.set(number + 1);
        Ok(number)
    }

    /// Waits until these tasks have ended. Each is given to `told`, with its place in the list and
    /// its answer, if it has one.
    pub(super) fn wait(
        &self,
        deadline: Instant,
        tasks: &[Option<u64>],
        told: &mut dyn FnMut(usize, Option<Payload>),
    ) {
        let mut left = tasks.iter().flatten().count();
        while left > 0 {
            let waited = self.mailbox.wait(deadline, &mut |letter| {
                let Head { kind, flags, a, b } = letter.head;
                let is_answer = matches!(kind, kind::FINISH | kind::TASK_ENDED);
                if !is_answer || b != self.place.generation {
                    return false;
                }
                let Some(place) = tasks.iter().position(|task| *task == Some(a)) else {
                    return false;
                };
                let payload = match kind {
                    kind::FINISH => Some(Payload { flags, text: ZStr::from_bytes(letter.payload) }),
                    _ if flags & kind::LOST != 0 => Some(Payload::lost()),
                    _ => None,
                };
                told(place, payload);
                true
            });
            if waited == Waited::TimedOut {
                return;
            }
            left -= 1;
        }
    }

    fn handle_letter(&self, engine: &Engine, part: &WorkerPart, letter: Letter<'_>) {
        let Head { kind: what, flags, a, b } = letter.head;
        match what {
            kind::MESSAGE => {
                let Some(data) = Payload::decode(engine, flags, letter.payload) else { return };
                let sender = self.mailbox.office().slot_of(letter.from);
                let sender = sender.and_then(|slot| i64::try_from(slot).ok()).unwrap_or(-1);
                let args = [Value::from(part.server()), Value::long(sender), data];
                part.call(engine, "pipemessage", args);
            }
            kind::SESSION_SEND | kind::SESSION_CLOSE | kind::SESSION_FILE | kind::SESSION_READ => {
                forward::handle(engine, part, letter)
            }
            kind::CONNECTION => {
                let Ok(session) = SessionId::try_from(a) else { return };
                let input = BytesMut::from(letter.payload);
                let parcel = Parcel { session, flags, socket: letter.socket, input };
                part.connections.take_over(parcel, &Hooks { part, engine });
            }
            kind::TASK if self.is_task_worker() => self.run(engine, part, letter),
            kind::FINISH | kind::TASK_ENDED if b == self.place.generation => {
                self.handle_answer(engine, part, a, letter);
            }
            _ => {}
        }
    }

    fn handle_answer(&self, engine: &Engine, part: &WorkerPart, task: u64, letter: Letter<'_>) {
        let Some(told) = engine.asked.take(task) else { return };
        let Head { kind: what, flags, .. } = letter.head;
        let data = match what {
            kind::FINISH => Payload::decode(engine, flags, letter.payload),
            _ if flags & kind::LOST != 0 => Some(Value::from(false)),
            _ => None,
        };
        let number = i64::try_from(task).unwrap_or(i64::MAX);
        let args = |data| [Value::from(part.server()), Value::long(number), data];
        match (told, data) {
            (Some((callback, row)), Some(data)) => {
                ledger().set_state(row, "running");
                engine.call(row.number(), callback, args(data));
                ledger().close(row);
            }
            (Some((callback, row)), None) => {
                drop(callback);
                engine.report_pending();
                ledger().close(row);
            }
            (None, Some(data)) if self.place.role == Role::Worker => {
                part.call(engine, "finish", args(data));
            }
            (None, _) => {}
        }
    }
}

/// A PHP value on its way.
pub(super) struct Payload {
    flags: u8,
    text: ZStr,
}

impl Payload {
    /// A string as it is, anything else as `serialize()` writes it.
    pub(super) fn encode(value: &Value) -> Result<Payload, Thrown> {
        if let Some(text) = value.as_zstr() {
            return Ok(Payload { flags: 0, text });
        }
        let text = fence::call_function("serialize", std::slice::from_ref(value)).into_result()?;
        let text = text.as_zstr().unwrap_or_else(ZStr::empty);
        Ok(Payload { flags: kind::SERIALIZED, text })
    }

    /// `false`, for a task whose process died with it.
    fn lost() -> Payload {
        Payload { flags: kind::SERIALIZED, text: ZStr::from_bytes(b"b:0;") }
    }

    pub(super) fn flags(&self) -> u8 {
        self.flags
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// The value, within a method.
    pub(super) fn into_value(self) -> Result<Value, Thrown> {
        if self.flags & kind::SERIALIZED == 0 {
            return Ok(self.text.into());
        }
        fence::call_function("unserialize", &[self.text.into()]).into_result()
    }

    /// The value, from the loop. `None`: `__wakeup` or its like threw, which was reported.
    pub(super) fn decode(engine: &Engine, flags: u8, payload: &[u8]) -> Option<Value> {
        let text = Value::from(ZStr::from_bytes(payload));
        if flags & kind::SERIALIZED == 0 {
            return Some(text);
        }
        let unserialize = Callback::from_value(&"unserialize".into()).ok()?;
        engine.call(0, unserialize, [text])
    }
}
