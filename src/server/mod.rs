//! The prefork server, PHP-free.
