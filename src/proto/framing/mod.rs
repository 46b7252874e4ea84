//! Packets in a byte stream: by an end mark, by a length that stands in front, or by a protocol's own
//! rule.
//!
//! Owns the classic rules `open_eof_check`, `open_eof_split`, `open_length_check`,
//! `package_length_func`, `open_mqtt_protocol` and `open_redis_protocol`, and their caps. Refuses the callback of the last one: the decoder asks its
//! caller, who may run PHP with nothing borrowed. Called by `client` and `server`.

mod decoder;
mod rule;

pub use decoder::{Decoder, Found, FramingError};
pub use rule::{BadRule, LengthType, Rule};
