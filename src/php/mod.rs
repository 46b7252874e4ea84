//! The PHP classes: one class a file. Each reads arguments, calls below, converts.
//!
//! Owns what the loop holds on behalf of PHP (`engine`) and the one way in which it calls PHP
//! (`engine::call`). No protocol, no `unsafe`. Called by PHP; imported by nobody.

mod client;
mod client_sync;
mod engine;
mod exception;
mod http_client;
mod http_request;
mod http_response;
mod link;
mod redis;
mod server;
mod settings;

use ext_php_rs::{builders::ModuleBuilder, php_module};

use crate::zend::module::{Module, Registry, attach};

/// The entry that PHP asks the shared object for.
#[php_module]
pub fn get_module(module: ModuleBuilder) -> ModuleBuilder {
    attach::<Tether>(module.name("tether"))
}

struct Tether;

impl Module for Tether {
    fn startup(registry: &mut Registry) -> Result<(), String> {
        engine::register();
        exception::register();
        client::register();
        http_client::register();
        redis::register();
        http_request::register();
        http_response::register();
        server::register();
        registry.ini(&[("swoole.display_errors", "1")]);
        client::register_constants(registry);
        Ok(())
    }

    fn request_shutdown() {
        engine::shut_down();
    }
}
