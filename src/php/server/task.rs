//! Tasks: `task()` and its like in the process that asks, onTask and `finish()` in the one that runs
//! them.

use std::{io, rc::Rc, time::Duration};

use crate::{
    ledger::Number,
    server::{
        Address, Letter, RecycleReason, TaskId,
        mailbox::{Head, kind},
    },
    sys::errno,
    zend::{Arg, Array, Call, ClassDef, Method, Thrown, Value},
};

use super::{
    super::{
        engine::{Engine, current, ledger},
        functions,
        settings::warn,
    },
    post::{Payload, Post},
    state::ServerState,
    worker::WorkerPart,
};

/// A task that a task worker has begun.
#[derive(Clone, Copy)]
pub(super) struct Running {
    asker: Address,
    id: TaskId,
    answered: bool,
    /// The last row of the ledger before it: what is younger belongs to the task.
    since: Number,
}

/// Adds the methods to the class.
pub(super) fn add(class: ClassDef) -> ClassDef {
    let timeout = || Arg::new("timeout", "float").default("0.5");
    let worker = || Arg::new("task_worker_id", "int").default("-1");
    class
        .method(
            Method::new("task", task)
                .arg(Arg::new("data", "mixed"))
                .arg(worker())
                .arg(Arg::new("finish_callback", "?callable").default("null"))
                .returns("int|false"),
        )
        .method(
            Method::new("taskwait", taskwait)
                .arg(Arg::new("data", "mixed"))
                .arg(timeout())
                .arg(worker())
                .returns("mixed"),
        )
        .method(
            Method::new("taskWaitMulti", task_wait_multi)
                .arg(Arg::new("tasks", "array"))
                .arg(timeout())
                .returns("array|false"),
        )
        .method(Method::new("finish", finish).arg(Arg::new("data", "mixed")).returns("bool"))
}

impl Post {
    /// Runs onTask.
    pub(super) fn run(&self, engine: &Engine, part: &WorkerPart, letter: Letter<'_>) {
        let Head { flags, a: number, b: generation, .. } = letter.head;
        let id = TaskId { from: letter.from.number(), number, generation };
        let since = ledger().last();
        let Some(task_worker) = self.task_worker() else { return };
        self.board.begin(task_worker, self.place.lane, id);
        let running = Running { asker: letter.from, id, answered: false, since };
        self.running.replace(Some(running));
        let source = self.mailbox.office().slot_of(letter.from);
        let source = source.and_then(|slot| i64::try_from(slot).ok()).unwrap_or(-1);
        let data = Payload::decode(engine, flags, letter.payload);
        let value = data.and_then(|data| {
            let _watched = part.watch(|| format!("task #{number} of worker #{source}"));
            let number = Value::long(i64::try_from(number).unwrap_or(i64::MAX));
            part.call_for_value(
                engine,
                "task",
                [Value::from(part.server()), number, Value::long(source), data],
            )
        });
        // A process that ends leaves the task on the board: the master tells the asker.
        if engine.stop_reason().is_some() && !self.is_answered() {
            return;
        }
        match value {
            Some(value) if !value.is_null() => {
                if !self.is_answered() {
                    match Payload::encode(&value) {
                        Ok(payload) => drop(self.answer(&payload)),
                        Err(Thrown) => engine.report_pending(),
                    }
                }
                drop(value);
                engine.report_pending();
                self.end_task(engine, part, kind::LOST);
            }
            Some(_) if !self.is_answered() && engine.is_busy_since(since) => {
                self.mailbox.pause();
            }
            Some(_) => self.end_task(engine, part, 0),
            None => self.end_task(engine, part, kind::LOST),
        }
    }

    /// The end of a turn: a task whose onTask has returned ends when it is answered, or when nothing
    /// that it has started can answer it any more.
    pub(super) fn settle_task(&self, engine: &Engine, part: &WorkerPart) {
        let Some(running) = *self.running.borrow() else { return };
        if running.answered || !engine.is_busy_since(running.since) {
            self.end_task(engine, part, 0);
            self.mailbox.resume();
        }
    }

    /// Whether a task worker has nothing to do and nothing to begin.
    pub(super) fn is_idle(&self) -> bool {
        self.running.borrow().is_none() && self.mailbox.is_idle()
    }

