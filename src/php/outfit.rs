//! TLS and proxies for the clients: from options to targets, and the methods of `Swoole\Client` that
//! are about TLS.

use crate::{
    client::{self, Target},
    net::{Address, TlsClient},
    options::{ClientConfig, TlsConfig},
    zend::{Arg, Call, ClassDef, Method, Thrown, error},
};

use super::{
    client::{ERR_CODE, ERR_MSG, TcpClient},
    client_class::end_text,
    client_sync::not_connected,
    engine::engine,
    settings::warn,
};

/// Gives a target of a stream the proxy that the options name, and TLS if `tls` has the host to
/// verify. `Err`: the options can not be, which was thrown.
pub(super) fn equip(
    target: &mut Target,
    config: &ClientConfig,
    tls: Option<&str>,
) -> Result<(), Thrown> {
    if !matches!(target.address, Address::Unix(_)) {
        target.proxy = client::proxy(&config.proxies)
            .map_err(|bad| error::throw_value_error(&bad.to_string()))?;
    }
    target.tls = tls.map(|host| tls_client(&config.tls, host)).transpose()?;
    Ok(())
}

/// TLS as the options want it, for connections to `host`. `Err`: they can not be, which was thrown.
pub(super) fn tls_client(config: &TlsConfig, host: &str) -> Result<TlsClient, Thrown> {
    client::tls(config, host).map_err(|bad| error::throw_value_error(&bad.to_string()))
}

/// The name that a server of `host` shows in its certificate; one behind a unix socket is this machine.
pub(super) fn tls_host(host: &[u8]) -> &str {
    if host.starts_with(b"unix:") { "localhost" } else { str::from_utf8(host).unwrap_or_default() }
}

/// Adds the methods of TLS to the class.
pub(super) fn add_methods(class: ClassDef) -> ClassDef {
    class
        .method(
            Method::new("enableSSL", enable_ssl)
                .arg(Arg::new("callback", "?callable").default("null"))
                .returns("bool"),
        )
        .method(Method::new("getPeerCert", peer_cert).returns("string|false"))
        .method(
            Method::new("verifyPeerCert", verify_peer_cert)
                .arg(Arg::new("allow_self_signed", "bool").default("false"))
                .returns("bool"),
        )
}

fn enable_ssl(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let client = call.this::<TcpClient>()?;
    let is_async = client.is_async.get();
    let callback = if is_async { Some(call.callable(0)?) } else { call.opt_callable(0)? };
    call.ret_bool(false);
    if client.is_datagram() {
        return warn("Unable to enable TLS: only streams can have it");
    }
    if client.has_tls() || client.secured.is_set() {
        return warn("Unable to enable TLS: the connection has it already");
    }
    let me = call.this_object()?;
    if !(client.link.is_open() || client.sync.is_open()) {
        return not_connected(&me, "enable TLS");
    }
    let tls = tls_client(&client.config.borrow().tls, &client.host.borrow())?;
    let Some(callback) = callback.filter(|_| is_async) else {
        let timeout = client.config.borrow().connect_timeout;
        if let Some(Err(end)) = client.sync.secure(&tls, timeout) {
            me.set_slot(ERR_CODE, end.err_code());
            me.set_slot(ERR_MSG, end_text(end).as_str());
            return warn(&format!("Unable to enable TLS: {}", end_text(end)));
        }
        call.ret_bool(true);
        return Ok(());
    };
    let engine = engine()?;
    let begun = client.link.with_open(&engine, |connection| connection.secure(engine.io(), tls));
    if begun != Some(true) {
        return not_connected(&me, "enable TLS");
    }
    client.secured.set(callback);
    call.ret_bool(true);
    Ok(())
}

fn peer_cert(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let client = call.this::<TcpClient>()?;
    call.ret_bool(false);
    match client.with_tls(|tls| tls.peer_certificate()) {
        Some(Some(pem)) => {
            call.ret_value(pem.as_str());
            Ok(())
        }
        Some(None) => fail(call, EMPTY_CERTIFICATE, "the peer has shown none"),
        None => fail(call, NOT_READY, "TLS does not stand"),
    }
}

fn verify_peer_cert(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let client = call.this::<TcpClient>()?;
    let allow_self_signed = call.bool_or(0, false)?;
    call.ret_bool(false);
    match client.with_tls(|tls| tls.verdict(allow_self_signed)) {
        Some(Ok(())) => {
            call.ret_bool(true);
            Ok(())
        }
        Some(Err(Some(failure))) => fail(call, failure.err_code(), &failure.to_string()),
        Some(Err(None)) => fail(call, EMPTY_CERTIFICATE, "the peer has shown none"),
        None => fail(call, NOT_READY, "TLS does not stand"),
    }
}

const NOT_READY: i32 = 1009;
const EMPTY_CERTIFICATE: i32 = 1011;

fn fail(call: &Call<'_>, code: i32, why: &str) -> Result<(), Thrown> {
    let me = call.this_object()?;
    me.set_slot(ERR_CODE, code);
    me.set_slot(ERR_MSG, why);
    warn(&format!("The peer's certificate: {why}"))
}
