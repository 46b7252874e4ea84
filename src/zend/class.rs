//! PHP objects with a Rust state in front of them.
//!
//! The state is made by `create_object`, so it exists whatever a userland constructor does, and it is
//! only ever lent as `&T`: PHP code re-enters at any call, so states use `Cell` and `RefCell`, and
//! hold no borrow across one.
use super::{
    fence,
    ffi::*,
    gc::Tracer,
    lazy,
    value::{Value, give_back},
};
use std::{
    cell::{Cell, UnsafeCell},
    mem::{MaybeUninit, offset_of},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::atomic::{AtomicPtr, AtomicU32, Ordering},
};

/// A registered class: put one in a `static`, register it with [`super::ClassDef`].
pub struct Class {
    name: &'static str,
    at: AtomicPtr<zend_class_entry>,
}

impl Class {
    /// Names the class (`Swoole\Client`); nothing is registered yet.
    pub const fn new(name: &'static str) -> Class {
        Class { name, at: AtomicPtr::new(ptr::null_mut()) }
    }
    /// The PHP name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
    /// Whether an object is of this class or a subclass.
    pub fn has(&self, o: &super::ObjRef) -> bool {
        // SAFETY: both classes are alive.
        unsafe {
            let mut ce = (*o.as_ptr()).ce;
            while !ce.is_null() && ce != self.as_ptr() {
                ce = (*ce).__bindgen_anon_1.parent;
            }
            !ce.is_null()
        }
    }
    /// The slot of a declared property of this class (its parents' included).
    pub fn slot_of(&self, property: &str) -> Option<super::Slot> {
        // SAFETY: the class is registered; its table names each slot by its offset.
        unsafe {
            let table = &raw const (*self.as_ptr()).properties_info;
            let z =
                zend_hash_str_find(table, property.as_ptr().cast(), property.len()).cast::<Raw>();
            if z.is_null() {
                return None;
            }
            let info = (*z).val.indirect.cast::<zend_property_info>();
            let at = (*info).offset as usize - offset_of!(zend_object, properties_table);
            Some(super::Slot(at / size_of::<Raw>()))
        }
    }
    pub(super) fn as_ptr(&self) -> *mut zend_class_entry {
        self.at.load(Ordering::Relaxed)
    }
    pub(super) fn set(&self, ce: *mut zend_class_entry) {
        self.at.store(ce, Ordering::Relaxed);
    }
}

/// The Rust side of an object. One state type may serve a whole hierarchy of classes.
pub trait State: Sized + 'static {
    /// The slots (bit n = slot n) that are filled on first use by [`State::fill`].
    const LAZY: u32 = 0;

    /// `static HANDLERS: Handlers = Handlers::new();` and `&HANDLERS`: one for each state type.
    fn handlers() -> &'static Handlers;
    /// The state of a new object, before any constructor.
    fn create() -> Self;
    /// Names every owned reference to the collector. It may run at any time: `try_borrow`, and name
    /// nothing where that fails.
    fn trace(&self, _tracer: &mut Tracer) {}
    /// Runs when the object dies, after its destructor, before its properties and this state go.
    fn free(&self) {}
    /// Makes the state that of a new object again, for [`super::ObjRef::renew`].
    fn renew(&self) {}
    /// The value of a lazy slot, asked once.
    fn fill(&self, _slot: usize) -> Value {
        Value::null()
    }
}

/// The handlers table of one state type; its address identifies the layout.
pub struct Handlers {
    table: UnsafeCell<MaybeUninit<zend_object_handlers>>,
    /// The class whose property defaults were last found to be plain bits.
    plain: AtomicPtr<zend_class_entry>,
    /// The flags in the head of a new object.
    fresh: AtomicU32,
}

// SAFETY: written once at module start, before any other thread runs; read only afterwards.
unsafe impl Sync for Handlers {}

