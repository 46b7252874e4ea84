//! What `Swoole\Async` gave the loop: file jobs, commands and names, each with its callback.
//!
//! A job that will call back is one row of the ledger, of the kind `reply`. One without a callback
//! holds nothing of PHP and has no row, but keeps the loop alive too.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs::File,
    io::{self, Read},
    os::fd::OwnedFd,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use crate::{
    ledger::{Kind, Number, RowId},
    net::{Answer, Done, Files, JobId, THREADS, Ticket, Work},
    reactor::{Arena, Driver, Interest, Key, Source, Token},
    sys::{child, descriptor, process::ExitStatus},
    zend::{Array, Callback, Value, ZStr, module::ini_string},
};

use super::engine::{Engine, ledger, open_row};

/// The most that the output of a command may be, bytes; one that says more is ended.
const OUTPUT_MAX: usize = 256 << 20;
/// The most that is read of a command's output before others have their turn, bytes.
const OUTPUT_TURN: usize = 1 << 20;

/// The jobs of this process.
#[derive(Default)]
pub(super) struct Jobs {
    jobs: RefCell<Arena<Job>>,
    files: RefCell<Option<Files>>,
    by_id: RefCell<HashMap<JobId, Key>>,
    threads: Cell<Option<usize>>,
}

struct Job {
    /// The file, command or host, as the callback gets it.
    reply: Option<Reply>,
    kind: What,
    is_running: bool,
}

/// What a job holds of PHP.
#[derive(Clone)]
struct Reply {
    callback: Callback,
    subject: ZStr,
    row: RowId,
}

enum What {
    /// One answer: what was read.
    Whole(JobId),
    /// One answer: how much was written. It is not called off.
    Write,
    /// Chunks, until the callback has enough.
    Chunks {
        file: Arc<File>,
        next: u64,
        size: usize,
        id: Option<JobId>,
    },
    Command(Box<Running>),
    /// A lookup, or what was found a short while ago and is told in the next turn.
    Name {
        ticket: Option<Ticket>,
        known: Option<Answer>,
    },
}

/// A command that runs.
struct Running {
    child: Child,
    output: Option<ChildStdout>,
    end: OwnedFd,
    said: Vec<u8>,
    /// How it ended; `None` inside: somebody else has taken its status.
    status: Option<Option<ExitStatus>>,
}

/// Where in a file a job starts.
pub(super) enum From {
    /// One answer with so much of it.
    Once { limit: usize },
    /// An answer for each chunk of this size.
    Chunks { offset: u64, size: usize },
}

impl Jobs {
    /// How many are not done.
    pub(super) fn len(&self) -> usize {
        self.jobs.borrow().len()
    }

    /// Those with a callback, by the numbers of their rows.
    pub(super) fn rows(&self) -> Vec<(Number, Key)> {
        let jobs = self.jobs.borrow();
        let row = |(key, job): (Key, &Job)| Some((job.reply.as_ref()?.row.number(), key));
        jobs.iter().filter_map(row).collect()
    }

    /// The most threads that work on files. `false`: they were made before.
    pub(super) fn set_threads(&self, most: usize) -> bool {
        self.threads.set(Some(most));
        self.files.borrow().is_none()
    }

    /// Reads a file.
    pub(super) fn read(
        &self,
        engine: &Engine,
        file: File,
        from: &From,
        subject: ZStr,
        callback: Callback,
    ) -> io::Result<()> {
        let file = Arc::new(file);
        let work = match *from {
            From::Once { limit } => Work::ReadAll { limit },
            From::Chunks { offset, size } => Work::Read { offset, limit: size },
        };
        let id = self.submit(engine, Arc::clone(&file), work)?;
        let kind = match *from {
            From::Once { .. } => What::Whole(id),
            From::Chunks { offset, size } => {
                What::Chunks { file, next: offset, size, id: Some(id) }
            }
        };
        let key = self.insert(subject, Some(callback), kind);
        self.by_id.borrow_mut().insert(id, key);
        Ok(())
    }

