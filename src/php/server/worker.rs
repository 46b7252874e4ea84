//! What a worker process adds to the loop: connections, its master's messages, its end.

use std::{
    cell::{Cell, RefCell},
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use crate::{
    ledger::Kind,
    proto::{
        framing::FramingError,
        http1::{HeaderBlock, Request},
    },
    reactor::{Interest, Key, Ready, Source, Token},
    server::{
        Channel, ExchangeId, Head, Log, Lookout, Message, Origin, PacketSender, Parcel,
        RecycleReason, Role, SessionId, SlowFile, Worker, WorkerHooks,
    },
    sys::signal::{SIGTERM, Signals, sigrtmin},
    zend::{Callback, ObjRef, Value, ZStr},
};

use super::super::{
    engine::{Engine, Part, Stop, current, ledger, since},
    http_pair::Spares,
    http_request, http_response,
    ledger::line,
};
use super::{
    life, master::take_signal, packet, port::PortState, post::Post, recycle, recycle::Recycling,
    redis_server, slow, state::ServerState,
};

/// The worker's part of the loop.
pub(super) struct WorkerPart {
    pub(super) connections: Rc<Worker>,
    pub(super) worker_id: usize,
    server: ObjRef,
    pub(super) post: Post,
    task_max_request: u64,
    channel: RefCell<Option<Channel>>,
    signals: RefCell<Option<Signals>>,
    /// The signals' descriptor was ready: asking it in every turn would cost a system call.
    signalled: Cell<bool>,
    log: Rc<Log>,
    /// Sees what takes long.
    pub(super) lookout: Option<Lookout>,
    slow: Option<Arc<SlowFile>>,
    /// The objects of requests that nobody kept.
    spares: Spares,
    parse_post: bool,
    buffer_output_size: usize,
    max_wait: Option<std::time::Duration>,
    /// onWorkerStop runs when the worker begins to leave.
    stops_early: bool,
    /// It has run.
    stop_told: Cell<bool>,
    leaving: Cell<Option<Leaving>>,
    pub(super) recycling: Recycling,
    /// `stop()` was called: the loop is left after the present callback.
    stopping: Cell<bool>,
    /// Letters were taken out of the box before connections go.
    taken_in: Cell<bool>,
    /// The master is gone, and with it the boxes.
    orphaned: Cell<bool>,
}

/// SWOOLE_ERROR_SERVER_WORKER_EXIT_TIMEOUT, for those who look for it in the log.
const EXIT_TIMEOUT: i32 = 9012;

/// Rows of the ledger that a worker names when its time is over.
const NAMED: usize = 20;

/// How a worker is on its way out.
#[derive(Clone, Copy)]
struct Leaving {
    /// Its successor is ready, or there will be none: what waits on open connections counts, or
    /// only what is owed.
    for_shutdown: bool,
    until: Option<Instant>,
}

/// What a worker part is made of.
pub(super) struct WorkerParts {
    pub(super) connections: Rc<Worker>,
    pub(super) worker_id: usize,
    pub(super) server: ObjRef,
    pub(super) channel: Channel,
    pub(super) signals: Signals,
    pub(super) post: Post,
    pub(super) task_max_request: u64,
    pub(super) log: Rc<Log>,
}

impl WorkerPart {
    /// Registers the channel and the signals.
    pub(super) fn new(engine: &Engine, parts: WorkerParts) -> std::io::Result<WorkerPart> {
        let WorkerParts {
            connections,
            worker_id,
            server,
            channel,
            signals,
            post,
            task_max_request,
            log,
        } = parts;
        let signal = Token::new(Source::Signal, Key::fixed(0));
        engine.reactor.register(&signals, signal, Interest::READABLE)?;
        let token = Token::new(Source::Channel, Key::fixed(0));
        engine.reactor.register(&channel, token, Interest::READABLE)?;
        let config = server.as_state::<ServerState>().map(|state| state.config.borrow().clone());
        let config = config.unwrap_or_default();
        let stops_early = config.process.reload_async && post.place.role == Role::Worker;
        let slow = server.as_state::<ServerState>().and_then(|state| {
            state.shared.borrow().as_ref().and_then(|shared| shared.slow.clone())
        });
        let lookout = slow::look_out(&config, slow.as_ref(), post.place.role, worker_id);
        http_response::serve(&connections, config.buffer_output_size);
        Ok(WorkerPart {
            connections,
            worker_id,
            server,
            post,
            task_max_request,
            channel: RefCell::new(Some(channel)),
            signals: RefCell::new(Some(signals)),
            signalled: Cell::new(false),
            log,
            lookout,
            slow,
            spares: Spares::default(),
            parse_post: config.http_parse_post,
            buffer_output_size: config.buffer_output_size,
            max_wait: config.max_wait_time,
            stops_early,
            stop_told: Cell::new(false),
            leaving: Cell::new(None),
            recycling: Recycling::new(config.memory),
            stopping: Cell::new(false),
            taken_in: Cell::new(false),
            orphaned: Cell::new(false),
        })
    }

    /// Sends to the master; without one there is nobody to tell.
    pub(super) fn tell(&self, message: Message) {
        if let Some(channel) = &*self.channel.borrow()
            && let Err(error) = channel.send(message)
        {
            self.log.warning(format_args!("the master cannot be told {message:?}: {error}"));
        }
    }

    /// The loop is left. A master that is gone needs no word of it.
    pub(super) fn say_ending(&self) {
        if let Some(channel) = &*self.channel.borrow() {
            let _ = channel.send(Message::Ending);
        }
    }

    /// Asks for a successor, and goes when it is ready.
    pub(super) fn recycle(&self, reason: RecycleReason, reached: u64, limit: u64) {
        self.recycling.note(reason.describe(reached, limit));
        self.tell(Message::Recycle { reason, reached, limit });
    }

    /// `stop()` of this worker: now, or after what it has begun.
    pub(super) fn stop(&self, engine: &Engine, wait: bool) {
        if wait {
            self.recycle(RecycleReason::Stopped, 0, 0);
        } else {
            self.stopping.set(true);
            engine.stop(Stop::Asked);
        }
    }

    /// Calls a callback of the worker's life: `($serv, $worker_id)`.
    pub(super) fn call_life(&self, engine: &Engine, event: &'static str) {
        let id = i64::try_from(self.worker_id).unwrap_or(-1);
        self.call(engine, event, [Value::from(&self.server), Value::long(id)]);
    }

    /// Calls onWorkerStop, once.
    pub(super) fn call_stop(&self, engine: &Engine) {
        if !self.stop_told.replace(true) {
            self.call_life(engine, "workerstop");
        }
    }

    /// The loop was left: before its time, perhaps.
    pub(super) fn note_stop(&self, stop: Option<Stop>) {
        let why = match stop {
            Some(Stop::Fatal) => "a fatal error",
            Some(Stop::Failed) => "an exception",
            Some(Stop::Exit) => "exit()",
            Some(Stop::Asked) if self.stopping.get() => "stop()",
            Some(Stop::Asked) | None => return,
        };
        self.recycling.note(why.to_string());
    }

    /// Says why the worker goes, and what it leaves, unless its server ends.
    pub(super) fn report(&self) {
        let connections = &self.connections;
        let deeds = if self.post.is_task_worker() {
            format!("{} tasks run", self.post.ran.get())
        } else {
            format!(
                "{} requests served, {} connections handed over, {} closed",
                connections.served(),
                connections.given_away(),
                connections.cut()
            )
        };
        self.recycling.report(&self.log, &deeds);
    }

    /// The process ends: sends what is finished, gives the channel and the signals back.
    pub(super) fn end(&self) {
        self.spares.clear();
        drop(self.channel.take());
        if let Some(signals) = self.signals.take() {
            signals.leave();
        }
    }

    /// Calls a callback of the server object, if it has one for that event.
    pub(super) fn call(&self, engine: &Engine, event: &'static str, args: impl AsRef<[Value]>) {
        drop(self.call_for_value(engine, event, args));
    }

    /// The same, for what it returns; `None` when it did not return.
    pub(super) fn call_for_value(
        &self,
        engine: &Engine,
        event: &'static str,
        args: impl AsRef<[Value]>,
    ) -> Option<Value> {
        let callback = self.server.as_state::<ServerState>().and_then(|s| s.callbacks.get(event));
        engine.call_slice(0, callback?, args)
    }

    /// The server object.
    pub(super) fn server(&self) -> &ObjRef {
        &self.server
    }

    /// The server's log.
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// After how many tasks a task worker asks for its successor; 0: never.
    pub(super) fn task_max_request(&self) -> u64 {
        self.task_max_request
    }

    fn callback(&self, port: u16, event: &'static str) -> Option<Callback> {
        self.server.as_state::<ServerState>()?.callback(port, event)
    }

    fn leave(&self, engine: &Engine, for_shutdown: bool) {
        let until = match self.leaving.get() {
            Some(before) if before.for_shutdown || !for_shutdown => return,
            Some(before) => before.until,
            None => self.max_wait.map(|wait| engine.reactor.refresh_now() + wait),
        };
        if let Some(at) = until {
            let token = Token::new(Source::Channel, Key::fixed(0));
            engine.reactor.timers().borrow_mut().insert(at, token);
        }
        self.leaving.set(Some(Leaving { for_shutdown, until }));
        let hooks = Hooks { part: self, engine };
        // A successor serves what waits on this worker's socket; without one it is served first.
        if for_shutdown {
            self.connections.accept_waiting(&hooks);
        }
        self.connections.retire(for_shutdown);
        self.take_in();
        if self.stops_early {
            self.call_stop(engine);
        }
    }

    /// A worker that ends with its server closes the connections that the one before it has given away
    /// by now.
    fn take_in(&self) {
        if self.serves() && self.leaving.get().is_some_and(|leaving| leaving.for_shutdown) {
            self.post.mailbox.take_in();
        }
    }

    /// Whether what others have sent to connections here was handled: before these go.
    fn has_read_letters(&self) -> bool {
        if !self.taken_in.get() {
            self.post.mailbox.take_in();
        }
        // It is delivered in the next turn; then the connections go, whatever comes meanwhile.
        self.taken_in.set(self.post.mailbox.has_backlog());
        !self.taken_in.get()
    }

    /// Whether connections come from and go to other workers of this place.
    fn serves(&self) -> bool {
        self.post.place.role == Role::Worker && !self.connections.is_remote()
    }

    /// The loop is left, and all that is finished is sent: another process takes this place, unless the
    /// server ends, and gets the connections that are idle.
    pub(super) fn give_rest(&self, engine: &Engine) {
        let ends = self.leaving.get().is_some_and(|leaving| leaving.for_shutdown);
        if self.serves() && !ends && !self.orphaned.get() {
            // What it was sent and has not read comes behind them.
            self.post.mailbox.take_in();
            self.connections.give_all_away(&Hooks { part: self, engine });
        }
    }

    /// Whether a worker on its way out has nothing left to do.
    fn is_done(&self, engine: &Engine, leaving: Leaving) -> bool {
        if leaving.until.is_some_and(|until| until <= engine.reactor.now()) {
            let (connections, clients) =
                (self.connections.connection_count(), engine.busy_clients());
            self.log.warning(format_args!(
                "max_wait_time is over [{EXIT_TIMEOUT}]: {connections} connections and {clients} clients \
                 were still busy"
            ));
            let rows = ledger().rows();
            let busy = rows.iter().filter(|row| row.entry.kind != Kind::Server);
            for row in busy.take(NAMED) {
                self.log.warning(format_args!("still running: {}", line(row, since())));
            }
            self.connections.end_rest(&Hooks { part: self, engine });
            return true;
        }
        // Connections that were given away may wait for the one that takes them.
        if self.serves() && self.post.mailbox.queued() > 0 {
            return false;
        }
        if self.serves()
            && leaving.for_shutdown
            && (self.post.has_elder() || self.post.mailbox.has_backlog())
        {
            return false;
        }
        let busy = if leaving.for_shutdown || self.connections.is_remote() {
            self.connections.owes()
        } else {
            self.connections.connection_count() > 0
        };
        if self.post.is_task_worker() {
            return self.post.is_idle() && engine.busy_clients() == 0;
        }
        let pends = if self.stops_early { engine.has_pending() } else { engine.busy_clients() > 0 };
        !busy && !pends && engine.asked.len() == 0
    }
}

impl Part for WorkerPart {
    fn io(&self, engine: &Engine, token: Token, ready: Ready) {
        let hooks = Hooks { part: self, engine };
        match token.source() {
            Some(Source::Conn) => self.connections.handle_ready(token, ready, &hooks),
            Some(Source::Listener) => self.connections.handle_listener(token, &hooks),
            Some(Source::Signal) => self.signalled.set(true),
            Some(Source::Mailbox) => self.post.handle_ready(engine, self, token),
            Some(Source::Channel) => {
                let received = match &*self.channel.borrow() {
                    Some(channel) => channel.receive(),
                    None => return,
                };
                for message in received.messages {
                    match message {
                        Message::Retire { reason } => {
                            self.recycling.note(reason.describe(0, 0));
                            self.leave(engine, false);
                        }
                        Message::Shutdown => self.leave(engine, true),
                        Message::Adopt { lane } => {
                            self.post.adopt(lane);
                            self.take_in();
                        }
                        // What only a worker says.
                        Message::Ready
                        | Message::Ending
                        | Message::Recycle { .. }
                        | Message::Reload { .. }
                        | Message::Stop { .. }
                        | Message::Stats { .. } => {}
                    }
                }
                if received.ended {
                    self.orphaned.set(true);
                    engine.stop(Stop::Asked);
                }
            }
            _ => {}
        }
    }

    fn timer(&self, engine: &Engine, token: Token) {
        let hooks = Hooks { part: self, engine };
        match token.source() {
            Some(Source::Conn) => self.connections.handle_timer(token),
            Some(Source::Listener) => self.connections.handle_listener(token, &hooks),
            Some(Source::Mailbox) => self.post.handle_ready(engine, self, token),
            Some(Source::Channel) if token == recycle::look_token() => {
                if self.leaving.get().is_none()
                    && let Some((used, limit)) = self.recycling.look(engine)
                {
                    self.recycle(RecycleReason::MaxMemory, used, limit);
                }
            }
            _ => {}
        }
    }

    fn signals(&self, engine: &Engine) {
        if !self.signalled.take() {
            return;
        }
        let arrived: Vec<i32> = match &*self.signals.borrow() {
            Some(signals) => signals.drain().collect(),
            None => return,
        };
        if arrived.contains(&SIGTERM) {
            self.leave(engine, true);
        }
        if arrived.contains(&sigrtmin()) {
            life::reopen(&self.log);
            slow::reopen(self.slow.as_deref(), &self.log);
        }
        arrived.into_iter().for_each(|signo| engine.signals.handle_arrived(signo));
    }

    fn descriptors(&self) -> Vec<RawFd> {
        let channel = self.channel.borrow();
        let channel = channel.iter().map(AsRawFd::as_raw_fd);
        self.connections.descriptors().into_iter().chain(channel).collect()
    }

    fn interrupted(&self) {
        self.tell_place();
    }

    fn take_signal(&self, signo: i32) -> std::io::Result<()> {
        take_signal(&self.signals, signo)
    }

    /// A user's process ends when nothing is pending in it, as a script does.
    fn keeps_alive(&self) -> bool {
        self.post.place.role != Role::UserProcess
    }

    fn has_signals(&self) -> bool {
        self.signalled.get()
    }

    fn has_unsent(&self) -> bool {
        self.connections.has_unsent() || self.post.mailbox.has_unsent()
    }

    fn has_to_settle(&self) -> bool {
        self.leaving.get().is_some()
            || self.connections.has_to_settle()
            || self.post.has_to_settle()
    }

    fn settle(&self, engine: &Engine) {
        let hooks = Hooks { part: self, engine };
        self.connections.flush(&hooks);
        if self.connections.has_to_give() && self.has_read_letters() {
            self.connections.give_away(&hooks);
        }
        self.post.settle_task(engine, self);
        self.post.mailbox.flush();
        if self.connections.poll_recycle() {
            let served = self.connections.served();
            self.recycle(RecycleReason::MaxRequest, served, served);
        }
        if let Some(leaving) = self.leaving.get() {
            if self.is_done(engine, leaving) {
                return engine.stop(Stop::Asked);
            }
            self.call_life(engine, "workerexit");
            // It may have cleared the last thing that would have turned the loop.
            if engine.stop_reason().is_none() && self.is_done(engine, leaving) {
                engine.stop(Stop::Asked);
            }
        }
    }
}

/// What arrives on the connections, as callbacks of the server object.
pub(super) struct Hooks<'a> {
    pub(super) part: &'a WorkerPart,
    pub(super) engine: &'a Engine,
}

