//! The master: forks workers, replaces what ends, and ends them all.

use std::{
    cell::{Cell, RefCell},
    io,
    os::fd::RawFd,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Address, Channel, Crew, Lifecycle, Listeners, Log, Message, PostOffice, RecycleReason,
    ReloadScope, Role, Row, Sessions, StartError, Stats, TaskBoard, WorkerListener,
    mailbox::{Head, kind},
    os::{Forked, Os},
    state::{Member, Phase, Slot, Standing, State},
};
use crate::{
    reactor::Token,
    sys::{
        process::{ExitStatus, Pid},
        signal::{self, SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGUSR2},
    },
};

/// How a server's processes live.
#[derive(Clone, Copy, Debug)]
pub struct MasterConfig {
    /// The processes; at least one event worker.
    pub crew: Crew,
    /// How long a worker that was told to end may finish what it has begun (`max_wait_time`).
    /// A worker leaves its loop by itself then, and says so; the master kills one that has not
    /// [`KILL_GRACE`] later.
    pub max_wait_time: Duration,
}

/// How much longer than `max_wait_time` the master waits for a worker that was told to end.
pub const KILL_GRACE: Duration = Duration::from_millis(500);

/// How long a worker that has left its loop has at least for `onWorkerStop` and its destructors.
pub const END_LIMIT: Duration = Duration::from_secs(10);

/// How long a successor may take to start before it is given up; `max_wait_time` if that is longer.
/// Others are not replaced meanwhile.
const START_LIMIT: Duration = Duration::from_secs(60);

/// However long `max_wait_time` is, a start that takes this long is none.
const LONG_START: Duration = Duration::from_secs(3600);

/// What the caller does next.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// This is the master: go on with the loop, armed with [`Master::poll_deadline`].
    Continue,
    /// This is a new worker: leave the master's loop, drop its reactor, become the worker. The
    /// master object is of no use any more.
    Child(WorkerContext),
    /// This is the master, and its server has ended: leave the loop with [`Master::exit_code`].
    Finished,
}

/// What a new worker has from its master.
#[derive(Debug)]
pub struct WorkerContext {
    /// Its place among all processes of the server.
    pub worker_id: usize,
    /// What it is.
    pub role: Role,
    /// Its lane: it differs from that of the one it replaces.
    pub lane: usize,
    /// Its box.
    pub address: Address,
    /// Counts the workers of this server from 1 on.
    pub generation: u64,
    /// One socket a port, listening; for an event worker.
    pub listeners: Vec<WorkerListener>,
    /// To the master: say [`Message::Ready`] first. Its end means that the master is gone.
    pub channel: Channel,
    /// This worker's counters.
    pub stats: Row,
}

/// What all processes of a server share, made before the first fork.
#[derive(Clone, Debug)]
pub struct SharedParts {
    /// The ports.
    pub listeners: Rc<Listeners>,
    /// Counters, with rows for the whole crew.
    pub stats: Stats,
    /// Boxes, with slots for the whole crew.
    pub office: Arc<PostOffice>,
    /// All sessions: those of a worker that died end with it.
    pub sessions: Option<Sessions>,
    /// A row a task worker.
    pub tasks: TaskBoard,
}

/// The state machine of a server's master process, which is its manager too. Waits for nothing and
/// reads no clock: the caller's loop hands it signals, channel tokens and due deadlines, and gets a
/// [`Step`]. No borrow is open while a hook runs, and commands given in a hook are carried out after
/// it.
pub struct Master {
    pub(super) os: Rc<dyn Os>,
    pub(super) hooks: Rc<dyn Lifecycle>,
    pub(super) log: Rc<Log>,
    pub(super) parts: SharedParts,
    pub(super) config: MasterConfig,
    pub(super) state: RefCell<State>,
    asked: Asked,
}

/// Commands that wait for the end of the hook or callback that gave them.
#[derive(Default)]
struct Asked {
    shutdown: Cell<bool>,
    reload: Cell<Option<ReloadScope>>,
    stop: RefCell<Vec<usize>>,
}

impl Master {
    /// A master that has forked nothing.
    #[must_use]
    pub fn new(
        os: Rc<dyn Os>,
        hooks: Rc<dyn Lifecycle>,
        log: Rc<Log>,
        parts: SharedParts,
        config: MasterConfig,
    ) -> Master {
        let state = RefCell::new(State::new(config.crew.len().max(1)));
        Master { os, hooks, log, parts, config, state, asked: Asked::default() }
    }

