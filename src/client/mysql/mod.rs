//! A MySQL connection: the login, one query at a time, deadlines.
//!
//! One session is one connection. Its events come in this order: `Refused` or `ConnectFailed`, then
//! `Closed`; or `Ready`, then `Answer`s, then `Failed` or `TooLong` for the query that still waits,
//! then `Closed`. An own end before `Ready` gives none.

mod answer;

pub use answer::{Answer, Rows};

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use self::answer::{Query, Step};
use super::{End, Session};
use crate::options::MysqlConfig;
use crate::proto::mysql::{
    AuthError, Charset, Done, Greeting, Login, PacketReader, Plugin, ProtocolError, Refusal,
    ServerKey, encode_login, encode_tls_request, limits, write_packet,
};

/// What a session tells its owner.
#[derive(Clone, Debug, PartialEq)]
pub enum MysqlEvent {
    /// The login is done: queries are taken from now on.
    Ready,
    /// The login failed; the connection ends.
    Refused(Refusal),
    /// It never became ready.
    ConnectFailed(End),
    /// What became of the query.
    Answer(Answer),
    /// The query's answer will not come.
    Failed(End),
    /// The answer is longer than `package_max_length`; the connection ends.
    TooLong,
    /// The connection has ended. The last event.
    Closed(End),
}

/// Why a query was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// Not yet, or not any more.
    #[error("not connected")]
    NotConnected,
    /// One query at a time.
    #[error("another query waits for its answer")]
    Busy,
    /// The query is longer than `socket_buffer_size`, or than any server takes: a gigabyte.
    #[error("the query is too long")]
    TooLong,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting, or logging in.
    Login,
    /// A query can be sent.
    Ready,
    /// A query was sent.
    First,
    /// Columns arrive.
    Columns,
    /// Rows arrive.
    Rows,
    /// It has ended.
    Ended,
}

/// A connection to a MySQL server.
#[derive(Debug)]
pub struct MysqlSession {
    config: MysqlConfig,
    charset: Option<Charset>,
    /// Nobody can listen: the password may be sent as it is.
    private: bool,
    /// The request for TLS was sent, and its owner is to begin with it.
    wants_tls: bool,
    phase: Phase,
    reader: PacketReader,
    output: BytesMut,
    events: VecDeque<MysqlEvent>,
    /// Of the last packet that carried them.
    status: u16,
    /// Since when what is waited for now (the login, the answer, the next query) is.
    since: Option<Instant>,
    /// Decided, and nothing is read any more.
    closing: Option<End>,
    close_told: bool,
}

impl MysqlSession {
    /// A session for a connection that does not stand yet. `charset`: `None` is the server's own.
    /// `private`: nobody can read what is sent (a unix socket).
    #[must_use]
    pub fn new(config: MysqlConfig, charset: Option<Charset>, private: bool) -> Self {
        MysqlSession {
            config,
            charset,
            private,
            wants_tls: false,
            phase: Phase::Fresh,
            reader: PacketReader::default(),
            output: BytesMut::new(),
            events: VecDeque::new(),
            status: 0,
            since: None,
            closing: None,
            close_told: false,
        }
    }

    /// Sends a query; exactly one `Answer` or `Failed` comes.
    ///
    /// # Errors
    /// It was not taken, and nothing will come.
    pub fn query(&mut self, sql: &[u8], now: Instant) -> Result<(), QueryError> {
        match self.stage() {
            Stage::Login | Stage::Ended => return Err(QueryError::NotConnected),
            Stage::First | Stage::Columns | Stage::Rows => return Err(QueryError::Busy),
            Stage::Ready => {}
        }
        if sql.len() >= limits::MAX_PACKET.min(self.config.socket_buffer_size) {
            return Err(QueryError::TooLong);
        }
        self.send(0, &[COM_QUERY], sql);
        self.phase = Phase::Query(Box::default());
        self.since = Some(now);
        Ok(())
    }

    /// Takes leave of the server and ends the connection now.
    pub fn quit(&mut self) {
        if self.stage() == Stage::Ready {
            self.send(0, &[COM_QUIT], &[]);
        }
        self.close(End::Local);
    }

