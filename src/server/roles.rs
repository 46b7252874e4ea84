//! Kinds of processes, and what they say to each other.
//!
//! One row a role, one row a message: a new kind of process or message is a new row here, and the
//! lifecycle in `master` stays written once.

use std::io;

use bytes::{Buf, BufMut, BytesMut};

use crate::sys::signal::{
    self, SIGCHLD, SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, Signals,
};

/// A kind of process of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Keeps the sockets and replaces what dies; it is the manager too (SWOOLE_BASE).
    Master,
    /// Forks and replaces workers for a master with I/O threads (SWOOLE_PROCESS).
    Manager,
    /// Serves connections.
    Worker,
    /// Runs tasks.
    TaskWorker,
    /// Runs a `Process` of the user's.
    UserProcess,
}

impl Role {
    /// The role in log lines: `worker #0`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The character before the process id in log lines.
    #[must_use]
    pub fn flag(self) -> char {
        self.row().flag
    }

    /// The role with that character; [`Role::Master`] for another one.
    #[must_use]
    pub fn from_flag(flag: char) -> Role {
        let roles = [Role::Worker, Role::TaskWorker, Role::UserProcess];
        roles.into_iter().find(|role| role.flag() == flag).unwrap_or(Role::Master)
    }

    /// Takes over the signals that this role answers to, ignores those that mean nothing to it and
    /// gives the rest their default. Every process does so once, before its loop; a worker right
    /// after the fork, for what arrives earlier waits for it.
    ///
    /// # Errors
    /// `AlreadyExists` when this process has taken its signals; the system's.
    pub fn take_signals(self) -> io::Result<Signals> {
        let row = self.row();
        for &signo in row.ignored {
            signal::ignore(signo)?;
        }
        for &signo in row.default {
            signal::set_default(signo)?;
        }
        let signals = Signals::new(row.handled)?;
        if signal::sigrtmin() > 0 {
            signals.add(signal::sigrtmin())?;
        }
        Ok(signals)
    }

    fn row(self) -> &'static RoleRow {
        match self {
            Role::Master => &MASTER,
            Role::Manager => &MANAGER,
            Role::Worker => &WORKER,
            Role::TaskWorker => &TASK_WORKER,
            Role::UserProcess => &USER_PROCESS,
        }
    }
}

struct RoleRow {
    name: &'static str,
    flag: char,
    handled: &'static [i32],
    ignored: &'static [i32],
    default: &'static [i32],
}

/// HUP is handled to be dropped, so that it is given back at the end.
const MASTER: RoleRow = RoleRow {
    name: "master",
    flag: '#',
    handled: &[SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP, SIGCHLD],
    ignored: &[SIGPIPE],
    default: &[],
};

/// INT reaches a manager from the terminal only, whose Ctrl-C is the master's to answer.
const MANAGER: RoleRow = RoleRow {
    name: "manager",
    flag: '$',
    handled: &[SIGTERM, SIGUSR1, SIGUSR2, SIGHUP, SIGCHLD],
    ignored: &[SIGPIPE, SIGINT],
    default: &[],
};

/// INT reaches a worker from the terminal only, whose Ctrl-C is the master's to answer.
const WORKER: RoleRow = RoleRow {
    name: "worker",
    flag: '*',
    handled: &[SIGTERM],
    ignored: &[SIGPIPE, SIGINT, SIGHUP, SIGUSR1, SIGUSR2],
    default: &[SIGCHLD],
};

const TASK_WORKER: RoleRow = RoleRow { name: "task worker", flag: '^', ..WORKER };

/// TERM ends it as it ends any program, unless its code takes the signal.
const USER_PROCESS: RoleRow = RoleRow {
    name: "user process",
    flag: '@',
    handled: &[],
    ignored: &[SIGPIPE, SIGINT, SIGHUP, SIGUSR1, SIGUSR2],
    default: &[SIGCHLD, SIGTERM],
};

/// Why a worker asks to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecycleReason {
    /// It has served `max_request` requests.
    MaxRequest,
    /// It has run `task_max_request` tasks.
    TaskMaxRequest,
    /// It uses more than `max_memory`.
    MaxMemory,
    /// `stop()` was called for it.
    Stopped,
    /// All are replaced.
    Reload,
}

impl RecycleReason {
    /// As they are numbered in messages.
    const ALL: [RecycleReason; 5] = [
        RecycleReason::MaxRequest,
        RecycleReason::MaxMemory,
        RecycleReason::Stopped,
        RecycleReason::TaskMaxRequest,
        RecycleReason::Reload,
    ];

