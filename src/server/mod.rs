//! The prefork server, PHP-free.
//!
//! Owns the life of the processes, the listening sockets, the channel between master and workers,
//! the shared counters and the log. Talks out through traits and never sees PHP. Driven by the loop
//! of whoever calls: it waits for nothing itself, and takes the time as an argument.

mod answer;
mod budget;
mod channel;
mod commands;
mod connection;
mod control;
mod crew;
mod ending;
mod exchange;
mod gate;
mod handover;
mod hooks;
mod link;
mod listen;
mod log;
mod lookout;
pub mod mailbox;
mod master;
mod office;
mod os;
mod port;
mod processes;
mod progress;
mod remote;
mod roles;
mod sessions;
mod start_error;
mod state;
mod stats;
mod tasks;
mod turn;
mod udp;
mod watch;
mod worker;

pub use answer::{AnswerError, Head};
pub use channel::{Channel, Received};
pub use commands::{Origin, SessionError, SessionInfo};
pub use crew::Crew;
pub use gate::{
    Door, Doors, GateConfig, GateParts, GateShared, Gates, LinkOptions, LocalGate, Mode, Paused,
    Progress, Question, Uplink,
};
pub use handover::Parcel;
pub use hooks::Lifecycle;
pub use listen::{
    DatagramSender, GivenPort, ListenError, ListenOptions, Listeners, SocketKind, WorkerListener,
};
pub use log::{Level, Log};
pub use lookout::{Lookout, SlowFile, Watched};
pub use mailbox::{Letter, Mailbox};
pub use master::{END_LIMIT, KILL_GRACE, Master, MasterConfig, SharedParts, Step, WorkerContext};
pub use office::{Address, PostOffice};
pub use os::{Forked, Os};
pub use port::{PacketSender, PortConfig, Ports, Speaks};
pub use processes::{MASTER_BOX, Processes};
pub use roles::{Message, MessageError, RecycleReason, ReloadScope, Role};
pub use sessions::{Flags, Opening, Place, Session, SessionId, Sessions};
pub use start_error::StartError;
pub use stats::{Row, Stats, Totals};
pub use tasks::{TaskBoard, TaskId};
pub use watch::WatchConfig;
pub use worker::{ExchangeId, Worker, WorkerConfig, WorkerHooks};
