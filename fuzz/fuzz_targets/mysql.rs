//! Any packets, in any cuts, as a MySQL client's input: a login, then queries.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/checks/mysql.rs"]
mod check;

fuzz_target!(|data: &[u8]| mysql(data));

/// The first byte says how long the pieces are, whether the connection is private, and whether the
/// login has been done; then come the server's turns, each after its length in two bytes.
fn mysql(data: &[u8]) {
    let Some((&first, mut rest)) = data.split_first() else { return };
    let mut turns: Vec<&[u8]> = Vec::new();
    if first & 2 != 0 {
        turns.extend([GREETING, OK]);
    }
    while let Some((length, more)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes(*length)).min(more.len());
        let (turn, more) = more.split_at(length);
        turns.push(turn);
        rest = more;
    }
    check::assert_cuts_do_not_matter(&turns, usize::from(first >> 2), first & 1 == 1);
}

const GREETING: &[u8] = b"\x49\0\0\0\x0a8.0.0\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xff\x15\
    \0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password\0";
const OK: &[u8] = b"\x07\0\0\x02\0\0\0\x02\0\0\0";
