//! What several processes share: locks, a table, a queue, in memory mapped before they forked.
//!
//! Owns the layouts in shared memory and the rules under which processes change them. A process may
//! be killed at any instruction: every change becomes visible by one store, and a lock whose owner
//! has died is taken over, its structure put right. Refuses: PHP, sockets, the loop. Called by
//! `php`. No unsafe code: a mapping is a slice of atomic words.
//!
//! **Invariant**: no PHP code runs and no PHP memory is asked for while a [`Guard`] is open.

mod channel;
mod hash;
mod lock;
mod rwlock;
mod table;
mod table_row;

pub use channel::{Channel, Pushed};
pub use lock::{Clock, Guard, Lock, Timeout};
pub use rwlock::RwLock;
pub use table::{Busy, Full, Number, Table};
pub use table_row::{Cell, Column, KEY_MAX, Kind, Row, Schema, Seen, Sight};
