//! `Swoole\Redis\Server`: requests of the Redis protocol as calls of handlers.

use crate::{
    proto::{
        framing::Rule,
        redis::{Argument, parse_request},
    },
    server::{SessionId, Speaks},
    zend::{
        Arg, Array, Call, Callback, ClassDef, Kind, Method, ObjRef, Thrown, Value, array::Key,
        define::Const, error,
    },
};

use super::{
    super::settings::warn,
    state::{REDIS_SERVER, SERVER, ServerState},
    worker::Hooks,
};

const ERROR: i64 = 0;
const NIL: i64 = 1;
const STATUS: i64 = 2;
const INT: i64 = 3;
const STRING: i64 = 4;
const SET: i64 = 5;
const MAP: i64 = 6;

/// Bytes of a command's name.
const NAME: usize = 63;
/// Handlers are properties of the server under their commands' names, in small letters.
const PROPERTY: &[u8] = b"_handler_";

/// Registers the class.
pub(super) fn register() {
    let mut class =
        ClassDef::new::<ServerState>(&REDIS_SERVER).extends(&SERVER).alias("swoole_redis_server");
    let kinds = [
        ("ERROR", ERROR),
        ("NIL", NIL),
        ("STATUS", STATUS),
        ("INT", INT),
        ("STRING", STRING),
        ("SET", SET),
        ("MAP", MAP),
    ];
    for (name, kind) in kinds {
        class = class.constant(name, Const::Long(kind));
    }
    class
        .method(
            Method::new("setHandler", set_handler)
                .arg(Arg::new("command", "string"))
                .arg(Arg::new("callback", "callable"))
                .returns("bool"),
        )
        .method(
            Method::new("format", format_reply)
                .arg(Arg::new("type", "int"))
                .arg(Arg::new("value", "mixed").default("null"))
                .make_static()
                .returns("string|false"),
        )
        .register();
}

/// A request of the Redis protocol has arrived at a server of this class. `false`: it is something
/// else, for onReceive.
pub(super) fn handle(hooks: &Hooks<'_>, session: SessionId, port: u16, data: &[u8]) -> bool {
    let Some(state) = hooks.part.server().as_state::<ServerState>() else { return false };
    let speaks =
        |ports: &crate::server::Ports| ports.get(port).speaks == Speaks::Packets(Rule::Command);
    if !state.redis.get() || !state.resolved.borrow().as_ref().is_some_and(speaks) {
        return false;
    }
    let words = parse_request(data).unwrap_or_default();
    // An empty request is none, as Redis has it.
    let Some((Argument::Bytes(name), args)) = words.split_first() else { return true };
    match handler(hooks.part.server(), name) {
        Some(callback) => {
            let args: Array = args.iter().map(value).collect();
            let id = Value::long(session.into());
            let answer = hooks.engine.call(0, callback, [id, args.into()]);
            if let Some(text) = answer.as_ref().and_then(Value::as_str) {
                hooks.answer(session, text);
            }
        }
        None => {
            let shown = name.get(..name.len().min(NAME)).unwrap_or_default();
            let text = format!("ERR unknown command '{}'", String::from_utf8_lossy(shown));
            hooks.answer(session, &line(b'-', text.as_bytes()));
        }
    }
    true
}

fn handler(server: &ObjRef, name: &[u8]) -> Option<Callback> {
    if name.is_empty() || name.len() > NAME {
        return None;
    }
    let handler = server.property(&property(name));
    if handler.is_null() { None } else { Callback::from_value(&handler).ok() }
}

fn property(name: &[u8]) -> Vec<u8> {
    [PROPERTY, &name.to_ascii_lowercase()].concat()
}

fn value(argument: &Argument<'_>) -> Value {
    match argument {
        Argument::Bytes(text) => Value::str(text),
        Argument::Int(number) => Value::long(*number),
        Argument::Nil => Value::null(),
    }
}

fn set_handler(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (name, callback) = (call.str(0)?, call.callable(1)?);
    if name.is_empty() || name.len() > NAME || name.contains(&0) {
        return Err(error::throw_argument_value_error(0, "must have between 1 and 63 bytes"));
    }
    call.this_object()?.set_property(&property(name), callback.value());
    call.ret_bool(true);
    if error::pending() { Err(Thrown) } else { Ok(()) }
}

fn format_reply(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (kind, given) = (call.long(0)?, call.value(1));
    call.ret_bool(false);
    let out = match kind {
        NIL => b"$-1\r\n".to_vec(),
        ERROR if given.is_null() => line(b'-', b"ERR"),
        ERROR => line(b'-', &given.to_zstr()?),
        STATUS if given.is_null() => line(b'+', b"OK"),
        STATUS => line(b'+', &given.to_zstr()?),
        INT => {
            let number = given.to_long();
            if error::pending() {
                return Err(Thrown);
            }
            line(b':', number.to_string().as_bytes())
        }
        STRING => {
            let mut out = Vec::new();
            bulk(&mut out, &given.to_zstr()?);
            out
        }
        SET | MAP => {
            let Some(array) = given.as_array().filter(|_| given.kind() == Kind::Array) else {
                return warn("SET and MAP need an array");
            };
            many(kind == MAP, &array)?
        }
        _ => {
            let expected = "must be one of the constants of Swoole\\Redis\\Server";
            return Err(error::throw_argument_value_error(0, expected));
        }
    };
    call.ret_str(&out);
    Ok(())
}

fn many(is_map: bool, array: &Array) -> Result<Vec<u8>, Thrown> {
    let words = if is_map { array.len() * 2 } else { array.len() };
    let mut out = format!("*{words}\r\n").into_bytes();
    for (key, value) in array {
        if is_map {
            match &key {
                Key::Str(name) => bulk(&mut out, name),
                Key::Index(number) => bulk(&mut out, number.to_string().as_bytes()),
            }
        }
        bulk(&mut out, &value.to_zstr()?);
    }
    Ok(out)
}

fn bulk(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(format!("${}\r\n", text.len()).as_bytes());
    out.extend_from_slice(text);
    out.extend_from_slice(b"\r\n");
}

/// One line; what would end it early becomes a space.
fn line(kind: u8, text: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(text.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }));
    out.extend_from_slice(b"\r\n");
    out
}