    /// What it is doing.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match &self.phase {
            _ if self.closing.is_some() => Stage::Ended,
            Phase::Fresh | Phase::Greeting | Phase::Securing(_) | Phase::Login(_) => Stage::Login,
            Phase::Ready => Stage::Ready,
            Phase::Query(query) => query.stage(),
            Phase::Refused | Phase::Ended => Stage::Ended,
        }
    }

    /// Whether a transaction is open, as the server last said.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.status & IN_TRANSACTION != 0
    }

    /// Whether the server takes a backslash in a string for an escape, as it last said.
    #[must_use]
    pub fn has_backslash_escapes(&self) -> bool {
        self.status & NO_BACKSLASH_ESCAPES == 0
    }

    /// The connection's character set, once the server has greeted or if it was configured.
    #[must_use]
    pub fn charset(&self) -> Option<Charset> {
        self.charset
    }

    fn send(&mut self, sequence: u8, head: &[u8], body: &[u8]) {
        let last = write_packet(&mut self.output, sequence, head, body);
        self.reader.set_sent(last);
    }

    fn reply(&mut self, payload: &[u8]) {
        self.send(self.reader.sequence(), payload, &[]);
    }

    fn handle_packet(&mut self, packet: &Bytes, now: Instant) -> Result<(), ProtocolError> {
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Greeting => self.handle_greeting(packet),
            Phase::Login(login) => self.handle_login(login, packet, now),
            Phase::Query(query) => self.handle_answer(query, packet, now),
            // A server that is about to end the connection may say why unasked (MariaDB's 1927,
            // MySQL's 4031); the end follows.
            Phase::Ready if packet.first() == Some(&0xFF) => {
                self.phase = Phase::Ready;
                self.close(End::Peer);
                Ok(())
            }
            other @ (Phase::Ready | Phase::Securing(_)) => {
                self.phase = other;
                Err(ProtocolError::Sequence)
            }
            other @ (Phase::Fresh | Phase::Refused | Phase::Ended) => {
                self.phase = other;
                Ok(())
            }
        }
    }

    fn handle_greeting(&mut self, packet: &Bytes) -> Result<(), ProtocolError> {
        self.phase = Phase::Greeting;
        if packet.first() == Some(&0xFF) {
            self.refuse(Refusal::parse(packet)?);
            return Ok(());
        }
        let greeting = Greeting::parse(packet)?;
        self.status = greeting.status;
        self.charset.get_or_insert(Charset { collation: greeting.collation });
        if !self.config.ssl {
            return self.log_in(greeting);
        }
        if !greeting.tls {
            let message = Bytes::from_static(b"The server does no TLS");
            self.refuse(Refusal { code: CR_SSL_CONNECTION_ERROR, message });
            return Ok(());
        }
        let request = encode_tls_request(self.login(Plugin::Native, &[]));
        self.reply(&request);
        self.phase = Phase::Securing(greeting);
        self.wants_tls = true;
        Ok(())
    }

    /// Answers a greeting, under TLS if it is asked for.
    fn log_in(&mut self, greeting: Greeting) -> Result<(), ProtocolError> {
        // Another method: the server will ask for it, and is refused then.
        let plugin = Plugin::named(&greeting.plugin).unwrap_or(Plugin::Native);
        let proof = match plugin.prove(&self.config.password, &greeting.nonce) {
            Ok(proof) => proof,
            Err(error) => return self.refuse_auth(&error),
        };
        let login = encode_login(self.login(plugin, &proof));
        self.reply(&login);
        let nonce = greeting.nonce;
        self.phase = Phase::Login(Proving { plugin, nonce, switched: false, key_asked: false });
        Ok(())
    }

    fn login<'a>(&'a self, plugin: Plugin, proof: &'a [u8]) -> Login<'a> {
        Login {
            user: &self.config.user,
            database: &self.config.database,
            plugin,
            proof,
            collation: self.charset.map_or(0, |charset| charset.collation),
            tls: self.config.ssl,
        }
    }

    fn handle_login(
        &mut self,
        login: Proving,
        packet: &Bytes,
        now: Instant,
    ) -> Result<(), ProtocolError> {
        self.phase = Phase::Login(login.clone());
        match (packet.first(), login.plugin) {
            (Some(0x00), _) => {
                self.status = Done::parse(packet)?.status;
                self.phase = Phase::Ready;
                self.since = Some(now);
                self.events.push_back(MysqlEvent::Ready);
                Ok(())
            }
            (Some(0xFF), _) => {
                self.refuse(Refusal::parse(packet)?);
                Ok(())
            }
            (Some(0xFE), _) if !login.switched => self.handle_switch(packet),
            (Some(0x01), Plugin::CachingSha2) => match packet.get(1) {
                Some(&SHA2_CACHED) => Ok(()),
                Some(&SHA2_WHOLE) if self.private => {
                    let mut password = self.config.password.clone();
                    password.push(0);
                    self.reply(&password);
                    Ok(())
                }
                Some(&SHA2_WHOLE) if login.key_asked => Err(ProtocolError::Malformed),
                Some(&SHA2_WHOLE) => match self.config.server_public_key.take() {
                    Some(pem) => self.send_sealed(&login, &pem),
                    None => {
                        self.reply(&[SHA2_KEY]);
                        self.phase = Phase::Login(Proving { key_asked: true, ..login });
                        Ok(())
                    }
                },
                Some(_) if login.key_asked => {
                    let pem = packet.slice(1..);
                    self.phase = Phase::Login(Proving { key_asked: false, ..login.clone() });
                    self.send_sealed(&login, &pem)
                }
                Some(_) | None => Err(ProtocolError::Malformed),
            },
            (Some(_) | None, _) => Err(ProtocolError::Malformed),
        }
    }

    /// The server wants another method: `FE name 00 nonce`.
    fn handle_switch(&mut self, packet: &Bytes) -> Result<(), ProtocolError> {
        let mut parts = packet.get(1..).unwrap_or_default().splitn(2, |byte| *byte == 0);
        let name = parts.next().unwrap_or_default();
        let nonce = parts.next().unwrap_or_default();
        // Without a name it is the method of MySQL 4.0.
        let name = if name.is_empty() { b"mysql_old_password" } else { name };
        let proof = Plugin::named(name)
            .and_then(|plugin| Ok((plugin, plugin.prove(&self.config.password, nonce)?)));
        match proof {
            Ok((plugin, proof)) => {
                let nonce = nonce.to_vec();
                let proving = Proving { plugin, nonce, switched: true, key_asked: false };
                self.phase = Phase::Login(proving);
                self.reply(&proof);
                Ok(())
            }
            Err(error) => self.refuse_auth(&error),
        }
    }

    /// Sends the password so that only the owner of the key can read it.
    fn send_sealed(&mut self, login: &Proving, pem: &[u8]) -> Result<(), ProtocolError> {
        let sealed =
            ServerKey::parse(pem).and_then(|key| key.seal(&self.config.password, &login.nonce));
        match sealed {
            Ok(sealed) => {
                self.reply(&sealed);
                Ok(())
            }
            Err(error) => self.refuse_auth(&error),
        }
    }

    fn refuse_auth(&mut self, error: &AuthError) -> Result<(), ProtocolError> {
        self.refuse(Refusal { code: CR_AUTH_PLUGIN_ERR, message: error.to_string().into() });
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.phase = Phase::Refused;
        self.events.push_back(MysqlEvent::Refused(refusal));
        self.close(End::Local);
    }

    fn handle_answer(
        &mut self,
        mut query: Box<Query>,
        packet: &Bytes,
        now: Instant,
    ) -> Result<(), ProtocolError> {
        let step = query.take(packet, &mut self.status, self.config.package_max_length);
        match step {
            Ok(Step::Over) => {
                self.phase = Phase::Ready;
                self.since = Some(now);
                self.events.push_back(MysqlEvent::Answer(query.into_answer()));
            }
            Ok(Step::NoFile) => {
                self.phase = Phase::Query(query);
                self.reply(&[]);
            }
            Ok(Step::More) | Err(_) => self.phase = Phase::Query(query),
        }
        step.map(|_| ())
    }

    /// The first reason stays.
    fn close(&mut self, why: End) {
        self.closing.get_or_insert(why);
    }
}

