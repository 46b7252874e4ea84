//! Memory that connections use in turn.

use bytes::BytesMut;

/// Buffers that the connections of a loop share, so that an idle connection holds none.
#[derive(Debug, Default)]
pub struct Buffers {
    /// Where input is received first; what is left of it moves to its connection.
    pub input: BytesMut,
    /// Output buffers that were flushed.
    pub spare: Vec<BytesMut>,
}
