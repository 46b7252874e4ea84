//! Lazy properties: a declared public slot that is made on its first use.
//!
//! The slot stays `IS_UNDEF`, so PHP's cached-slot path misses and asks the handlers below; they fill
//! it, and from then on it is a plain property that PHP serves without us. The collector never fills.
use super::{
    class::{Obj, State, pending_of},
    fence,
    ffi::*,
    value::Value,
};
use std::{
    ffi::{c_int, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
};

/// Puts the lazy handlers into a table.
pub(super) fn set_up<T: State>(h: &mut zend_object_handlers) {
    h.read_property = Some(read::<T>);
    h.write_property = Some(write::<T>);
    h.has_property = Some(has::<T>);
    h.unset_property = Some(unset::<T>);
    h.get_property_ptr_ptr = Some(ptr_ptr::<T>);
    h.get_properties = Some(properties::<T>);
    h.compare = Some(compare::<T>);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    if let Some(place) = TABLES.get(n) {
        place.store(h, Ordering::Relaxed);
    }
}

/// # Safety
/// `o` is fresh, made by `create::<T>`.
pub(super) unsafe fn empty_slots<T: State>(o: *mut zend_object) {
    for n in bits(T::LAZY) {
        // SAFETY: the class declares these slots; the defaults are null, which owns nothing.
        unsafe { (*slot(o, n)).info = T_UNDEF };
    }
}

/// Marks a slot as filled (it is being written directly).
///
/// # Safety
/// `o` is alive.
pub(super) unsafe fn settle(o: *mut zend_object, n: usize) {
    // SAFETY: a table of ours means the layout of `Obj`.
    unsafe {
        if is_lazy(o) {
            let p = pending_of(o);
            p.set(p.get() & !(1 << n));
        }
    }
}

/// Whether slot `n` waits to be filled; then reading must go through the handlers.
///
/// # Safety
/// `o` is alive.
pub(super) unsafe fn waits(o: *mut zend_object, n: usize) -> bool {
    // SAFETY: a table of ours means the layout of `Obj`.
    unsafe { n < 32 && is_lazy(o) && pending_of(o).get() & (1 << n) != 0 }
}

unsafe fn is_lazy(o: *mut zend_object) -> bool {
    // SAFETY: alive by the callers' promise.
    let h = unsafe { (*o).handlers };
    TABLES.iter().any(|t| std::ptr::eq(t.load(Ordering::Relaxed), h))
}

static TABLES: [AtomicPtr<zend_object_handlers>; 8] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; 8];
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A fatal error in `State::fill` is raised again here: no frame up to PHP owns anything.
///
/// # Safety
/// `o` is alive, of state `T`.
#[cold]
unsafe fn fill<T: State>(o: *mut zend_object, n: usize) {
    // SAFETY: the object is alive for the call; the slot is written while it is UNDEF.
    unsafe {
        let obj = Obj::<T>::of(o);
        let pending = &(*obj).pending.0;
        pending.set(pending.get() & !(1 << n));
        let v = catch_unwind(AssertUnwindSafe(|| (*obj).state.fill(n))).unwrap_or(Value::null());
        let at = slot(o, n);
        if (*at).kind() == T_UNDEF {
            let raw = v.into_raw();
            (*at).val = raw.val;
            (*at).info = raw.info;
        } else {
            drop(v);
        }
    }
    fence::reraise();
}