    /// Writes to a file.
    pub(super) fn write(
        &self,
        engine: &Engine,
        file: File,
        work: Work,
        subject: ZStr,
        callback: Option<Callback>,
    ) -> io::Result<()> {
        let id = self.submit(engine, Arc::new(file), work)?;
        let key = self.insert(subject, callback, What::Write);
        self.by_id.borrow_mut().insert(id, key);
        Ok(())
    }

    /// Runs a command of the shell; gives its process id.
    pub(super) fn execute(
        &self,
        engine: &Engine,
        command: &ZStr,
        callback: Callback,
    ) -> io::Result<u32> {
        use std::os::unix::ffi::OsStrExt;

        let words = std::ffi::OsStr::from_bytes(command);
        let mut spawned =
            Command::new("/bin/sh").arg("-c").arg(words).stdout(Stdio::piped()).spawn()?;
        let pid = spawned.id();
        let output = spawned.stdout.take();
        let end = match child::watch_end(pid.cast_signed()) {
            Ok(end) => end,
            Err(failed) => {
                // Nobody would hear of its end: it must not run on after a `false`.
                let _ = spawned.kill();
                let _ = spawned.wait();
                return Err(failed);
            }
        };
        if let Some(output) = &output {
            descriptor::set_nonblocking(output, true)?;
        }
        let running = Running { child: spawned, output, end, said: Vec::new(), status: None };
        let kind = What::Command(Box::new(running));
        let key = self.insert(command.clone(), Some(callback), kind);
        let token = Token::new(Source::Job, key);
        let jobs = self.jobs.borrow();
        if let Some(Job { kind: What::Command(running), .. }) = jobs.get(key) {
            engine.reactor.register(&running.end, token, Interest::READABLE)?;
            if let Some(output) = &running.output {
                engine.reactor.register(output, token, Interest::READABLE)?;
            }
        }
        Ok(pid)
    }

    /// Asks for the address of a host.
    pub(super) fn look_up(
        &self,
        engine: &Engine,
        host: &ZStr,
        callback: Callback,
    ) -> io::Result<()> {
        let text = String::from_utf8_lossy(host).into_owned();
        let known = engine.known_addresses(&text).map(Ok);
        let key = self.insert(host.clone(), Some(callback), What::Name { ticket: None, known });
        let token = Token::new(Source::Job, key);
        if self.is_known(key) {
            engine.reactor.again(token);
            return Ok(());
        }
        match engine.ask(token, &text) {
            Ok(ticket) => {
                if let Some(job) = self.jobs.borrow_mut().get_mut(key) {
                    job.kind = What::Name { ticket: Some(ticket), known: None };
                }
                Ok(())
            }
            Err(error) => {
                self.release(engine, key);
                Err(error)
            }
        }
    }

    /// The threads have something done, in the order in which it is told.
    pub(super) fn handle_files(&self, engine: &Engine) {
        while !engine.stopped() {
            let done = match &mut *self.files.borrow_mut() {
                Some(files) => files.poll_done(),
                None => None,
            };
            let Some((id, done)) = done else { return };
            let key = self.by_id.borrow_mut().remove(&id);
            if let Some(key) = key {
                self.handle_done(engine, key, done);
            }
        }
    }

    /// An address has been found, or not.
    pub(super) fn handle_answer(&self, engine: &Engine, key: Key, answer: Answer) {
        let first = answer.ok().and_then(|all| all.into_iter().find(std::net::SocketAddr::is_ipv4));
        let text = first.map(|address| address.ip().to_string()).unwrap_or_default();
        self.finish(engine, key, [Value::from(text.as_str())]);
    }

