//! The Zend layer: knows PHP, knows no server. Unsafe island 2.
//!
//! Owns every contact with PHP's C interface: handles that hold exactly one reference each
//! ([`Value`], [`ZStr`], [`Array`], [`ObjRef`], [`Callback`]), the one fence through which PHP code
//! runs ([`fence`]), classes on an object layout of our own ([`class`], [`define`], [`call`]), lazy
//! properties ([`lazy`]), direct access to declared slots ([`slots`]) and the module itself
//! ([`module`]).
//!
//! Called by `php/`, which contains no unsafe code: whatever stands here as `pub` is safe to call
//! from a request of a PHP thread. Refuses: sockets, options, protocols, any other folder.
//!
//! **Invariant**: a bailout (PHP's `longjmp`) never leaves a fence. It is recorded
//! ([`fence::bailed`]), Rust unwinds by ordinary returns, and the outermost entry from PHP raises it
//! again from a frame that owns nothing.
#![expect(unsafe_code, reason = "unsafe island 2: the contact with PHP's C interface")]
#![expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "one access to a zval is a pointer read and a union read that share one guarantee"
)]
#![expect(
    unreachable_pub,
    reason = "`pub` means: for php/; with this module private the compiler still finds dead code"
)]

pub mod array;
pub mod bridge;
pub mod call;
pub mod callback;
pub mod class;
pub mod closure;
pub mod define;
pub mod error;
pub mod fence;
mod ffi;
mod gc;
pub mod interrupt;
pub mod lazy;
pub mod module;
pub mod object;
pub mod process;
pub mod shape;
pub mod slots;
pub mod socket;
pub mod stream;
pub mod string;
mod types;
pub mod value;

pub use array::Array;
pub use call::Call;
pub use callback::Callback;
pub use class::State;
pub use define::{Arg, ClassDef, Function, Method};
pub use error::{Severity, Thrown};
pub use fence::Outcome;
pub use gc::Tracer;
pub use object::ObjRef;
pub use shape::{Keys, Shape};
pub use slots::Slot;
pub use string::{Interned, ZStr};
pub use value::{Kind, Value};
