use super::ProtocolError;

/// Reads the fields of a packet from its start.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ProtocolError> {
        let (field, rest) = self.0.split_first_chunk().ok_or(ProtocolError::Malformed)?;
        self.0 = rest;
        Ok(*field)
    }

    pub(super) fn u8(&mut self) -> Result<u8, ProtocolError> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, ProtocolError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], ProtocolError> {
        let (field, rest) = self.0.split_at_checked(length).ok_or(ProtocolError::Malformed)?;
        self.0 = rest;
        Ok(field)
    }

    /// Up to a NUL byte, which is skipped; without one all that is left.
    pub(super) fn text(&mut self) -> &'a [u8] {
        let (field, rest) = match memchr::memchr(0, self.0) {
            Some(end) => (self.0.get(..end), self.0.get(end + 1..)),
            None => (Some(self.0), None),
        };
        self.0 = rest.unwrap_or_default();
        field.unwrap_or_default()
    }

    /// A number of one to nine bytes.
    pub(super) fn number(&mut self) -> Result<u64, ProtocolError> {
        match self.u8()? {
            small @ ..=0xFA => Ok(u64::from(small)),
            0xFC => self.u16().map(u64::from),
            0xFD => self.array().map(|[a, b, c]| u64::from(u32::from_le_bytes([a, b, c, 0]))),
            0xFE => self.array().map(u64::from_le_bytes),
            0xFB | 0xFF => Err(ProtocolError::Malformed),
        }
    }

    /// Bytes after their number.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], ProtocolError> {
        let length = usize::try_from(self.number()?).map_err(|_| ProtocolError::Malformed)?;
        self.bytes(length)
    }

    /// A value of a row: counted bytes, or NULL.
    pub(super) fn value(&mut self) -> Result<Option<&'a [u8]>, ProtocolError> {
        if let [0xFB, rest @ ..] = self.0 {
            self.0 = rest;
            return Ok(None);
        }
        self.counted().map(Some)
    }
}
