//! The only place where an option name is a string.
