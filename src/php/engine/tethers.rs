//! The references on clients: taken at connect, dropped when the connection has ended.

use crate::{
    ledger::{Entry, Kind, Number, RowId},
    reactor::{Driver, Key},
    zend::{Callback, ObjRef, ZStr},
};

use super::{
    super::link::{AsyncClient, Job, Next},
    Engine, ledger, since, site,
};

/// One reference of the engine on a client, from connect to the end of the connection.
pub(in crate::php) struct Tether {
    pub(in crate::php) object: ObjRef,
    pub(in crate::php) row: RowId,
    pub(super) as_client: AsClient,
}

/// How to find the client in an object.
pub(in crate::php) type AsClient = fn(&ObjRef) -> Option<&dyn AsyncClient>;

/// What a row of the engine stands for.
pub(super) struct Loose {
    handle: u32,
    serial: u64,
    as_client: AsClient,
}

impl Engine {
    /// Takes the one reference on a client that starts to connect (contract A2).
    pub(in crate::php) fn tether(
        &self,
        object: ObjRef,
        as_client: AsClient,
        peer: (ZStr, u16),
    ) -> (Key, RowId) {
        let row = ledger().open(Entry {
            kind: Kind::Client,
            class: Some(object.class_name()),
            object_id: object.id(),
            state: "connecting",
            peer: Some(peer),
            site: site(),
            since: since(),
        });
        let key = self.tethers.borrow_mut().insert(Tether { object, row, as_client });
        (key, row)
    }

    /// Gives up that reference: now, or when the outermost callback on the stack has returned
    /// (contract A4).
    pub(in crate::php) fn untether(&self, key: Key) {
        let Some(tether) = self.tethers.borrow_mut().remove(key) else { return };
        ledger().set_state(tether.row, "closing");
        let outside = self.depth.get() == 0;
        if outside {
            self.outermost.set(0);
        }
        if tether.row.number() == self.outermost.get() {
            self.ended.borrow_mut().push_front(tether);
        } else {
            self.ended.borrow_mut().push_back(tether);
        }
        if outside {
            self.release_ended();
        }
    }

    /// In a forked child, for the engine of its parent: the connections are the parent's. The clients
    /// have none here, and may connect anew.
    pub(super) fn forget_clients(&self) {
        for key in self.tethers.borrow().keys() {
            let waiting = self.with_client(key, |client, _| client.forget());
            self.uncalled
                .borrow_mut()
                .extend(waiting.map(|(waiting, _)| waiting).unwrap_or_default());
        }
    }

    /// How many clients are tethered.
    pub(in crate::php) fn tethered(&self) -> usize {
        self.tethers.borrow().len()
    }

    /// Clients that are connecting or wait for an answer.
    pub(in crate::php) fn busy_clients(&self) -> usize {
        let keys = self.tethers.borrow().keys();
        keys.into_iter()
            .filter(|key| self.with_client(*key, |client, _| client.is_busy()).is_some_and(|b| b.0))
            .count()
    }

    /// Whether something younger than that row is under way that ends by itself: a client that
    /// connects, waits for an answer or listens to its peer, a timer that fires once, a deferred callback.
    pub(in crate::php) fn is_busy_since(&self, row: Number) -> bool {
        let young: Vec<Key> = {
            let tethers = self.tethers.borrow();
            let young = tethers.iter().filter(|(_, tether)| tether.row.number() > row);
            young.map(|(key, _)| key).collect()
        };
        self.deferred.has_waiting_since(row)
            || self.timers.has_once_since(row)
            || young.into_iter().any(|key| {
                let busy = self.with_client(key, |c, _| c.is_busy() || c.is_stream());
                busy.is_some_and(|busy| busy.0)
            })
    }

    /// Says that a client has something to send, or an event to tell: it is looked at before the
    /// turn ends.
    pub(in crate::php) fn touch(&self, key: Key) {
        let mut touched = self.touched.borrow_mut();
        if touched.last() != Some(&key) {
            touched.push(key);
        }
    }

