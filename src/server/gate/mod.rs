//! I/O threads of `SWOOLE_PROCESS`: they own the connections, workers only answer.
//!
//! Owns accepting, the whole requests that are taken off a connection, which worker gets what, and
//! the output that waits for a peer. Refuses PHP: it runs in threads of the master's. A worker makes
//! a link to each thread (`hello`), over which both send batches of frames (`frame`): one `send` a
//! turn and side. A worker that dies costs no connection: what it had begun is answered with 500,
//! what it had not begun is its successor's (`progress` tells which).

mod answers;
mod budget;
mod client;
mod dispatch;
mod frame;
#[expect(clippy::module_inception, reason = "the folder's central type")]
mod gate;
mod hello;
mod intake;
mod lane;
mod local;
mod progress;
mod thread;
mod uplink;
mod watch;

pub use dispatch::Mode;
pub(super) use frame::{Down, Opening, Told};
pub use gate::{GateConfig, GateShared};
pub use hello::{Door, Doors};
pub use local::{LocalGate, Question};
pub use progress::Progress;
pub use thread::{GateParts, Gates, Paused};
pub(super) use uplink::Remote;
pub use uplink::{LinkOptions, Uplink};
