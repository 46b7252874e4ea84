//! The slow log: what a worker is at for too long, and where its PHP code is then.

use std::{path::Path, sync::Arc};

use crate::{
    options::ServerConfig,
    proto::http1::Request,
    server::{Log, Lookout, Role, SlowFile, Watched},
    zend::{
        Array, Outcome, Thrown, Value, error::calling_site, fence::call_function, interrupt::Asker,
    },
};

use super::{
    super::{engine::current, settings::warn},
    worker::WorkerPart,
};

/// Opens the file, if the options name one: a warning where it cannot be.
pub(super) fn open(config: &ServerConfig) -> Result<Option<Arc<SlowFile>>, Thrown> {
    let Some(path) = &config.process.slow_file else { return Ok(None) };
    let path = String::from_utf8_lossy(path).into_owned();
    match SlowFile::open(Path::new(&path)) {
        Ok(file) => Ok(Some(Arc::new(file))),
        Err(error) => {
            warn(&format!("Unable to open request_slowlog_file '{path}': {error}"))?;
            Ok(None)
        }
    }
}

/// Opens the file anew under its path.
pub(super) fn reopen(file: Option<&SlowFile>, log: &Log) {
    if let Some(Err(error)) = file.map(SlowFile::reopen) {
        log.warning(format_args!("the slow log's file cannot be opened anew: {error}"));
    }
}

/// A request in the words of the log.
pub(super) fn request(request: &Request) -> String {
    let [method, target] = [request.method(), request.target()].map(String::from_utf8_lossy);
    let target: String = target.chars().take(LONGEST_TARGET).collect();
    format!("request {method} {target}")
}

/// What watches a process with that role, if anything shall.
pub(super) fn look_out(
    config: &ServerConfig,
    file: Option<&Arc<SlowFile>>,
    role: Role,
    worker_id: usize,
) -> Option<Lookout> {
    let watched = match role {
        Role::TaskWorker => true,
        Role::Worker => config.process.slow_events,
        Role::Master | Role::Manager | Role::UserProcess => false,
    };
    let file = file.filter(|_| watched)?;
    let limit = config.process.slow_after?;
    let asker = Asker::new(tell_where)?;
    let name = format!("{} #{worker_id}", role.name());
    Lookout::start(limit, name, Arc::clone(file), move || asker.ask()).ok()
}

impl WorkerPart {
    /// The process is at this until the result is dropped.
    pub(super) fn watch(&self, what: impl FnOnce() -> String) -> Option<Watched> {
        self.lookout.as_ref().map(|lookout| lookout.begin(what()))
    }

    /// Writes where the code of a slow request or task is.
    pub(super) fn tell_place(&self) {
        let Some(lookout) = &self.lookout else { return };
        let Some(what) = lookout.slow() else { return };
        let name = format!("{} #{}", self.post.place.role.name(), self.worker_id);
        lookout.file().write(&name, &format!("at {what} is in\n{}", places().join("\n")));
    }
}

/// Runs between two steps of the PHP code that is slow, and writes its place.
fn tell_where() {
    let Some(part) = current().and_then(|engine| engine.part()) else { return };
    part.interrupted();
}

/// The functions that run, the innermost first: `#0 name() file:line`, with the line that each is at.
fn places() -> Vec<String> {
    let (file, line) = calling_site();
    let mut place =
        file.map_or_else(String::new, |file| format!("{}:{line}", String::from_utf8_lossy(&file)));
    const IGNORE_ARGS: i64 = 2;
    let frames = match call_function("debug_backtrace", &[Value::long(IGNORE_ARGS)]) {
        Outcome::Value(frames) => frames.as_array().unwrap_or_else(|| Array::new(0)),
        Outcome::Threw | Outcome::Exited | Outcome::Bailed => Array::new(0),
    };
    let mut lines = Vec::new();
    for (number, frame) in frames.values().take(DEEPEST).enumerate() {
        let Some(frame) = frame.as_array() else { break };
        let text = |key: &[u8]| {
            frame.get(key).and_then(|v| v.as_str().map(|s| String::from_utf8_lossy(s).into_owned()))
        };
        let class = text(b"class").map_or_else(String::new, |class| class + "::");
        let function = text(b"function").unwrap_or_default();
        lines.push(format!("#{number} {class}{function}() {place}"));
        let line = frame.get(b"line").map_or(0, |line| line.to_long());
        place = text(b"file").map_or_else(String::new, |file| format!("{file}:{line}"));
    }
    if !place.is_empty() {
        lines.push(format!("#{} {{main}} {place}", lines.len()));
    }
    lines
}

/// Characters of a request's target that are told.
const LONGEST_TARGET: usize = 500;
/// Functions that are named at most.
const DEEPEST: usize = 50;
