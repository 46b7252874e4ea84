//! The server's own log lines.

use std::{
    cell::{Cell, RefCell},
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::roles::Role;
use crate::sys::{descriptor, process, time};

/// How grave a line is; the numbers are those of the option `log_level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// For those who work on the engine.
    Debug = 0,
    /// One step finer than `Info`.
    Trace = 1,
    /// Ordinary events. The default.
    Info = 2,
    /// Events that an operator wants to see.
    Notice = 3,
    /// Something is wrong, the server copes.
    Warning = 4,
    /// Something failed.
    Error = 5,
}

impl Level {
    /// From the value of `log_level`; values beyond the ends mean the end.
    #[must_use]
    pub fn from_number(number: i64) -> Level {
        match number {
            ..=0 => Level::Debug,
            1 => Level::Trace,
            2 => Level::Info,
            3 => Level::Notice,
            4 => Level::Warning,
            5.. => Level::Error,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Level::Debug => "DEBUG",
            Level::Trace => "TRACE",
            Level::Info => "INFO",
            Level::Notice => "NOTICE",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
        }
    }
}

/// Writes lines like `[2026-11-22 18:28:00 *1234.0] NOTICE text`: local time, the role's character,
/// the process id, the worker's number. To stdout, or to a file that is opened for appending.
/// What cannot be written is lost: a full disk stops no server.
#[derive(Debug)]
pub struct Log {
    clock: fn() -> SystemTime,
    level: Cell<Level>,
    flag: Cell<char>,
    id: Cell<usize>,
    json: Cell<bool>,
    /// Standard output and errors go to the file too.
    takes_output: Cell<bool>,
    target: RefCell<Target>,
}

#[derive(Debug)]
enum Target {
    Stdout,
    File {
        path: PathBuf,
        file: File,
    },
    #[cfg(test)]
    Memory(Vec<String>),
}

impl Log {
    /// A log to stdout at level `Info`, of the master. `clock` is `reactor::wall`.
    #[must_use]
    pub fn new(clock: fn() -> SystemTime) -> Log {
        Log {
            clock,
            level: Cell::new(Level::Info),
            flag: Cell::new(Role::Master.flag()),
            id: Cell::new(0),
            json: Cell::new(false),
            takes_output: Cell::new(false),
            target: RefCell::new(Target::Stdout),
        }
    }

    /// Writes only lines of this level or above (`log_level`).
    pub fn set_level(&self, level: Level) {
        self.level.set(level);
    }

    /// Says whose lines follow: called in each process after the fork.
    pub fn set_process(&self, role: Role, id: usize) {
        self.flag.set(role.flag());
        self.id.set(id);
    }

    /// Writes lines for machines: an object of JSON (RFC 8259) a line, with the members `time`
    /// (local, ISO 8601 without a zone), `level`, `process` (the role), `pid`, `worker` and
    /// `message` (`log_format` is `json`).
    pub fn set_json(&self, json: bool) {
        self.json.set(json);
    }

    /// Sends this process's standard output and errors to the log's file, from now on and after
    /// each rotation. Without a file nothing changes.
    ///
    /// # Errors
    /// The system's.
    pub fn take_output(&self) -> io::Result<()> {
        self.takes_output.set(true);
        match &*self.target.borrow() {
            Target::File { file, .. } => [1, 2]
                .into_iter()
                .try_for_each(|onto| descriptor::duplicate_onto(file, onto, false)),
            Target::Stdout => Ok(()),
            #[cfg(test)]
            Target::Memory(_) => Ok(()),
        }
    }

    /// Writes to this file from now on (`log_file`).
    ///
    /// # Errors
    /// When it cannot be opened; lines go where they went before.
    pub fn set_file(&self, path: &Path) -> io::Result<()> {
        let file = open(path)?;
        self.target.replace(Target::File { path: path.to_owned(), file });
        Ok(())
    }

    /// Opens the file again under its path, after a rotation. Nothing to do for stdout.
    ///
    /// # Errors
    /// When it cannot be opened; lines go where they went before.
    pub fn reopen(&self) -> io::Result<()> {
        match &mut *self.target.borrow_mut() {
            Target::File { path, file } => *file = open(path)?,
            Target::Stdout => {}
            #[cfg(test)]
            Target::Memory(_) => {}
        }
        if self.takes_output.get() { self.take_output() } else { Ok(()) }
    }

    /// Whether a line of this level would be written.
    #[must_use]
    pub fn enabled(&self, level: Level) -> bool {
        level >= self.level.get()
    }