/// Fills the slot that `name` names, if it waits. `cache`: where PHP notes what the name came to for
/// the class that was met last at this place of the program.
///
/// # Safety
/// `o` is alive, of state `T`; the others are PHP's own arguments.
#[inline]
unsafe fn touch<T: State>(o: *mut zend_object, name: *mut zend_string, cache: *mut *mut c_void) {
    // SAFETY: alive; the class's table, and PHP's note of what it said, name each slot by its offset
    // from the object. Smaller numbers stand for what is no slot.
    unsafe {
        let pending = (*Obj::<T>::of(o)).pending.0.get();
        if pending == 0 {
            return;
        }
        if !cache.is_null() && std::ptr::eq(*cache, (*o).ce.cast()) {
            let offset = (*cache.add(1)).addr().cast_signed();
            if offset >= FIRST {
                let n = (offset - FIRST).cast_unsigned() / size_of::<Raw>();
                if n < 32 && pending & (1 << n) != 0 {
                    fill::<T>(o, n);
                }
                return;
            }
        }
        let z = zend_hash_find(&raw const (*(*o).ce).properties_info, name).cast::<Raw>();
        if z.is_null() {
            return;
        }
        let info = (*z).val.indirect.cast::<zend_property_info>();
        if (*info).flags & STATIC != 0 {
            return;
        }
        let n = ((*info).offset as usize - std::mem::offset_of!(zend_object, properties_table))
            / size_of::<Raw>();
        if n < 32 && pending & (1 << n) != 0 {
            fill::<T>(o, n);
        }
    }
}

unsafe fn touch_all<T: State>(o: *mut zend_object) {
    // SAFETY: alive by the callers' promise.
    unsafe {
        for n in bits((*Obj::<T>::of(o)).pending.0.get()) {
            fill::<T>(o, n);
        }
    }
}

unsafe extern "C" fn read<T: State>(
    o: *mut zend_object,
    name: *mut zend_string,
    kind: c_int,
    cache: *mut *mut c_void,
    rv: *mut zval,
) -> *mut zval {
    // SAFETY: PHP's own arguments are passed on; nothing is owned in this frame.
    unsafe {
        touch::<T>(o, name, cache);
        zend_std_read_property(o, name, kind, cache, rv)
    }
}

unsafe extern "C" fn write<T: State>(
    o: *mut zend_object,
    name: *mut zend_string,
    value: *mut zval,
    cache: *mut *mut c_void,
) -> *mut zval {
    // SAFETY: as in `read`.
    unsafe {
        touch::<T>(o, name, cache);
        zend_std_write_property(o, name, value, cache)
    }
}

unsafe extern "C" fn has<T: State>(
    o: *mut zend_object,
    name: *mut zend_string,
    how: c_int,
    cache: *mut *mut c_void,
) -> c_int {
    // SAFETY: as in `read`.
    unsafe {
        touch::<T>(o, name, cache);
        zend_std_has_property(o, name, how, cache)
    }
}

unsafe extern "C" fn unset<T: State>(
    o: *mut zend_object,
    name: *mut zend_string,
    cache: *mut *mut c_void,
) {
    // SAFETY: as in `read`.
    unsafe {
        touch::<T>(o, name, cache);
        zend_std_unset_property(o, name, cache);
    }
}

unsafe extern "C" fn ptr_ptr<T: State>(
    o: *mut zend_object,
    name: *mut zend_string,
    kind: c_int,
    cache: *mut *mut c_void,
) -> *mut zval {
    // SAFETY: as in `read`.
    unsafe {
        touch::<T>(o, name, cache);
        zend_std_get_property_ptr_ptr(o, name, kind, cache)
    }
}

unsafe extern "C" fn properties<T: State>(o: *mut zend_object) -> *mut HashTable {
    // SAFETY: as in `read`.
    unsafe {
        touch_all::<T>(o);
        zend_std_get_properties(o)
    }
}

unsafe extern "C" fn compare<T: State>(a: *mut zval, b: *mut zval) -> c_int {
    // SAFETY: as in `read`; PHP may compare an object with something else.
    unsafe {
        for z in [a.cast::<Raw>(), b.cast::<Raw>()] {
            let z = &*deref(z);
            if z.kind() == T_OBJECT
                && std::ptr::eq((*z.val.object).handlers, T::handlers().as_ptr())
            {
                touch_all::<T>(z.val.object);
            }
        }
        zend_std_compare_objects(a, b)
    }
}

fn bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let n = mask.trailing_zeros() as usize;
        mask &= mask.checked_sub(1)?;
        Some(n)
    })
}

const STATIC: u32 = 1 << 4;
/// Where the slots begin.
const FIRST: isize = std::mem::offset_of!(zend_object, properties_table).cast_signed();
