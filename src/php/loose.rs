//! Clients that live on without a connection (contract A7).

use std::cell::RefCell;

use crate::zend::ObjRef;

use super::engine::{AsClient, Engine};

/// Their handles, and what they were when last looked at. No reference.
#[derive(Default)]
pub(super) struct LooseClients {
    clients: RefCell<Vec<Loose>>,
}

struct Loose {
    handle: u32,
    serial: u64,
    as_client: AsClient,
}

impl LooseClients {
    /// A client's connection has ended. One that somebody else holds may hold itself: it is looked
    /// at when the turn ends.
    pub(super) fn note(&self, object: &ObjRef, as_client: AsClient) {
        if object.refcount() > 1
            && let Some(client) = as_client(object)
        {
            let loose = Loose { handle: object.id(), serial: client.serial(), as_client };
            self.clients.borrow_mut().push(loose);
        }
    }

    /// Lets those go whose own callbacks are all that holds them.
    pub(super) fn release(&self, engine: &Engine) {
        if self.clients.borrow().is_empty() {
            return;
        }
        let mut kept = Vec::new();
        for loose in self.clients.take() {
            let Some(object) = ObjRef::from_id(loose.handle) else { continue };
            let Some(client) = (loose.as_client)(&object) else { continue };
            if client.serial() != loose.serial || client.is_connected() {
                continue;
            }
            // One reference is ours, for the time of this look.
            let held = client.directly_held(&object);
            if held > 0 && held + 1 == object.refcount() as usize {
                let callbacks = client.take_callbacks();
                drop(callbacks);
                drop(object);
                engine.report_pending();
            } else {
                kept.push(loose);
            }
        }
        self.clients.borrow_mut().append(&mut kept);
    }

    /// Forgets all.
    pub(super) fn forget(&self) {
        self.clients.take();
    }
}
