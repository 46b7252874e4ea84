//! Any bytes, in any cuts, as the frames of a WebSocket's peer, and as what answers a handshake.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use tether::proto::websocket::{Decoder, Fault, Incoming, Opcode, Role, encode_frame, parse_head};

fuzz_target!(|data: &[u8]| websocket(data));

/// Bytes of the longest message.
const MOST: usize = 4096;

/// The first byte says which end we are, and how long the pieces are in which the rest arrives.
/// Nothing panics, the cap holds, texts are UTF-8, and the cuts make no difference. Whatever comes out
/// goes in again as it was.
pub fn websocket(data: &[u8]) {
    let Some((&first, wire)) = data.split_first() else { return };
    let role = if first & 1 == 1 { Role::Server } else { Role::Client };
    let (pieces, fault) = decode(role, wire, usize::from(first >> 1).max(1));
    let (whole, whole_fault) = decode(role, wire, wire.len().max(1));
    assert_eq!((&pieces, fault), (&whole, whole_fault));
    for incoming in whole {
        if let Incoming::Message { opcode, data } = incoming {
            let mask = (role == Role::Server).then_some([first, 1, 0x80, 0xff]);
            let mut wire = BytesMut::new();
            encode_frame(&mut wire, opcode, true, &data, mask);
            let head = parse_head(&wire).unwrap().unwrap();
            assert_eq!((head.length, head.opcode), (data.len() as u64, opcode));
            let (again, fault) = decode(role, &wire, wire.len());
            assert_eq!(fault, None);
            assert_eq!(again, [Incoming::Message { opcode, data }]);
        }
    }
}

fn decode(role: Role, wire: &[u8], step: usize) -> (Vec<Incoming>, Option<Fault>) {
    let mut decoder = Decoder::new(role);
    let mut input = BytesMut::new();
    let mut all = Vec::new();
    let mut closed = false;
    for piece in wire.chunks(step) {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input, MOST) {
                Ok(None) => break,
                Ok(Some(incoming)) => {
                    assert!(!closed);
                    match &incoming {
                        Incoming::Message { opcode, data } => {
                            assert!(data.len() <= if opcode.is_control() { 125 } else { MOST });
                            assert!(*opcode != Opcode::Text || std::str::from_utf8(data).is_ok());
                            assert!(!matches!(opcode, Opcode::Close | Opcode::Continuation));
                        }
                        Incoming::Close { reason, .. } => {
                            closed = true;
                            assert!(std::str::from_utf8(reason).is_ok());
                        }
                    }
                    all.push(incoming);
                }
                Err(fault) => {
                    assert!(!closed);
                    return (all, Some(fault));
                }
            }
        }
        assert!(decoder.buffered() <= MOST + 125 && input.len() <= 14);
    }
    (all, None)
}
