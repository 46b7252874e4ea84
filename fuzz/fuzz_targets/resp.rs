//! Whatever arrives, a decoder that gets it whole and one that gets it in pieces say the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/checks/resp.rs"]
mod check;

fuzz_target!(|data: &[u8]| {
    let Some((&size, wire)) = data.split_first() else { return };
    check::assert_cuts_do_not_matter(wire, usize::from(size));
});