    /// Calls everything that the connection of a tether has to tell, until it is idle or over.
    ///
    /// Between the calls the client is looked up anew, and no reference of ours is open during
    /// one: only the tether and the arguments keep the client alive.
    pub(in crate::php) fn pump(&self, key: Key) {
        while !self.stopped() {
            let next = self.with_client(key, |client, me| client.poll(self, me, key));
            // Setting a property may have run a destructor.
            self.report_pending();
            let Some((next, row)) = next else { return };
            match next {
                Next::Call(Job { callback, args }) => {
                    self.call_slice(row, callback, args);
                }
                Next::Ask(Job { callback, args }) => {
                    // One that threw has not said what follows: no length is below zero.
                    let reply = self.call_slice(row, callback, args).map_or(-1, |v| v.to_long());
                    self.report_pending();
                    self.with_client(key, |client, _| client.handle_reply(self, key, reply));
                }
                Next::Warn(text) => self.warn(text),
                Next::Release(callbacks) => self.drop_callbacks(callbacks),
                Next::Ended => return self.untether(key),
                Next::Idle => return,
            }
        }
    }

    /// Drops callbacks that will not be called: as after a call, for destructors may run.
    fn drop_callbacks(&self, callbacks: Vec<Callback>) {
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        drop(callbacks);
        self.report_pending();
        self.depth.set(depth);
        if depth == 0 {
            self.release_ended();
        }
    }

    pub(super) fn with_client<R>(
        &self,
        key: Key,
        act: impl FnOnce(&dyn AsyncClient, &ObjRef) -> R,
    ) -> Option<(R, Number)> {
        let (object, as_client, row) = {
            let tethers = self.tethers.borrow();
            let tether = tethers.get(key)?;
            (tether.object.clone(), tether.as_client, tether.row.number())
        };
        let client = as_client(&object)?;
        Some((act(client, &object), row))
    }

    /// Drops the tethers of clients that ended: first of the one whose callback ran, then in the
    /// order of their ends.
    #[inline]
    pub(super) fn release_ended(&self) {
        if !self.ended.borrow().is_empty() {
            self.release_each_ended();
        }
    }

    fn release_each_ended(&self) {
        while !self.is_copy() {
            let tether = self.ended.borrow_mut().pop_front();
            let Some(tether) = tether else { return };
            self.drop_tether(tether);
        }
    }

    pub(super) fn drop_tether(&self, tether: Tether) {
        let Tether { object, row, as_client } = tether;
        // A client that somebody else holds may hold itself: look at it when the turn ends.
        if object.refcount() > 1
            && let Some(client) = as_client(&object)
        {
            let loose = Loose { handle: object.id(), serial: client.serial(), as_client };
            self.loose.borrow_mut().push(loose);
        }
        drop(object);
        ledger().close(row);
        self.report_pending();
    }

    /// Lets clients without a connection go whose own callbacks are all that holds them
    /// (contract A7). Only clients whose connection has ended are looked at: one that was never
    /// connected was never the engine's, and is left to PHP's collector (O5).
    #[inline]
    pub(super) fn release_loose(&self) {
        if !self.loose.borrow().is_empty() {
            self.release_each_loose();
        }
    }

    fn release_each_loose(&self) {
        let mut kept = Vec::new();
        for loose in self.loose.take() {
            let Some(object) = ObjRef::from_id(loose.handle) else { continue };
            let Some(client) = (loose.as_client)(&object) else { continue };
            if client.serial() != loose.serial || client.is_connected() {
                continue;
            }
            // One reference is ours, for the time of this look.
            let held = client.directly_held(&object);
            if held > 0 && held + 1 == object.refcount() as usize {
                let callbacks = client.take_callbacks(&object);
                drop(callbacks);
                drop(object);
                self.report_pending();
            } else {
                kept.push(loose);
            }
        }
        self.loose.borrow_mut().append(&mut kept);
    }
}
