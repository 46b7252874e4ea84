use bytes::Bytes;

use super::Stage;
use crate::proto::mysql::{Column, Done, First, ProtocolError, Refusal, RowFields, is_end, limits};

/// What became of a query. Of several results (a procedure's) the first counts, unless a later one
/// is an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done, without rows.
    Done(Done),
    /// The server's error.
    Refused(Refusal),
    /// Rows.
    Rows(Rows),
}

/// A result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// At least one.
    pub columns: Vec<Column>,
    /// Each has a value for each column; read them with [`RowFields`].
    pub rows: Vec<Bytes>,
}

/// A query whose answer arrives.
#[derive(Debug, Default)]
pub(super) struct Query {
    expects: Expects,
    /// The result that arrives.
    rows: Rows,
    /// Its columns so far.
    columns: usize,
    /// What is kept of all that has arrived.
    bytes: usize,
    results: u32,
    /// What will be told.
    answer: Option<Answer>,
}

/// What follows from a packet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// There is more to come.
    More,
    /// The server asks for a file: it gets an empty packet, which is none.
    NoFile,
    /// The answer is complete.
    Over,
}

#[derive(Clone, Copy, Debug, Default)]
enum Expects {
    #[default]
    First,
    Column {
        left: u64,
    },
    ColumnEnd,
    Row,
}

impl Query {
    /// What arrives.
    pub(super) fn stage(&self) -> Stage {
        match self.expects {
            Expects::First => Stage::First,
            Expects::Column { .. } | Expects::ColumnEnd => Stage::Columns,
            Expects::Row => Stage::Rows,
        }
    }

    /// What is to be told once all has come.
    pub(super) fn into_answer(self) -> Answer {
        self.answer.unwrap_or(Answer::Done(Done::default()))
    }

    /// Takes the next packet, and the server's status if it carries it. No more than `most` bytes are
    /// kept of a whole answer.
    pub(super) fn take(
        &mut self,
        packet: &Bytes,
        status: &mut u16,
        most: usize,
    ) -> Result<Step, ProtocolError> {
        match self.expects {
            Expects::First => match First::parse(packet)? {
                First::Done(done) => {
                    *status = done.status;
                    return self.end_result(Answer::Done(done), done.status);
                }
                First::Refused(refusal) => return Ok(self.refuse(refusal)),
                First::Columns(left) => self.expects = Expects::Column { left },
                First::File => {
                    // The server's answer to having got none is not the user's.
                    let message = Bytes::from_static(LOAD_DATA_REJECTED);
                    self.refuse(Refusal { code: CR_LOAD_DATA_REJECTED, message });
                    return Ok(Step::NoFile);
                }
            },
            Expects::Column { left } => {
                self.count(packet, most)?;
                let column = Column::parse(packet)?;
                if self.keeps() {
                    self.rows.columns.push(column);
                }
                self.columns += 1;
                self.expects = match left {
                    0 | 1 => Expects::ColumnEnd,
                    _ => Expects::Column { left: left - 1 },
                };
            }
            Expects::ColumnEnd => {
                *status = is_end(packet)?.ok_or(ProtocolError::Malformed)?;
                self.expects = Expects::Row;
            }
            Expects::Row => {
                if packet.first() == Some(&0xFF) {
                    return Ok(self.refuse(Refusal::parse(packet)?));
                }
                if let Some(said) = is_end(packet)? {
                    *status = said;
                    let rows = std::mem::take(&mut self.rows);
                    return self.end_result(Answer::Rows(rows), said);
                }
                RowFields::check(packet, self.columns)?;
                if self.keeps() {
                    self.count(packet, most)?;
                    self.rows.rows.push(packet.clone());
                }
            }
        }
        Ok(Step::More)
    }

    /// Whether this result is the one that will be told.
    fn keeps(&self) -> bool {
        self.answer.is_none()
    }

    fn count(&mut self, packet: &Bytes, most: usize) -> Result<(), ProtocolError> {
        self.bytes = self.bytes.saturating_add(packet.len()).saturating_add(limits::ROW_COST);
        if self.bytes > most { Err(ProtocolError::TooLarge) } else { Ok(()) }
    }

    fn end_result(&mut self, answer: Answer, status: u16) -> Result<Step, ProtocolError> {
        self.answer.get_or_insert(answer);
        if status & MORE_RESULTS == 0 {
            return Ok(Step::Over);
        }
        self.results += 1;
        if self.results >= limits::MAX_RESULTS {
            return Err(ProtocolError::TooLarge);
        }
        (self.expects, self.columns) = (Expects::First, 0);
        Ok(Step::More)
    }

    /// An error ends the whole answer, and is what is told of it.
    fn refuse(&mut self, refusal: Refusal) -> Step {
        self.rows = Rows::default();
        // That a file was refused says more than what the server makes of it.
        if !matches!(&self.answer, Some(Answer::Refused(_))) {
            self.answer = Some(Answer::Refused(refusal));
        }
        Step::Over
    }
}

const MORE_RESULTS: u16 = 0x0008;

/// The number of the client's own error, as every MySQL client has it.
const CR_LOAD_DATA_REJECTED: u16 = 2068;
const LOAD_DATA_REJECTED: &[u8] =
    b"LOAD DATA LOCAL INFILE file request rejected due to restrictions on access.";
