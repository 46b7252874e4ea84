//! A Redis connection: AUTH and SELECT, pipelined commands, subscriptions, deadlines.
//!
//! One session is one connection. Its events come in this order: `ConnectFailed` alone; or `Refused`
//! and `Closed`; or `Ready`, then replies and messages, then `Failed` for what still waits, then
//! `Closed`. An own end before `Ready` gives none.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{End, Session};
use crate::options::RedisConfig;
use crate::proto::redis::{DecodeError, Decoder, Reply, Wait, encode_command, wait_of};
use crate::sys::errno;

/// What a connection is used for; it stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each command has one reply.
    Commands,
    /// Only subscriptions are changed, and whatever arrives is a message.
    Subscribe,
}

/// What a session tells its owner.
#[derive(Clone, Debug, PartialEq)]
pub enum RedisEvent {
    /// AUTH and SELECT are done: commands are taken from now on.
    Ready,
    /// The server refused AUTH or SELECT, in its words. The connection ends.
    Refused {
        /// The server's text, code word included.
        message: Bytes,
    },
    /// It never became ready.
    ConnectFailed(End),
    /// The answer to a command; strictly in the order of the commands. May be [`Reply::Error`].
    Reply {
        /// What [`RedisSession::command`] gave.
        serial: u64,
        /// Never a push.
        reply: Reply,
    },
    /// A command whose answer will not come.
    Failed {
        /// What [`RedisSession::command`] gave.
        serial: u64,
        /// Why the connection ended.
        why: End,
    },
    /// What arrives in subscribe mode, acknowledgements included; in command mode a RESP3 push.
    Message(Reply),
    /// The connection had been ready (or was refused) and has ended. The last event.
    Closed(End),
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// The session is not ready: not yet, or not any more.
    #[error("not connected")]
    NotConnected,
    /// `quit()` was called.
    #[error("the connection is being closed")]
    Closing,
    /// A subscription outside subscribe mode, or anything else in it.
    #[error("the command does not fit the connection's mode")]
    Mode,
    /// More than `socket_buffer_size` bytes would wait to be sent.
    #[error("too much waits to be sent")]
    Overflow,
}

impl CommandError {
    /// What PHP sees in `errCode`; `None`: the caller's mistake, which says nothing of the connection.
    #[must_use]
    pub fn err_code(self) -> Option<i32> {
        match self {
            CommandError::NotConnected | CommandError::Closing => Some(5001),
            CommandError::Overflow => Some(1008),
            CommandError::Mode => None,
        }
    }
}

/// A connection to a Redis server.
#[derive(Debug)]
pub struct RedisSession {
    config: RedisConfig,
    mode: Mode,
    phase: Phase,
    decoder: Decoder,
    output: BytesMut,
    /// Bytes that left the session and not the connection.
    unsent: usize,
    events: VecDeque<RedisEvent>,
    /// Commands without their reply, in order.
    waiting: VecDeque<Waiting>,
    next_serial: u64,
    /// Since when what is waited for now (the greeting, the oldest command, the next command) is.
    since: Option<Instant>,
    quit: Option<Quit>,
    /// Decided, and nothing is read any more.
    closing: Option<End>,
    close_told: bool,
}

impl RedisSession {
    /// A session for a connection that does not stand yet.
    #[must_use]
    pub fn new(config: RedisConfig, mode: Mode) -> Self {
        RedisSession {
            mode,
            phase: Phase::Fresh,
            decoder: Decoder::with_limit(config.package_max_length as u64),
            config,
            output: BytesMut::new(),
            unsent: 0,
            events: VecDeque::new(),
            waiting: VecDeque::new(),
            next_serial: 1,
            since: None,
            quit: None,
            closing: None,
            close_told: false,
        }
    }

