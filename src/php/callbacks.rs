//! The callbacks that an object of ours holds.

use std::cell::RefCell;

use crate::zend::{Callback, ObjRef, Slot, Tracer, Value, closure::directly_held};

/// The callbacks of `on()`, in the order of their first registration.
#[derive(Default)]
pub(super) struct Callbacks {
    list: RefCell<Vec<Registered>>,
}

struct Registered {
    event: &'static str,
    callback: Callback,
    /// The property that shows it to PHP, which holds a reference of its own.
    shown: Option<Slot>,
}

impl Callbacks {
    /// Registers a callback; the last one for an event counts.
    pub(super) fn set(&self, event: &'static str, callback: Callback) {
        self.register(event, callback, None);
    }

    /// Registers a callback that a property of the object `me` shows.
    pub(super) fn set_shown(
        &self,
        me: &ObjRef,
        event: &'static str,
        callback: Callback,
        shown: Slot,
    ) {
        let value = callback.value().clone();
        self.register(event, callback, Some(shown));
        me.set_slot(shown, value);
    }

    fn register(&self, event: &'static str, callback: Callback, shown: Option<Slot>) {
        let registered = Registered { event, callback, shown };
        let replaced = {
            let mut list = self.list.borrow_mut();
            match list.iter_mut().find(|registered| registered.event == event) {
                Some(old) => Some(std::mem::replace(old, registered)),
                None => {
                    list.push(registered);
                    None
                }
            }
        };
        drop(replaced);
    }

    /// The callback for an event, with a reference of its own.
    pub(super) fn get(&self, event: &'static str) -> Option<Callback> {
        let list = self.list.borrow();
        list.iter().find(|registered| registered.event == event).map(|found| found.callback.clone())
    }

    /// Whether there is a callback for an event.
    pub(super) fn has(&self, event: &'static str) -> bool {
        self.list.borrow().iter().any(|registered| registered.event == event)
    }

    /// Takes all away from `me`, out of the properties too.
    pub(super) fn take(&self, me: &ObjRef) -> Vec<Callback> {
        let list = self.list.take();
        for registered in &list {
            if registered.is_shown(me)
                && let Some(slot) = registered.shown
            {
                me.set_slot(slot, Value::null());
            }
        }
        list.into_iter().map(|registered| registered.callback).collect()
    }

    /// Shows them to PHP's collector.
    pub(super) fn trace(&self, tracer: &mut Tracer) {
        if let Ok(list) = self.list.try_borrow() {
            for registered in list.iter() {
                tracer.callback(&registered.callback);
            }
        }
    }

    /// How many references on `me` they hold directly, counting only callables that nobody else
    /// holds but properties of `me`.
    pub(super) fn directly_held(&self, me: &ObjRef) -> usize {
        let list = self.list.borrow();
        let mut held = 0;
        for (at, Registered { callback, .. }) in list.iter().enumerate() {
            let same = |other: &&Registered| other.callback.identity() == callback.identity();
            let first = list.iter().position(|other| same(&other)) == Some(at);
            if first && callback.identity() != 0 {
                let registrations = list.iter().filter(same).count();
                let shown = list.iter().filter(same).filter(|other| other.is_shown(me)).count();
                let ours = u32::try_from(registrations + shown).unwrap_or(u32::MAX);
                held += directly_held(callback, me, ours);
            }
        }
        held
    }
}

impl Registered {
    /// Whether the property still has what was registered: PHP may write to it.
    fn is_shown(&self, me: &ObjRef) -> bool {
        self.shown.is_some_and(|slot| self.callback.is(&me.slot(slot)))
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
