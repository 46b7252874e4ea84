//! What a process does with itself and with others: another program, its end, names, signals sent.

use std::ffi::CString;

use crate::{
    sys::{
        child, errno,
        process::Pid,
        signal::{SIGTERM, sigrtmax},
    },
    zend::{Arg, Array, Call, Method, Thrown, error},
};

use super::{
    super::{engine::current, functions::set_process_name, settings::warn},
    constructed, failure,
};

pub(super) fn methods() -> [Method; 7] {
    [
        Method::new("exec", exec)
            .arg(Arg::new("file", "string"))
            .arg(Arg::new("args", "array"))
            .returns("bool"),
        Method::new("exit", exit).arg(Arg::new("code", "int").default("0")).returns("bool"),
        Method::new("name", name).arg(Arg::new("name", "string")).returns("bool"),
        Method::new("kill", kill)
            .arg(Arg::new("pid", "int"))
            .arg(Arg::new("signal", "int").default("SIGTERM"))
            .make_static()
            .returns("bool"),
        Method::new("wait", wait)
            .arg(Arg::new("blocking", "bool").default("true"))
            .make_static()
            .returns("array|false"),
        Method::new("daemon", daemon)
            .arg(Arg::new("nochdir", "bool").default("true"))
            .arg(Arg::new("noclose", "bool").default("true"))
            .make_static()
            .returns("bool"),
        Method::new("setaffinity", set_affinity)
            .arg(Arg::new("cpus", "array"))
            .make_static()
            .returns("bool"),
    ]
}

fn exec(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (state, file, args) = (constructed(call)?, call.str(0)?, call.array(1)?);
    call.ret_bool(false);
    if !state.is_child() {
        return warn("exec() is for the process itself, in its callback");
    }
    let nul = |i| move |_| error::throw_argument_value_error(i, "must not contain any null bytes");
    let file = CString::new(file).map_err(nul(0))?;
    let mut words = vec![file.clone()];
    for word in args.values() {
        words.push(CString::new(&*word.to_zstr()?).map_err(nul(1))?);
    }
    let failed = child::execute(&file, &words);
    failure(&format!("{} cannot be executed", file.to_string_lossy()), &failed)
}

fn exit(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let (state, code) = (constructed(call)?, call.long_or(0, 0)?);
    call.ret_bool(false);
    if !state.is_child() {
        return warn("exit() is for the process itself, in its callback");
    }
    match i32::try_from(code).ok().filter(|code| (0..=255).contains(code)) {
        Some(code) => {
            error::set_exit_status(code);
            Err(error::throw_unwind_exit())
        }
        None => Err(error::throw_argument_value_error(0, "must be between 0 and 255")),
    }
}

fn name(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    constructed(call)?;
    let named = set_process_name(call.str(0)?)?;
    call.ret_bool(named);
    Ok(())
}

fn kill(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (pid, signo) = (call.long(0)?, call.long_or(1, SIGTERM.into())?);
    call.ret_bool(false);
    let Ok(pid) = Pid::try_from(pid) else {
        return Err(error::throw_argument_value_error(0, "must be the id of a process"));
    };
    let Some(signo) = signal_number(signo) else {
        return Err(error::throw_argument_value_error(1, "must be the number of a signal"));
    };
    match child::send_signal(pid, signo) {
        Ok(()) => call.ret_bool(true),
        // 0 only asks.
        Err(_) if signo == 0 => {}
        Err(failed) => return failure(&format!("The process {pid} cannot be signalled"), &failed),
    }
    Ok(())
}

fn wait(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let block = call.bool_or(0, true)?;
    call.ret_bool(false);
    match child::wait_any(block) {
        Ok(Some((pid, status))) => {
            let mut array = Array::new(3);
            array.insert(b"pid", pid);
            array.insert(b"code", status.code);
            array.insert(b"signal", status.signal);
            call.ret_value(array);
        }
        Ok(None) => {}
        Err(none) => super::set_last_error(errno::of(&none)),
    }
    Ok(())
}

/// The process goes on in a child: signals and threads of the loop are made anew there.
fn daemon(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 2)?;
    let (keep_folder, keep_streams) = (call.bool_or(0, true)?, call.bool_or(1, true)?);
    call.ret_bool(false);
    let engine = current();
    if engine.as_ref().is_some_and(|engine| engine.part().is_some()) {
        return warn("A server becomes a daemon by its option daemonize");
    }
    if engine.as_ref().is_some_and(|engine| engine.jobs.len() > 0) {
        return warn("Jobs of Swoole\\Async are under way: their threads would stay behind");
    }
    if let Some(engine) = &engine {
        engine.signals.suspend(engine);
    }
    let done = child::daemonize(!keep_folder, !keep_streams);
    if let Some(engine) = &engine {
        engine.has_moved();
    }
    match done {
        Ok(()) => {
            call.ret_bool(true);
            Ok(())
        }
        Err(failed) => failure("The process cannot become a daemon", &failed),
    }
}

fn set_affinity(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let cpus = call.array(0)?;
    call.ret_bool(false);
    let numbers: Vec<usize> =
        cpus.values().map(|cpu| usize::try_from(cpu.to_long()).unwrap_or(usize::MAX)).collect();
    if error::pending() {
        return Err(Thrown);
    }
    match child::set_affinity(&numbers) {
        Ok(()) => {
            call.ret_bool(true);
            Ok(())
        }
        Err(failed) => failure("The process cannot be bound to these CPUs", &failed),
    }
}

/// A signal's number, or 0.
pub(super) fn signal_number(number: i64) -> Option<i32> {
    i32::try_from(number).ok().filter(|number| (0..=sigrtmax()).contains(number))
}
