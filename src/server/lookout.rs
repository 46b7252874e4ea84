//! The slow log's watch over one process: a thread that sees how long PHP has been at one thing.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    mem::ManuallyDrop,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    reactor::{monotonic, wall},
    sys::{
        process::{self, Pid},
        signal, time,
    },
};

/// Where slow work is told (`request_slowlog_file`), opened for appending. What cannot be written is
/// lost. Shared by the threads of a process; each process has its own after the fork.
#[derive(Debug)]
pub struct SlowFile {
    path: PathBuf,
    file: Mutex<File>,
}

/// Watches what one process is at. Its thread is ended by the drop, in the process that made it.
#[derive(Debug)]
pub struct Lookout {
    shared: Arc<Shared>,
    file: Arc<SlowFile>,
    /// Not dropped: in a forked process there is no such thread to let go.
    thread: Option<ManuallyDrop<JoinHandle<()>>>,
    owner: Pid,
}

/// Something that is being done, from [`Lookout::begin`] to its drop. What was done before, and is
/// interrupted by it, goes on then.
#[derive(Debug)]
pub struct Watched {
    shared: Arc<Shared>,
    before: Option<Doing>,
    owner: Pid,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ends: Condvar,
}

#[derive(Debug, Default)]
struct State {
    doing: Option<Doing>,
    ended: bool,
}

#[derive(Debug)]
struct Doing {
    what: String,
    since: Instant,
    told: bool,
}

impl SlowFile {
    /// Opens it.
    ///
    /// # Errors
    /// The system's.
    pub fn open(path: &Path) -> io::Result<SlowFile> {
        Ok(SlowFile { path: path.to_owned(), file: Mutex::new(append_to(path)?) })
    }

    /// Opens it anew under its path.
    ///
    /// # Errors
    /// The system's; the file stays as it is.
    pub fn reopen(&self) -> io::Result<()> {
        let file = append_to(&self.path)?;
        *lock(&self.file) = file;
        Ok(())
    }

    /// Writes a line with the time and this process in front, and what belongs to it.
    pub fn write(&self, name: &str, text: &str) {
        let time::Local { year, month, day, hour, minute, second } = time::local(wall());
        let at = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
        let lines = format!("[{at}] {name} (pid {}) {text}\n", process::id());
        let _ = lock(&self.file).write_all(lines.as_bytes());
    }
}

impl Lookout {
    /// Starts the thread. What takes longer than `limit` is written to the file, as the work of the
    /// process with that name, and `ask` is called once.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        limit: Duration,
        name: String,
        file: Arc<SlowFile>,
        ask: impl Fn() + Send + 'static,
    ) -> io::Result<Lookout> {
        let shared = Arc::<Shared>::default();
        let (watched, log) = (Arc::clone(&shared), Arc::clone(&file));
        let run = move || {
            if signal::block_for_thread().is_ok() {
                watched.watch(limit, |doing, took| {
                    log.write(
                        &name,
                        &format!("has been at {doing} for {:.3} s", took.as_secs_f64()),
                    );
                    ask();
                });
            }
        };
        let thread = std::thread::Builder::new().name("tether-slow".into()).spawn(run)?;
        Ok(Lookout { shared, file, thread: Some(ManuallyDrop::new(thread)), owner: process::id() })
    }

    /// The process begins something, which it is at until the result is dropped.
    #[must_use]
    pub fn begin(&self, what: String) -> Watched {
        let doing = Doing { what, since: monotonic(), told: false };
        let before = lock(&self.shared.state).doing.replace(doing);
        Watched { shared: Arc::clone(&self.shared), before, owner: self.owner }
    }

    /// What the process is at, if that has been told to be slow.
    #[must_use]
    pub fn slow(&self) -> Option<String> {
        let state = lock(&self.shared.state);
        state.doing.as_ref().filter(|doing| doing.told).map(|doing| doing.what.clone())
    }

    /// Where it is told.
    #[must_use]
    pub fn file(&self) -> &SlowFile {
        &self.file
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        // In a forked process there is no such thread, and its lock may be taken for ever.
        let own = self.thread.take().filter(|_| self.owner == process::id());
        let Some(thread) = own else { return };
        lock(&self.shared.state).ended = true;
        self.shared.ends.notify_all();
        let _ = ManuallyDrop::into_inner(thread).join();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.owner == process::id() {
            lock(&self.shared.state).doing = self.before.take();
        }
    }
}

impl Shared {
    /// The thread's life.
    fn watch(&self, limit: Duration, tell: impl Fn(&str, Duration)) {
        let pause = (limit / 4).clamp(SHORTEST, LONGEST);
        let mut state = lock(&self.state);
        while !state.ended {
            let waited = self.ends.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            let now = monotonic();
            let slow = state.doing.as_mut().filter(|doing| !doing.told).and_then(|doing| {
                let took = now.saturating_duration_since(doing.since);
                (took >= limit).then_some((doing, took))
            });
            if let Some((doing, took)) = slow {
                doing.told = true;
                tell(&doing.what, took);
            }
        }
    }
}

/// How often the thread looks.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(250);

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn what_is_slow_is_told_once_and_what_is_quick_never() {
        let path = std::env::temp_dir().join(format!("tether-slow-{}", process::id()));
        let file = Arc::new(SlowFile::open(&path).unwrap());
        let (sender, asked) = mpsc::channel();
        let ask = move || sender.send(()).unwrap();
        let limit = Duration::from_millis(20);
        let lookout = Lookout::start(limit, "worker #0".into(), Arc::clone(&file), ask).unwrap();
        let outer = lookout.begin("request GET /outer".into());
        asked.recv().unwrap();
        assert_eq!(lookout.slow().as_deref(), Some("request GET /outer"));
        for _ in 0..100 {
            drop(lookout.begin("request GET /quick".into()));
        }
        assert_eq!(lookout.slow().as_deref(), Some("request GET /outer"));
        drop(outer);
        assert_eq!(lookout.slow(), None);
        drop(lookout);
        assert!(asked.recv().is_err(), "once");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let begin =
            format!("] worker #0 (pid {}) has been at request GET /outer for 0.", process::id());
        assert!(text.contains(&begin) && text.lines().count() == 1, "{text}");
    }
}
