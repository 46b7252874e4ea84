//! What a master process adds to the loop: its signals, and the channels to its workers.

use std::{cell::RefCell, os::fd::RawFd, rc::Rc};

use crate::{
    reactor::{Interest, Key, Ready, Source, Token},
    server::{Lifecycle, Master, Processes, Role, Step},
    sys::{
        process::{self, Pid},
        signal::Signals,
    },
    zend::{ObjRef, Value},
};

use super::super::engine::{Engine, Part, Stop, current};
use super::{life, state::ServerState, user_process};

/// The master's part of the loop.
pub(super) struct MasterPart {
    master: Rc<Master>,
    processes: Rc<Processes>,
    signals: RefCell<Option<Signals>>,
    step: RefCell<Option<Step>>,
}

impl MasterPart {
    /// Takes the master's signals and registers them.
    pub(super) fn new(
        engine: &Engine,
        role: Role,
        master: Rc<Master>,
        processes: Rc<Processes>,
    ) -> std::io::Result<MasterPart> {
        let signals = role.take_signals()?;
        let token = Token::new(Source::Signal, Key::fixed(0));
        engine.reactor.register(&signals, token, Interest::READABLE)?;
        Ok(MasterPart {
            master,
            processes,
            signals: RefCell::new(Some(signals)),
            step: RefCell::new(None),
        })
    }

    /// What the caller of the loop does next; the loop is left for it.
    pub(super) fn take_step(&self) -> Option<Step> {
        self.step.take()
    }

    /// Gives the signals back.
    pub(super) fn release_signals(&self) {
        drop(self.signals.take());
    }

    /// Keeps a step that ends the loop; the first one counts.
    pub(super) fn handle_step(&self, engine: &Engine, step: Step) {
        if matches!(step, Step::Continue) {
            return;
        }
        let mut kept = self.step.borrow_mut();
        if kept.is_none() {
            *kept = Some(step);
        }
        drop(kept);
        engine.stop(Stop::Asked);
    }
}

impl Part for MasterPart {
    fn descriptors(&self) -> Vec<RawFd> {
        self.master.listening().into_iter().chain(self.processes.descriptors()).collect()
    }

    fn io(&self, engine: &Engine, token: Token, _: Ready) {
        if token.source() == Some(Source::Mailbox) {
            self.processes.handle_mailbox(token);
        }
        if token.source() == Some(Source::Channel) {
            let step = self.master.handle_channel(token, engine.reactor.now());
            self.handle_step(engine, step);
        }
    }

    fn timer(&self, engine: &Engine, token: Token) {
        if token.source() == Some(Source::Mailbox) {
            self.processes.handle_mailbox(token);
        }
        if token.source() == Some(Source::Channel) {
            let step = self.master.handle_timeout(engine.reactor.now());
            self.handle_step(engine, step);
        }
    }

    fn signals(&self, engine: &Engine) {
        let arrived: Vec<i32> = match &*self.signals.borrow() {
            Some(signals) => signals.drain().collect(),
            None => return,
        };
        for signo in arrived {
            if self.step.borrow().is_some() {
                return;
            }
            engine.signals.handle_arrived(signo);
            let step = self.master.handle_signal(signo, engine.reactor.now());
            self.handle_step(engine, step);
        }
    }

    fn take_signal(&self, signo: i32) -> std::io::Result<()> {
        take_signal(&self.signals, signo)
    }

    fn settle(&self, _: &Engine) {
        self.processes.arm(self.master.poll_deadline());
    }
}

/// Takes one more signal over for PHP code, unless the process answers to it itself.
pub(super) fn take_signal(signals: &RefCell<Option<Signals>>, signo: i32) -> std::io::Result<()> {
    match &*signals.borrow() {
        Some(signals) if !signals.holds(signo) => signals.add(signo),
        _ => Err(std::io::ErrorKind::AlreadyExists.into()),
    }
}

/// The master's events, as callbacks of the server object.
pub(super) struct MasterHooks {
    pub(super) server: ObjRef,
    /// This is the manager of another process, whose are onStart and onShutdown.
    pub(super) is_manager: bool,
    /// The master's process.
    pub(super) pid: Pid,
}

impl MasterHooks {
    fn call(&self, event: &'static str, more: &[i64]) {
        let Some(engine) = current() else { return };
        let Some(server) = self.server.as_state::<ServerState>() else { return };
        let Some(callback) = server.callbacks.get(event) else { return };
        let mut args = vec![Value::from(&self.server)];
        args.extend(more.iter().map(|number| Value::long(*number)));
        engine.call_slice(0, callback, args);
    }
}

impl Lifecycle for MasterHooks {
    fn has_left(&self) -> bool {
        process::id() != self.pid
    }

    fn on_start(&self) {
        if !self.is_manager {
            self.call("start", &[]);
        }
    }

    fn on_forked(&self, worker_id: usize, pid: Pid) {
        let Some(server) = self.server.as_state::<ServerState>() else { return };
        let crew = server.shared.borrow().as_ref().map(|shared| shared.crew);
        if let Some(number) = crew.and_then(|crew| worker_id.checked_sub(crew.all_workers())) {
            user_process::has_started(server, number, pid);
        }
    }

    fn on_reload(&self) {
        if let Some(engine) = current() {
            life::renew_code(&engine);
        }
    }

    fn on_manager_start(&self) {
        self.call("managerstart", &[]);
    }

    fn on_worker_error(&self, worker_id: usize, pid: Pid, exit_code: i32, signal: i32) {
        let worker_id = i64::try_from(worker_id).unwrap_or(-1);
        self.call("workererror", &[worker_id, pid.into(), exit_code.into(), signal.into()]);
    }

    fn on_manager_stop(&self) {
        self.call("managerstop", &[]);
    }

    fn on_shutdown(&self) {
        if !self.is_manager {
            self.call("shutdown", &[]);
        }
    }
}
