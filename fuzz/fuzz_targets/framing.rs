//! Whatever arrives, a decoder that gets it whole and one that gets it in pieces find the same
//! packets, and no packet is longer than allowed. `open_eof_check` is left out: what it delivers
//! depends on the pieces.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tether::proto::framing::{Decoder, Found, Rule};

const MOST: usize = 100;

fuzz_target!(|data: &[u8]| {
    let [choice, size, wire @ ..] = data else { return };
    let rule = match choice % 5 {
        0 => Rule::eof(b"\r\n\r\n", true),
        1 => Rule::length(b"cCsSnNlLvV"[usize::from(choice / 5) % 10], 1, usize::from(choice / 50)),
        2 => Rule::eof(b"aab", true),
        3 => Ok(Rule::Mqtt),
        _ => Ok(Rule::Asked),
    };
    let Ok(rule) = rule else { return };
    let whole = packets(&rule, wire, wire.len().max(1));
    let pieces = packets(&rule, wire, usize::from(*size).max(1));
    assert_eq!(whole, pieces);
});

/// The packets, and the error that ended them as text.
fn packets(rule: &Rule, wire: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(rule.clone(), MOST);
    let mut input = BytesMut::new();
    let mut packets = Vec::new();
    for piece in wire.chunks(size) {
        input.extend_from_slice(piece);
        loop {
            match decoder.next(&mut input) {
                Ok(Some(Found::Packet(packet))) => {
                    assert!(!packet.is_empty() && packet.len() <= MOST);
                    packets.push(packet.to_vec());
                }
                Ok(Some(Found::Head(head))) => {
                    // A length function that tells the same whatever the pieces.
                    decoder.answer(match head.first() {
                        Some(0) if head.len() < 2 => 0,
                        Some(0) => i64::from(head[1].max(2)),
                        Some(255) => -1,
                        Some(length) => i64::from(*length),
                        None => 0,
                    });
                }
                Ok(None) => break,
                Err(error) => {
                    packets.push(format!("{error:?}").into_bytes());
                    return packets;
                }
            }
        }
    }
    packets
}