    /// A command has said something, or has ended; or an address was known.
    pub(super) fn handle_ready(&self, engine: &Engine, key: Key) {
        let known = match self.jobs.borrow_mut().get_mut(key) {
            Some(Job { kind: What::Name { known, .. }, .. }) => known.take(),
            _ => None,
        };
        if let Some(answer) = known {
            return self.handle_answer(engine, key, answer);
        }
        let ended = {
            let mut jobs = self.jobs.borrow_mut();
            let Some(Job { kind: What::Command(running), .. }) = jobs.get_mut(key) else { return };
            if running.read() {
                engine.reactor.again(Token::new(Source::Job, key));
            }
            running.look();
            match (&running.output, running.status) {
                (None, Some(status)) => Some((status, std::mem::take(&mut running.said))),
                _ => None,
            }
        };
        let Some((status, said)) = ended else { return };
        let status = match status {
            Some(status) => {
                let mut array = Array::new(2);
                array.insert(b"code", status.code);
                array.insert(b"signal", status.signal);
                Value::from(array)
            }
            None => Value::bool(false),
        };
        self.finish_bare(engine, key, [Value::from(said.as_slice()), status]);
    }

    /// Drops what a job holds of PHP. What was to be written is written.
    pub(super) fn release(&self, engine: &Engine, key: Key) {
        let gone = {
            let mut jobs = self.jobs.borrow_mut();
            let Some(job) = jobs.get_mut(key) else { return };
            if job.is_running { job.reply.take().map(|reply| (Some(reply), false)) } else { None }
        };
        let (reply, closes) = match gone {
            Some(gone) => gone,
            None => {
                let Some(job) = self.jobs.borrow_mut().remove(key) else { return };
                (self.forget(engine, job), true)
            }
        };
        let Some(Reply { callback, subject, row }) = reply else { return };
        drop((subject, callback));
        if closes {
            ledger().close(row);
        }
    }

    /// After this process has become another one by a fork: threads did not come along.
    pub(super) fn forget_threads(&self) {
        let files = self.files.take();
        drop(files);
    }

    fn forget(&self, engine: &Engine, job: Job) -> Option<Reply> {
        match job.kind {
            What::Whole(id) | What::Chunks { id: Some(id), .. } => {
                self.by_id.borrow_mut().remove(&id);
                if let Some(files) = &mut *self.files.borrow_mut() {
                    files.cancel(id);
                }
            }
            What::Command(running) => running.deregister(engine),
            What::Name { ticket: Some(ticket), .. } => engine.forget_ask(ticket),
            What::Write | What::Chunks { id: None, .. } | What::Name { ticket: None, .. } => {}
        }
        job.reply
    }

    fn is_known(&self, key: Key) -> bool {
        let jobs = self.jobs.borrow();
        matches!(jobs.get(key), Some(Job { kind: What::Name { known: Some(_), .. }, .. }))
    }

    fn submit(&self, engine: &Engine, file: Arc<File>, work: Work) -> io::Result<JobId> {
        let mut files = self.files.borrow_mut();
        let files = match &mut *files {
            Some(files) => files,
            None => {
                let made = Files::new(self.threads.get().unwrap_or_else(default_threads))?;
                let token = Token::new(Source::Waker, Key::fixed(1));
                engine.reactor.register(&made, token, Interest::READABLE)?;
                files.insert(made)
            }
        };
        files.submit(file, work)
    }

    fn insert(&self, subject: ZStr, callback: Option<Callback>, kind: What) -> Key {
        let reply = callback.map(|callback| {
            let row = open_row(Kind::Reply, callback.value(), "waiting");
            Reply { callback, subject, row }
        });
        self.jobs.borrow_mut().insert(Job { reply, kind, is_running: false })
    }

    fn handle_done(&self, engine: &Engine, key: Key, done: io::Result<Done>) {
        let (value, length) = match done {
            Ok(Done::Read(data)) => (Value::from(data.as_slice()), data.len()),
            Ok(Done::Written(n)) => (Value::long(i64::try_from(n).unwrap_or(i64::MAX)), 0),
            Err(_) => (Value::bool(false), 0),
        };
        let chunks = {
            let mut jobs = self.jobs.borrow_mut();
            match jobs.get_mut(key) {
                Some(Job { kind: What::Chunks { next, id, .. }, is_running, .. }) if length > 0 => {
                    *next += length as u64;
                    *id = None;
                    *is_running = true;
                    true
                }
                _ => false,
            }
        };
        if chunks { self.call_chunk(engine, key, value) } else { self.finish(engine, key, [value]) }
    }

