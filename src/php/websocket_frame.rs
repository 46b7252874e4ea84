//! `Swoole\WebSocket\Frame` and `CloseFrame`: what a WebSocket says, as objects and as bytes.

use std::cell::Cell;

use bytes::BytesMut;

use crate::{
    proto::websocket::{
        CONTROL_PAYLOAD, Decoder, Incoming, NORMAL, Opcode, Role, apply_mask, encode_close,
        encode_frame, parse_head,
    },
    sys::random,
    zend::{Arg, Call, ClassDef, Method, ObjRef, Thrown, Value, ZStr, class::Class, error},
};

use super::client_class::properties;
use crate::zend::define::Const;

/// `Swoole\WebSocket\Frame`.
pub(super) static FRAME: Class = Class::new("Swoole\\WebSocket\\Frame");
/// `Swoole\WebSocket\CloseFrame`.
pub(super) static CLOSE_FRAME: Class = Class::new("Swoole\\WebSocket\\CloseFrame");

properties! {
    _FD: "fd" = Const::Long(0);
    DATA: "data" = Const::Str("");
    OPCODE: "opcode" = Const::Long(1);
    FINISH: "finish" = Const::Bool(true);
    FLAGS: "flags" = Const::Long(FLAG_FIN);
}

/// The bit of `flags` that says what `finish` does.
const FLAG_FIN: i64 = 1;

/// Registers the classes.
pub(super) fn register() {
    ClassDef::plain(&FRAME)
        .alias("swoole_websocket_frame")
        .properties(PROPERTIES)
        .method(Method::new("__toString", to_string).returns("string"))
        .method(
            Method::new("pack", pack)
                .arg(Arg::new("data", "Swoole\\WebSocket\\Frame|string"))
                .arg(Arg::new("opcode", "int").default("WEBSOCKET_OPCODE_TEXT"))
                .arg(Arg::new("finish", "bool").default("true"))
                .arg(Arg::new("mask", "bool").default("false"))
                .returns("string|false")
                .make_static(),
        )
        .method(
            Method::new("unpack", unpack)
                .arg(Arg::new("data", "string"))
                .returns("Swoole\\WebSocket\\Frame|false")
                .make_static(),
        )
        .register();
    ClassDef::plain(&CLOSE_FRAME)
        .extends(&FRAME)
        .alias("swoole_websocket_closeframe")
        .property("opcode", Const::Long(8))
        .property("code", Const::Long(NORMAL.into()))
        .property("reason", Const::Str(""))
        .register();
}

/// The frame that a method was given: an object, or data, opcode and finish.
pub(super) struct Given {
    /// Not checked.
    pub(super) opcode: i64,
    pub(super) finish: bool,
    pub(super) data: ZStr,
    /// Of an object that has them.
    pub(super) code: Option<i64>,
    /// Likewise.
    pub(super) reason: Option<ZStr>,
}

impl Given {
    /// From the first three arguments.
    pub(super) fn of(call: &Call<'_>) -> Result<Given, Thrown> {
        let first = call.value(0);
        let Some(frame) = first.as_object().filter(|object| FRAME.has(object)) else {
            return Ok(Given {
                data: call.string(0)?,
                opcode: call.long_or(1, Opcode::Text.number().into())?,
                finish: call.bool_or(2, true)?,
                code: None,
                reason: None,
            });
        };
        Given::of_object(&frame)
    }

    fn of_object(frame: &ObjRef) -> Result<Given, Thrown> {
        let is_close = CLOSE_FRAME.has(frame);
        let of_close = |name| Some(frame.property(name)).filter(|_| is_close);
        Ok(Given {
            data: frame.slot(DATA).to_zstr()?,
            opcode: frame.slot(OPCODE).to_long(),
            finish: frame.slot(FINISH).is_true(),
            code: of_close(b"code").map(|code| code.to_long()),
            reason: of_close(b"reason").map(|reason| reason.to_zstr()).transpose()?,
        })
    }

