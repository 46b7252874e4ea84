//! The module itself: hooks of its life, functions, constants, ini entries.
//!
//! In `php/`: `#[php_module] pub fn get_module(m: ModuleBuilder) -> ModuleBuilder { attach::<Tether>(m) }`.
//! ext-php-rs makes the module entry with PHP's build id, so a foreign PHP refuses to load it.
use super::{
    define::{Function, register_functions},
    error, fence,
    ffi::*,
};
use ext_php_rs::{builders::ModuleBuilder, zend::ModuleEntry};
use std::{
    ffi::{CStr, CString, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::Mutex,
};

/// The life of the module. Every hook may stay empty but `startup`.
pub trait Module: 'static {
    /// MINIT: register all. `Err` = say why and refuse to load.
    fn startup(registry: &mut Registry) -> Result<(), String>;
    /// RINIT.
    fn request_startup() {}
    /// RSHUTDOWN; destructors have run, PHP code may still be called by what is released here.
    fn request_shutdown() {}
    /// After the request: every object is freed, and nothing of PHP may be touched any more.
    fn request_ended() {}
    /// MSHUTDOWN.
    fn shutdown() {}
    /// Rows of `phpinfo()`: name and value.
    fn info() -> Vec<(String, String)> {
        Vec::new()
    }
}