    /// The sockets that listen for the workers.
    #[must_use]
    pub fn listening(&self) -> Vec<RawFd> {
        self.parts.listeners.descriptors()
    }

    /// Listens, runs `on_start`, forks the workers, runs `on_manager_start`.
    ///
    /// # Errors
    /// [`StartError`], after which nothing runs.
    pub fn start(&self, now: Instant) -> Result<Step, StartError> {
        if self.phase() != Phase::Created {
            return Err(StartError::Twice);
        }
        self.parts.listeners.open(self.config.crew.workers)?;
        self.hooks.on_start();
        if self.hooks.has_left() {
            return Ok(Step::Continue);
        }
        {
            let mut state = self.state.borrow_mut();
            state.now = Some(now);
            state.phase = Phase::Running;
            for slot in &mut state.slots {
                slot.restart_at = Some(now);
            }
        }
        if !self.asked.shutdown.get() {
            if let Some(context) = self.fork_missing(now) {
                return Ok(Step::Child(context));
            }
            if self.members().is_empty() {
                self.parts.listeners.close();
                self.state.borrow_mut().phase = Phase::Ended;
                return Err(StartError::NoWorker);
            }
            self.state.borrow_mut().manager_started = true;
            self.hooks.on_manager_start();
        }
        Ok(self.advance(now))
    }

    /// A signal of [`Role::Master`]'s arrived.
    pub fn handle_signal(&self, signo: i32, now: Instant) -> Step {
        match signo {
            SIGTERM => self.asked.shutdown.set(true),
            SIGINT if self.phase() == Phase::Stopping => self.kill_all(),
            SIGINT => self.asked.shutdown.set(true),
            SIGUSR1 => self.reload(ReloadScope::All),
            SIGUSR2 => self.reload(ReloadScope::Tasks),
            SIGCHLD => self.reap(now),
            SIGHUP => {}
            _ if signo == signal::sigrtmin() => {
                if let Err(error) = self.log.reopen() {
                    self.log.warning(format_args!("the log file cannot be opened anew: {error}"));
                }
                for (_, member) in self.members() {
                    self.os.kill(member.pid, signo);
                }
            }
            _ => {}
        }
        self.advance(now)
    }

    /// A channel is ready to be read. A stale token is nobody's.
    pub fn handle_channel(&self, token: Token, now: Instant) -> Step {
        let channel = token.key();
        let found = self.members().into_iter().find(|(_, member)| member.channel == channel);
        if let Some((worker_id, member)) = found {
            let received = self.os.receive(channel);
            for message in received.messages {
                self.handle_message(worker_id, member.pid, message, now);
            }
            if received.ended {
                self.os.close(channel);
                self.expect_end(worker_id, member.pid, now);
            }
        }
        self.advance(now)
    }

    /// The time that [`poll_deadline`](Self::poll_deadline) named has come.
    pub fn handle_timeout(&self, now: Instant) -> Step {
        self.advance(now)
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called: asked once a turn, after
    /// everything else. A time in the past: now, for a command was given in a callback.
    #[must_use]
    pub fn poll_deadline(&self) -> Option<Instant> {
        let state = self.state.borrow();
        if matches!(state.phase, Phase::Ended | Phase::Child) {
            return None;
        }
        if self.asked.any() && state.phase != Phase::Created {
            return state.now;
        }
        let living = state.slots.iter().flat_map(|slot| &slot.members).filter(|m| !m.killed);
        let kills = living.flat_map(|member| [member.deadline, member.ready_by]).flatten();
        let restarts = state.slots.iter().filter_map(|slot| slot.restart_at);
        let replacement = state.replace_after.filter(|_| !state.queue.is_empty());
        kills.chain(restarts).chain(replacement).min()
    }

    /// Ends the server: every worker finishes what it has begun. A second call changes nothing.
    pub fn shutdown(&self) {
        self.asked.shutdown.set(true);
    }

    /// Replaces event workers and task workers, or those alone, one after the other.
    pub fn reload(&self, scope: ReloadScope) {
        if scope == ReloadScope::Tasks && self.config.crew.task_workers == 0 {
            self.log.warning(format_args!("no task workers to reload"));
            return;
        }
        if self.asked.reload.get() != Some(ReloadScope::All) {
            self.asked.reload.set(Some(scope));
        }
    }

    /// Replaces one worker; an id that does not exist is ignored.
    pub fn stop_worker(&self, worker_id: usize) {
        self.asked.stop.borrow_mut().push(worker_id);
    }

    /// The server has ended, or this is a worker's copy: nothing more comes from here.
    #[must_use]
    pub fn finished(&self) -> bool {
        matches!(self.phase(), Phase::Ended | Phase::Child)
    }

    /// Whether the server is ending or has ended.
    #[must_use]
    pub fn stopping(&self) -> bool {
        !matches!(self.phase(), Phase::Created | Phase::Running)
    }

    /// What the master's process ends with: 0 after a graceful end, 130 after a second Ctrl-C, 1
    /// when a worker had to be killed.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        self.state.borrow().exit_code
    }