    fn number(self) -> u8 {
        let numbers = (0u8..).zip(RecycleReason::ALL);
        numbers.into_iter().find(|(_, reason)| *reason == self).map_or(0, |(number, _)| number)
    }

    fn numbered(number: u8) -> Option<RecycleReason> {
        RecycleReason::ALL.get(usize::from(number)).copied()
    }

    /// The reason in log lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RecycleReason::MaxRequest => "max_request",
            RecycleReason::TaskMaxRequest => "task_max_request",
            RecycleReason::MaxMemory => "max_memory",
            RecycleReason::Stopped => "stop()",
            RecycleReason::Reload => "reload",
        }
    }

    /// The reason with its figures, for log lines.
    #[must_use]
    pub fn describe(self, reached: u64, limit: u64) -> String {
        let name = self.name();
        match self {
            RecycleReason::MaxRequest => format!("{name}, {reached} requests served"),
            RecycleReason::TaskMaxRequest => format!("{name}, {reached} tasks run"),
            RecycleReason::MaxMemory => {
                let (reached, limit) = (kib(reached), kib(limit));
                format!("{name}, {reached} KiB used, {limit} KiB allowed")
            }
            RecycleReason::Stopped | RecycleReason::Reload => name.to_string(),
        }
    }
}

/// Which processes a reload replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadScope {
    /// Workers, then task workers.
    All,
    /// Task workers only.
    Tasks,
}

/// What master and worker say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Worker: `onWorkerStart` has run, it serves.
    Ready,
    /// Worker: replace me. It serves on until [`Message::Retire`].
    Recycle {
        /// Why.
        reason: RecycleReason,
        /// What was measured: requests, tasks or bytes; 0 when it was asked for.
        reached: u64,
        /// What was allowed, in the same unit.
        limit: u64,
    },
    /// Master: your successor serves. Stop accepting, give it the idle connections, finish what has
    /// begun, end with code 0.
    Retire {
        /// Why it was replaced.
        reason: RecycleReason,
    },
    /// Worker: `reload()` was called.
    Reload {
        /// Of whom.
        scope: ReloadScope,
    },
    /// Master: end; finish what has begun. Worker: `shutdown()` was called.
    Shutdown,
    /// Worker: `stop($worker_id)` was called.
    Stop {
        /// Of whom.
        worker_id: u32,
    },
    /// Master: the process in that lane of this worker's slot is gone: read what its box still
    /// holds.
    Adopt {
        /// 0 or 1.
        lane: u8,
    },
    /// Worker: it has left its loop. What is left is PHP's: `onWorkerStop`, destructors, shutdown
    /// functions.
    Ending,
    /// Worker: how it is doing.
    Stats {
        /// Open connections.
        connections: u64,
        /// Requests served since its start.
        requests: u64,
        /// Resident memory in bytes.
        rss: u64,
    },
}

/// What no [`Message`] is: the other side is broken or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No such kind.
    #[error("unknown message {0}")]
    Kind(u8),
    /// The body is not as long as this kind's is, or holds a value that means nothing.
    #[error("malformed message {0}")]
    Malformed(u8),
}

impl Message {
    /// Appends the message: kind, length of the body (one byte each), body in network order.
    pub fn encode(&self, out: &mut BytesMut) {
        match *self {
            Message::Ready => out.put_slice(&[READY, 0]),
            Message::Recycle { reason, reached, limit } => {
                out.put_slice(&[RECYCLE, 17, reason.number()]);
                out.put_u64(reached);
                out.put_u64(limit);
            }
            Message::Retire { reason } => out.put_slice(&[RETIRE, 1, reason.number()]),
            Message::Reload { scope } => {
                out.put_slice(&[RELOAD, 1, u8::from(scope == ReloadScope::Tasks)]);
            }
            Message::Shutdown => out.put_slice(&[SHUTDOWN, 0]),
            Message::Stop { worker_id } => {
                out.put_slice(&[STOP, 4]);
                out.put_u32(worker_id);
            }
            Message::Adopt { lane } => out.put_slice(&[ADOPT, 1, lane]),
            Message::Ending => out.put_slice(&[ENDING, 0]),
            Message::Stats { connections, requests, rss } => {
                out.put_slice(&[STATS, 24]);
                out.put_u64(connections);
                out.put_u64(requests);
                out.put_u64(rss);
            }
        }
    }

