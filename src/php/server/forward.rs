//! Commands for connections that another process has: they travel there as letters. Success means that
//! the letter is on its way.

use crate::{
    server::{
        SessionError, SessionId,
        mailbox::{Head, Letter, kind},
    },
    zend::{Call, Thrown},
};

use super::{
    super::{engine::Engine, files::open_part},
    state::ServerState,
    worker::{Hooks, WorkerPart, with_hooks},
};

/// What is to be done with a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Command<'a> {
    Send(&'a [u8]),
    Close {
        reset: bool,
    },
    /// The path is absolute; the part was checked.
    File {
        path: &'a [u8],
        offset: u64,
        length: u64,
    },
    Pause,
    Resume,
    Confirm,
}

/// What this process said of a command, or what the process that has the connection will: only a
/// session that is unknown here, and stands, is forwarded.
pub(super) fn or_forward(
    call: &Call<'_>,
    part: &WorkerPart,
    session: SessionId,
    here: Result<(), SessionError>,
    command: Command<'_>,
) -> Result<Result<(), SessionError>, Thrown> {
    if here != Err(SessionError::NotExist) {
        if part.post.is_task_worker() {
            // Its output to the I/O threads: the end of the turn may be far.
            with_hooks(part, |hooks| part.connections.flush(hooks));
        }
        return Ok(here);
    }
    Ok(forward(call.this::<ServerState>()?, part, session, command))
}

/// Sends a command to the process that has the connection.
pub(super) fn forward(
    server: &ServerState,
    part: &WorkerPart,
    session: SessionId,
    command: Command<'_>,
) -> Result<(), SessionError> {
    let sessions = server.shared.borrow().as_ref().map(|shared| shared.sessions.clone());
    let row = sessions.and_then(|sessions| sessions.find(session));
    let row = row.ok_or(SessionError::NotExist)?;
    if row.flags.has(crate::server::Flags::CLOSING) {
        return Err(SessionError::Closing);
    }
    let mailbox = &part.post.mailbox;
    let office = mailbox.office();
    let to = if server.process_mode.get() {
        // Each event worker reaches the I/O threads; the same one keeps a session's order.
        let workers = server.config.borrow().worker_num.max(1);
        office.serving((session % workers) as usize)
    } else {
        let owner = office.numbered(row.opening.owner);
        if row.is_moving() {
            // Perhaps to this process: the letter comes behind the connection then.
            owner.and_then(|owner| office.behind(owner, mailbox.address()))
        } else {
            owner.filter(|owner| *owner != mailbox.address())
        }
    };
    let to = to.ok_or(SessionError::NotExist)?;
    let (what, flags, b, before, payload) = match command {
        Command::Send(data) => (kind::SESSION_SEND, 0, 0, None, data),
        Command::Close { reset } => (kind::SESSION_CLOSE, u8::from(reset), 0, None, &[][..]),
        Command::File { path, offset, length } => {
            (kind::SESSION_FILE, 0, offset, Some(length.to_ne_bytes()), path)
        }
        Command::Pause => (kind::SESSION_READ, PAUSE, 0, None, &[][..]),
        Command::Resume => (kind::SESSION_READ, RESUME, 0, None, &[][..]),
        Command::Confirm => (kind::SESSION_READ, CONFIRM, 0, None, &[][..]),
    };
    let head = Head { kind: what, flags, a: session.into(), b };
    let before = before.as_ref().map_or(&[][..], |length| &length[..]);
    let pieces = &[before, payload];
    mailbox.post(to, head, pieces).map_err(|_| SessionError::Overflow)?;
    part.post.flush_if_it_may_block();
    Ok(())
}

/// Carries out what another process asks of a connection here. One that has ended meanwhile is no
/// fault of anybody's.
pub(super) fn handle(engine: &Engine, part: &WorkerPart, letter: Letter<'_>) {
    let Ok(session) = SessionId::try_from(letter.head.a) else { return };
    let connections = &part.connections;
    if follow(part, session, &letter) {
        return;
    }
    let done = match (letter.head.kind, letter.head.flags & !kind::DEFERRED) {
        (kind::SESSION_SEND, _) => connections.send(session, letter.payload),
        (kind::SESSION_CLOSE, reset) => {
            connections.close(session, reset != 0, &Hooks { part, engine })
        }
        (kind::SESSION_FILE, _) => return send_file(part, session, letter),
        (kind::SESSION_READ, PAUSE) => connections.pause(session),
        (kind::SESSION_READ, RESUME) => connections.resume(session),
        (kind::SESSION_READ, CONFIRM) => connections.confirm(session).map(|_| ()),
        _ => return,
    };
    if done == Err(SessionError::Overflow) {
        part.log().warning(format_args!(
            "connection #{session}: what another process sends is dropped: {}",
            SessionError::Overflow
        ));
    }
}

/// The connection is on its way from or to this process, or has gone: the letter goes after it.
fn follow(part: &WorkerPart, session: SessionId, letter: &Letter<'_>) -> bool {
    let connections = &part.connections;
    if connections.is_remote() {
        return false;
    }
    let Some(row) = connections.row(session) else { return false };
    let mailbox = &part.post.mailbox;
    let (office, own) = (mailbox.office(), mailbox.address());
    let mut head = letter.head;
    let to = match office.numbered(row.opening.owner) {
        Some(owner) if row.is_moving() => office.behind(owner, own),
        owner => owner.filter(|owner| *owner != own),
    };
    let Some(to) = to else { return false };
    if to == own {
        // Behind the connection, which is in this box. A second time it is not.
        if head.flags & kind::DEFERRED != 0 {
            return false;
        }
        head.flags |= kind::DEFERRED;
    }
    mailbox.post(to, head, &[letter.payload]).is_ok()
}

fn send_file(part: &WorkerPart, session: SessionId, letter: Letter<'_>) {
    let Some((length, path)) = letter.payload.split_first_chunk::<8>() else { return };
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let length = number(u64::from_ne_bytes(*length));
    let path = String::from_utf8_lossy(path);
    match open_part(&path, number(letter.head.b), length) {
        Ok((file, offset, length)) => {
            let _ = part.connections.send_file(session, file, offset, length);
        }
        Err(why) => part.log().warning(format_args!("unable to send the file '{path}': {why}")),
    }
}

const PAUSE: u8 = 0;
const RESUME: u8 = 1;
const CONFIRM: u8 = 2;
