//! `Swoole\Exception`: what state errors throw.

use crate::zend::{ClassDef, class::Class};

/// `Swoole\Exception`.
pub(super) static EXCEPTION: Class = Class::new("Swoole\\Exception");

/// Registers the class.
pub(super) fn register() {
    ClassDef::plain(&EXCEPTION).extends_exception().alias("swoole_exception").register();
}