    /// Writes one line. Line breaks in it stay one line's: they become spaces.
    pub fn write(&self, level: Level, text: fmt::Arguments<'_>) {
        if !self.enabled(level) {
            return;
        }
        let text = text.to_string().replace(['\n', '\r'], " ");
        let line = if self.json.get() {
            self.object(level, &text)
        } else {
            format!("{} {} {text}\n", self.head(), level.name())
        };
        let _ = match &mut *self.target.borrow_mut() {
            Target::Stdout => io::stdout().lock().write_all(line.as_bytes()),
            Target::File { file, .. } => file.write_all(line.as_bytes()),
            #[cfg(test)]
            Target::Memory(lines) => {
                lines.push(format!("{} {text}", level.name()));
                Ok(())
            }
        };
    }

    /// A line of level `Info`.
    pub fn info(&self, text: fmt::Arguments<'_>) {
        self.write(Level::Info, text);
    }

    /// A line of level `Notice`.
    pub fn notice(&self, text: fmt::Arguments<'_>) {
        self.write(Level::Notice, text);
    }

    /// A line of level `Warning`.
    pub fn warning(&self, text: fmt::Arguments<'_>) {
        self.write(Level::Warning, text);
    }

    /// A line of level `Error`.
    pub fn error(&self, text: fmt::Arguments<'_>) {
        self.write(Level::Error, text);
    }

    fn object(&self, level: Level, text: &str) -> String {
        let at = time::local((self.clock)());
        let (year, month, day) = (at.year, at.month, at.day);
        let (hour, minute, second) = (at.hour, at.minute, at.second);
        let role = Role::from_flag(self.flag.get()).name();
        let (level, pid, id) = (level.name(), process::id(), self.id.get());
        let mut message = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '"' | '\\' => message.extend(['\\', character]),
                '\0'..='\x1f' => message.push_str(&format!("\\u{:04x}", u32::from(character))),
                _ => message.push(character),
            }
        }
        format!(
            "{{\"time\":\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}\",\
             \"level\":\"{level}\",\"process\":\"{role}\",\"pid\":{pid},\"worker\":{id},\
             \"message\":\"{message}\"}}\n"
        )
    }

    fn head(&self) -> String {
        let at = time::local((self.clock)());
        let (year, month, day) = (at.year, at.month, at.day);
        let (hour, minute, second) = (at.hour, at.minute, at.second);
        let (flag, pid, id) = (self.flag.get(), process::id(), self.id.get());
        format!(
            "[{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} {flag}{pid}.{id}]"
        )
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
impl Log {
    pub(super) fn to_memory() -> Log {
        let log = Log::new(|| SystemTime::UNIX_EPOCH);
        log.target.replace(Target::Memory(Vec::new()));
        log
    }

    pub(super) fn take_lines(&self) -> Vec<String> {
        match &mut *self.target.borrow_mut() {
            Target::Memory(lines) => std::mem::take(lines),
            Target::Stdout | Target::File { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, time::Duration};

    #[test]
    fn lines_have_their_form_and_follow_a_rotation() {
        let folder = std::env::temp_dir().join(format!("tether-log-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (path, moved) = (folder.join("log"), folder.join("log.1"));
        let log = Log::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_372_083));
        log.set_file(&path).unwrap();
        log.set_process(Role::Worker, 3);
        log.notice(format_args!("two\nlines"));
        log.write(Level::Debug, format_args!("hidden"));
        fs::rename(&path, &moved).unwrap();
        log.reopen().unwrap();
        log.error(format_args!("after"));
        let line = fs::read_to_string(&moved).unwrap();
        assert!(line.starts_with("[2026-11-"), "{line}");
        assert!(line.ends_with(&format!(":03 *{}.3] NOTICE two lines\n", process::id())), "{line}");
        assert_eq!(line.lines().count(), 1);
        assert!(fs::read_to_string(&path).unwrap().ends_with("] ERROR after\n"));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn lines_for_machines_are_objects() {
        let log = Log::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_372_083));
        log.set_process(Role::TaskWorker, 2);
        let line = log.object(Level::Warning, "a \"quoted\" \\ and\ttab, \u{e4}");
        let tail = format!(
            "\"level\":\"WARNING\",\"process\":\"task worker\",\"pid\":{},\"worker\":2,\
             \"message\":\"a \\\"quoted\\\" \\\\ and\\u0009tab, \u{e4}\"}}\n",
            process::id()
        );
        assert!(line.starts_with("{\"time\":\"2026-11-") && line.ends_with(&tail), "{line}");
    }

    #[test]
    fn numbers_are_levels() {
        let levels = [-1, 0, 1, 2, 3, 4, 5, 9].map(Level::from_number).map(|level| level as u8);
        assert_eq!(levels, [0, 0, 1, 2, 3, 4, 5, 5]);
    }
}
