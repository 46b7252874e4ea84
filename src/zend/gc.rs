//! Showing PHP's cycle collector what Rust holds.
use super::{array::Array, callback::Callback, ffi::*, object::ObjRef, value::Value};

/// Where a state names the values it owns. Name each owned reference exactly once: the collector
/// counts them against the reference counts.
pub struct Tracer(*mut zend_get_gc_buffer);

impl Tracer {
    /// An owned value.
    pub fn value(&mut self, v: &Value) {
        self.raw(v.0);
    }
    /// An owned object.
    pub fn object(&mut self, o: &ObjRef) {
        self.raw(Raw::object(o.as_ptr()));
    }
    /// An owned callback.
    pub fn callback(&mut self, c: &Callback) {
        self.value(c.value());
    }
    /// An owned array.
    pub fn array(&mut self, a: &Array) {
        // SAFETY: alive by the handle.
        self.raw(unsafe { Raw::array(a.as_ptr()) });
    }

    pub(super) fn new() -> Tracer {
        // SAFETY: the executor's shared buffer, rewound.
        Tracer(unsafe { zend_get_gc_buffer_create() })
    }
    pub(super) fn raw(&mut self, z: Raw) {
        if !z.is_counted() {
            return;
        }
        // SAFETY: room is made before the write.
        unsafe {
            if (*self.0).cur == (*self.0).end {
                zend_get_gc_buffer_grow(self.0);
            }
            (*self.0).cur.cast::<Raw>().write(z);
            (*self.0).cur = (*self.0).cur.add(1);
        }
    }
    /// # Safety
    /// The out pointers are the collector's.
    #[allow(clippy::cast_possible_truncation, reason = "PHP counts these in an int")]
    pub(super) unsafe fn finish(self, table: *mut *mut zval, n: *mut i32) {
        // SAFETY: both ends lie in one buffer.
        unsafe {
            *table = (*self.0).start;
            *n = (*self.0).cur.offset_from((*self.0).start) as i32;
        }
    }
}
