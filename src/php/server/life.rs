//! What a server's processes are to the system: daemon, user, name; and whose code they run.

use std::{path::Path, rc::Rc};

use crate::{
    options::ServerConfig,
    server::{Log, Role},
    sys::{child, identity::Identity, process, signal::SIGKILL},
    zend::{Callback, Outcome, Thrown, Value, fence},
};

use super::super::{engine::Engine, functions::set_process_name, settings::warn};
use super::state::ServerState;

/// The server goes on in the background. Paths of the configuration that were relative are not any
/// more, for the folder is `/` then.
pub(super) fn daemonize(engine: &Engine, server: &ServerState) -> Result<(), Thrown> {
    let mut config = server.config.borrow().clone();
    if !config.daemonize {
        return Ok(());
    }
    for path in [&mut config.log_file, &mut config.pid_file] {
        if let Some(path) = path
            && let Ok(text) = std::str::from_utf8(path)
            && let Ok(full) = std::path::absolute(Path::new(text))
        {
            *path = full.into_os_string().into_encoded_bytes();
        }
    }
    server.config.replace(config);
    engine.signals.suspend(engine);
    let done = child::daemonize(true, true);
    engine.has_moved();
    match done {
        Ok(()) => Ok(()),
        Err(error) => warn(&format!("The server stays in the foreground: {error}")),
    }
}

/// Whose rights the workers are to have. A warning, and nobody else's, without the right to change.
pub(super) fn identity(config: &ServerConfig) -> Result<Identity, Thrown> {
    let ServerConfig { user, group, chroot, .. } = config;
    let identity = Identity::look_up(user.as_deref(), group.as_deref(), chroot.as_deref());
    match identity {
        Ok(identity) if identity.is_same() || process::is_root() => return Ok(identity),
        Ok(_) => {
            warn("Options \"user\", \"group\" and \"chroot\" need root: workers stay who they are")?
        }
        Err(unknown) => warn(&format!("Workers stay who they are: {unknown}"))?,
    }
    Ok(Identity::default())
}

/// In a new worker.
pub(super) fn take_on(identity: &Identity, log: &Log) {
    if identity.is_same() {
        return;
    }
    let parent = process::parent_id();
    if let Err(error) = identity.take_on() {
        log.warning(format_args!("user, group or chroot do not hold for this process: {error}"));
    }
    // The system forgets it when the user changes.
    if process::die_with_parent(parent, SIGKILL).is_err() {
        let _ = process::kill(process::id(), SIGKILL);
    }
}

/// Whether the option `open_cpu_affinity` finds a CPU: a warning if not.
pub(super) fn check_affinity(config: &ServerConfig) -> Result<(), Thrown> {
    let cpus = child::affinity().unwrap_or_default();
    if config.process.affinity && config.process.cpu(0, &cpus).is_none() {
        return warn("Option \"open_cpu_affinity\" has no effect: no CPU is left to run on");
    }
    Ok(())
}

/// In a new event worker: one CPU to run on, if the options say so.
pub(super) fn bind_to_cpu(config: &ServerConfig, worker_id: usize, log: &Log) {
    let cpus = child::affinity().unwrap_or_default();
    if let Some(cpu) = config.process.cpu(worker_id, &cpus)
        && let Err(error) = child::set_affinity(&[cpu])
    {
        log.warning(format_args!("the worker is not bound to CPU {cpu}: {error}"));
    }
}

/// Names this process for `ps`, unless the program has named it.
pub(super) fn name(engine: &Engine, role: Role, slot: usize) {
    let script = script();
    let title = format!("tether: {} #{slot} of {script}", role.name());
    let before = fence::call_function("cli_get_process_title", &[]);
    let own = matches!(&before, Outcome::Value(title) if title.as_str().is_some_and(|title| {
        !title.is_empty() && !title.starts_with(b"tether: ")
    }));
    let title: String = title.chars().take(TITLE).collect();
    if !own && set_process_name(title.as_bytes()).is_err() {
        engine.report_pending();
    }
}

/// A reload is to load what has changed on the disk: forgets where paths led and what OPcache has
/// compiled, in this process, of which the new workers are copies.
pub(super) fn renew_code(engine: &Engine) {
    let call = |name: &str, args: &[Value]| {
        let function = Callback::from_value(&name.into()).ok()?;
        engine.call_slice(0, function, args)
    };
    call("clearstatcache", &[Value::from(true)]);
    let Some(status) = call("opcache_get_status", &[Value::from(true)]) else { return };
    let scripts = status.as_array().and_then(|status| status.get(b"scripts")?.as_array());
    for (path, _) in scripts.iter().flat_map(|scripts| scripts.iter()) {
        if let Some(path) = path.as_str() {
            call("opcache_invalidate", &[Value::from(path), Value::from(true)]);
        }
    }
}

/// Opens the log again under its path; what cannot be is told where it went before.
pub(super) fn reopen(log: &Rc<Log>) {
    if let Err(error) = log.reopen() {
        log.warning(format_args!("the log file cannot be opened anew: {error}"));
    }
}

/// The file that runs, without its folder.
fn script() -> String {
    let files = fence::call_function("get_included_files", &[]);
    let Outcome::Value(files) = files else { return String::new() };
    let first = files.as_array().and_then(|files| files.get_index(0));
    let first = first.as_ref().and_then(Value::as_str).map(String::from_utf8_lossy);
    let name = first.as_deref().and_then(|file| Path::new(file).file_name());
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Bytes of a name that every command line has room for.
const TITLE: usize = 100;
