//! Sockets on the loop.