    /// Takes one message off `input`; `None` when it is not all there yet.
    ///
    /// # Errors
    /// [`MessageError`], after which nothing on this channel makes sense.
    pub fn decode(input: &mut BytesMut) -> Result<Option<Message>, MessageError> {
        let [kind, length, ..] = **input else { return Ok(None) };
        let &(_, body) =
            BODIES.iter().find(|(known, _)| *known == kind).ok_or(MessageError::Kind(kind))?;
        if length != body {
            return Err(MessageError::Malformed(kind));
        }
        if input.len() < HEAD + usize::from(body) {
            return Ok(None);
        }
        input.advance(HEAD);
        let mut body = input.split_to(usize::from(body));
        let malformed = MessageError::Malformed(kind);
        Ok(Some(match kind {
            READY => Message::Ready,
            RECYCLE => Message::Recycle {
                reason: RecycleReason::numbered(body.get_u8()).ok_or(malformed)?,
                reached: body.get_u64(),
                limit: body.get_u64(),
            },
            RETIRE => {
                Message::Retire { reason: RecycleReason::numbered(body.get_u8()).ok_or(malformed)? }
            }
            RELOAD => Message::Reload {
                scope: match body.get_u8() {
                    0 => ReloadScope::All,
                    1 => ReloadScope::Tasks,
                    _ => return Err(malformed),
                },
            },
            SHUTDOWN => Message::Shutdown,
            STOP => Message::Stop { worker_id: body.get_u32() },
            ADOPT => Message::Adopt { lane: body.get_u8() },
            ENDING => Message::Ending,
            STATS => Message::Stats {
                connections: body.get_u64(),
                requests: body.get_u64(),
                rss: body.get_u64(),
            },
            _ => return Err(MessageError::Kind(kind)),
        }))
    }
}

/// Rounded up: what is used is never shown as less.
fn kib(bytes: u64) -> u64 {
    bytes.div_ceil(1024)
}

const HEAD: usize = 2;

const READY: u8 = 1;
const RECYCLE: u8 = 2;
const RETIRE: u8 = 3;
const RELOAD: u8 = 4;
const SHUTDOWN: u8 = 5;
const STOP: u8 = 6;
const STATS: u8 = 7;
const ADOPT: u8 = 8;
const ENDING: u8 = 9;

/// Kind and length of the body, in bytes.
const BODIES: [(u8, u8); 9] = [
    (READY, 0),
    (RECYCLE, 17),
    (RETIRE, 1),
    (RELOAD, 1),
    (SHUTDOWN, 0),
    (STOP, 4),
    (STATS, 24),
    (ADOPT, 1),
    (ENDING, 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Message; 13] = [
        Message::Ready,
        Message::Recycle { reason: RecycleReason::MaxRequest, reached: 7, limit: u64::MAX },
        Message::Recycle { reason: RecycleReason::MaxMemory, reached: 7, limit: u64::MAX },
        Message::Recycle { reason: RecycleReason::Stopped, reached: 7, limit: u64::MAX },
        Message::Recycle { reason: RecycleReason::TaskMaxRequest, reached: 7, limit: u64::MAX },
        Message::Retire { reason: RecycleReason::Reload },
        Message::Reload { scope: ReloadScope::All },
        Message::Reload { scope: ReloadScope::Tasks },
        Message::Shutdown,
        Message::Stop { worker_id: 70_000 },
        Message::Adopt { lane: 1 },
        Message::Ending,
        Message::Stats { connections: 1, requests: u64::MAX, rss: 3 },
    ];

    #[test]
    fn every_message_comes_back_byte_by_byte() {
        let mut wire = BytesMut::new();
        for message in &EVERY {
            message.encode(&mut wire);
        }
        let mut input = BytesMut::new();
        let mut seen = Vec::new();
        for byte in wire {
            input.put_u8(byte);
            seen.extend(Message::decode(&mut input).unwrap());
        }
        assert_eq!(seen, EVERY);
        assert!(input.is_empty());
    }

    #[test]
    fn nonsense_is_refused_before_its_body_is_there() {
        let decode = |bytes: &[u8]| Message::decode(&mut BytesMut::from(bytes));
        assert_eq!(decode(&[]), Ok(None));
        assert_eq!(decode(&[99]), Ok(None));
        assert_eq!(decode(&[99, 0]), Err(MessageError::Kind(99)));
        assert_eq!(decode(&[STOP, 200]), Err(MessageError::Malformed(STOP)));
        let mut reason = [0; 19];
        reason[..3].copy_from_slice(&[RECYCLE, 17, 9]);
        assert_eq!(decode(&reason), Err(MessageError::Malformed(RECYCLE)));
        assert_eq!(decode(&[RELOAD, 1, 9]), Err(MessageError::Malformed(RELOAD)));
    }
}
