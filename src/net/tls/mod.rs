//! TLS 1.2 and 1.3 for clients, sans-IO: bytes of the connection in, bytes of the application out,
//! and the other way round.
//!
//! Owns the record layer, the verification of the peer and the files that are needed for it.
//! Refuses sockets. Called by `client::Connection` and [`Blocking`](super::Blocking).

mod failure;
mod key;
mod setup;
#[cfg(test)]
mod tests;
mod verify;

pub use failure::TlsFailure;
pub use setup::{BadSetup, TlsClient, TlsSetup};

use std::{
    io::{Read, Write},
    sync::Arc,
};

use base64::Engine;
use bytes::{Buf, BufMut, BytesMut};
use rustls::ClientConnection;

use verify::Verifier;

/// The client's end of one TLS connection. What it has to say waits for
/// [`poll_output`](Self::poll_output) after every call.
#[derive(Debug)]
pub struct Tls {
    connection: ClientConnection,
    verifier: Arc<Verifier>,
    closing: bool,
    closed_by_peer: bool,
}

/// Bytes of the application that become one record. It bounds what waits inside, too.
const RECORD: usize = 16 * 1024;

impl Tls {
    /// Takes all of `raw`, and appends what it says to `plain`.
    ///
    /// # Errors
    /// The connection is over; an alert for the peer is to be polled.
    pub fn handle_input(
        &mut self,
        raw: &mut BytesMut,
        plain: &mut BytesMut,
    ) -> Result<(), TlsFailure> {
        while raw.has_remaining() {
            let read = self.connection.read_tls(&mut raw.reader());
            let state = self.connection.process_new_packets().map_err(|error| {
                raw.clear();
                TlsFailure::from(error)
            })?;
            self.closed_by_peer |= state.peer_has_closed();
            let start = plain.len();
            plain.resize(start + state.plaintext_bytes_to_read(), 0);
            let room = plain.get_mut(start..).unwrap_or_default();
            if self.connection.reader().read_exact(room).is_err() {
                plain.truncate(start);
                return Err(TlsFailure::Protocol);
            }
            if self.closed_by_peer || matches!(read, Ok(0)) {
                // What follows a close_notify says nothing (RFC 8446 section 6.1).
                raw.clear();
            } else if read.is_err() {
                raw.clear();
                return Err(TlsFailure::Protocol);
            }
        }
        Ok(())
    }

    /// Appends `plain` to `out`, encrypted. Nothing is sent before the handshake is over, or after
    /// [`close`](Self::close).
    pub fn send(&mut self, mut plain: &[u8], out: &mut BytesMut) {
        if self.is_handshaking() || self.closing {
            return;
        }
        while !plain.is_empty() {
            let (record, rest) = plain.split_at(plain.len().min(RECORD));
            // Memory never refuses.
            let _ = self.connection.writer().write_all(record);
            self.poll_output(out);
            plain = rest;
        }
    }

    /// Appends what the handshake, or an answer to the peer, wants to say to `out`.
    pub fn poll_output(&mut self, out: &mut BytesMut) {
        while self.connection.wants_write() {
            if self.connection.write_tls(&mut out.writer()).is_err() {
                return;
            }
        }
    }

    /// Says to the peer that nothing more comes.
    pub fn close(&mut self) {
        if !std::mem::replace(&mut self.closing, true) {
            self.connection.send_close_notify();
        }
    }

    /// Whether the peers do not yet know each other.
    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Whether the peer has said that nothing more comes.
    #[must_use]
    pub fn is_closed_by_peer(&self) -> bool {
        self.closed_by_peer
    }

    /// The peer's certificate in PEM, once it is known.
    #[must_use]
    pub fn peer_certificate(&self) -> Option<String> {
        let certificate = self.connection.peer_certificates()?.first()?;
        let text = base64::engine::general_purpose::STANDARD.encode(certificate);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        Some(pem)
    }

    /// What the verification of the peer's certificate has found in the handshake, also where the
    /// setup asked for none.
    ///
    /// # Errors
    /// Why the certificate is not good. `None`: it has not come yet.
    pub fn verdict(&self, allow_self_signed: bool) -> Result<(), Option<TlsFailure>> {
        self.verifier.verdict(allow_self_signed)
    }
}
