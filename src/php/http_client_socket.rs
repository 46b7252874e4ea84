//! A `Swoole\Http\Client` as a WebSocket: `upgrade()` and `push()`.

use crate::{
    client::websocket::PushError,
    proto::websocket::{CONTROL_PAYLOAD, NO_STATUS, NORMAL, Opcode},
    zend::{Arg, Call, ClassDef, Method, Thrown, error},
};

use super::{
    constants,
    engine::engine,
    http_client::{ERR_CODE, ERR_MSG, HttpClient, request},
    http_client_request::Wanted,
    settings::warn,
    websocket_frame::{self, Given},
};

/// Adds the methods.
pub(super) fn methods(class: ClassDef) -> ClassDef {
    class
        .method(
            Method::new("upgrade", upgrade)
                .arg(Arg::new("path", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("push", push)
                .arg(Arg::new("data", "Swoole\\WebSocket\\Frame|string"))
                .arg(Arg::new("opcode", "int").default("WEBSOCKET_OPCODE_TEXT"))
                .arg(Arg::new("finish", "bool").default("true"))
                .returns("bool"),
        )
}

fn upgrade(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let wanted = Wanted { upgrade: true, ..Wanted::of(call, Some("GET"))? };
    let callback = call.callable(1)?;
    if !call.this::<HttpClient>()?.link.callbacks.has("message") {
        call.ret_bool(false);
        return warn("Event callback 'message' is missing: register it with on()");
    }
    request(call, wanted, callback)
}

fn push(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let given = Given::of(call)?;
    let client = call.this::<HttpClient>()?;
    let me = call.this_object()?;
    let engine = engine()?;
    let pushed = match Opcode::from_number(given.opcode) {
        None => Err(PushError::Opcode),
        Some(Opcode::Close) => {
            let (code, reason) = close_frame(&given)?;
            if reason.len() > CONTROL_PAYLOAD - 2 {
                Err(PushError::TooLong)
            } else {
                let now = engine.reactor.now();
                let closed = client
                    .link
                    .with_session(&engine, |session| session.push_close(code, &reason, now));
                closed.unwrap_or(Err(PushError::NotConnected))
            }
        }
        Some(opcode) => {
            let pushed = client
                .link
                .with_session(&engine, |session| session.push(opcode, given.finish, &given.data));
            pushed.unwrap_or(Err(PushError::NotConnected))
        }
    };
    call.ret_bool(pushed.is_ok());
    let Err(why) = pushed else { return Ok(()) };
    me.set_slot(ERR_CODE, why.err_code());
    let text = constants::error_text(why.err_code().into()).unwrap_or_default();
    me.set_slot(ERR_MSG, text);
    warn(&format!("Unable to push the frame: {why}"))
}

/// Code and reason of a close frame that PHP sends. `Err`: no such code can be sent (RFC 6455 section
/// 7.4), which was thrown.
fn close_frame(given: &Given) -> Result<(u16, String), Thrown> {
    let code = match given.code {
        None => NORMAL,
        Some(code) if code == i64::from(NO_STATUS) => NO_STATUS,
        Some(code @ (1000..=1003 | 1007..=1014 | 3000..=4999)) => {
            u16::try_from(code).unwrap_or(NORMAL)
        }
        Some(_) => {
            return Err(error::throw_value_error(
                "The code of a close frame is one of \
                1000 to 1003, 1007 to 1014, 3000 to 4999",
            ));
        }
    };
    let reason = given.reason.as_ref().unwrap_or(&given.data);
    match websocket_frame::text(reason) {
        Some(reason) => Ok((code, reason)),
        None => Err(error::throw_value_error("The reason of a close frame is UTF-8")),
    }
}
