//! This PHP process: memory, the collector, the SAPI, randomness after a fork.
use super::{fence, ffi::*};
use std::ffi::{CStr, c_char, c_void};

/// `memory_get_usage()`.
pub fn heap_usage() -> usize {
    // SAFETY: only reads.
    unsafe { zend_memory_usage(false) }
}
/// `memory_get_peak_usage()`.
pub fn heap_peak() -> usize {
    // SAFETY: only reads.
    unsafe { zend_memory_peak_usage(false) }
}
/// `gc_collect_cycles()`: how many it collected. Destructors run.
pub fn gc_collect() -> i32 {
    let mut n = 0;
    let to = &raw mut n;
    // SAFETY: only C below.
    unsafe { fence::leaf(|| *to = zend_gc_collect_cycles()) };
    n
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

/// Makes `mt_rand`, `rand`, `lcg_value` and `uniqid` of a forked child differ from its parent's: they
/// are marked unseeded, so that PHP seeds them anew on first use. Where PHP does not export the
/// state (ZTS) only `mt_rand` is seeded, from `pid` and `entropy`.
pub fn reseed_after_fork(entropy: u32) {
    if USING_ZTS == 0 {
        // SAFETY: PHP 8.2 and later begin these globals with two bools: lcg seeded, mt seeded. In
        // 8.1 the lcg's third int says so.
        unsafe {
            if PHP_82 {
                let g = dlsym(std::ptr::null_mut(), c"random_globals".as_ptr()).cast::<u8>();
                if !g.is_null() {
                    g.write(0);
                    g.add(1).write(0);
                    return;
                }
            } else {
                let g = dlsym(std::ptr::null_mut(), c"lcg_globals".as_ptr()).cast::<i32>();
                if !g.is_null() {
                    g.add(2).write(0);
                }
            }
        }
    }
    // SAFETY: seeds this thread's generator.
    unsafe { php_mt_srand(entropy ^ std::process::id().wrapping_mul(0x9E37_79B1)) };
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}