impl Handlers {
    /// An empty table; registration fills it.
    pub const fn new() -> Handlers {
        Handlers {
            table: UnsafeCell::new(MaybeUninit::uninit()),
            plain: AtomicPtr::new(ptr::null_mut()),
            fresh: AtomicU32::new(0),
        }
    }
    pub(super) fn as_ptr(&self) -> *const zend_object_handlers {
        self.table.get().cast()
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "a small offset"
    )]
    pub(super) fn set_up<T: State>(&self) {
        let h = self.table.get().cast::<zend_object_handlers>();
        // SAFETY: module start: nobody reads yet; PHP's standard table is alive.
        unsafe {
            ptr::copy_nonoverlapping(&raw const std_object_handlers, h, 1);
            (*h).offset = Obj::<T>::OFFSET as i32;
            (*h).free_obj = Some(free::<T>);
            (*h).clone_obj = None;
            (*h).get_gc = Some(get_gc::<T>);
            if T::LAZY != 0 {
                lazy::set_up::<T>(&mut *h);
            }
        }
    }
}

impl Default for Handlers {
    fn default() -> Handlers {
        Handlers::new()
    }
}

/// The object as allocated: PHP's part last, for its properties follow it.
#[repr(C)]
pub(super) struct Obj<T> {
    pub(super) state: T,
    /// Lazy slots not filled yet. Directly before `std`, where [`pending_of`] finds it.
    pub(super) pending: Pending,
    pub(super) std: zend_object,
}

#[repr(C, align(8))]
pub(super) struct Pending(pub(super) Cell<u32>);

impl<T> Obj<T> {
    pub(super) const OFFSET: usize = {
        // PHP's allocator promises no more.
        assert!(align_of::<Obj<T>>() <= 8, "the state needs an alignment that PHP does not give");
        assert!(offset_of!(Obj<T>, pending) + size_of::<Pending>() == offset_of!(Obj<T>, std));
        offset_of!(Obj<T>, std)
    };
    /// # Safety
    /// `o` was made by `create::<T>`.
    pub(super) unsafe fn of<'a>(o: *mut zend_object) -> *const Obj<T>
    where
        T: 'a,
    {
        // SAFETY: PHP's part lies at OFFSET.
        unsafe { o.byte_sub(Self::OFFSET).cast() }
    }
}

/// # Safety
/// `o` was made by `create` of some state.
pub(super) unsafe fn pending_of<'a>(o: *mut zend_object) -> &'a Cell<u32> {
    // SAFETY: asserted in `Obj::OFFSET`.
    unsafe { &(*o.byte_sub(size_of::<Pending>()).cast::<Pending>()).0 }
}

/// The state, if the object has the layout of `T`.
///
/// # Safety
/// `o` stays alive for `'a`.
#[inline]
pub(super) unsafe fn state_of<'a, T: State>(o: *mut zend_object) -> Option<&'a T> {
    // SAFETY: the handlers' address is T's alone, and only `create::<T>` sets it.
    unsafe { ptr::eq((*o).handlers, T::handlers().as_ptr()).then(|| &(*Obj::<T>::of(o)).state) }
}

pub(super) unsafe extern "C" fn create<T: State>(ce: *mut zend_class_entry) -> *mut zend_object {
    // A panic must not leave `extern "C"`; without a state there is no object to give back.
    let Ok(state) = catch_unwind(T::create) else { std::process::abort() };
    // SAFETY: PHP's own recipe for objects of a larger layout.
    unsafe {
        let p = ext_php_rs_zend_object_alloc(size_of::<Obj<T>>(), ce).cast::<Obj<T>>();
        (&raw mut (*p).state).write(state);
        (&raw mut (*p).pending).write(Pending(Cell::new(T::LAZY)));
        let o = &raw mut (*p).std;
        zend_object_std_init(o, ce);
        init_properties::<T>(o, ce);
        (*o).handlers = T::handlers().as_ptr();
        T::handlers().fresh.store((*o.cast::<Counted>()).info & !GC_KNOWN, Ordering::Relaxed);
        if T::LAZY != 0 {
            lazy::empty_slots::<T>(o);
        }
        o
    }
}

/// `object_properties_init`, without its look at each value where a plain copy does: in internal
/// classes, which live as long as the process.
///
/// # Safety
/// `o` is fresh, of class `ce`.
unsafe fn init_properties<T: State>(o: *mut zend_object, ce: *mut zend_class_entry) {
    let plain = &T::handlers().plain;
    // SAFETY: the class's table has a default for every slot of its objects.
    unsafe {
        let count = usize::try_from((*ce).default_properties_count).unwrap_or(0);
        let defaults = (*ce).default_properties_table.cast::<Raw>();
        if ptr::eq(plain.load(Ordering::Relaxed), ce) {
            ptr::copy_nonoverlapping(defaults, slot(o, 0), count);
            return;
        }
        object_properties_init(o, ce);
        let inner = u32::from((*ce).type_.cast_unsigned()) == INTERNAL_CLASS;
        if inner && (0..count).all(|n| !(*defaults.add(n)).is_counted()) {
            plain.store(ce, Ordering::Relaxed);
        }
    }
}

