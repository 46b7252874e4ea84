//! How the engine learns where the script stands.

use crate::{
    reactor::Driver,
    zend::{
        ObjRef, Thrown,
        class::{Class, Handlers, State},
        define::{ClassDef, Method},
        error,
        process::put_last_global,
    },
};

use super::{call::FATAL_ERRORS, current};

pub(super) static SHUTDOWN: Class = Class::new("Tether\\Shutdown");
static SHUTDOWN_HANDLERS: Handlers = Handlers::new();

/// Registers what the engine itself needs of PHP.
pub(in crate::php) fn register() {
    ClassDef::new::<Shutdown>(&SHUTDOWN)
        .method(Method::new("__construct", |_| Ok(())).private())
        .method(Method::new("__invoke", |_| run_at_shutdown()))
        .make_final()
        .register();
}

/// The object whose life tells the engine where the script stands: it is called when the script
/// has ended, and freed after the last shutdown function.
struct Shutdown;

impl State for Shutdown {
    fn handlers() -> &'static Handlers {
        &SHUTDOWN_HANDLERS
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
    // What is still held goes when this object does, whose only reference PHP drops after the last
    // shutdown function and before it calls any other destructor.
    put_last_global(ObjRef::new_of(&SHUTDOWN)?.into());
    match current() {
        // A callback that the script itself set off, as by a `close()`, may have ended the process.
        Some(engine) if !engine.stopped() && error::last_error_type() & FATAL_ERRORS == 0 => {
            engine.run_at_end()
        }
        _ => Ok(()),
    }
}
