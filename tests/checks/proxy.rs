//! What the fuzzer and a test ask of the talks with proxies.

use bytes::BytesMut;
use tether::proto::proxy::{Credentials, Handshake, Kind, Peer, ProxyError};

/// Whatever a proxy says, it is taken whole as it is taken in two pieces and byte by byte, and what
/// it does not use is left.
pub(crate) fn assert_cuts_do_not_matter(choice: u8, said: &[u8], at: usize) {
    let login = || Some(Credentials { user: b"ann".to_vec(), password: b"secret".to_vec() });
    let kind = match choice % 4 {
        0 => Kind::Socks5(None),
        1 => Kind::Socks5(login()),
        2 => Kind::Http(None),
        _ => Kind::Http(login()),
    };
    let (first, second) = said.split_at(at.min(said.len()));
    let whole = talk(&kind, [said]);
    assert_eq!(whole, talk(&kind, [first, second]));
    assert_eq!(whole, talk(&kind, said.chunks(1)));
}

type Outcome = (Result<bool, ProxyError>, Vec<u8>, Vec<u8>);

fn talk<'a>(kind: &Kind, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut talk = Handshake::new(kind, Peer::Name("far.test".into(), 80));
    let (mut result, mut said, mut rest) = (Ok(false), BytesMut::new(), Vec::new());
    for piece in pieces {
        match result {
            Ok(false) if piece.is_empty() => {}
            Ok(false) => {
                let mut raw = BytesMut::from(piece);
                result = talk.handle_input(&mut raw);
                talk.poll_output(&mut said);
                if result == Ok(true) {
                    rest.extend_from_slice(&raw);
                }
            }
            Ok(true) => rest.extend_from_slice(piece),
            Err(_) => {}
        }
    }
    // After a failure nothing is sent any more.
    let said = if result.is_err() { Vec::new() } else { said.to_vec() };
    (result, said, rest)
}
