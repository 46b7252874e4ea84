//! The callbacks that an object of ours holds.

use std::cell::RefCell;

use crate::zend::{Callback, ObjRef, Tracer, closure::directly_held};

/// The callbacks of `on()`, in the order of their first registration.
#[derive(Default)]
pub(super) struct Callbacks {
    list: RefCell<Vec<(&'static str, Callback)>>,
}

impl Callbacks {
    /// Registers a callback; the last one for an event counts.
    pub(super) fn set(&self, event: &'static str, callback: Callback) {
        let replaced = {
            let mut list = self.list.borrow_mut();
            match list.iter_mut().find(|(name, _)| *name == event) {
                Some((_, old)) => Some(std::mem::replace(old, callback)),
                None => {
                    list.push((event, callback));
                    None
                }
            }
        };
        drop(replaced);
    }

    /// The callback for an event, with a reference of its own.
    pub(super) fn get(&self, event: &'static str) -> Option<Callback> {
        let list = self.list.borrow();
        list.iter().find(|(name, _)| *name == event).map(|(_, callback)| callback.clone())
    }

    /// Whether there is a callback for an event.
    pub(super) fn has(&self, event: &'static str) -> bool {
        self.list.borrow().iter().any(|(name, _)| *name == event)
    }

    /// Takes all away.
    pub(super) fn take(&self) -> Vec<Callback> {
        self.list.take().into_iter().map(|(_, callback)| callback).collect()
    }

    /// Shows them to PHP's collector.
    pub(super) fn trace(&self, tracer: &mut Tracer) {
        if let Ok(list) = self.list.try_borrow() {
            for (_, callback) in list.iter() {
                tracer.callback(callback);
            }
        }
    }

    /// How many references on `me` they hold directly, counting only callables that nobody else
    /// holds.
    pub(super) fn directly_held(&self, me: &ObjRef) -> usize {
        let list = self.list.borrow();
        let mut held = 0;
        for (at, (_, callback)) in list.iter().enumerate() {
            let same = |other: &&(&str, Callback)| other.1.identity() == callback.identity();
            let first = list.iter().position(|other| same(&other)) == Some(at);
            if first && callback.identity() != 0 {
                let registrations = list.iter().filter(same).count();
                let registrations = u32::try_from(registrations).unwrap_or(u32::MAX);
                held += directly_held(callback, me, registrations);
            }
        }
        held
    }
}

/// A callback that is called once, or nothing.
#[derive(Default)]
pub(super) struct OneShot {
    callback: RefCell<Option<Callback>>,
}

impl OneShot {
    /// Keeps a callback in place of the one that was there.
    pub(super) fn set(&self, callback: Callback) {
        let replaced = self.callback.replace(Some(callback));
        drop(replaced);
    }

    /// Takes it away: to be called and dropped then, or to be dropped.
    pub(super) fn take(&self) -> Option<Callback> {
        self.callback.take()
    }

    /// Whether there is one.
    pub(super) fn is_set(&self) -> bool {
        self.callback.borrow().is_some()
    }

    /// Shows it to PHP's collector.
    pub(super) fn trace(&self, tracer: &mut Tracer) {
        if let Ok(callback) = self.callback.try_borrow()
            && let Some(callback) = &*callback
        {
            tracer.callback(callback);
        }
    }
}
