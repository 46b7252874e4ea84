//! This PHP process: its globals, the SAPI, randomness after a fork.
use super::{ffi::*, value::Value};
use std::ffi::CStr;

/// Puts a value behind all global variables, under a name that no PHP code can write. PHP destroys
/// globals from the last to the first before it calls any other destructor, so this value's is the
/// first thing to happen after the last shutdown function.
pub fn put_last_global(value: Value) {
    const NAME: &[u8] = b"\0tether";
    let z = value.into_raw();
    // SAFETY: the table of globals is alive while a request runs; it takes over the reference.
    let _ = unsafe {
        let table = &raw mut (*eg()).symbol_table;
        zend_hash_str_update(table, NAME.as_ptr().cast(), NAME.len(), z.as_zval())
    };
}

/// The SAPI's name (`cli`, `fpm-fcgi`).
pub fn sapi() -> String {
    // SAFETY: the module is alive, its name NUL-terminated.
    unsafe { CStr::from_ptr((*ext_php_rs_sapi_module()).name).to_string_lossy().into_owned() }
}
/// Whether PHP runs on a command line.
pub fn in_cli() -> bool {
    matches!(sapi().as_str(), "cli" | "phpdbg" | "embed" | "micro")
}

/// Whether this request runs PHP code now (false in MINIT, RSHUTDOWN and after a bailout).
pub fn in_php_code() -> bool {
    // SAFETY: the executor's globals are alive.
    unsafe { !(*eg()).current_execute_data.is_null() }
}

/// Makes `mt_rand`, `rand`, `shuffle`, `lcg_value` and `uniqid` of a forked child differ from its
/// parent's and siblings'. `entropy` should come from the kernel.
///
/// Only exported functions are used, for the layout of PHP's random state changed in 8.2 and 8.4:
/// `mt_rand` is seeded, and the combined LCG, which cannot be, is moved on by up to 65,535 steps
/// (0.3 ms at worst).
pub fn reseed_after_fork(entropy: u32) {
    let mixed = entropy ^ std::process::id().wrapping_mul(0x9E37_79B1);
    // SAFETY: both work on this thread's generators.
    unsafe {
        php_mt_srand(mixed);
        for _ in 0..=(mixed >> 16) {
            php_combined_lcg();
        }
    }
}

/// Bytes that PHP's heap has from the system, used or not (`memory_get_usage(true)`).
#[must_use]
pub fn heap_size() -> u64 {
    // SAFETY: only reads this thread's counters.
    (unsafe { zend_memory_usage(true) }) as u64
}

unsafe extern "C" {
    fn zend_memory_usage(real_usage: bool) -> usize;
    fn php_combined_lcg() -> f64;
    // From 8.4 on in a header that ext-php-rs does not read.
    fn php_mt_srand(seed: u32);
}