    /// The process that serves as this worker now.
    #[must_use]
    pub fn worker_pid(&self, worker_id: usize) -> Option<Pid> {
        let state = self.state.borrow();
        Some(state.slots.get(worker_id)?.find(Standing::Serving)?.pid)
    }

    fn handle_message(&self, worker_id: usize, pid: Pid, message: Message, now: Instant) {
        match message {
            Message::Ready => self.hand_over(worker_id, pid, now),
            Message::Recycle { reason, reached, limit } => {
                self.recycle(worker_id, pid, reason, &reason.describe(reached, limit));
            }
            Message::Reload { scope } => self.reload(scope),
            Message::Shutdown => self.shutdown(),
            Message::Stop { worker_id } => {
                self.stop_worker(usize::try_from(worker_id).unwrap_or(usize::MAX));
            }
            Message::Ending => self.grant_end(worker_id, pid, now),
            Message::Stats { .. } | Message::Retire { .. } | Message::Adopt { .. } => {}
        }
    }

    /// A successor serves: it is the slot's worker now, and the old one is told to go.
    fn hand_over(&self, worker_id: usize, pid: Pid, now: Instant) {
        let mut state = self.state.borrow_mut();
        if state.phase != Phase::Running {
            return;
        }
        let deadline = now + self.config.max_wait_time + KILL_GRACE;
        let Some(slot) = state.slots.get_mut(worker_id) else { return };
        match slot.find(Standing::Successor) {
            Some(successor) if successor.pid == pid => {
                self.parts.office.set_serving(worker_id, successor.lane);
            }
            _ => return,
        }
        let reason = slot.reason.take().unwrap_or(RecycleReason::Reload);
        if let Some(old) = slot.find_mut(Standing::Serving) {
            old.standing = Standing::Retiring;
            // One that is ending already has been given its time.
            old.deadline = old.deadline.max(Some(deadline));
            if self.os.send(old.channel, Message::Retire { reason }).is_err() {
                self.os.kill(old.pid, SIGTERM);
            }
        }
        if let Some(successor) = slot.find_mut(Standing::Successor) {
            successor.standing = Standing::Serving;
            successor.ready_by = None;
        }
        state.replaced(worker_id);
        state.backoff.reset();
    }

    fn recycle(&self, worker_id: usize, pid: Pid, reason: RecycleReason, why: &str) {
        let mut state = self.state.borrow_mut();
        let serving = state.slots.get(worker_id).and_then(|slot| slot.find(Standing::Serving));
        let asked = state.under_way == Some(worker_id) || state.queue.contains(&worker_id);
        let is_serving = serving.is_some_and(|member| member.pid == pid);
        if state.phase == Phase::Running && is_serving && !asked {
            let name = self.config.crew.role(worker_id).name();
            self.log.info(format_args!("{name} #{worker_id} (pid {pid}) is replaced: {why}"));
            state.enqueue(worker_id, reason);
        }
    }

    /// Buries the children that have ended. PHP's own children are left alone: only the master's
    /// are asked for.
    fn reap(&self, now: Instant) {
        for (worker_id, member) in self.members() {
            if let Some(status) = self.os.wait(member.pid) {
                self.bury(worker_id, member.pid, status, now);
            }
        }
    }

