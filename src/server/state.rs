//! What the master knows: the places for workers, the processes in them, whose turn it is.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{RecycleReason, Role, stats::LANES};
use crate::{reactor::Key, sys::process::Pid};

/// A worker that dies within this time of its start is replaced with back-off.
const SHORT_LIFE: Duration = Duration::from_secs(1);
/// The first back-off; it doubles each time, up to `BACKOFF_MAX`.
const BACKOFF_MIN: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// Everything that the master knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) slots: Vec<Slot>,
    /// Slots whose worker is to be replaced, each at most once.
    pub(super) queue: VecDeque<usize>,
    /// The slot that has a successor which is not ready.
    pub(super) under_way: Option<usize>,
    /// The next replacement waits until then, because the last successor died.
    pub(super) replace_after: Option<Instant>,
    pub(super) backoff: Backoff,
    pub(super) generation: u64,
    pub(super) manager_started: bool,
    /// A worker had to be killed, or Ctrl-C came twice.
    pub(super) exit_code: i32,
    /// The kind of process that was told to end last.
    pub(super) told: Option<Role>,
    /// The time of the last event.
    pub(super) now: Option<Instant>,
}

/// How far the server's life is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Created,
    Running,
    Stopping,
    Ended,
    /// This is a worker's copy.
    Child,
}

/// What a process is to its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The slot's worker.
    Serving,
    /// Forked to replace it, not ready yet.
    Successor,
    /// Replaced: finishes what it has begun.
    Retiring,
}

/// A worker's process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) pid: Pid,
    pub(super) channel: Key,
    /// Its row of the shared counters; differs from the other member's of the slot.
    pub(super) lane: usize,
    pub(super) started: Instant,
    pub(super) standing: Standing,
    /// When it is killed, once it was told to end.
    pub(super) deadline: Option<Instant>,
    /// When it is killed, while it is a successor that has not said that it is ready.
    pub(super) ready_by: Option<Instant>,
    /// When it left its loop, once it has said so.
    pub(super) left: Option<Instant>,
    pub(super) killed: bool,
}

/// Doubling delays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    last: Duration,
}

/// The place of one `worker_id`. At most two members: one that serves, and a successor or the one
/// that it has replaced.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) members: Vec<Member>,
    /// When a worker is forked, while none serves.
    pub(super) restart_at: Option<Instant>,
    /// Why the next replacement was asked for.
    pub(super) reason: Option<RecycleReason>,
    backoff: Backoff,
}

impl State {
    pub(super) fn new(worker_num: usize) -> State {
        State {
            phase: Phase::Created,
            slots: (0..worker_num).map(|_| Slot::default()).collect(),
            queue: VecDeque::new(),
            under_way: None,
            replace_after: None,
            backoff: Backoff::default(),
            generation: 0,
            manager_started: false,
            exit_code: 0,
            told: None,
            now: None,
        }
    }

    pub(super) fn enqueue(&mut self, worker_id: usize, reason: RecycleReason) {
        if let Some(slot) = self.slots.get_mut(worker_id)
            && !self.queue.contains(&worker_id)
        {
            slot.reason = Some(reason);
            self.queue.push_back(worker_id);
        }
    }

    /// Whose worker is to be replaced now: one at a time, and none that is still half replaced. A
    /// slot without a worker needs no replacement, it gets a new one anyway.
    pub(super) fn next_replacement(&mut self, now: Instant) -> Option<usize> {
        self.replace_after.take_if(|at| *at <= now);
        if self.under_way.is_some() || self.replace_after.is_some() {
            return None;
        }
        let slots = &self.slots;
        let slot = |worker_id: usize| slots.get(worker_id);
        self.queue.retain(|&id| slot(id).is_some_and(|slot| slot.restart_at.is_none()));
        let ready = |&id: &usize| slot(id).is_some_and(Slot::may_be_replaced);
        let place = self.queue.iter().position(ready)?;
        let worker_id = self.queue.remove(place)?;
        self.under_way = Some(worker_id);
        Some(worker_id)
    }

    pub(super) fn replaced(&mut self, worker_id: usize) {
        if self.under_way == Some(worker_id) {
            self.under_way = None;
            self.replace_after = None;
        }
    }

    pub(super) fn put_off_replacement(&mut self, worker_id: usize, now: Instant) {
        self.under_way = None;
        self.queue.retain(|&queued| queued != worker_id);
        self.queue.push_front(worker_id);
        self.replace_after = Some(now + self.backoff.step());
    }

    /// Mends the slot after the end of one of its members.
    pub(super) fn close_ranks(&mut self, worker_id: usize, gone: &Member, now: Instant) {
        match gone.standing {
            Standing::Retiring => {}
            Standing::Successor => self.put_off_replacement(worker_id, now),
            Standing::Serving => {
                let lived = now.saturating_duration_since(gone.started);
                let Some(slot) = self.slots.get_mut(worker_id) else { return };
                if slot.fill_gap(lived, now) {
                    self.replaced(worker_id);
                } else {
                    self.queue.retain(|&queued| queued != worker_id);
                }
            }
        }
    }
}

impl Backoff {
    pub(super) fn reset(&mut self) {
        self.last = Duration::ZERO;
    }

    /// The next delay.
    pub(super) fn step(&mut self) -> Duration {
        self.last = (self.last * 2).clamp(BACKOFF_MIN, BACKOFF_MAX);
        self.last
    }
}

impl Slot {
    pub(super) fn find(&self, standing: Standing) -> Option<&Member> {
        self.members.iter().find(|member| member.standing == standing)
    }

    pub(super) fn find_mut(&mut self, standing: Standing) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.standing == standing)
    }

    pub(super) fn remove(&mut self, pid: Pid) -> Option<Member> {
        let place = self.members.iter().position(|member| member.pid == pid)?;
        Some(self.members.remove(place))
    }

    /// A row of counters that no living member writes to; that one if it is free.
    pub(super) fn free_lane(&self, preferred: usize) -> usize {
        let used = |lane| self.members.iter().any(|member| member.lane == lane);
        [preferred].into_iter().chain(0..LANES).find(|&lane| !used(lane)).unwrap_or(0)
    }

    /// Nothing of an earlier replacement is left, so that another may begin.
    pub(super) fn may_be_replaced(&self) -> bool {
        self.find(Standing::Serving).is_some() && self.members.len() == 1
    }

    /// The serving member is gone. Its successor, if there is one, serves from now on: true. Else a
    /// worker is due: at once, or after a back-off when this one lived shortly.
    pub(super) fn fill_gap(&mut self, lived: Duration, now: Instant) -> bool {
        if let Some(successor) = self.find_mut(Standing::Successor) {
            successor.standing = Standing::Serving;
            return true;
        }
        let delay = if lived < SHORT_LIFE {
            self.backoff.step()
        } else {
            self.backoff.reset();
            Duration::ZERO
        };
        self.restart_at = Some(now + delay);
        false
    }

    /// No process could be made: tried again after a back-off.
    pub(super) fn put_off(&mut self, now: Instant) {
        self.restart_at = Some(now + self.backoff.step());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_its_limit() {
        let mut backoff = Backoff::default();
        let steps: Vec<_> = (0..8).map(|_| backoff.step().as_millis()).collect();
        assert_eq!(steps, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        backoff.reset();
        assert_eq!(backoff.step().as_millis(), 100);
    }
}