/// Puts the hooks into ext-php-rs's module.
pub fn attach<M: Module>(builder: ModuleBuilder<'_>) -> ModuleBuilder<'_> {
    builder
        .startup_function(minit::<M>)
        .shutdown_function(mshutdown::<M>)
        .request_startup_function(rinit::<M>)
        .request_shutdown_function(rshutdown::<M>)
        .post_deactivate_function(request_ended::<M>)
        .info_function(minfo::<M>)
}

/// What `startup` registers with; classes register themselves ([`super::ClassDef::register`]).
pub struct Registry {
    number: i32,
}

impl Registry {
    /// Global functions.
    pub fn functions(&mut self, functions: &[Function]) {
        register_functions(functions);
    }
    /// A global int constant.
    pub fn long(&mut self, name: &str, value: i64) {
        // SAFETY: PHP copies the name.
        unsafe {
            zend_register_long_constant(
                name.as_ptr().cast(),
                name.len(),
                value,
                PERSISTENT,
                self.number,
            );
        }
    }
    /// A global int constant, unless another extension has defined it (`SIGTERM` of pcntl).
    pub fn long_if_new(&mut self, name: &str, value: i64) {
        // SAFETY: only looks it up.
        if unsafe { zend_get_constant_str(name.as_ptr().cast(), name.len()).is_null() } {
            self.long(name, value);
        }
    }
    /// A global string constant.
    pub fn string(&mut self, name: &str, value: &str) {
        let text = CString::new(value).unwrap_or_default();
        // SAFETY: PHP copies both.
        unsafe {
            zend_register_string_constant(
                name.as_ptr().cast(),
                name.len(),
                text.as_ptr(),
                PERSISTENT,
                self.number,
            );
        }
    }
    /// Ini entries with their defaults; users may set them anywhere. One that is switched on raises the
    /// warning that goes with it, if one does.
    pub fn ini(&mut self, entries: &[(&str, &str, Option<&str>)]) {
        let mut texts = Vec::new();
        let mut defs = Vec::new();
        for (name, value, warning) in entries {
            // SAFETY: all zero is PHP's own end marker and base.
            let mut d: zend_ini_entry_def = unsafe { std::mem::zeroed() };
            let (n, v) =
                (CString::new(*name).unwrap_or_default(), CString::new(*value).unwrap_or_default());
            d.name = n.as_ptr();
            d.value = v.as_ptr();
            d.value_length = u32::try_from(value.len()).unwrap_or(0);
            d.name_length = u16::try_from(name.len()).unwrap_or(0);
            d.modifiable = INI_ALL;
            if let Some(text) = warning {
                let text = CString::new(*text).unwrap_or_default();
                d.on_modify = Some(warn_when_on);
                d.mh_arg1 = text.as_ptr().cast_mut().cast();
                texts.push(text);
            }
            defs.push(d);
            texts.push(n);
            texts.push(v);
        }
        // SAFETY: the end marker.
        defs.push(unsafe { std::mem::zeroed() });
        // SAFETY: PHP copies names and values, but keeps `def` pointers to the table: it is parked.
        unsafe { zend_register_ini_entries(defs.as_ptr(), self.number) };
        if let Ok(mut all) = INI.lock() {
            all.push(Ini { _defs: defs, _texts: texts });
        }
    }
    /// Whether another extension of this name is loaded.
    pub fn extension_loaded(&self, name: &str) -> bool {
        let ht = &raw const module_registry;
        // SAFETY: PHP's table of modules, keyed by lower-case names.
        unsafe { !zend_hash_str_find(ht, name.as_ptr().cast(), name.len()).is_null() }
    }
}

/// An ini entry's present value as a bool, by PHP's rules ("on", "yes", "true", a number).
pub fn ini_bool(name: &str) -> bool {
    is_on(&ini_string(name))
}
fn is_on(text: &[u8]) -> bool {
    let t = text.trim_ascii();
    [&b"on"[..], b"yes", b"true"].iter().any(|w| t.eq_ignore_ascii_case(w))
        || std::str::from_utf8(t).ok().and_then(|t| t.parse::<i64>().ok()).is_some_and(|v| v != 0)
}
/// An ini entry's present value; empty if there is none.
pub fn ini_string(name: &str) -> Vec<u8> {
    let mut exists = false;
    // SAFETY: only reads; the text is copied at once.
    unsafe {
        let p = zend_ini_string_ex(name.as_ptr().cast(), name.len(), 0, &raw mut exists);
        if p.is_null() { Vec::new() } else { CStr::from_ptr(p).to_bytes().to_vec() }
    }
}

/// Of an entry that has no effect: says so. `mh_arg1` is the text, parked with the entry.
unsafe extern "C" fn warn_when_on(
    _entry: *mut zend_ini_entry,
    value: *mut zend_string,
    text: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    stage: i32,
) -> i32 {
    // SAFETY: PHP lends the new value, null for none; the text is NUL-terminated and lives as the entry.
    let (on, text) = unsafe {
        (!value.is_null() && is_on(bytes(value)), CStr::from_ptr(text.cast_const().cast()))
    };
    if on && matches!(stage, INI_AT_STARTUP | INI_AT_RUNTIME) {
        let text = String::from_utf8_lossy(text.to_bytes()).into_owned();
        // A handler that threw has its exception pending, which PHP sees next.
        let _ = error::warning(&text);
        drop(text);
        fence::reraise();
    }
    0
}

unsafe extern "C" fn minit<M: Module>(_kind: i32, number: i32) -> i32 {
    match catch_unwind(|| M::startup(&mut Registry { number })) {
        Ok(Ok(())) => 0,
        Ok(Err(why)) => refuse(&why),
        Err(_) => refuse("internal error while starting up"),
    }
}

unsafe extern "C" fn mshutdown<M: Module>(_kind: i32, number: i32) -> i32 {
    let done = catch_unwind(M::shutdown);
    // SAFETY: PHP's own order: entries go with their module.
    unsafe { zend_unregister_ini_entries(number) };
    if done.is_ok() { 0 } else { -1 }
}

unsafe extern "C" fn rinit<M: Module>(_kind: i32, _number: i32) -> i32 {
    fence::reset();
    if catch_unwind(M::request_startup).is_ok() { 0 } else { -1 }
}

unsafe extern "C" fn rshutdown<M: Module>(_kind: i32, _number: i32) -> i32 {
    let done = catch_unwind(M::request_shutdown);
    // The request is over; what bailed out here has nothing left to stop.
    fence::reset();
    if done.is_ok() { 0 } else { -1 }
}

unsafe extern "C" fn request_ended<M: Module>() -> i32 {
    if catch_unwind(M::request_ended).is_ok() { 0 } else { -1 }
}

unsafe extern "C" fn minfo<M: Module>(entry: *mut ModuleEntry) {
    let rows = catch_unwind(AssertUnwindSafe(M::info)).unwrap_or_default();
    // SAFETY: PHP's table printers take NUL-terminated texts.
    unsafe {
        php_info_print_table_start();
        for (name, value) in rows {
            let (n, v) =
                (CString::new(name).unwrap_or_default(), CString::new(value).unwrap_or_default());
            php_info_print_table_row(2, n.as_ptr(), v.as_ptr());
        }
        php_info_print_table_end();
        display_ini_entries(entry);
    }
}

fn refuse(why: &str) -> i32 {
    let text = CString::new(why).unwrap_or_default();
    // SAFETY: a plain core warning at start-up.
    unsafe {
        php_error_docref(ptr::null(), E_CORE_WARNING.cast_signed(), c"%s".as_ptr(), text.as_ptr())
    };
    -1
}

struct Ini {
    _defs: Vec<zend_ini_entry_def>,
    _texts: Vec<CString>,
}
// SAFETY: never read again from Rust.
unsafe impl Send for Ini {}
static INI: Mutex<Vec<Ini>> = Mutex::new(Vec::new());

const PERSISTENT: i32 = CONST_PERSISTENT.cast_signed();
const INI_ALL: u8 = 7;
/// `ZEND_INI_STAGE_STARTUP` and `_RUNTIME`.
const INI_AT_STARTUP: i32 = 1;
const INI_AT_RUNTIME: i32 = 16;

unsafe extern "C" {
    static module_registry: HashTable;
    fn zend_get_constant_str(name: *const std::ffi::c_char, len: usize) -> *mut zval;
    fn display_ini_entries(module: *mut ModuleEntry);
}
