use bytes::Bytes;
use mysql_common::constants::ColumnType;

use super::{ProtocolError, fields::Fields, limits};

/// The packet that opens the answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// It is done and has no rows.
    Done(Done),
    /// It failed.
    Refused(Refusal),
    /// So many columns and their rows follow; at least one.
    Columns(u64),
    /// The server asks for a file of the client: `LOAD DATA LOCAL`.
    File,
}

/// A query without rows is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Rows that it changed.
    pub affected_rows: u64,
    /// The first AUTO_INCREMENT value that it made; 0 for none.
    pub insert_id: u64,
    /// Status flags.
    pub status: u16,
}

/// The server's own error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As 1045.
    pub code: u16,
    /// In the server's words.
    pub message: Bytes,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name or alias.
    pub name: Bytes,
    /// What it holds as a number, if it does.
    pub number: Option<Number>,
}

/// How a column's text is read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// An integer; an unsigned one may be beyond `i64`.
    Integer,
    /// A floating-point number.
    Float,
}

impl First {
    /// Reads the packet.
    ///
    /// # Errors
    /// [`ProtocolError`].
    pub fn parse(packet: &Bytes) -> Result<First, ProtocolError> {
        match packet.first() {
            Some(0x00) => Done::parse(packet).map(First::Done),
            Some(0xFF) => Refusal::parse(packet).map(First::Refused),
            Some(0xFB) => Ok(First::File),
            Some(_) | None => {
                let mut fields = Fields(packet);
                let columns = fields.number()?;
                if columns == 0 || columns > limits::MAX_COLUMNS || !fields.is_empty() {
                    return Err(ProtocolError::Malformed);
                }
                Ok(First::Columns(columns))
            }
        }
    }
}

impl Done {
    /// Reads an OK packet, whose first byte is 0.
    ///
    /// # Errors
    /// [`ProtocolError`].
    pub fn parse(packet: &[u8]) -> Result<Done, ProtocolError> {
        let mut fields = Fields(packet);
        fields.u8()?;
        let affected_rows = fields.number()?;
        let insert_id = fields.number()?;
        Ok(Done { affected_rows, insert_id, status: fields.u16()? })
    }
}

impl Refusal {
    /// Reads an error packet, whose first byte is 0xFF; before the login it has no SQL state.
    ///
    /// # Errors
    /// [`ProtocolError`].
    pub fn parse(packet: &Bytes) -> Result<Refusal, ProtocolError> {
        let mut fields = Fields(packet);
        fields.u8()?;
        let code = fields.u16()?;
        if fields.0.first() == Some(&b'#') {
            fields.bytes(6)?;
        }
        Ok(Refusal { code, message: packet.slice_ref(fields.0) })
    }
}

impl Column {
    /// Reads the packet that describes a column.
    ///
    /// # Errors
    /// [`ProtocolError`].
    pub fn parse(packet: &[u8]) -> Result<Column, ProtocolError> {
        let mut fields = Fields(packet);
        for _catalog_schema_table_original in 0..4 {
            fields.counted()?;
        }
        let name = Bytes::copy_from_slice(fields.counted()?);
        let _original = fields.counted()?;
        let _length = fields.number()?;
        let _collation_and_width: [u8; 6] = fields.array()?;
        let kind = ColumnType::try_from(fields.u8()?).ok();
        let number = match kind {
            Some(
                ColumnType::MYSQL_TYPE_TINY
                | ColumnType::MYSQL_TYPE_SHORT
                | ColumnType::MYSQL_TYPE_LONG
                | ColumnType::MYSQL_TYPE_INT24
                | ColumnType::MYSQL_TYPE_LONGLONG
                | ColumnType::MYSQL_TYPE_YEAR,
            ) => Some(Number::Integer),
            Some(ColumnType::MYSQL_TYPE_FLOAT | ColumnType::MYSQL_TYPE_DOUBLE) => {
                Some(Number::Float)
            }
            _ => None,
        };
        Ok(Column { name, number })
    }
}

/// Whether a packet among columns or rows ends them, with the status flags that it carries.
///
/// # Errors
/// [`ProtocolError`].
pub fn is_end(packet: &[u8]) -> Result<Option<u16>, ProtocolError> {
    match packet {
        [0xFE, _warnings @ .., a, b] if packet.len() == 5 => Ok(Some(u16::from_le_bytes([*a, *b]))),
        [0xFE, ..] if packet.len() < 9 => Err(ProtocolError::Malformed),
        _ => Ok(None),
    }
}

/// The values of a row, in the order of the columns; `None` is NULL.
#[derive(Clone, Debug)]
pub struct RowFields<'a>(Fields<'a>);

impl<'a> RowFields<'a> {
    /// The values of the row in `packet`.
    #[must_use]
    pub fn new(packet: &'a [u8]) -> RowFields<'a> {
        RowFields(Fields(packet))
    }

    /// Checks that a row has exactly so many values: iterating gives those then.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn check(packet: &[u8], columns: usize) -> Result<(), ProtocolError> {
        let mut fields = Fields(packet);
        for _ in 0..columns {
            fields.value()?;
        }
        if fields.is_empty() { Ok(()) } else { Err(ProtocolError::Malformed) }
    }
}

impl<'a> Iterator for RowFields<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() { None } else { self.0.value().ok() }
    }
}