    /// Sends a command and gives the serial that its `Reply` or `Failed` will carry; exactly one
    /// of them comes. Serials count up from 1. How long a blocking command may take is read from
    /// its arguments.
    ///
    /// # Errors
    /// The command was not taken, and nothing will come.
    pub fn command<A: AsRef<[u8]>>(
        &mut self,
        name: &[u8],
        args: &[A],
        now: Instant,
    ) -> Result<u64, CommandError> {
        if self.mode == Mode::Subscribe || is_subscription(name) {
            return Err(CommandError::Mode);
        }
        self.write(name, args)?;
        if self.waiting.is_empty() {
            self.since = Some(now);
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        self.waiting.push_back(Waiting { serial, wait: wait_of(name, args) });
        Ok(serial)
    }

    /// Changes the subscriptions in subscribe mode: `subscribe`, `psubscribe`, `ssubscribe` and
    /// their opposites. What the server answers comes as `Message`.
    ///
    /// # Errors
    /// The command was not taken.
    pub fn subscribe<A: AsRef<[u8]>>(
        &mut self,
        name: &[u8],
        args: &[A],
    ) -> Result<(), CommandError> {
        if self.mode != Mode::Subscribe || !is_subscription(name) {
            return Err(CommandError::Mode);
        }
        self.write(name, args)
    }

    /// Ends the connection in order: at once if nothing waits or it is not ready yet; otherwise no
    /// command is taken any more and the replies are waited for, up to the response deadline.
    pub fn quit(&mut self, now: Instant) {
        if self.closing.is_some() || self.quit.is_some() {
            return;
        }
        if self.waiting.is_empty() {
            self.close(End::Local);
        } else {
            let deadline = after(now, self.config.response_timeout);
            self.quit = Some(Quit { deadline });
        }
    }

    /// Ends the connection now; what was not sent is dropped.
    pub fn abort(&mut self) {
        self.output.clear();
        self.close(End::Local);
    }

    /// Whether commands are taken.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready && self.closing.is_none() && self.quit.is_none()
    }

    /// Commands without their reply.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What the connection is used for.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    fn write<A: AsRef<[u8]>>(&mut self, name: &[u8], args: &[A]) -> Result<(), CommandError> {
        if self.phase != Phase::Ready || self.closing.is_some() {
            return Err(CommandError::NotConnected);
        }
        if self.quit.is_some() {
            return Err(CommandError::Closing);
        }
        let more = args.iter().fold(name.len(), |sum, arg| sum.saturating_add(arg.as_ref().len()));
        let waits = self.output.len().saturating_add(self.unsent);
        if waits.saturating_add(more) > self.config.socket_buffer_size {
            return Err(CommandError::Overflow);
        }
        self.output.reserve(more + COMMAND_HEAD * (args.len() + 2));
        encode_command(&mut self.output, name, args.iter().map(AsRef::as_ref));
        Ok(())
    }

    fn handle_reply(&mut self, reply: Reply, now: Instant) {
        match self.phase {
            Phase::Greeting { .. } => self.handle_greeting(reply, now),
            Phase::Ready if self.mode == Mode::Subscribe || reply.is_push() => {
                self.events.push_back(RedisEvent::Message(reply));
            }
            Phase::Ready => match self.waiting.pop_front() {
                Some(Waiting { serial, .. }) => {
                    self.events.push_back(RedisEvent::Reply { serial, reply });
                    self.since = Some(now);
                    if self.quit.is_some() && self.waiting.is_empty() {
                        self.close(End::Local);
                    }
                }
                None => self.close(End::Protocol),
            },
            Phase::Fresh | Phase::Refused | Phase::Ended => {}
        }
    }

    fn handle_greeting(&mut self, reply: Reply, now: Instant) {
        if let Reply::Error(message) = reply {
            self.phase = Phase::Refused;
            self.events.push_back(RedisEvent::Refused { message });
            self.close(End::Local);
        } else if let Phase::Greeting { replies: 2.. } = self.phase {
            self.phase = Phase::Greeting { replies: 1 };
        } else {
            self.become_ready(now);
        }
    }

    fn become_ready(&mut self, now: Instant) {
        self.phase = Phase::Ready;
        self.since = Some(now);
        self.events.push_back(RedisEvent::Ready);
    }

    /// The first reason stays.
    fn close(&mut self, why: End) {
        self.closing.get_or_insert(why);
    }

    /// When the oldest command is given up.
    fn response_deadline(&self, oldest: &Waiting) -> Option<Instant> {
        let response = self.config.response_timeout?;
        let own = match oldest.wait {
            Wait::Prompt => Some(response),
            Wait::UpTo(time) => Some(time.saturating_add(BLOCKING_GRACE)),
            Wait::Forever => None,
        };
        after(self.since?, own)
    }
}

impl Session for RedisSession {
    type Event = RedisEvent;

