//! Safe skins over libc.
