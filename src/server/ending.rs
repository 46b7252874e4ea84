//! How a master ends its processes.

use std::time::Instant;

use super::{
    END_LIMIT, KILL_GRACE, Master, Message, Role,
    state::{Member, Phase, State},
};
use crate::sys::{
    process::Pid,
    signal::{SIGINT, SIGKILL, SIGTERM},
};

impl Master {
    /// Begins to tell everybody to end. New connections are refused from the moment on at which the
    /// workers have closed their sockets too.
    pub(super) fn begin_end(&self, now: Instant) {
        self.log.info(format_args!("shutdown: the workers finish what they have begun"));
        self.parts.listeners.close();
        {
            let mut state = self.state.borrow_mut();
            state.phase = Phase::Stopping;
            state.queue.clear();
            state.under_way = None;
            state.replace_after = None;
            state.slots.iter_mut().for_each(|slot| slot.restart_at = None);
        }
        self.tell_next(now);
    }

    /// Tells the next kind of process to end when the one before it is gone: event workers, then
    /// task workers, which have answered them, then user processes.
    pub(super) fn tell_next(&self, now: Instant) {
        let crew = self.config.crew;
        let deadline = now + self.config.max_wait_time + KILL_GRACE;
        let mut state = self.state.borrow_mut();
        let order = [Role::Worker, Role::TaskWorker, Role::UserProcess];
        let lives = |state: &State, role| {
            let mut slots = state.slots.iter().enumerate();
            slots.any(|(id, slot)| crew.role(id) == role && !slot.members.is_empty())
        };
        let Some(next) = order.into_iter().find(|&role| lives(&state, role)) else { return };
        if state.told.replace(next) == Some(next) {
            return;
        }
        for (worker_id, slot) in state.slots.iter_mut().enumerate() {
            if crew.role(worker_id) != next {
                continue;
            }
            for member in &mut slot.members {
                member.ready_by = None;
                let _ = self.os.send(member.channel, Message::Shutdown);
                // The signal wakes a worker that sleeps in PHP. One that is ending anyway may have
                // given the signal its default effect back: it is left alone.
                if member.deadline.is_none() {
                    self.os.kill(member.pid, SIGTERM);
                }
                member.deadline.get_or_insert(deadline);
            }
        }
    }

    /// A worker has left its loop. What is PHP's to run then may take longer than [`KILL_GRACE`].
    pub(super) fn grant_end(&self, worker_id: usize, pid: Pid, now: Instant) {
        self.with_member(worker_id, pid, |member| {
            let unasked = now + self.config.max_wait_time + KILL_GRACE;
            let deadline = *member.deadline.get_or_insert(unasked);
            member.deadline = Some(deadline.max(now + END_LIMIT));
            member.ready_by = None;
            member.left = Some(now);
        });
    }

    /// A worker has closed its channel; PHP's own shutdown may take its time, but not without end.
    pub(super) fn expect_end(&self, worker_id: usize, pid: Pid, now: Instant) {
        self.with_member(worker_id, pid, |member| {
            member.deadline.get_or_insert(now + self.config.max_wait_time + KILL_GRACE);
        });
    }

    fn with_member(&self, worker_id: usize, pid: Pid, act: impl FnOnce(&mut Member)) {
        let mut state = self.state.borrow_mut();
        let Some(slot) = state.slots.get_mut(worker_id) else { return };
        if let Some(member) = slot.members.iter_mut().find(|member| member.pid == pid) {
            act(member);
        }
    }

    pub(super) fn kill_overdue(&self, now: Instant) {
        let crew = self.config.crew;
        let mut state = self.state.borrow_mut();
        let mut killed = false;
        for (worker_id, slot) in state.slots.iter_mut().enumerate() {
            for member in &mut slot.members {
                let starts = member.ready_by.is_some_and(|at| at <= now);
                let overdue = member.deadline.is_some_and(|at| at <= now);
                if member.killed || !(starts || overdue) {
                    continue;
                }
                let (limit, what) = match member.left {
                    _ if starts => (now.saturating_duration_since(member.started), "was not ready"),
                    None => (self.config.max_wait_time, "did not end"),
                    Some(at) => {
                        let what = "has left its loop and did not end";
                        (now.saturating_duration_since(at), what)
                    }
                };
                let (seconds, pid) = (limit.as_secs_f64(), member.pid);
                let name = crew.role(worker_id).name();
                self.log.warning(format_args!(
                    "{name} #{worker_id} (pid {pid}) {what} within {seconds} s: killed"
                ));
                member.killed = true;
                killed = true;
                self.os.kill(pid, SIGKILL);
            }
        }
        if killed && state.phase == Phase::Stopping && state.exit_code == 0 {
            state.exit_code = 1;
        }
    }

    /// The second Ctrl-C.
    pub(super) fn kill_all(&self) {
        self.log.notice(format_args!("interrupted again: the workers are killed"));
        let mut state = self.state.borrow_mut();
        state.exit_code = 128 + SIGINT;
        for member in state.slots.iter_mut().flat_map(|slot| &mut slot.members) {
            member.killed = true;
            self.os.kill(member.pid, SIGKILL);
        }
    }

    pub(super) fn end(&self) {
        let manager_started = {
            let mut state = self.state.borrow_mut();
            state.phase = Phase::Ended;
            state.manager_started
        };
        if manager_started {
            self.hooks.on_manager_stop();
        }
        self.hooks.on_shutdown();
    }
}
