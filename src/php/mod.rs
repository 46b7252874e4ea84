//! The PHP classes: one class a file. Each reads arguments, calls below, converts.
//!
//! Owns what the loop holds on behalf of PHP (`engine`) and the one way in which it calls PHP
//! (`engine::call`). No protocol, no `unsafe`. Called by PHP; imported by nobody.

mod asked;
mod async_io;
mod atomic;
mod buffer;
mod callbacks;
mod channel;
mod client;
mod client_class;
mod client_more;
mod client_pipe;
mod client_select;
mod client_sync;
mod constants;
mod deferred;
mod engine;
mod event;
mod exception;
mod files;
mod functions;
mod header_names;
mod http_client;
mod http_client_request;
mod http_client_socket;
mod http_pair;
mod http_request;
mod http_response;
mod jobs;
mod ledger;
mod link;
mod lock;
mod mmap;
mod mysql;
mod outfit;
mod process;
mod redis;
mod server;
mod settings;
mod signals;
mod sockets;
mod table;
mod table_row;
mod timer;
mod watcher;
mod websocket_frame;

use ext_php_rs::{builders::ModuleBuilder, php_module};

use crate::zend::{
    error,
    module::{Module, Registry, attach},
};

/// The entry that PHP asks the shared object for.
#[php_module]
pub fn get_module(module: ModuleBuilder) -> ModuleBuilder {
    attach::<Tether>(module.name("tether"))
}

struct Tether;

impl Module for Tether {
    fn startup(registry: &mut Registry) -> Result<(), String> {
        let twins = ["swoole", "openswoole"];
        if let Some(other) = twins.into_iter().find(|name| registry.extension_loaded(name)) {
            // A warning at start-up cannot throw.
            let _ = error::warning(&format!(
                "The extension {other} is loaded and defines the same classes: tether registers nothing"
            ));
            return Ok(());
        }
        functions::register(registry);
        constants::register(registry);
        engine::register();
        exception::register();
        ledger::register();
        atomic::register();
        lock::register();
        table::register();
        channel::register();
        buffer::register();
        mmap::register();
        process::register();
        timer::register(registry);
        event::register(registry);
        async_io::register(registry);
        client::register();
        client_select::register(registry);
        http_client::register();
        websocket_frame::register();
        mysql::register();
        redis::register();
        http_request::register();
        http_response::register();
        server::register();
        Ok(())
    }

    fn info() -> Vec<(String, String)> {
        functions::info()
    }

    fn request_shutdown() {
        engine::shut_down();
    }

    fn request_ended() {
        server::shut_down();
    }
}
