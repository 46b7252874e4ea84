//! What all processes of a server share, made before the first fork.

use std::{io, path::Path, rc::Rc, sync::Arc};

use crate::{
    options::ServerConfig,
    reactor::{monotonic, wall},
    server::{Crew, Level, ListenOptions, Log, MASTER_BOX, PostOffice, Sessions, Stats, TaskBoard},
    sys::process,
    zend::{ObjRef, Thrown, error},
};

use super::{
    super::{exception::EXCEPTION, functions::unixsock_buffer_size, settings::warn},
    connections, port, slow,
    state::{CONNECTIONS, ServerState, Shared},
};

/// The most sessions of a server that sets no `max_conn`: the classic default.
const SESSIONS: usize = 100_000;

/// Makes what the processes of a server share, with counters for so many I/O threads.
pub(super) fn share(server: &ServerState, me: &ObjRef, threads: usize) -> Result<Shared, Thrown> {
    let config = server.config.borrow().clone();
    let listeners = Rc::clone(&server.listeners.borrow());
    let log = Rc::new(Log::new(wall));
    log.set_level(Level::from_number(i64::from(config.log_level)));
    if let Some(path) = &config.log_file {
        let path = String::from_utf8_lossy(path).into_owned();
        if let Err(error) = log.set_file(Path::new(&path)) {
            warn(&format!("Unable to open log_file '{path}': {error}"))?;
        }
    }
    log.set_json(config.log_format == b"json");
    if config.daemonize
        && let Err(error) = log.take_output()
    {
        log.warning(format_args!("output does not go to the log: {error}"));
    }
    let crew = Crew {
        workers: config.worker_num as usize,
        task_workers: config.task_worker_num as usize,
        user_processes: server.processes.borrow().len(),
    };
    let stats = Stats::new(crew.len() + threads, wall()).map_err(failed)?;
    let room = unixsock_buffer_size();
    let office = Arc::new(PostOffice::new(crew.len(), MASTER_BOX + 1, room).map_err(failed)?);
    let tasks = TaskBoard::new(crew.task_workers).map_err(failed)?;
    let sessions = Sessions::new(most_sessions(&config), monotonic()).map_err(failed)?;
    let objects = server.ports.borrow().clone();
    let ports = objects.iter().map(port::facts).collect();
    let master_pid = process::id();
    let slow = slow::open(&config)?;
    let shared =
        Shared { stats, sessions, log, office, tasks, crew, master_pid, ports, slow, hall: None };
    connections::attach(&me.slot(CONNECTIONS), &shared);
    objects.iter().for_each(|port| connections::attach(&port::iterator(port), &shared));
    server.senders.replace(listeners.senders().map_err(failed)?.into());
    Ok(shared)
}

/// Says how each port listens.
pub(super) fn set_listen_options(server: &ServerState, ports: &[ServerConfig]) {
    let listeners = server.listeners.borrow();
    for (number, config) in ports.iter().enumerate() {
        listeners.set_options(
            number,
            ListenOptions {
                backlog: i32::try_from(config.backlog).unwrap_or(i32::MAX),
                defer_accept: config.tcp_defer_accept,
                fastopen: config.port.fastopen,
                receive_buffer: config.port.receive_buffer,
                send_buffer: config.port.send_buffer,
            },
        );
    }
}

/// A server that the system does not let start.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(error: io::Error) -> Thrown {
    let code = error.raw_os_error().unwrap_or(0);
    error::throw(&EXCEPTION, &format!("Unable to start the server: {error}"), code.into())
}

/// Writes the master's process id where the options say.
pub(super) fn write_pid_file(server: &ServerState, pid: i32) -> Result<(), Thrown> {
    let path = server.config.borrow().pid_file.clone();
    let Some(path) = path else { return Ok(()) };
    let path = String::from_utf8_lossy(&path).into_owned();
    match std::fs::write(&path, format!("{pid}\n")) {
        Ok(()) => Ok(()),
        Err(error) => warn(&format!("Unable to write pid_file '{path}': {error}")),
    }
}

/// Removes it: the master's to call.
pub(super) fn remove_pid_file(server: &ServerState) {
    let is_manager = server.shared.borrow().as_ref().is_some_and(|s| s.master_pid != process::id());
    if !is_manager && let Some(path) = server.config.borrow().pid_file.as_deref() {
        let _ = std::fs::remove_file(Path::new(&*String::from_utf8_lossy(path)));
    }
}

/// How many sessions the server can have: `max_conn`, or what the workers' descriptors allow.
pub(super) fn most_sessions(config: &ServerConfig) -> usize {
    let descriptors = process::descriptor_limit().saturating_mul(config.worker_num as usize);
    config.max_conn.map_or(descriptors.min(SESSIONS), |most| most as usize)
}
