use bytes::{BufMut, BytesMut};
use mysql_common::constants::CapabilityFlags;

use super::{Plugin, ProtocolError, fields::Fields};

/// The first packet of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// As `11.4.2-MariaDB`.
    pub version: Vec<u8>,
    /// For the proof of the password.
    pub nonce: Vec<u8>,
    /// The collation that the server uses by itself.
    pub collation: u8,
    /// The status flags.
    pub status: u16,
    /// How it would like the password proved.
    pub plugin: Vec<u8>,
    /// Whether it does TLS.
    pub tls: bool,
}

impl Greeting {
    /// Reads the packet.
    ///
    /// # Errors
    /// Malformed, or a server older than MySQL 4.1.
    pub fn parse(packet: &[u8]) -> Result<Greeting, ProtocolError> {
        let mut fields = Fields(packet);
        if fields.u8()? != 10 {
            return Err(ProtocolError::Old);
        }
        let version = fields.text().to_vec();
        let _connection: [u8; 4] = fields.array()?;
        let mut nonce = fields.bytes(8)?.to_vec();
        let _filler = fields.u8()?;
        let low = fields.u16()?;
        let collation = fields.u8()?;
        let status = fields.u16()?;
        let high = fields.u16()?;
        let nonce_length = usize::from(fields.u8()?);
        let _reserved: [u8; 10] = fields.array()?;
        let flags = CapabilityFlags::from_bits_truncate(u32::from(low) | u32::from(high) << 16);
        let needed =
            CapabilityFlags::CLIENT_PROTOCOL_41 | CapabilityFlags::CLIENT_SECURE_CONNECTION;
        if !flags.contains(needed) {
            return Err(ProtocolError::Old);
        }
        nonce.extend_from_slice(fields.bytes(nonce_length.saturating_sub(8).max(13))?);
        let plugin = match flags.contains(CapabilityFlags::CLIENT_PLUGIN_AUTH) {
            true => fields.text().to_vec(),
            false => Plugin::Native.name().into(),
        };
        let tls = flags.contains(CapabilityFlags::CLIENT_SSL);
        Ok(Greeting { version, nonce, collation, status, plugin, tls })
    }
}

/// What a client says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// Of the account; no NUL byte.
    pub user: &'a [u8],
    /// The schema; empty is none. No NUL byte.
    pub database: &'a [u8],
    /// How the proof was made.
    pub plugin: Plugin,
    /// What [`Plugin::prove`] gave; at most 250 bytes.
    pub proof: &'a [u8],
    /// The connection's character set.
    pub collation: u8,
    /// Whether TLS was asked for before.
    pub tls: bool,
}

/// Asks a server that does TLS for it, in place of the answer to its greeting, which follows under TLS;
/// without its packet header. What it says of the login is what that says.
#[must_use]
pub fn encode_tls_request(login: Login<'_>) -> BytesMut {
    let mut out = BytesMut::new();
    put_head(&mut out, login);
    out
}

/// The answer to a greeting, without its packet header.
#[must_use]
pub fn encode_login(login: Login<'_>) -> BytesMut {
    let mut out = BytesMut::new();
    put_head(&mut out, login);
    out.put_slice(login.user);
    out.put_u8(0);
    out.put_u8(u8::try_from(login.proof.len()).unwrap_or(0));
    out.put_slice(login.proof);
    if !login.database.is_empty() {
        out.put_slice(login.database);
        out.put_u8(0);
    }
    out.put_slice(login.plugin.name().as_bytes());
    out.put_u8(0);
    out
}

fn put_head(out: &mut BytesMut, login: Login<'_>) {
    let mut flags = CapabilityFlags::CLIENT_LONG_PASSWORD
        | CapabilityFlags::CLIENT_LONG_FLAG
        | CapabilityFlags::CLIENT_PROTOCOL_41
        | CapabilityFlags::CLIENT_TRANSACTIONS
        | CapabilityFlags::CLIENT_SECURE_CONNECTION
        // A procedure's results; not several statements in one query.
        | CapabilityFlags::CLIENT_MULTI_RESULTS
        | CapabilityFlags::CLIENT_PLUGIN_AUTH;
    if !login.database.is_empty() {
        flags |= CapabilityFlags::CLIENT_CONNECT_WITH_DB;
    }
    if login.tls {
        flags |= CapabilityFlags::CLIENT_SSL;
    }
    out.put_u32_le(flags.bits());
    out.put_u32_le(u32::try_from(super::limits::MAX_PACKET).unwrap_or(u32::MAX));
    out.put_u8(login.collation);
    out.put_bytes(0, 23);
}
