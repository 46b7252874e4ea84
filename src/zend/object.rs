//! One owned reference on an object.
use super::{
    class::{self, State},
    fence,
    ffi::*,
    string::ZStr,
    value::{Value, release},
};
use std::{marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

/// One reference on a PHP object. Clone adds, Drop releases now, inside a fence (see
/// [`Value`]): a destructor may run. `!Send`.
pub struct ObjRef(NonNull<zend_object>, PhantomData<*mut ()>);

impl ObjRef {
    /// The living object with this handle, if there is one. Handles are used again: make sure that it
    /// is the object you mean.
    pub fn from_id(id: u32) -> Option<ObjRef> {
        // SAFETY: PHP's store of all objects; entries below `top` are objects or, with the lowest
        // bit set, free places (and objects that are being freed).
        unsafe {
            let store = &raw const (*eg()).objects_store;
            if id == 0 || id >= (*store).top {
                return None;
            }
            let at = *(*store).object_buckets.add(id as usize);
            (at.addr() & 1 == 0).then(|| ObjRef::from_borrowed(at))
        }
    }
    /// PHP's object handle (`spl_object_id`).
    pub fn id(&self) -> u32 {
        // SAFETY: alive by our reference.
        unsafe { (*self.as_ptr()).handle }
    }
    /// How many references stand on the object, ours included.
    pub fn refcount(&self) -> u32 {
        // SAFETY: alive by our reference.
        unsafe { (*self.as_ptr().cast::<Counted>()).refcount }
    }
    /// The name of its class.
    pub fn class_name(&self) -> ZStr {
        // SAFETY: an object's class outlives it.
        unsafe { ZStr::from_borrowed((*(*self.as_ptr()).ce).name) }
    }
    /// The Rust state, if the object is of a class (or a subclass) registered with state `T`.
    pub fn as_state<T: State>(&self) -> Option<&T> {
        // SAFETY: alive by our reference, which outlives the borrow.
        unsafe { class::state_of(self.as_ptr()) }
    }
    /// Whether both are the same object.
    pub fn is(&self, other: &ObjRef) -> bool {
        self.0 == other.0
    }
    /// Gives the reference back and tells how that went.
    pub fn release(self) -> fence::Outcome {
        fence::release(self.into())
    }
    /// Gives the reference back as dropping it does, but keeps the memory of an object that dies: it
    /// is as one that [`new_of`](Self::new_of) has just made. `None`: it lives on or was freed.
    pub fn renew<T: State>(self) -> Option<ObjRef> {
        // SAFETY: alive by our reference.
        let renewed = unsafe {
            class::state_of::<T>(self.as_ptr()).is_some() && class::renew::<T>(self.as_ptr())
        };
        renewed.then_some(self)
    }
    /// Makes an object of a registered class without running its constructor.
    pub fn new_of(class: &class::Class) -> Result<ObjRef, super::Thrown> {
        let [object] = ObjRef::new_each([class])?;
        Ok(object)
    }
    /// Makes an object of each class, without running constructors: all behind one fence.
    pub fn new_each<const N: usize>(
        classes: [&class::Class; N],
    ) -> Result<[ObjRef; N], super::Thrown> {
        let mut made = [Raw::UNDEF; N];
        let (to, of) = (made.as_mut_ptr(), classes.as_ptr());
        // SAFETY: only C below, for each of the N classes and places.
        unsafe {
            fence::leaf(|| {
                for n in 0..N {
                    object_init_ex(to.add(n).cast(), (*of.add(n)).as_ptr());
                }
            })
        };
        if made.iter().all(|z| z.kind() == T_OBJECT) {
            // SAFETY: object_init_ex gave one reference each.
            return Ok(made.map(|z| unsafe { ObjRef::from_owned(z.val.object) }));
        }
        for z in made.into_iter().filter(Raw::is_counted) {
            // SAFETY: as above.
            unsafe { release(z) };
        }
        Err(super::Thrown)
    }
    /// Reads a property by name as PHP code outside the class would (missing: null, no warning).
    pub fn property(&self, name: &[u8]) -> Value {
        let mut rv = Raw::UNDEF;
        let mut got: *mut Raw = std::ptr::null_mut();
        let (o, to, rv_at) = (self.as_ptr(), &raw mut got, &raw mut rv);
        let (n, l) = (name.as_ptr(), name.len());
        // SAFETY: only C below.
        let done = unsafe {
            fence::leaf(|| {
                *to = zend_read_property((*o).ce, o, n.cast(), l, true, rv_at.cast()).cast();
            })
        };
        if !done || got.is_null() {
            return Value::null();
        }
        // SAFETY: the answer is a live zval; `rv` owns what a handler made.
        unsafe {
            let v = Value::from_borrowed(got);
            if rv.is_counted() {
                release(rv);
            }
            v
        }
    }
    /// Writes a property by name (declared or dynamic).
    pub fn set_property(&self, name: &[u8], v: &Value) {
        let (o, z) = (self.as_ptr(), v.0.as_zval());
        let (n, l) = (name.as_ptr(), name.len());
        // SAFETY: only C below; the property takes a reference of its own.
        unsafe { fence::leaf(|| zend_update_property_ex_str((*o).ce, o, n, l, z)) };
    }

    /// # Safety
    /// `o` is alive. Adds a reference.
    pub(super) unsafe fn from_borrowed(o: *mut zend_object) -> ObjRef {
        // SAFETY: alive by the caller's promise.
        unsafe {
            (*o.cast::<Counted>()).refcount += 1;
            ObjRef::from_owned(o)
        }
    }
    /// # Safety
    /// `o` is alive, and one reference is handed over.
    pub(super) unsafe fn from_owned(o: *mut zend_object) -> ObjRef {
        // SAFETY: never null.
        ObjRef(unsafe { NonNull::new_unchecked(o) }, PhantomData)
    }
    pub(super) fn as_ptr(&self) -> *mut zend_object {
        self.0.as_ptr()
    }
    pub(super) fn into_raw(self) -> *mut zend_object {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Clone for ObjRef {
    fn clone(&self) -> ObjRef {
        // SAFETY: alive by our reference.
        unsafe { ObjRef::from_borrowed(self.as_ptr()) }
    }
}

impl Drop for ObjRef {
    fn drop(&mut self) {
        // SAFETY: gives back the reference we hold.
        unsafe { release(Raw::object(self.as_ptr())) };
    }
}

/// # Safety
/// As PHP's `zend_update_property`.
unsafe fn zend_update_property_ex_str(
    ce: *mut zend_class_entry,
    o: *mut zend_object,
    n: *const u8,
    l: usize,
    z: *mut zval,
) {
    unsafe extern "C" {
        fn zend_update_property(
            ce: *mut zend_class_entry,
            o: *mut zend_object,
            n: *const std::ffi::c_char,
            l: usize,
            z: *mut zval,
        );
    }
    // SAFETY: passed through.
    unsafe { zend_update_property(ce, o, n.cast(), l, z) }
}
