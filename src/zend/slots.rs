//! Declared properties by their place in the object, without a lookup.
use super::{
    fence,
    ffi::*,
    lazy,
    object::ObjRef,
    value::{Value, release},
};

/// The n-th declared property of a class: parents' first, then in the order of declaration.
/// Subclasses keep the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot(pub usize);

impl ObjRef {
    /// Reads a slot (references followed, lazy ones filled). A place that the class has not is null.
    pub fn slot(&self, at: Slot) -> Value {
        let o = self.as_ptr();
        if !self.has_slot(at) {
            return Value::null();
        }
        // SAFETY: the class has the slot.
        unsafe {
            if (*slot(o, at.0)).kind() == T_UNDEF && lazy::waits(o, at.0) {
                let h = (*o).handlers;
                fence::leaf(|| {
                    if let Some(f) = (*h).get_properties {
                        f(o);
                    }
                });
            }
            Value::from_borrowed(slot(o, at.0))
        }
    }

    /// Writes a slot, through a reference if it holds one, then releases the old value (a destructor
    /// may run).
    pub fn set_slot(&self, at: Slot, v: impl Into<Value>) {
        let v = v.into();
        if !self.has_slot(at) {
            return;
        }
        let o = self.as_ptr();
        // SAFETY: the class has the slot; plain bits own nothing, and are no lazy slot's.
        unsafe {
            let to = slot(o, at.0);
            if !(*to).is_counted() && (*to).kind() != T_UNDEF {
                let new = v.into_raw();
                (*to).val = new.val;
                (*to).info = new.info;
                return;
            }
        }
        // SAFETY: the class has the slot; the new value stands before the old one is released.
        unsafe {
            // What waits to be filled is undefined until then.
            if at.0 < 32 && (*slot(o, at.0)).kind() == T_UNDEF {
                lazy::settle(o, at.0);
            }
            let mut to = slot(o, at.0);
            if (*to).kind() == T_REFERENCE {
                let r = (*to).val.reference;
                if !(*r).sources.is_null() {
                    let mut z = v.into_raw();
                    let new = z.as_mut();
                    fence::leaf(|| {
                        zend_try_assign_typed_ref(r, new);
                    });
                    return;
                }
                to = &raw mut (*r).val;
            }
            let new = v.into_raw();
            let old = *to;
            (*to).val = new.val;
            (*to).info = new.info;
            if old.is_counted() {
                release(old);
            }
        }
    }

    fn has_slot(&self, at: Slot) -> bool {
        // SAFETY: an object's class outlives it.
        let n = unsafe { (*(*self.as_ptr()).ce).default_properties_count };
        at.0 < usize::try_from(n).unwrap_or(0)
    }
}
