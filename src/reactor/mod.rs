//! The loop: one turn in its documented order, tokens, timers and the clock.
//!
//! Owns the poll, who is registered under which token, and when what is due. Refuses to know what a
//! token stands for: that is the [`Driver`]'s. Calls nothing while one of its own borrows is open,
//! so a callback may register, cancel or stop anything. Called by `net`, `client`, `server`, `php`.

mod arena;
mod clock;
mod poll;
mod timers;
mod token;
mod turn;

pub use arena::Arena;
pub use clock::{monotonic, wall, wall_at};
pub use mio::Interest;
pub use poll::{Reactor, Ready};
pub use timers::{TimerKey, Timers};
pub use token::{Key, Source, Token};
pub use turn::{Driver, run, turn};
