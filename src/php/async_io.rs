//! `Swoole\Async` and `swoole_async_*`: files, commands and names beside the loop.
//!
//! A callback always comes later, from the loop. What fails at once is told at once: a warning and
//! `false`. What fails later is told to the callback, by `false`.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::{
    net::{Work, dns_cache},
    options::AsyncConfig,
    sys::errno,
    zend::{
        Arg, Call, ClassDef, Function, Method, Thrown, Value, bridge, class::Class,
        fence::call_function, module::Registry,
    },
};

use super::{
    engine::engine,
    functions::set_last_error,
    jobs::From,
    settings::{self, warn},
};

static ASYNC: Class = Class::new("Swoole\\Async");

/// The most that `readFile` and `writeFile` move, bytes.
const WHOLE_MAX: usize = 4 << 20;
/// The most that `read` gives at once, bytes.
const CHUNK_MAX: i64 = 1 << 20;
/// The most that `write` takes, bytes.
const WRITE_MAX: usize = 64 << 20;
/// `FILE_APPEND`.
const APPEND: i64 = 8;

const FILE_NOT_EXIST: i32 = 700;
const FILE_TOO_LARGE: i32 = 701;
const FILE_EMPTY: i32 = 702;

type Offer = (&'static str, Option<&'static str>, fn(&'static str) -> Method);

const OFFERS: [Offer; 7] = [
    ("readFile", Some("swoole_async_readfile"), |name| {
        Method::new(name, read_file)
            .arg(Arg::new("filename", "string"))
            .arg(Arg::new("callback", "callable"))
            .returns("bool")
    }),
    ("writeFile", Some("swoole_async_writefile"), |name| {
        Method::new(name, write_file)
            .arg(Arg::new("filename", "string"))
            .arg(Arg::new("content", "string"))
            .arg(Arg::new("callback", "?callable").default("null"))
            .arg(Arg::new("flags", "int").default("0"))
            .returns("bool")
    }),
    ("read", Some("swoole_async_read"), |name| {
        Method::new(name, read)
            .arg(Arg::new("filename", "string"))
            .arg(Arg::new("callback", "callable"))
            .arg(Arg::new("chunk_size", "int").default("65536"))
            .arg(Arg::new("offset", "int").default("0"))
            .returns("bool")
    }),
    ("write", Some("swoole_async_write"), |name| {
        Method::new(name, write)
            .arg(Arg::new("filename", "string"))
            .arg(Arg::new("content", "string"))
            .arg(Arg::new("offset", "int").default("-1"))
            .arg(Arg::new("callback", "?callable").default("null"))
            .returns("bool")
    }),
    ("dnsLookup", Some("swoole_async_dns_lookup"), |name| {
        Method::new(name, dns_lookup)
            .arg(Arg::new("hostname", "string"))
            .arg(Arg::new("callback", "callable"))
            .returns("bool")
    }),
    ("exec", None, |name| {
        Method::new(name, exec)
            .arg(Arg::new("command", "string"))
            .arg(Arg::new("callback", "callable"))
            .returns("int|false")
    }),
    ("set", Some("swoole_async_set"), |name| {
        Method::new(name, set).arg(Arg::new("settings", "array")).returns("void")
    }),
];

/// Registers the class and the functions.
pub(super) fn register(registry: &mut Registry) {
    let mut class = ClassDef::plain(&ASYNC).alias("swoole_async");
    for (name, _, method) in OFFERS {
        class = class.method(method(name).make_static());
    }
    class.register();
    let functions: Vec<Function> =
        OFFERS.iter().filter_map(|(_, name, method)| name.map(method)).collect();
    registry.functions(&functions);
}

fn read_file(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (name, callback) = (call.string(0)?, call.callable(1)?);
    call.ret_bool(false);
    let Some((file, size)) = open_to_read(&name)? else { return Ok(()) };
    if size > WHOLE_MAX as u64 {
        return failed(FILE_TOO_LARGE, &format!("The file is larger than {WHOLE_MAX} bytes"));
    }
    // It may be empty only because a job that writes it is under way.
    let engine = engine()?;
    if size == 0 && engine.jobs.len() == 0 {
        return failed(FILE_EMPTY, "The file is empty");
    }
    let read = engine.jobs.read(&engine, file, &From::Once { limit: WHOLE_MAX }, name, callback);
    answer(call, read)
}

fn write_file(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 4)?;
    let (name, content) = (call.string(0)?, call.str(1)?);
    let (callback, flags) = (call.opt_callable(2)?, call.long_or(3, 0)?);
    call.ret_bool(false);
    if content.is_empty() {
        return warn("The content is empty");
    }
    if content.len() > WHOLE_MAX {
        return failed(FILE_TOO_LARGE, &format!("The content is larger than {WHOLE_MAX} bytes"));
    }
    let append = flags & APPEND != 0;
    let Some(file) = open_to_write(&name, append)? else { return Ok(()) };
    let data = content.to_vec();
    let work = if append { Work::Append { data } } else { Work::Replace { data } };
    let engine = engine()?;
    answer(call, engine.jobs.write(&engine, file, work, name, callback))
}

fn read(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 4)?;
    let (name, callback) = (call.string(0)?, call.callable(1)?);
    let (size, offset) = (call.long_or(2, 65_536)?, call.long_or(3, 0)?);
    call.ret_bool(false);
    let Some(size) = usize::try_from(size.min(CHUNK_MAX)).ok().filter(|size| *size > 0) else {
        return warn("The size of a chunk must be greater than 0");
    };
    let Some((file, length)) = open_to_read(&name)? else { return Ok(()) };
    let Some(offset) = u64::try_from(offset).ok().filter(|offset| *offset < length) else {
        return warn("The offset lies outside of the file");
    };
    let engine = engine()?;
    let from = From::Chunks { offset, size };
    answer(call, engine.jobs.read(&engine, file, &from, name, callback))
}