impl Session for MysqlSession {
    type Event = MysqlEvent;

    fn handle_connected(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Fresh) && self.closing.is_none() {
            self.phase = Phase::Greeting;
            self.since = Some(now);
        }
    }

    fn handle_input(&mut self, input: &mut BytesMut, now: Instant) {
        while self.closing.is_none() {
            let most = match self.stage() {
                Stage::Login => limits::MAX_LOGIN_PACKET,
                Stage::Ready => {
                    // What comes unasked has a number of its own.
                    if let Some(number) = input.get(3) {
                        self.reader.set_sent(number.wrapping_sub(1));
                    }
                    limits::MAX_LOGIN_PACKET
                }
                Stage::First | Stage::Columns | Stage::Rows => {
                    limits::MAX_PACKET.min(self.config.package_max_length)
                }
                Stage::Ended => break,
            };
            let done = match self.reader.read(input, most) {
                Ok(Some(packet)) => self.handle_packet(&packet, now),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => {}
                Err(ProtocolError::TooLarge) if matches!(self.phase, Phase::Query(_)) => {
                    self.phase = Phase::Refused;
                    self.events.push_back(MysqlEvent::TooLong);
                    self.close(End::Local);
                }
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
            Phase::Ended => return,
            Phase::Fresh | Phase::Greeting | Phase::Securing(_) | Phase::Login(_)
                if why == End::Local =>
            {
                return;
            }
            Phase::Fresh | Phase::Greeting | Phase::Securing(_) | Phase::Login(_) => {
                self.events.push_back(MysqlEvent::ConnectFailed(why));
            }
            Phase::Query(_) => self.events.push_back(MysqlEvent::Failed(why)),
            Phase::Refused | Phase::Ready => {}
        }
        self.events.push_back(MysqlEvent::Closed(why));
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_deadline().is_some_and(|deadline| deadline <= now) {
            self.close(End::Deadline);
        }
    }

    fn poll_output(&mut self, out: &mut BytesMut) {
        out.unsplit(self.output.split());
    }

    fn poll_secure(&mut self) -> bool {
        std::mem::take(&mut self.wants_tls)
    }

    fn handle_secured(&mut self, _now: Instant) {
        self.private = true;
        if !matches!(self.phase, Phase::Securing(_)) {
            return;
        }
        let asked = std::mem::replace(&mut self.phase, Phase::Greeting);
        if let Phase::Securing(greeting) = asked
            && self.log_in(greeting).is_err()
        {
            self.close(End::Protocol);
        }
    }

    fn poll_event(&mut self) -> Option<MysqlEvent> {
        self.events.pop_front()
    }

    fn poll_deadline(&self) -> Option<Instant> {
        let limit = match self.stage() {
            Stage::Login => self.config.timeout,
            Stage::Ready => self.config.idle_timeout,
            Stage::First | Stage::Columns | Stage::Rows => self.config.query_timeout,
            Stage::Ended => None,
        };
        after(self.since?, limit)
    }

    fn poll_close(&mut self) -> Option<End> {
        if std::mem::replace(&mut self.close_told, self.closing.is_some()) {
            return None;
        }
        self.closing
    }
}

