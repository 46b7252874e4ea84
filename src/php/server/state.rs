//! What a server object knows.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use crate::{
    options::ServerConfig,
    server::{
        Crew, DatagramSender, Listeners, Log, Master, Ports, PostOffice, Sessions, SlowFile, Stats,
        TaskBoard,
    },
    sys::identity::Identity,
    zend::{
        Callback, ObjRef, Slot, State, Tracer,
        class::{Class, Handlers},
    },
};

use super::{super::callbacks::Callbacks, port::PortState, process_mode::Hall, worker::WorkerPart};

/// `Swoole\Server`.
pub(super) static SERVER: Class = Class::new("Swoole\\Server");
/// `Swoole\Http\Server`.
pub(super) static HTTP_SERVER: Class = Class::new("Swoole\\Http\\Server");
/// `Swoole\Redis\Server`.
pub(super) static REDIS_SERVER: Class = Class::new("Swoole\\Redis\\Server");
static HANDLERS: Handlers = Handlers::new();

pub(super) const SETTING: Slot = Slot(0);
pub(super) const HOST: Slot = Slot(1);
pub(super) const PORT: Slot = Slot(2);
pub(super) const TYPE: Slot = Slot(3);
pub(super) const MODE: Slot = Slot(4);
pub(super) const MASTER_PID: Slot = Slot(5);
pub(super) const MANAGER_PID: Slot = Slot(6);
pub(super) const WORKER_ID: Slot = Slot(7);
pub(super) const WORKER_PID: Slot = Slot(8);
pub(super) const TASKWORKER: Slot = Slot(9);
pub(super) const CONNECTIONS: Slot = Slot(10);
pub(super) const PORTS: Slot = Slot(11);

/// The state of a server object.
pub(super) struct ServerState {
    pub(super) listeners: RefCell<Rc<Listeners>>,
    pub(super) callbacks: Callbacks,
    pub(super) config: RefCell<ServerConfig>,
    pub(super) http: Cell<bool>,
    /// The primary port speaks the Redis protocol.
    pub(super) redis: Cell<bool>,
    /// I/O threads have the connections (`SWOOLE_PROCESS`).
    pub(super) process_mode: Cell<bool>,
    pub(super) constructed: Cell<bool>,
    pub(super) port: Cell<u16>,
    /// The port objects too know whether they can still be changed.
    pub(super) started: Rc<Cell<bool>>,
    /// `Swoole\Server\Port` objects, in the order of adding.
    pub(super) ports: RefCell<Vec<ObjRef>>,
    /// `Swoole\Process` objects of `addProcess()`, in the order of adding.
    pub(super) processes: RefCell<Vec<ObjRef>>,
    /// Whose rights all processes but the master have.
    pub(super) identity: RefCell<Identity>,
    /// What holds for each port, once the server runs.
    pub(super) resolved: RefCell<Option<Ports>>,
    /// From where any process sends datagrams.
    pub(super) senders: RefCell<Rc<[DatagramSender]>>,
    pub(super) shared: RefCell<Option<Shared>>,
    /// In the master.
    pub(super) master: RefCell<Option<Rc<Master>>>,
    /// In a worker.
    pub(super) worker: RefCell<Option<Rc<WorkerPart>>>,
}

/// What all processes of a server share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) stats: Stats,
    pub(super) sessions: Sessions,
    pub(super) log: Rc<Log>,
    pub(super) office: Arc<PostOffice>,
    pub(super) tasks: TaskBoard,
    pub(super) crew: Crew,
    pub(super) master_pid: i32,
    /// Where slow work is told, if anywhere.
    pub(super) slow: Option<Arc<SlowFile>>,
    /// Where workers meet the I/O threads, if there are any.
    pub(super) hall: Option<Rc<Hall>>,
    pub(super) ports: Rc<[PortFacts]>,
}

/// What PHP is told of a port.
#[derive(Clone, Copy, Debug)]
pub(super) struct PortFacts {
    pub(super) number: u16,
    pub(super) kind: i64,
    /// The listening socket of the process that started the server.
    pub(super) descriptor: i32,
}

impl ServerState {
    /// The callback of an event of a port: its own, or the server's.
    pub(super) fn callback(&self, port: u16, event: &'static str) -> Option<Callback> {
        let own = {
            let ports = self.ports.borrow();
            let port = ports.get(usize::from(port)).and_then(|port| port.as_state::<PortState>());
            port.and_then(|port| port.callbacks.get(event))
        };
        own.or_else(|| self.callbacks.get(event))
    }

    /// What a worker adds to the loop, in a worker.
    pub(super) fn worker_part(&self) -> Option<Rc<WorkerPart>> {
        self.worker.borrow().clone()
    }
}

impl State for ServerState {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn create() -> Self {
        ServerState {
            listeners: RefCell::new(Rc::new(Listeners::new())),
            callbacks: Callbacks::default(),
            config: RefCell::default(),
            http: Cell::new(false),
            redis: Cell::new(false),
            process_mode: Cell::new(false),
            constructed: Cell::new(false),
            port: Cell::new(0),
            started: Rc::default(),
            ports: RefCell::default(),
            processes: RefCell::default(),
            identity: RefCell::default(),
            resolved: RefCell::default(),
            senders: RefCell::new(Rc::from([])),
            shared: RefCell::new(None),
            master: RefCell::new(None),
            worker: RefCell::new(None),
        }
    }

    fn trace(&self, tracer: &mut Tracer) {
        self.callbacks.trace(tracer);
        if let Ok(ports) = self.ports.try_borrow() {
            ports.iter().for_each(|port| tracer.object(port));
        }
        if let Ok(processes) = self.processes.try_borrow() {
            processes.iter().for_each(|process| tracer.object(process));
        }
    }
}
