//! `Tether\Ledger`: what the engine holds, for PHP to read (contract T1, T2).

use std::{rc::Rc, time::Duration};

use crate::{
    ledger::{Kind, Ledger, Row, tree},
    zend::{Arg, Array, Call, ClassDef, Method, Thrown, Value, ZStr, class::Class, error},
};

use super::engine::{self, since};

static LEDGER: Class = Class::new("Tether\\Ledger");

/// Registers the class.
pub(super) fn register() {
    ClassDef::plain(&LEDGER)
        .method(Method::new("__construct", |_| Ok(())).private())
        .method(
            Method::new("count", count)
                .arg(Arg::new("kind", "?string").default("null"))
                .returns("int")
                .make_static(),
        )
        .method(Method::new("rows", rows).returns("array").make_static())
        .method(Method::new("tree", show).returns("string").make_static())
        .make_final()
        .register();
}

fn count(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let kind = match call.opt_str(0)? {
        None => None,
        Some(name) => match Kind::from_name(name) {
            Some(kind) => Some(kind),
            None => {
                let names = Kind::ALL.map(|(_, name)| name).join("\", \"");
                let text = format!("must be one of \"{names}\"");
                return Err(error::throw_argument_value_error(0, &text));
            }
        },
    };
    call.ret_long(i64::try_from(own().count(kind)).unwrap_or(i64::MAX));
    Ok(())
}

fn rows(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let rows: Array = own().rows().iter().map(describe).collect();
    call.ret_value(rows);
    Ok(())
}

fn show(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let now = since();
    call.ret_str(tree(&own().rows(), |row| line(row, now)).trim_end().as_bytes());
    Ok(())
}

/// The ledger of this very process.
fn own() -> Rc<Ledger<ZStr>> {
    // One that PHP code has forked lets go of its parent's here.
    drop(engine::current());
    engine::ledger()
}

fn describe(row: &Row<ZStr>) -> Array {
    let entry = &row.entry;
    let (file, at) = match &entry.site {
        Some((file, line)) => (Value::from(file.clone()), Value::long(i64::from(*line))),
        None => (Value::null(), Value::null()),
    };
    let mut array = Array::new(10);
    array.insert(b"id", i64::try_from(row.id).unwrap_or(i64::MAX));
    array.insert(b"kind", entry.kind.name());
    array.insert(b"class", entry.class.clone().map_or(Value::null(), Value::from));
    array.insert(b"object_id", i64::from(entry.object_id));
    array.insert(b"state", entry.state);
    array.insert(b"peer", peer(row).map_or(Value::null(), |peer| peer.as_str().into()));
    array.insert(b"file", file);
    array.insert(b"line", at);
    array.insert(b"since", entry.since.as_secs_f64());
    array.insert(b"parent", i64::try_from(row.parent).unwrap_or(i64::MAX));
    array
}

/// One row as a line: `#3 client Swoole\Http\Client#12 open 127.0.0.1:80 app.php:7 1.2s`.
pub(super) fn line(row: &Row<ZStr>, now: Duration) -> String {
    let entry = &row.entry;
    let mut text = format!("#{} {}", row.id, entry.kind.name());
    if let Some(class) = &entry.class {
        text += &format!(" {}#{}", String::from_utf8_lossy(class), entry.object_id);
    }
    text += &format!(" {}", entry.state);
    if let Some(peer) = peer(row) {
        text += &format!(" {peer}");
    }
    if let Some((file, line)) = &entry.site {
        let file = String::from_utf8_lossy(file);
        let name = file.rsplit('/').next().unwrap_or_default();
        text += &format!(" {name}:{line}");
    }
    text + &format!(" {:.1}s", now.saturating_sub(entry.since).as_secs_f64())
}

fn peer(row: &Row<ZStr>) -> Option<String> {
    let (host, port) = row.entry.peer.as_ref()?;
    let host = String::from_utf8_lossy(host);
    Some(match port {
        0 => host.into_owned(),
        port if host.contains(':') => format!("[{host}]:{port}"),
        port => format!("{host}:{port}"),
    })
}
