//! HTTP/1.1 as a client session, and the WebSocket that it may become.
//!
//! Owns one request in flight: its body's way out (`upload`), its response's way in (`body`), its
//! deadlines, what a failure is called (`session`). After an upgrade it hands what comes and goes to
//! [`WebSocket`](super::websocket::WebSocket). Refuses sockets and clocks; files it reads and writes
//! in pieces. Called by `php` through `client::Connection`.

mod body;
mod session;
mod upload;

pub use body::Download;
pub use session::{
    HttpConfig, HttpEvent, HttpResponse, HttpSession, RequestRefused, STATUS_CONNECT_FAILED,
    STATUS_RESET, STATUS_TIMEOUT, Transfer,
};
pub use upload::{Upload, UploadError};