/// Makes an object that nobody else holds what `create::<T>` would make: the same destruction in the
/// same order, without giving the memory back. `false`: nothing was done, for something besides its
/// declared properties is known of it (a weak reference, a table of its properties), or its class is
/// not the one whose defaults were copied last.
///
/// # Safety
/// The caller holds the one reference on `o`, which was made by `create::<T>`.
pub(super) unsafe fn renew<T: State>(o: *mut zend_object) -> bool {
    // SAFETY: alive by the caller's reference; the class's table has a default for every slot.
    unsafe {
        let (head, ce) = (o.cast::<Counted>(), (*o).ce);
        let handlers = T::handlers();
        if (*head).refcount != 1
            || (*head).info & !GC_KNOWN != handlers.fresh.load(Ordering::Relaxed)
            || !(*o).properties.is_null()
            || !ptr::eq(handlers.plain.load(Ordering::Relaxed), ce)
        {
            return false;
        }
        let obj = Obj::<T>::of(o);
        (*obj).state.free();
        (*obj).pending.0.set(T::LAZY);
        let count = usize::try_from((*ce).default_properties_count).unwrap_or(0);
        release_slots(slot(o, 0), slot(o, count));
        let defaults = (*ce).default_properties_table.cast::<Raw>();
        ptr::copy_nonoverlapping(defaults, slot(o, 0), count);
        lazy::empty_slots::<T>(o);
        (*obj).state.renew();
        // A destructor may have kept nothing of it, for nothing leads to it; it may have bailed out.
        !fence::bailed()
    }
}

/// Empties slots: one fence for all of them.
///
/// # Safety
/// Live slots of an object from `at` to `end`, which the caller holds.
unsafe fn release_slots(mut at: *mut Raw, end: *mut Raw) {
    // SAFETY: as promised; only C runs in the leaf, and each slot is void before its value goes.
    unsafe {
        while at < end {
            let old = *at;
            if old.is_counted() && !give_back(old) {
                fence::leaf(|| {
                    let mut at = at;
                    while at < end {
                        let old = *at;
                        (*at).info = T_UNDEF;
                        if old.is_counted() {
                            zval_ptr_dtor(old.as_zval());
                        }
                        at = at.add(1);
                    }
                });
                return;
            }
            (*at).info = T_UNDEF;
            at = at.add(1);
        }
    }
}

/// `ZEND_INTERNAL_CLASS`.
const INTERNAL_CLASS: u32 = 1;

unsafe extern "C" fn free<T: State>(o: *mut zend_object) {
    // SAFETY: PHP frees each object once; the state is dropped last and never touched again.
    unsafe {
        let p = Obj::<T>::of(o).cast_mut();
        let hook = catch_unwind(AssertUnwindSafe(|| (*p).state.free()));
        drop(hook);
        fence::leaf(|| zend_object_std_dtor(o));
        let dropped = catch_unwind(AssertUnwindSafe(|| ptr::drop_in_place(&raw mut (*p).state)));
        drop(dropped);
    }
    fence::reraise();
}

unsafe extern "C" fn get_gc<T: State>(
    o: *mut zend_object,
    table: *mut *mut zval,
    n: *mut i32,
) -> *mut HashTable {
    // SAFETY: the collector asks about a live object; lazy slots are UNDEF and stay so.
    unsafe {
        let mut tracer = Tracer::new();
        let obj = Obj::<T>::of(o);
        let told = catch_unwind(AssertUnwindSafe(|| (*obj).state.trace(&mut tracer)));
        drop(told);
        let props = (*o).properties;
        if props.is_null() {
            for i in 0..usize::try_from((*(*o).ce).default_properties_count).unwrap_or(0) {
                tracer.raw(*slot(o, i));
            }
        } else if (*props.cast::<Counted>()).refcount > 1
            && (*props.cast::<Counted>()).info & IMMUTABLE == 0
        {
            (*props.cast::<Counted>()).refcount -= 1;
            (*o).properties = zend_array_dup(props);
        }
        tracer.finish(table, n);
        (*o).properties
    }
}