    fn is_answered(&self) -> bool {
        self.running.borrow().is_some_and(|running| running.answered)
    }

    fn task_worker(&self) -> Option<usize> {
        self.place.crew.task_worker(self.place.slot)
    }

    /// Sends the answer of the task that runs.
    fn answer(&self, payload: &Payload) -> io::Result<()> {
        let Some(running) = *self.running.borrow() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        self.tell_asker(&running, kind::FINISH, payload.flags(), payload.bytes())?;
        if let Some(running) = &mut *self.running.borrow_mut() {
            running.answered = true;
        }
        if let Some(task_worker) = self.task_worker() {
            self.board.answered(task_worker, self.place.lane);
        }
        Ok(())
    }

    /// The task is over. Without an answer its asker is told that there will be none.
    fn end_task(&self, engine: &Engine, part: &WorkerPart, flags: u8) {
        let Some(running) = self.running.take() else { return };
        if !running.answered
            && let Err(error) = self.tell_asker(&running, kind::TASK_ENDED, flags, &[])
        {
            part.log().warning(format_args!("the end of a task cannot be told: {error}"));
        }
        if let Some(task_worker) = self.task_worker() {
            self.board.answered(task_worker, self.place.lane);
            self.board.ended(task_worker);
        }
        self.ran.set(self.ran.get() + 1);
        if self.ran.get() == part.task_max_request() && engine.stop_reason().is_none() {
            let ran = self.ran.get();
            part.recycle(RecycleReason::TaskMaxRequest, ran, ran);
        }
    }

    fn tell_asker(&self, task: &Running, what: u8, flags: u8, payload: &[u8]) -> io::Result<()> {
        // An answer for a process that is gone would only fill its successor's box.
        if self.mailbox.office().owner(task.asker) != task.id.generation {
            return Ok(());
        }
        let head = Head { kind: what, flags, a: task.id.number, b: task.id.generation };
        self.mailbox.post_alone(task.asker, head, &[payload])
    }
}

fn task(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let data = call.value(0);
    let (to, callback) = (call.long_or(1, -1)?, call.opt_callable(2)?);
    let Some(part) = asker(call, "task")? else { return Ok(()) };
    let Some(to) = destination(call, to)? else { return Ok(()) };
    let payload = Payload::encode(&data)?;
    let Some(engine) = current() else { return Ok(()) };
    match part.post.ask(to, &payload) {
        Ok(number) => {
            engine.asked.insert(number, callback);
            call.ret_long(i64::try_from(number).unwrap_or(i64::MAX));
            Ok(())
        }
        Err(error) => refuse(&error),
    }
}

fn taskwait(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let data = call.value(0);
    let (timeout, to) = (call.opt_double(1)?.unwrap_or(TIMEOUT), call.long_or(2, -1)?);
    let Some(part) = waiter(call, "taskwait")? else { return Ok(()) };
    let Some(to) = destination(call, to)? else { return Ok(()) };
    let payload = Payload::encode(&data)?;
    let number = match part.post.ask(to, &payload) {
        Ok(number) => number,
        Err(error) => return refuse(&error),
    };
    let mut answer = None;
    wait(&part, timeout, &[Some(number)], &mut |_, told| answer = Some(told));
    match answer {
        Some(Some(payload)) => call.ret_value(payload.into_value()?),
        Some(None) => {}
        None => {
            functions::set_last_error(errno::ETIMEDOUT);
            warn(&format!("The task was not answered within {timeout} s"))?;
        }
    }
    Ok(())
}

