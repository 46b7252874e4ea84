//! HTTP/1.1 (RFC 9110, RFC 9112), both ends.
//!
//! Owns heads, bodies, framing, cookies and header rules. Refuses what the RFCs let a recipient
//! refuse wherever two parsers could read it differently (request smuggling). Called by `server`
//! ([`RequestDecoder`], [`encode_response`]) and by `client` ([`ResponseDecoder`],
//! [`encode_request`]).

mod chunked;
mod content;
pub mod cookie;
mod encode;
mod encode_request;
mod fields;
mod head_memo;
mod header_block;
mod multipart;
mod request;
mod request_decoder;
mod response_decoder;
mod scan;
mod status;

pub use content::{ContentCoding, ContentDecoder};
pub use encode::{
    BodySize, Framed, LAST_CHUNK, ResponseHead, SERVER_NAME, Stamp, encode_chunk,
    encode_chunk_head, encode_continue, encode_error, encode_response, encode_response_head,
    format_date,
};
pub use encode_request::{FORM, OutgoingRequest, encode_request};
pub use fields::{is_field_value, is_token};
pub use head_memo::HeadMemo;
pub use header_block::{HeaderBlock, HeaderError};
pub use multipart::Multipart;
pub use request::{Headers, Request, Version};
pub use request_decoder::{RequestDecoder, RequestError};
pub use response_decoder::{IncomingHead, ResponseDecoder, ResponseError, ResponseEvent};
pub use status::reason;
