//! `Swoole\Server` and `Swoole\Http\Server`: one state for the whole hierarchy.
//!
//! `class` declares the classes and their methods, `start` turns a process into a master and its
//! children into workers, `master` and `worker` are what such a process adds to the loop.

mod class;
mod connections;
mod control;
mod forward;
mod life;
mod master;
mod messages;
mod methods;
mod packet;
mod port;
mod post;
mod process_mode;
mod recycle;
mod redis_server;
mod share;
mod slow;
mod socket;
mod start;
mod state;
mod task;
mod user_process;
mod worker;

pub(super) use class::register;
pub(super) use start::shut_down;