    fn call_chunk(&self, engine: &Engine, key: Key, value: Value) {
        let reply = self.jobs.borrow().get(key).and_then(|job| job.reply.clone());
        let Some(Reply { callback, subject, row }) = reply else { return };
        ledger().set_state(row, "running");
        let answer = engine.call(row.number(), callback, [subject.into(), value]);
        let goes_on = answer.is_some_and(|answer| !answer.is_false()) && !engine.stopped();
        let more = {
            let mut jobs = self.jobs.borrow_mut();
            let Some(job) = jobs.get_mut(key) else { return };
            job.is_running = false;
            match &job.kind {
                What::Chunks { file, next, size, .. } if goes_on && job.reply.is_some() => {
                    Some((Arc::clone(file), Work::Read { offset: *next, limit: *size }))
                }
                What::Whole(_)
                | What::Write
                | What::Chunks { .. }
                | What::Command(_)
                | What::Name { .. } => None,
            }
        };
        let submitted = more.and_then(|(file, work)| self.submit(engine, file, work).ok());
        if let Some(new) = submitted {
            ledger().set_state(row, "waiting");
            self.by_id.borrow_mut().insert(new, key);
            if let Some(Job { kind: What::Chunks { id, .. }, .. }) =
                self.jobs.borrow_mut().get_mut(key)
            {
                *id = Some(new);
            }
            return;
        }
        let over = self.jobs.borrow_mut().remove(key);
        drop(over);
        engine.report_pending();
        ledger().close(row);
    }

    /// The last call of a job, with its subject first.
    fn finish<const N: usize>(&self, engine: &Engine, key: Key, values: [Value; N]) {
        let subject = {
            let jobs = self.jobs.borrow();
            jobs.get(key).and_then(|job| Some(job.reply.as_ref()?.subject.clone()))
        };
        let mut args = Vec::with_capacity(N + 1);
        args.extend(subject.map(Value::from));
        args.extend(values);
        self.last_call(engine, key, args);
    }

    /// The last call of a job.
    fn finish_bare<const N: usize>(&self, engine: &Engine, key: Key, values: [Value; N]) {
        self.last_call(engine, key, values.into());
    }

    fn last_call(&self, engine: &Engine, key: Key, args: Vec<Value>) {
        let job = self.jobs.borrow_mut().remove(key);
        let Some(Job { reply: Some(reply), kind, .. }) = job else { return };
        if let What::Command(running) = kind {
            running.deregister(engine);
        }
        let Reply { callback, subject, row } = reply;
        drop(subject);
        ledger().set_state(row, "running");
        engine.call_slice(row.number(), callback, args);
        ledger().close(row);
    }
}

/// As the ini setting says.
fn default_threads() -> usize {
    let text = ini_string("swoole.aio_thread_num");
    let number = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
    number.unwrap_or(THREADS)
}

impl Running {
    /// Reads what is there; whether there may be more.
    fn read(&mut self) -> bool {
        let Some(output) = &mut self.output else { return false };
        let mut room = vec![0; 65_536];
        let mut taken = 0;
        while taken < OUTPUT_TURN {
            match output.read(&mut room) {
                Ok(n) if n > 0 && self.said.len() + n <= OUTPUT_MAX => {
                    self.said.extend(room.get(..n).unwrap_or_default());
                    taken += n;
                }
                Ok(n) => {
                    if n > 0 {
                        let _ = self.child.kill();
                    }
                    self.output = None;
                    return false;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => {
                    self.output = None;
                    return false;
                }
            }
        }
        true
    }

    /// Takes its status if it has ended.
    fn look(&mut self) {
        use std::os::unix::process::ExitStatusExt;

        if self.status.is_some() {
            return;
        }
        self.status = match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(Some(ExitStatus {
                code: status.code().unwrap_or(0),
                signal: status.signal().unwrap_or(0),
            })),
            Err(_) => Some(None),
        };
    }

    fn deregister(&self, engine: &Engine) {
        engine.reactor.deregister(&self.end);
        if let Some(output) = &self.output {
            engine.reactor.deregister(output);
        }
    }
}