    fn bury(&self, worker_id: usize, pid: Pid, status: ExitStatus, now: Instant) {
        let member = {
            let mut state = self.state.borrow_mut();
            let Some(slot) = state.slots.get_mut(worker_id) else { return };
            let Some(member) = slot.remove(pid) else { return };
            if state.phase == Phase::Running {
                state.close_ranks(worker_id, &member, now);
            }
            member
        };
        self.os.close(member.channel);
        self.parts.stats.row(worker_id, member.lane).bury();
        if let Some(sessions) = &self.parts.sessions {
            sessions.bury(pid);
        }
        self.settle_post(worker_id, &member);
        let name = self.config.crew.role(worker_id).name();
        if status.is_success() {
            if member.standing == Standing::Serving && !self.stopping() {
                self.log.notice(format_args!("{name} #{worker_id} (pid {pid}) ended by itself"));
            }
            return;
        }
        if member.killed && status.signal == SIGKILL {
            return;
        }
        // That is how it was told to end.
        let told = self.stopping() && self.config.crew.role(worker_id) == Role::UserProcess;
        if told && status.signal == SIGTERM {
            return;
        }
        let how = match status {
            ExitStatus { signal: 0, code } => format!("ended with exit code {code}"),
            ExitStatus { signal, .. } => format!("was killed by signal {signal}"),
        };
        let what = match member.standing {
            Standing::Successor => "; the worker that it should replace serves on",
            Standing::Serving | Standing::Retiring => "",
        };
        self.log.warning(format_args!("{name} #{worker_id} (pid {pid}) {how}{what}"));
        self.hooks.on_worker_error(worker_id, pid, status.code, status.signal);
    }

    /// Whoever serves in the place of a dead process reads what waits in its box; the asker of the
    /// task that it was at is told.
    fn settle_post(&self, worker_id: usize, dead: &Member) {
        let office = &self.parts.office;
        let Some(address) = office.address(worker_id, dead.lane) else { return };
        office.set_owner(address, 0);
        if let Some(slot) = self.state.borrow().slots.get(worker_id)
            && let Some(serving) = slot.find(Standing::Serving)
        {
            office.set_serving(worker_id, serving.lane);
            let lane = u8::try_from(dead.lane).unwrap_or(0);
            let _ = self.os.send(serving.channel, Message::Adopt { lane });
        }
        let task_worker = self.config.crew.task_worker(worker_id);
        let lost = task_worker.and_then(|n| self.parts.tasks.take_lost(n, dead.lane));
        if let Some(task) = lost
            && let Some(asker) = office.numbered(task.from)
            && office.owner(asker) == task.generation
        {
            let (a, b) = (task.number, task.generation);
            self.os.post(asker, Head { kind: kind::TASK_ENDED, flags: kind::LOST, a, b });
        }
    }

    /// Carries out what was asked for and what is due, until nothing more is.
    fn advance(&self, now: Instant) -> Step {
        if self.finished() || self.hooks.has_left() {
            return Step::Continue;
        }
        self.state.borrow_mut().now = Some(now);
        self.take_commands(now);
        if self.phase() == Phase::Running {
            let forked = self.fork_missing(now).or_else(|| self.fork_successor(now));
            if let Some(context) = forked {
                return Step::Child(context);
            }
        }
        self.kill_overdue(now);
        if self.phase() == Phase::Stopping {
            self.tell_next(now);
            if self.members().is_empty() {
                self.end();
                return Step::Finished;
            }
        }
        Step::Continue
    }

    fn take_commands(&self, now: Instant) {
        let stop = self.asked.stop.take();
        let reload = self.asked.reload.take();
        if reload.is_some() && self.phase() == Phase::Running {
            self.hooks.on_reload();
        }
        if self.asked.shutdown.take() && self.phase() == Phase::Running {
            self.begin_end(now);
        }
        let mut state = self.state.borrow_mut();
        if state.phase != Phase::Running {
            return;
        }
        let Crew { workers, .. } = self.config.crew;
        let all = self.config.crew.all_workers();
        let replaced = match reload {
            Some(ReloadScope::All) => {
                let text = "reload: the workers are replaced one after the other";
                self.log.notice(format_args!("{text}"));
                0..all
            }
            Some(ReloadScope::Tasks) => {
                let text = "reload: the task workers are replaced one after the other";
                self.log.notice(format_args!("{text}"));
                workers..all
            }
            None => 0..0,
        };
        replaced.for_each(|worker_id| state.enqueue(worker_id, RecycleReason::Reload));
        stop.into_iter().for_each(|worker_id| state.enqueue(worker_id, RecycleReason::Stopped));
    }

