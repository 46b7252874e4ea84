//! Kinds of letters: one table, so that no two modules use one number.

/// `sendMessage`: the payload is the message; flags: [`SERIALIZED`].
pub const MESSAGE: u8 = 1;
/// `task`: a = number of the task, b = generation of the asking process, payload = data;
/// flags: [`SERIALIZED`].
pub const TASK: u8 = 2;
/// The answer of a task, a and b as they were asked; flags: [`SERIALIZED`].
pub const FINISH: u8 = 3;
/// A task has ended without an answer; a and b as they were asked; flags: [`LOST`].
pub const TASK_ENDED: u8 = 4;
/// `send` of another process's session a.
pub const SESSION_SEND: u8 = 5;
/// `close` of it; flags: 1 drops what is queued.
pub const SESSION_CLOSE: u8 = 6;
/// `sendfile`: from b on; the payload is the length (u64) and the path.
pub const SESSION_FILE: u8 = 7;
/// Its reading; flags: 0 `pause`, 1 `resume`, 2 `confirm`.
pub const SESSION_READ: u8 = 8;

/// Flag: the payload is what PHP's `serialize()` made.
pub const SERIALIZED: u8 = 1;
/// Flag of [`TASK_ENDED`]: its task worker died with it.
pub const LOST: u8 = 2;