impl Hooks<'_> {
    /// Sends what a handler has answered; a connection that has gone meanwhile gets nothing.
    pub(super) fn answer(&self, session: SessionId, data: &[u8]) {
        let _ = self.part.connections.send(session, data);
    }

    fn reactor_id(&self, session: SessionId) -> Value {
        Value::long(self.part.connections.reactor_of(session).into())
    }
}

impl WorkerHooks for Hooks<'_> {
    fn on_connect(&self, session: SessionId, port: u16) {
        let Some(callback) = self.part.callback(port, "connect") else { return };
        let args =
            [Value::from(&self.part.server), Value::long(session.into()), self.reactor_id(session)];
        self.engine.call(0, callback, args);
    }

    fn on_receive(&self, session: SessionId, port: u16, data: &[u8]) {
        if redis_server::handle(self, session, port, data) {
            return;
        }
        let Some(callback) = self.part.callback(port, "receive") else { return };
        let args = [
            Value::from(&self.part.server),
            Value::long(session.into()),
            self.reactor_id(session),
            Value::from(ZStr::from_bytes(data)),
        ];
        let _watched = self.part.watch(|| format!("onReceive of connection #{session}"));
        self.engine.call(0, callback, args);
    }

    fn package_length(&self, _: SessionId, port: u16, head: &[u8]) -> i64 {
        let Some(state) = self.part.server.as_state::<ServerState>() else { return -1 };
        let port = state.ports.borrow().get(usize::from(port)).cloned();
        let func = port.and_then(|port| port.as_state::<PortState>()?.length_func());
        let Some(func) = func else { return -1 };
        // One that threw has not said what follows: no length is below zero.
        self.engine.call(0, func, [Value::str(head)]).map_or(-1, |length| length.to_long())
    }

    fn on_broken(&self, session: SessionId, error: &FramingError) {
        self.part.log.warning(format_args!("connection #{session} is closed: {error}"));
    }

    fn on_watermark(&self, session: SessionId, port: u16, full: bool) {
        let event = if full { "bufferfull" } else { "bufferempty" };
        let Some(callback) = self.part.callback(port, event) else { return };
        self.engine.call(
            0,
            callback,
            [Value::from(&self.part.server), Value::long(session.into())],
        );
    }

    fn on_packet(&self, port: u16, sender: &PacketSender, data: &[u8]) {
        let Some(state) = self.part.server.as_state::<ServerState>() else { return };
        let facts = {
            let shared = state.shared.borrow();
            shared.as_ref().and_then(|shared| shared.ports.get(usize::from(port)).copied())
        };
        let _watched = self.part.watch(|| format!("onPacket of port #{port}"));
        let server = Value::from(&self.part.server);
        let data = Value::from(ZStr::from_bytes(data));
        if let Some(callback) = self.part.callback(port, "packet") {
            let address = packet::address(facts.as_ref(), sender);
            self.engine.call(0, callback, [server, data, address.into()]);
        } else if let Some(callback) = self.part.callback(port, "receive")
            && let Some((fd, reactor)) = facts.and_then(|port| packet::numbers(&port, sender))
        {
            let args = [server, Value::long(fd), Value::long(reactor), data];
            self.engine.call(0, callback, args);
        }
    }

    fn on_request(&self, exchange: ExchangeId, origin: Origin, request: Request) {
        let part = self.part;
        let Some(callback) = part.callback(origin.port, "request") else { return };
        let Ok(pair) = part.spares.take() else {
            let head = Head { status: 500, reason: None, headers: &HeaderBlock::new() };
            let _ = part.connections.respond(exchange, head, b"");
            return self.engine.report_pending();
        };
        let _watched = part.watch(|| slow::request(&request));
        let connections = &part.connections;
        let [asked, answer] = &pair;
        let now = self.engine.reactor.now();
        http_request::set_up(asked, origin, request, part.parse_post, now);
        let limit = part.buffer_output_size;
        http_response::set_up(answer, connections, exchange, origin.session, limit);
        self.engine.call_slice(0, callback, part.spares.lend(pair));
    }

    fn give_away(&self, parcel: Parcel) -> bool {
        self.part.post.give(parcel)
    }

    fn on_close(&self, session: SessionId, port: u16, by_server: bool) {
        if self.stopped() {
            return;
        }
        let Some(callback) = self.part.callback(port, "close") else { return };
        let reactor_id = if by_server { Value::long(-1) } else { self.reactor_id(session) };
        let args = [Value::from(&self.part.server), Value::long(session.into()), reactor_id];
        self.engine.call(0, callback, args);
    }

    fn stopped(&self) -> bool {
        self.engine.stop_reason().is_some()
    }
}

/// The hooks of the worker that runs in this process, for commands from PHP.
pub(super) fn with_hooks<R>(part: &WorkerPart, act: impl FnOnce(&Hooks<'_>) -> R) -> Option<R> {
    let engine = current()?;
    Some(act(&Hooks { part, engine: &engine }))
}