    /// Forks a worker for every slot that is due for one.
    fn fork_missing(&self, now: Instant) -> Option<WorkerContext> {
        for worker_id in self.fork_order() {
            let due = {
                let mut state = self.state.borrow_mut();
                let slot = state.slots.get_mut(worker_id)?;
                slot.restart_at.take_if(|at| *at <= now).is_some()
            };
            if !due {
                continue;
            }
            match self.fork(worker_id, Standing::Serving, now) {
                Ok(None) => {}
                Ok(child) => return child,
                Err(error) => {
                    let name = self.config.crew.role(worker_id).name();
                    self.log.error(format_args!("{name} #{worker_id} cannot be forked: {error}"));
                    self.state.borrow_mut().slots.get_mut(worker_id)?.put_off(now);
                }
            }
        }
        None
    }

    /// Begins the next replacement, if it is anybody's turn.
    fn fork_successor(&self, now: Instant) -> Option<WorkerContext> {
        let worker_id = self.state.borrow_mut().next_replacement(now)?;
        match self.fork(worker_id, Standing::Successor, now) {
            Ok(child) => child,
            Err(error) => {
                let name = self.config.crew.role(worker_id).name();
                self.log.error(format_args!(
                    "no replacement for {name} #{worker_id} can be forked: {error}"
                ));
                self.state.borrow_mut().put_off_replacement(worker_id, now);
                None
            }
        }
    }

    fn fork(
        &self,
        worker_id: usize,
        standing: Standing,
        now: Instant,
    ) -> io::Result<Option<WorkerContext>> {
        let office = &self.parts.office;
        // What waits in the box of one that died is its successor's.
        let before = office.serving_lane(worker_id);
        let slot_lane = |slot: &Slot| slot.free_lane(before);
        let lane = self.state.borrow().slots.get(worker_id).map_or(0, slot_lane);
        let address = office.address(worker_id, lane).ok_or(io::ErrorKind::NotFound)?;
        let forked = self.os.fork()?;
        if let Forked::Parent { pid, .. } = forked {
            self.hooks.on_forked(worker_id, pid);
        }
        let mut state = self.state.borrow_mut();
        state.generation += 1;
        let generation = state.generation;
        match forked {
            Forked::Parent { pid, channel } => {
                office.set_owner(address, generation);
                if standing == Standing::Serving {
                    office.set_serving(worker_id, lane);
                }
                let ready_by = (standing == Standing::Successor)
                    .then(|| now + START_LIMIT.max(self.config.max_wait_time.min(LONG_START)));
                if let Some(slot) = state.slots.get_mut(worker_id) {
                    let (deadline, left, killed) = (None, None, false);
                    let started = now;
                    slot.members.push(Member {
                        pid,
                        channel,
                        lane,
                        started,
                        standing,
                        deadline,
                        ready_by,
                        left,
                        killed,
                    });
                }
                Ok(None)
            }
            Forked::Child { channel } => {
                state.phase = Phase::Child;
                // The parent says so too; whichever comes first.
                office.set_owner(address, generation);
                let role = self.config.crew.role(worker_id);
                self.log.set_process(role, worker_id);
                let listeners = match role {
                    Role::Worker => self.parts.listeners.take(worker_id),
                    Role::Master | Role::Manager | Role::TaskWorker | Role::UserProcess => {
                        self.parts.listeners.close();
                        Vec::new()
                    }
                };
                Ok(Some(WorkerContext {
                    worker_id,
                    role,
                    lane,
                    address,
                    generation,
                    listeners,
                    channel,
                    stats: self.parts.stats.row(worker_id, lane),
                }))
            }
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.state.borrow().phase
    }

    /// User processes stand before the workers that may send to them, task workers too.
    fn fork_order(&self) -> impl Iterator<Item = usize> {
        let Crew { workers, .. } = self.config.crew;
        (workers..self.config.crew.len()).chain(0..workers)
    }

    /// A copy, for loops in which a hook may run.
    fn members(&self) -> Vec<(usize, Member)> {
        let state = self.state.borrow();
        let slots = state.slots.iter().enumerate();
        slots.flat_map(|(id, slot)| slot.members.iter().map(move |m| (id, *m))).collect()
    }
}

impl Asked {
    fn any(&self) -> bool {
        self.shutdown.get() || self.reload.get().is_some() || !self.stop.borrow().is_empty()
    }
}

#[cfg(test)]
#[path = "master_tests.rs"]
mod tests;
