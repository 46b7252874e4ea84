//! `SWOOLE_PROCESS`: this process is the master. Its threads have the connections, its child is the
//! manager, which forks the workers; PHP runs here on the main thread only.

use std::{
    cell::{Cell, RefCell},
    io,
    mem::ManuallyDrop,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{
    options::ServerConfig,
    proto::limits::Limits,
    reactor::{Interest, Key, Ready, Source, Token},
    server::{
        Doors, GateConfig, GateParts, GatePort, GateShared, Gates, KILL_GRACE, LinkOptions,
        Listeners, Lifecycle, Log, Mode, Progress, Role, Uplink,
    },
    sys::{
        descriptor::close_inherited,
        process::{self, Fork, Pid},
        signal::{self, SIGCHLD, SIGINT, SIGKILL, SIGTERM, SIGUSR1, SIGUSR2, Signals},
    },
    zend::{ObjRef, Thrown, error},
};

use super::{
    super::{
        engine::{self, Engine, Part, Stop},
        ledger::ledger_row_closed,
    },
    master::MasterHooks,
    start::{self, Running},
    state::{MANAGER_PID, MASTER_PID, ServerState, Shared},
};

/// Where I/O threads and workers meet. Made before the first fork.
pub(super) struct Hall {
    doors: RefCell<Doors>,
    progress: Progress,
    how: LinkOptions,
}

/// What one connection may have waiting in its thread, at most.
const WINDOW: usize = 256 * 1024;
/// How long the last output may take.
const LAST_OUTPUT: Duration = Duration::from_secs(5);
/// A manager that dies within this time is replaced with back-off.
const SHORT_LIFE: Duration = Duration::from_secs(1);
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
