//! Work that PHP itself does best: parsing query strings, and finding the descriptor behind a
//! PHP value.
use super::{
    array::Array,
    error::{Thrown, pending, take_exception},
    fence::{self, Outcome, call_function},
    ffi::*,
    module::ini_string,
    string::ZStr,
    value::{Kind, Value},
};
use std::{
    ffi::{CString, c_char, c_int, c_void},
    sync::atomic::{AtomicU8, Ordering},
};

/// Parses an urlencoded query or body as `parse_str` does: `a[b][]`, `max_input_vars`.
pub fn parse_query(text: &[u8]) -> Array {
    if let Some(array) = parse_simple(text) {
        return array;
    }
    let mut out = Value::from(Array::new(8));
    let z = out.0.as_mut();
    let (at, len) = (text.as_ptr(), text.len());
    // SAFETY: only C below; PHP's parser takes a NUL-terminated copy on its own heap and frees it.
    unsafe {
        fence::leaf(|| {
            let copy = ext_php_rs::alloc::emalloc(std::alloc::Layout::from_size_align_unchecked(
                len + 1,
                1,
            ));
            std::ptr::copy_nonoverlapping(at, copy, len);
            *copy.add(len) = 0;
            if let Some(parse) = (*ext_php_rs_sapi_module()).treat_data {
                parse(PARSE_STRING, copy.cast(), z);
            }
        });
    }
    out.as_array().unwrap_or_else(|| Array::new(0))
}

/// What PHP's parser makes of a query in which nothing is encoded, nested or renamed. `None`: ask
/// that.
fn parse_simple(text: &[u8]) -> Option<Array> {
    const PAIRS: usize = 16;
    if text.len() > 1024 || !default_parsing(PAIRS) {
        return None;
    }
    let mut array = Array::new(8);
    for (n, pair) in text.split(|b| *b == b'&').enumerate() {
        let cut = pair.iter().position(|b| *b == b'=')?;
        let (name, value) = (pair.get(..cut)?, pair.get(cut + 1..)?);
        let simple_name = name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let simple_value = value.iter().all(|b| !matches!(b, b'%' | b'+' | 0));
        if n >= PAIRS || !simple_name || !simple_value {
            return None;
        }
        array.insert_zstr(&ZStr::from_bytes(name), ZStr::from_bytes(value));
    }
    Some(array)
}

/// Whether the settings that change what PHP makes of a query have their defaults, and so many
/// variables are allowed. None can be changed while PHP runs, so they are asked once.
fn default_parsing(pairs: usize) -> bool {
    static KNOWN: AtomicU8 = AtomicU8::new(0);
    match KNOWN.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: the SAPI's table is alive, and only read.
            let parser = unsafe { (*ext_php_rs_sapi_module()).treat_data };
            let own = php_default_treat_data as TreatData;
            let most = ini_string("max_input_vars");
            let most = std::str::from_utf8(&most).ok().and_then(|most| most.parse::<usize>().ok());
            let default = parser.is_some_and(|parser| std::ptr::fn_addr_eq(parser, own))
                && most.is_some_and(|most| most >= pairs)
                && ini_string("arg_separator.input") == b"&"
                && matches!(&*ini_string("filter.default"), b"" | b"unsafe_raw")
                && ini_string("filter.default_flags").is_empty();
            KNOWN.store(if default { 2 } else { 1 }, Ordering::Relaxed);
            default
        }
        known => known == 2,
    }
}

type TreatData = unsafe extern "C" fn(c_int, *mut c_char, *mut zval);

unsafe extern "C" {
    fn php_default_treat_data(arg: c_int, text: *mut c_char, into: *mut zval);
}

/// Whether `open_basedir` lets PHP code at this path; `false` after PHP's own warning.
pub fn is_allowed_path(path: &[u8]) -> Result<bool, Thrown> {
    let Ok(path) = CString::new(path) else { return Ok(false) };
    let mut refused = 0;
    let (at, to) = (path.as_ptr(), &raw mut refused);
    // SAFETY: only C below; the path outlives the call.
    unsafe { fence::leaf(|| *to = php_check_open_basedir(at)) };
    if pending() { Err(Thrown) } else { Ok(refused == 0) }
}

unsafe extern "C" {
    fn php_check_open_basedir(path: *const c_char) -> c_int;
}

/// The OS descriptor behind an int, a stream, or a `Socket` of ext-sockets; `None` when there is none.
///
/// A `Socket` is asked through `socket_export_stream()`, the one public way that needs no link to
/// ext-sockets: PHP then keeps that stream inside the Socket, which goes on working.
pub fn descriptor_of(v: &Value) -> Option<i32> {
    match v.kind() {
        Kind::Long => v.as_long().and_then(|n| i32::try_from(n).ok()).filter(|n| *n >= 0),
        Kind::Resource => stream_descriptor(v),
        Kind::Object => {
            let o = v.as_object()?;
            if &*o.class_name() != b"Socket" {
                return None;
            }
            match call_function("socket_export_stream", std::slice::from_ref(v)) {
                Outcome::Value(stream) => stream_descriptor(&stream),
                Outcome::Threw => {
                    drop(take_exception());
                    None
                }
                Outcome::Exited | Outcome::Bailed => None,
            }
        }
        Kind::Null | Kind::Bool | Kind::Double | Kind::Str | Kind::Array => None,
    }
}

fn stream_descriptor(v: &Value) -> Option<i32> {
    if v.kind() != Kind::Resource {
        return None;
    }
    let mut fd: c_int = -1;
    let mut ok = false;
    let (z, to, said) = (v.0.as_zval(), &raw mut fd, &raw mut ok);
    // SAFETY: only C below; a null name makes PHP quiet about other resources. The cast for select
    // leaves buffered data alone.
    unsafe {
        fence::leaf(|| {
            let s = zend_fetch_resource2_ex(
                z,
                std::ptr::null(),
                php_file_le_stream(),
                php_file_le_pstream(),
            );
            if !s.is_null() {
                *said =
                    _php_stream_cast(s, AS_FD_FOR_SELECT | INTERNAL, to.cast::<*mut c_void>(), 0)
                        == 0;
            }
        });
    }
    (ok && fd >= 0).then_some(fd)
}

const PARSE_STRING: c_int = 3;
const AS_FD_FOR_SELECT: c_int = 3;
const INTERNAL: c_int = 0x2000_0000;