    /// As bytes; `None`: there is no such frame.
    fn encode(&self, mask: Option<[u8; 4]>) -> Option<BytesMut> {
        let mut out = BytesMut::new();
        let opcode = Opcode::from_number(self.opcode)?;
        if opcode == Opcode::Close {
            let reason = text(self.reason.as_ref().unwrap_or(&self.data))?;
            let code = u16::try_from(self.code.unwrap_or(NORMAL.into())).ok()?;
            encode_close(&mut out, code, &reason, mask);
        } else if opcode.is_control() && self.data.len() > CONTROL_PAYLOAD {
            return None;
        } else {
            encode_frame(&mut out, opcode, self.finish || opcode.is_control(), &self.data, mask);
        }
        Some(out)
    }
}

/// What came, as the object that `onMessage` is given.
pub(super) fn new_object(incoming: &Incoming) -> Result<ObjRef, Thrown> {
    match incoming {
        Incoming::Message { opcode, data } => new_frame(*opcode, true, data),
        Incoming::Close { code, reason } => {
            let frame = ObjRef::new_of(&CLOSE_FRAME)?;
            frame.set_property(b"code", &Value::from(i64::from(*code)));
            frame.set_property(b"reason", &ZStr::from_bytes(reason).into());
            Ok(frame)
        }
    }
}

/// UTF-8, or nothing.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn new_frame(opcode: Opcode, finish: bool, data: &[u8]) -> Result<ObjRef, Thrown> {
    let frame = ObjRef::new_of(&FRAME)?;
    frame.set_slot(OPCODE, i64::from(opcode.number()));
    frame.set_slot(FINISH, finish);
    frame.set_slot(FLAGS, if finish { FLAG_FIN } else { 0 });
    frame.set_slot(DATA, ZStr::from_bytes(data));
    Ok(frame)
}

/// How many frames one in the other are packed.
const DEEPEST: u32 = 16;

thread_local! {
    /// How many are being packed.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

fn to_string(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    // Its data may be a frame, too, and so on without end.
    let depth = DEPTH.get();
    if depth == DEEPEST {
        return Err(error::throw_error("The frame cannot be packed: frames are nested too deeply"));
    }
    DEPTH.set(depth + 1);
    let given = Given::of_object(&call.this_object()?);
    DEPTH.set(depth);
    let given = given?;
    let Some(bytes) = given.encode(None) else {
        return Err(error::throw_value_error(
            "The frame cannot be packed: invalid opcode or payload",
        ));
    };
    call.ret_str(&bytes);
    Ok(())
}

fn pack(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 4)?;
    let given = Given::of(call)?;
    let mask = call.bool_or(3, false)?.then(random::bytes);
    match given.encode(mask) {
        Some(bytes) => call.ret_str(&bytes),
        None => call.ret_bool(false),
    }
    Ok(())
}

/// One frame off the front of the data; `false` for one that is not whole or not valid.
fn unpack(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let data = call.str(0)?;
    call.ret_bool(false);
    let Ok(Some(head)) = parse_head(data) else { return Ok(()) };
    let end = usize::try_from(head.length).ok().and_then(|length| head.size.checked_add(length));
    let Some(payload) = end.and_then(|end| data.get(head.size..end)) else { return Ok(()) };
    let mut payload = payload.to_vec();
    if let Some(mask) = head.mask {
        apply_mask(&mut payload, mask, 0);
    }
    if head.opcode != Opcode::Close {
        call.ret_value(new_frame(head.opcode, head.fin, &payload)?);
        return Ok(());
    }
    let mut wire = BytesMut::new();
    encode_frame(&mut wire, Opcode::Close, true, &payload, None);
    if let Ok(Some(close)) = Decoder::new(Role::Client).decode(&mut wire, CONTROL_PAYLOAD) {
        call.ret_value(new_object(&close)?);
    }
    Ok(())
}
