//! How the engine learns where the script stands.

use crate::zend::{
    ClassDef, Method, ObjRef, State, Thrown,
    class::{Class, Handlers},
    error, fence,
};

use super::engine::current;

static SHUTDOWN: Class = Class::new("Tether\\Shutdown");
static HANDLERS: Handlers = Handlers::new();

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<Shutdown>(&SHUTDOWN)
        .method(Method::new("__construct", |_| Ok(())).private())
        .method(Method::new("__invoke", |_| run_at_shutdown()))
        .make_final()
        .register();
}

/// Has the loop of a plain script run when the script has ended. PHP frees the object after the last
/// shutdown function and before it destroys what is left, whatever ended the script.
pub(super) fn attend() -> Result<(), Thrown> {
    let shutdown = ObjRef::new_of(&SHUTDOWN)?;
    fence::call_function("register_shutdown_function", &[shutdown.into()]).into_result()?;
    Ok(())
}

/// Called when the script has ended, freed after the last shutdown function.
struct Shutdown;

impl State for Shutdown {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        Shutdown
    }

    fn free(&self) {
        if let Some(engine) = current() {
            engine.release_all();
        }
    }
}

fn run_at_shutdown() -> Result<(), Thrown> {
    const FATAL: i32 = 1 | 16 | 64 | 256;
    match current() {
        Some(engine) if error::last_error_type() & FATAL == 0 => engine.run(),
        _ => Ok(()),
    }
}
