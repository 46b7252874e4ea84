//! PHP streams over something of ours.
use super::{error::Thrown, fence, ffi::*, value::Value};
use std::{
    cell::Cell,
    ffi::{c_char, c_int, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
};

/// What a stream reads and writes: bytes at places, so many of them.
pub trait Source: 'static {
    /// How many bytes there are.
    fn len(&self) -> usize;
    /// Copies what stands at `at`; gives how much, nothing at the end.
    fn read(&self, at: usize, into: &mut [u8]) -> usize;
    /// Copies to `at`; gives how much fitted.
    fn write(&self, at: usize, data: &[u8]) -> usize;
    /// Makes it last; whether that worked.
    fn flush(&self) -> bool;
}

struct Open {
    source: Box<dyn Source>,
    at: Cell<usize>,
}

/// Opens a stream for reading and writing. The source is dropped when the stream is closed.
pub fn open(source: Box<dyn Source>) -> Result<Value, Thrown> {
    let open = Box::into_raw(Box::new(Open { source, at: Cell::new(0) }));
    let mut stream: *mut php_stream = ptr::null_mut();
    let to = &raw mut stream;
    // SAFETY: only C below; the names are NUL-terminated. A debug build has five more parameters, which
    // other builds do not look at.
    unsafe {
        fence::leaf(|| {
            let ops = &raw const OPS.0;
            let (mode, here) = (c"r+b".as_ptr(), c"tether".as_ptr());
            *to = _php_stream_alloc(ops, open.cast(), ptr::null(), mode, 0, here, 0, here, 0);
        });
    }
    if stream.is_null() {
        // SAFETY: nobody has taken it.
        drop(unsafe { Box::from_raw(open) });
        return Err(Thrown);
    }
    // SAFETY: a fresh stream; its resource has one reference, which the value takes over, as
    // `php_stream_to_zval` does.
    unsafe {
        (*stream).set___exposed(1);
        Ok(Value::from_owned(Raw::resource((*stream).res)))
    }
}

struct Ops(php_stream_ops);
// SAFETY: never written; its label lives as long as the process.
unsafe impl Sync for Ops {}
static OPS: Ops = Ops(php_stream_ops {
    write: Some(write),
    read: Some(read),
    close: Some(close),
    flush: Some(flush),
    label: c"mmap".as_ptr(),
    seek: Some(seek),
    cast: None,
    stat: None,
    set_option: None,
});

/// # Safety
/// `stream` was made by `open` and is not closed.
unsafe fn opened<'a>(stream: *mut php_stream) -> &'a Open {
    // SAFETY: as promised.
    unsafe { &*(*stream).abstract_.cast::<Open>() }
}

unsafe extern "C" fn write(stream: *mut php_stream, data: *const c_char, count: usize) -> isize {
    // SAFETY: PHP calls with a stream of ours and `count` bytes.
    let (open, data) =
        unsafe { (opened(stream), std::slice::from_raw_parts(data.cast::<u8>(), count)) };
    let n = guard(0, || open.source.write(open.at.get(), data));
    open.at.set(open.at.get() + n);
    isize::try_from(n).unwrap_or(-1)
}

unsafe extern "C" fn read(stream: *mut php_stream, into: *mut c_char, count: usize) -> isize {
    // SAFETY: PHP calls with a stream of ours and room for `count` bytes, which it has initialised or
    // which are only written to.
    let open = unsafe {
        ptr::write_bytes(into, 0, count);
        opened(stream)
    };
    // SAFETY: initialised above.
    let into = unsafe { std::slice::from_raw_parts_mut(into.cast::<u8>(), count) };
    let n = guard(0, || open.source.read(open.at.get(), into));
    open.at.set(open.at.get() + n);
    if n < count {
        // SAFETY: alive for the call.
        unsafe { (*stream).set_eof(1) };
    }
    isize::try_from(n).unwrap_or(-1)
}

unsafe extern "C" fn close(stream: *mut php_stream, _close_handle: c_int) -> c_int {
    // SAFETY: PHP closes a stream once; `open` has made this box.
    let open = unsafe { Box::from_raw((*stream).abstract_.cast::<Open>()) };
    guard(0, move || {
        drop(open);
        0
    })
}

unsafe extern "C" fn flush(stream: *mut php_stream) -> c_int {
    // SAFETY: PHP calls with a stream of ours.
    let open = unsafe { opened(stream) };
    if guard(false, || open.source.flush()) { 0 } else { -1 }
}

unsafe extern "C" fn seek(
    stream: *mut php_stream,
    offset: zend_off_t,
    whence: c_int,
    new: *mut zend_off_t,
) -> c_int {
    // SAFETY: PHP calls with a stream of ours.
    let open = unsafe { opened(stream) };
    let length = guard(0, || open.source.len());
    let base = match whence {
        0 => 0,
        1 => open.at.get(),
        _ => length,
    };
    let at = i64::try_from(base).ok().and_then(|base| base.checked_add(offset));
    let at = at.and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= length);
    let Some(at) = at else { return -1 };
    open.at.set(at);
    // SAFETY: alive for the call; `new` is PHP's place for the answer.
    unsafe {
        (*stream).set_eof(0);
        *new = zend_off_t::try_from(at).unwrap_or(0);
    }
    0
}

fn guard<R>(otherwise: R, act: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or(otherwise)
}

unsafe extern "C" {
    fn _php_stream_alloc(
        ops: *const php_stream_ops,
        what: *mut c_void,
        persistent_id: *const c_char,
        mode: *const c_char,
        depth: c_int,
        file: *const c_char,
        line: u32,
        original_file: *const c_char,
        original_line: u32,
    ) -> *mut php_stream;
}
