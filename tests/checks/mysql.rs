//! What the fuzz target `mysql` and the test of the cuts have in common.

use std::time::Instant;

use bytes::BytesMut;
use tether::client::mysql::{MysqlSession, Stage};
use tether::client::{End, Session};
use tether::options::MysqlConfig;

/// Fails unless a session that gets each of the server's `turns` whole and one that gets them in pieces
/// of `size` bytes tell the same. `private`: as over a unix socket.
pub(crate) fn assert_cuts_do_not_matter(turns: &[&[u8]], size: usize, private: bool) {
    assert_eq!(
        said(turns, usize::MAX, private),
        said(turns, size.max(1), private),
        "{turns:?} in pieces of {size}"
    );
}

/// What a session tells and how much it sends, asking a query after each turn if it can.
fn said(turns: &[&[u8]], size: usize, private: bool) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "the session's time does not pass")]
    let now = Instant::now();
    let config = MysqlConfig { password: b"secret".into(), ..MysqlConfig::default() };
    let mut session = MysqlSession::new(config, None, private);
    session.handle_connected(now);
    let (mut input, mut sent) = (BytesMut::new(), BytesMut::new());
    let mut said = Vec::new();
    let mut end = End::Peer;
    for turn in turns {
        for piece in turn.chunks(size) {
            input.extend_from_slice(piece);
            session.handle_input(&mut input, now);
        }
        said.extend(std::iter::from_fn(|| session.poll_event()).map(|event| format!("{event:?}")));
        if let Some(wanted) = session.poll_close() {
            end = wanted;
            break;
        }
        if session.stage() == Stage::Ready {
            assert_eq!(session.query(b"SELECT", now), Ok(()));
        }
        session.poll_output(&mut sent);
    }
    session.handle_end(end);
    said.extend(std::iter::from_fn(|| session.poll_event()).map(|event| format!("{event:?}")));
    // What is encrypted is never the same.
    said.push(format!("sent {}", sent.len()));
    said
}