#[derive(Debug)]
enum Phase {
    /// The byte stream does not stand yet.
    Fresh,
    /// The server speaks first.
    Greeting,
    /// TLS was asked for, and stands before anything is said.
    Securing(Greeting),
    /// The login was sent.
    Login(Proving),
    Ready,
    Query(Box<Query>),
    /// The login failed, or the answer is too long: what waited was told.
    Refused,
    Ended,
}

#[derive(Clone, Debug)]
struct Proving {
    plugin: Plugin,
    nonce: Vec<u8>,
    /// The server has asked for this method itself; it may do so once.
    switched: bool,
    /// Its public key is what comes next.
    key_asked: bool,
}

const COM_QUIT: u8 = 1;
const COM_QUERY: u8 = 3;

const IN_TRANSACTION: u16 = 0x0001;
const NO_BACKSLASH_ESCAPES: u16 = 0x0200;

const SHA2_KEY: u8 = 2;
const SHA2_CACHED: u8 = 3;
const SHA2_WHOLE: u8 = 4;

/// Numbers of the client's own errors, as every MySQL client has them.
const CR_SSL_CONNECTION_ERROR: u16 = 2026;
const CR_AUTH_PLUGIN_ERR: u16 = 2061;

/// A time that the clock cannot hold is never.
fn after(start: Instant, time: Option<Duration>) -> Option<Instant> {
    start.checked_add(time?)
}