    fn handle_connected(&mut self, now: Instant) {
        if self.phase != Phase::Fresh || self.closing.is_some() {
            return;
        }
        let mut replies = 0;
        if let Some(password) = &self.config.password {
            let user = self.config.username.iter();
            let args: Vec<&[u8]> = user.chain([password]).map(Vec::as_slice).collect();
            encode_command(&mut self.output, b"AUTH", args.into_iter());
            replies += 1;
        }
        if let Some(database) = self.config.database {
            let database = database.to_string();
            encode_command(&mut self.output, b"SELECT", [database.as_bytes()].into_iter());
            replies += 1;
        }
        if replies == 0 {
            self.become_ready(now);
        } else {
            self.phase = Phase::Greeting { replies };
            self.since = Some(now);
        }
    }

    fn handle_input(&mut self, input: &mut BytesMut, now: Instant) {
        while self.closing.is_none() && self.phase != Phase::Ended {
            match self.decoder.decode(input) {
                Ok(Some(reply)) => self.handle_reply(reply, now),
                Ok(None) => return,
                Err(DecodeError::LongReply) => self.close(End::Reset(errno::EMSGSIZE)),
                Err(_) => self.close(End::Protocol),
            }
        }
        input.clear();
    }

    fn handle_end(&mut self, why: End) {
        // The first reason stays, also when the flush of the last output met another.
        let why = self.closing.unwrap_or(why);
        let phase = std::mem::replace(&mut self.phase, Phase::Ended);
        self.output = BytesMut::new();
        self.closing = Some(why);
        self.close_told = true;
        match phase {
            Phase::Fresh | Phase::Greeting { .. } if why == End::Local => {}
            Phase::Fresh | Phase::Greeting { .. } => {
                self.events.push_back(RedisEvent::ConnectFailed(why));
            }
            Phase::Refused | Phase::Ready => {
                let waiting = std::mem::take(&mut self.waiting);
                let failed = waiting.into_iter().map(|Waiting { serial, .. }| serial);
                self.events.extend(failed.map(|serial| RedisEvent::Failed { serial, why }));
                self.events.push_back(RedisEvent::Closed(why));
            }
            Phase::Ended => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_deadline().is_some_and(|deadline| deadline <= now) {
            self.close(End::Deadline);
        }
    }

    fn poll_output(&mut self, out: &mut BytesMut) {
        out.unsplit(self.output.split());
    }

    fn handle_flushed(&mut self, left: usize) {
        self.unsent = left;
    }

    fn poll_event(&mut self) -> Option<RedisEvent> {
        self.events.pop_front()
    }

    fn poll_deadline(&self) -> Option<Instant> {
        if self.closing.is_some() {
            return None;
        }
        match (self.phase, self.waiting.front()) {
            (Phase::Greeting { .. }, _) => after(self.since?, self.config.response_timeout),
            (Phase::Ready, Some(oldest)) => {
                let quit = self.quit.as_ref().and_then(|quit| quit.deadline);
                self.response_deadline(oldest).into_iter().chain(quit).min()
            }
            (Phase::Ready, None) if self.mode == Mode::Commands => {
                after(self.since?, self.config.idle_timeout)
            }
            // Only TCP keepalive watches a subscription.
            (Phase::Ready | Phase::Fresh | Phase::Refused | Phase::Ended, _) => None,
        }
    }

    fn poll_close(&mut self) -> Option<End> {
        if std::mem::replace(&mut self.close_told, self.closing.is_some()) {
            return None;
        }
        self.closing
    }
}

/// The most bytes around a part of a command: `$`, a length, twice CRLF.
const COMMAND_HEAD: usize = 25;
/// How much longer than its own timeout a blocking command may take.
const BLOCKING_GRACE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The byte stream does not stand yet.
    Fresh,
    /// AUTH and SELECT were sent; so many replies are to come.
    Greeting {
        replies: u8,
    },
    Ready,
    /// One of them was an error.
    Refused,
    Ended,
}

#[derive(Debug)]
struct Waiting {
    serial: u64,
    wait: Wait,
}

#[derive(Debug)]
struct Quit {
    deadline: Option<Instant>,
}

/// A time that the clock cannot hold is never.
fn after(start: Instant, time: Option<Duration>) -> Option<Instant> {
    start.checked_add(time?)
}

/// Commands after which the server speaks unasked.
fn is_subscription(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 6] = [
        b"subscribe",
        b"psubscribe",
        b"ssubscribe",
        b"unsubscribe",
        b"punsubscribe",
        b"sunsubscribe",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}