fn write(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 4)?;
    let (name, content) = (call.string(0)?, call.str(1)?);
    let (offset, callback) = (call.long_or(2, -1)?, call.opt_callable(3)?);
    call.ret_bool(false);
    if content.is_empty() {
        return warn("The content is empty");
    }
    if content.len() > WRITE_MAX {
        return failed(FILE_TOO_LARGE, &format!("The content is larger than {WRITE_MAX} bytes"));
    }
    let place = u64::try_from(offset).ok();
    let Some(file) = open_to_write(&name, place.is_none())? else { return Ok(()) };
    let data = content.to_vec();
    let work = match place {
        Some(offset) => Work::Write { offset, data },
        None => Work::Append { data },
    };
    let engine = engine()?;
    answer(call, engine.jobs.write(&engine, file, work, name, callback))
}

fn dns_lookup(call: &Call<'_>) -> Result<(), Thrown> {
    const NAME_MAX: usize = 255;
    call.args(2, 2)?;
    let (host, callback) = (call.string(0)?, call.callable(1)?);
    call.ret_bool(false);
    if host.is_empty() || host.len() > NAME_MAX {
        return warn(&format!("The name of a host has between 1 and {NAME_MAX} bytes"));
    }
    let engine = engine()?;
    answer(call, engine.jobs.look_up(&engine, &host, callback))
}

fn exec(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (command, callback) = (call.string(0)?, call.callable(1)?);
    call.ret_bool(false);
    if command.is_empty() || command.contains(&0) {
        return warn("The command is empty or has a null byte");
    }
    let engine = engine()?;
    match engine.jobs.execute(&engine, &command, callback) {
        Ok(pid) => {
            call.ret_long(pid.into());
            Ok(())
        }
        Err(error) => system_failed("The command cannot be run", &error),
    }
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let config = settings::resolve(&call.array(0)?, AsyncConfig::resolve)?;
    if let Some(on) = config.display_errors {
        let value = Value::from(if on { "1" } else { "0" });
        call_function("ini_set", &["swoole.display_errors".into(), value]).into_result()?;
    }
    if let Some(lifetime) = config.dns_cache {
        dns_cache::set_lifetime(lifetime);
    }
    if let Some(threads) = config.threads
        && !engine()?.jobs.set_threads(threads)
    {
        return warn("The threads were made before: their number stays");
    }
    Ok(())
}

/// Opens a regular file and gives its size. `Ok(None)` after a warning.
fn open_to_read(name: &[u8]) -> Result<Option<(File, u64)>, Thrown> {
    let Some(path) = path_of(name)? else { return Ok(None) };
    // A pipe without a writer must not hold up the loop before it is known for one.
    let opened = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(&path);
    let opened = opened.and_then(|file| file.metadata().map(|found| (file, found)));
    match opened {
        Ok((file, found)) if found.is_file() => Ok(Some((file, found.len()))),
        Ok(_) => not_regular(name).map(|()| None),
        Err(error) => {
            let missing = error.kind() == io::ErrorKind::NotFound;
            cannot_open(name, &error)?;
            if missing {
                set_last_error(FILE_NOT_EXIST);
            }
            Ok(None)
        }
    }
}

/// Opens a regular file, made if there is none. `Ok(None)` after a warning.
fn open_to_write(name: &[u8], append: bool) -> Result<Option<File>, Thrown> {
    let Some(path) = path_of(name)? else { return Ok(None) };
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).mode(0o644).custom_flags(NONBLOCK);
    options.write(!append).append(append);
    let opened = options.open(&path).and_then(|file| file.metadata().map(|found| (file, found)));
    match opened {
        Ok((file, found)) if found.is_file() => Ok(Some(file)),
        Ok(_) => not_regular(name).map(|()| None),
        Err(error) => cannot_open(name, &error).map(|()| None),
    }
}

/// The path, if PHP's settings allow it. `Ok(None)` after a warning.
fn path_of(name: &[u8]) -> Result<Option<PathBuf>, Thrown> {
    use std::os::unix::ffi::OsStrExt;

    if name.is_empty() || name.contains(&0) {
        warn("The name of the file is empty or has a null byte")?;
        return Ok(None);
    }
    let path = Path::new(std::ffi::OsStr::from_bytes(name)).to_owned();
    Ok(bridge::is_allowed_path(name)?.then_some(path))
}

fn answer(call: &Call<'_>, result: io::Result<()>) -> Result<(), Thrown> {
    match result {
        Ok(()) => {
            call.ret_bool(true);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
            warn("Too much waits to be read and written already")
        }
        Err(error) => system_failed("The job cannot be started", &error),
    }
}

fn cannot_open(name: &[u8], error: &io::Error) -> Result<(), Thrown> {
    system_failed(&format!("Unable to open '{}'", String::from_utf8_lossy(name)), error)
}

fn not_regular(name: &[u8]) -> Result<(), Thrown> {
    warn(&format!("'{}' is no regular file", String::from_utf8_lossy(name)))
}

fn system_failed(what: &str, error: &io::Error) -> Result<(), Thrown> {
    let number = errno::of(error);
    failed(number, &format!("{what}, Error: {}[{number}]", errno::text(number)))
}

fn failed(number: i32, text: &str) -> Result<(), Thrown> {
    set_last_error(number);
    warn(text)
}

const NONBLOCK: i32 = crate::sys::O_NONBLOCK;
