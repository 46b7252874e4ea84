//! Which references a callable holds directly (contract A7).
use super::{callback::Callback, ffi::*, object::ObjRef};
use std::ptr;

/// How many references to `object` the callable holds directly: bound by value, bound by a PHP
/// reference that nobody shares, as bound `$this`, or as element 0 of an array callback. 0 unless
/// the callable's reference count equals `registrations`: the number of [`Callback`]s that the
/// caller knows to hold it.
pub fn directly_held(callback: &Callback, object: &ObjRef, registrations: u32) -> usize {
    let z = &callback.value().0;
    if callback.refcount() != registrations {
        return 0;
    }
    match z.kind() {
        T_ARRAY => callback
            .value()
            .as_array()
            .and_then(|a| a.get_index(0))
            .and_then(|v| v.as_object())
            .map_or(0, |o| usize::from(o.is(object))),
        // SAFETY: a live object.
        T_OBJECT => unsafe {
            let held = z.val.object;
            if (*held).ce == zend_ce_closure {
                held_by_closure(held, object)
            } else {
                usize::from(held == object.as_ptr())
            }
        },
        _ => 0,
    }
}

/// Asks the closure's own collector handler: it names `$this` in the table, and its bound variables
/// as the hash table. It only reads.
///
/// # Safety
/// `closure` is a live Closure.
unsafe fn held_by_closure(closure: *mut zend_object, object: &ObjRef) -> usize {
    let mut table: *mut zval = ptr::null_mut();
    let mut n = 0;
    let mut found = 0;
    // SAFETY: the handler's answers live as long as the closure, and no PHP code runs meanwhile.
    unsafe {
        let Some(get_gc) = (*(*closure).handlers).get_gc else { return 0 };
        let bound = get_gc(closure, &raw mut table, &raw mut n);
        for i in 0..usize::try_from(n).unwrap_or(0) {
            let z = &*table.cast::<Raw>().add(i);
            found += usize::from(z.kind() == T_OBJECT && z.val.object == object.as_ptr());
        }
        if bound.is_null() {
            return found;
        }
        let mut pos = 0;
        zend_hash_internal_pointer_reset_ex(bound, &raw mut pos);
        loop {
            let at = zend_hash_get_current_data_ex(bound, &raw mut pos).cast::<Raw>();
            if at.is_null() {
                return found;
            }
            let shared = (*at).kind() == T_REFERENCE && (*(*at).val.reference).gc.refcount > 1;
            let z = *deref(at);
            found +=
                usize::from(!shared && z.kind() == T_OBJECT && z.val.object == object.as_ptr());
            zend_hash_move_forward_ex(bound, &raw mut pos);
        }
    }
}
