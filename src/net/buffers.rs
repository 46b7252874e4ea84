//! Memory that connections use in turn.

use bytes::BytesMut;

/// Buffers that the connections of a loop share, so that an idle connection holds none.
#[derive(Debug, Default)]
pub struct Buffers {
    /// Where input is received first; what is left of it moves to its connection.
    input: Option<BytesMut>,
    /// Output buffers that were flushed.
    pub spare: Vec<BytesMut>,
}

impl Buffers {
    /// Takes the input buffer for the time of one turn of a connection; it is empty unless input was
    /// laid there. Who takes it while another has it gets a new one.
    pub fn take_input(&mut self) -> BytesMut {
        self.input.take().unwrap_or_default()
    }

    /// Lays input there, for whoever takes it next.
    pub fn lay_input(&mut self, bytes: &[u8]) {
        self.input.get_or_insert_default().extend_from_slice(bytes);
    }

    /// Gives it back, emptied.
    pub fn give_input(&mut self, mut input: BytesMut) {
        input.clear();
        self.input = Some(input);
    }
}