fn task_wait_multi(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (tasks, timeout) = (call.array(0)?, call.opt_double(1)?.unwrap_or(TIMEOUT));
    let Some(part) = waiter(call, "taskWaitMulti")? else { return Ok(()) };
    if tasks.len() >= MOST_AT_ONCE {
        return warn(&format!("taskWaitMulti() takes less than {MOST_AT_ONCE} tasks at once"));
    }
    let payloads: Vec<Payload> =
        tasks.values().map(|task| Payload::encode(&task)).collect::<Result<_, _>>()?;
    let asked: Vec<Option<u64>> =
        payloads.iter().map(|payload| part.post.ask(None, payload).ok()).collect();
    if !asked.is_empty() && asked.iter().all(Option::is_none) {
        functions::set_last_error(TASK_DISPATCH_FAIL);
        return Ok(());
    }
    let mut answers = Vec::new();
    wait(&part, timeout, &asked, &mut |place, told| answers.push((place, told)));
    let mut results = Array::new(asked.len());
    let place_of = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
    for (place, told) in answers {
        if let Some(payload) = told {
            results.insert_index(place_of(place), payload.into_value()?);
        }
    }
    for (place, task) in asked.iter().enumerate() {
        if task.is_none() {
            results.insert_index(place_of(place), false);
        }
    }
    call.ret_value(results);
    Ok(())
}

fn finish(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let data = call.value(0);
    call.ret_bool(false);
    let part = call.this::<ServerState>()?.worker_part();
    let Some(part) = part.filter(|part| part.post.is_task_worker()) else {
        return warn("finish() answers a task: it is for task workers");
    };
    let open = part.post.running.borrow().map(|running| running.answered);
    match open {
        None => return warn("finish() found no task that waits for an answer"),
        Some(true) => return warn("The task was answered before"),
        Some(false) => {}
    }
    let payload = Payload::encode(&data)?;
    match part.post.answer(&payload) {
        Ok(()) => call.ret_bool(true),
        Err(error) => return refuse(&error),
    }
    Ok(())
}

/// The process that may ask for a task; a warning and `false` in others.
fn asker(call: &Call<'_>, method: &str) -> Result<Option<Rc<WorkerPart>>, Thrown> {
    call.ret_bool(false);
    let server = call.this::<ServerState>()?;
    let Some(part) = server.worker_part() else {
        if server.shared.borrow().is_none() {
            warn("The server is not running")?;
        } else {
            warn(&format!("{method}() works in the server's workers only"))?;
        }
        return Ok(None);
    };
    if part.post.board.count() == 0 {
        warn(&format!("{method}() needs task workers: set task_worker_num"))?;
        return Ok(None);
    }
    Ok(Some(part))
}

/// The same for those that wait: a task worker would wait for itself.
fn waiter(call: &Call<'_>, method: &str) -> Result<Option<Rc<WorkerPart>>, Thrown> {
    let part = asker(call, method)?;
    if part.as_ref().is_some_and(|part| part.post.is_task_worker()) {
        warn(&format!("{method}() waits for task workers: it does not work in one"))?;
        return Ok(None);
    }
    Ok(part)
}

/// The task worker that was named: `None` for one that does not exist, `Some(None)` for any.
fn destination(call: &Call<'_>, to: i64) -> Result<Option<Option<usize>>, Thrown> {
    let part = call.this::<ServerState>()?.worker_part();
    let count = part.map_or(0, |part| part.post.board.count());
    match usize::try_from(to) {
        Err(_) => Ok(Some(None)),
        Ok(to) if to < count => Ok(Some(Some(to))),
        Ok(to) => {
            warn(&format!("There is no task worker {to}: there are {count}, counted from 0"))?;
            Ok(None)
        }
    }
}

fn wait(
    part: &WorkerPart,
    timeout: f64,
    tasks: &[Option<u64>],
    told: &mut dyn FnMut(usize, Option<Payload>),
) {
    let Some(engine) = current() else { return };
    let limit = Duration::try_from_secs_f64(timeout).unwrap_or(NO_LIMIT).min(NO_LIMIT);
    part.post.wait(engine.reactor.refresh_now() + limit, tasks, told);
}

fn refuse(error: &io::Error) -> Result<(), Thrown> {
    let full = error.kind() == io::ErrorKind::WouldBlock;
    functions::set_last_error(if full { errno::EAGAIN } else { errno::of(error) });
    if full { Ok(()) } else { warn(&format!("The task cannot be posted: {error}")) }
}

const TIMEOUT: f64 = 0.5;
/// A negative timeout.
const NO_LIMIT: Duration = Duration::from_secs(10 * 365 * 86_400);
const MOST_AT_ONCE: usize = 1024;
/// SWOOLE_ERROR_TASK_DISPATCH_FAIL.
const TASK_DISPATCH_FAIL: i32 = 2002;
