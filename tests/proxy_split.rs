//! What proxies say, cut at every byte.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "checks/proxy.rs"]
mod check;

#[test]
fn answers_are_the_same_however_they_are_cut() {
    let said: &[&[u8]] = &[
        b"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50hello",
        b"\x05\x02\x01\x00\x05\x00\x00\x03\x04name\x00\x50hello",
        b"\x05\x00\x05\x00\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50",
        b"\x05\x00\x05\x01\x00\x01",
        b"\x05\xff",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 \r\nA: b\r\n\r\n\r\n\r\n",
        b"HTTP/1.1 407 No\r\n\r\n",
        b"HTTP/1.1 2000 No\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
    ];
    for said in said {
        for choice in 0..4 {
            for at in 0..=said.len() {
                check::assert_cuts_do_not_matter(choice, said, at);
            }
        }
    }
}
