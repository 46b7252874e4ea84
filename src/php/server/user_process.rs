//! `addProcess()`: processes of the user's own that live with the server.

use crate::{
    sys::process::Pid,
    zend::{Arg, Call, ClassDef, Method, ObjRef, Thrown, error},
};

use super::{
    super::{
        engine::Engine,
        process::{self, PROCESS},
        settings::warn,
    },
    state::ServerState,
};

/// Adds the method to the class.
pub(super) fn add(class: ClassDef) -> ClassDef {
    class.method(
        Method::new("addProcess", add_process)
            .arg(Arg::new("process", "Swoole\\Process"))
            .returns("int|false"),
    )
}

fn add_process(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let server = call.this::<ServerState>()?;
    let process = call.value(0).as_object().filter(|process| PROCESS.has(process));
    let Some(process) = process else {
        return Err(error::throw_type_error(
            "Swoole\\Server::addProcess(): Argument #1 ($process) must be of type Swoole\\Process",
        ));
    };
    call.ret_bool(false);
    if server.started.get() {
        return warn("The server is running: addProcess() must come before start()");
    }
    if server.processes.borrow().iter().any(|known| known.is(&process)) {
        return warn("The process was added before");
    }
    server.processes.borrow_mut().push(process);
    let number = server.processes.borrow().len() - 1;
    call.ret_long(i64::try_from(number).unwrap_or(i64::MAX));
    Ok(())
}

/// The process that was added with that number.
fn numbered(server: &ServerState, number: usize) -> Option<ObjRef> {
    server.processes.borrow().get(number).cloned()
}

/// In the master: it runs as `pid`.
pub(super) fn has_started(server: &ServerState, number: usize, pid: Pid) {
    if let Some(process) = numbered(server, number) {
        process::has_started(&process, pid);
    }
}

/// In its own process: the whole life of it.
pub(super) fn live(engine: &Engine, server: &ServerState, number: usize) {
    let Some(process) = numbered(server, number) else { return };
    // An exception that nobody takes ends it, as it would end a script.
    engine.end_on_exception(true);
    if process::enter(&process) {
        process::run(engine, &process);
    }
}
