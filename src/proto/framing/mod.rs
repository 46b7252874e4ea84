//! Packets in a byte stream: by an end mark, or by a length that stands in front.
//!
//! Owns the classic rules `open_eof_check`, `open_eof_split`, `open_length_check` and
//! `package_length_func`, and their caps. Refuses the callback of the last one: the decoder asks its
//! caller, who may run PHP with nothing borrowed. Called by `client` and `server`.

mod decoder;
mod rule;

pub use decoder::{Decoder, Found, FramingError};
pub use rule::{BadRule, LengthType, Rule};
