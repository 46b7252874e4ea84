//! Whatever a proxy says, it does not matter how it is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/checks/proxy.rs"]
mod check;

fuzz_target!(|data: &[u8]| {
    let [choice, at, said @ ..] = data else { return };
    check::assert_cuts_do_not_matter(*choice, said, usize::from(*at));
});
