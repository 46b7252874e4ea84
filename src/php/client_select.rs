//! `swoole_client_select()`: waits for several clients and streams at once, without the loop.

use std::time::Duration;

use crate::{
    sys::{
        descriptor::{Events, poll_many},
        errno,
    },
    zend::{Arg, Array, Call, Function, Thrown, Value, array::Key, bridge, module::Registry},
};

use super::{
    client::{SOCK, TcpClient},
    settings::warn,
};

/// Registers the function and its other name.
pub(super) fn register(registry: &mut Registry) {
    let functions = ["swoole_client_select", "swoole_select"].map(|name| {
        Function::new(name, select)
            .arg(Arg::new("read", "?array").by_ref())
            .arg(Arg::new("write", "?array").by_ref())
            .arg(Arg::new("except", "?array").by_ref())
            .arg(Arg::new("timeout", "float").default("0.5"))
            .returns("int|false")
    });
    registry.functions(&functions);
}

/// One element of one of the three arrays.
struct Watched {
    array: usize,
    key: Key,
    value: Value,
    /// Its place in the list of descriptors.
    at: usize,
    /// A client has input in memory: it is readable whatever its descriptor says.
    waits: bool,
}

fn select(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 4)?;
    let arrays = [call.opt_array(0)?, call.opt_array(1)?, call.opt_array(2)?];
    let seconds = call.opt_double(3)?.unwrap_or(0.5);
    call.ret_bool(false);
    let empty = arrays.iter().flatten().all(Array::is_empty);
    if empty {
        return warn("There is nothing to wait for: all arrays are empty");
    }
    let mut polled: Vec<(i32, Events)> = Vec::new();
    let mut watched = Vec::new();
    for (array, values) in arrays.iter().enumerate() {
        for (key, value) in values.iter().flatten() {
            let Some((fd, waits)) = descriptor(&value) else {
                warn("An element has no descriptor, and is left out")?;
                continue;
            };
            let at = polled.iter().position(|(known, _)| *known == fd).unwrap_or(polled.len());
            if at == polled.len() {
                polled.push((fd, Events::default()));
            }
            if let Some((_, events)) = polled.get_mut(at) {
                match array {
                    0 => events.read = true,
                    1 => events.write = true,
                    _ => events.error = true,
                }
            }
            watched.push(Watched { array, key, value, at, waits: waits && array == 0 });
        }
    }
    if polled.is_empty() {
        return warn("There is nothing to wait for");
    }
    // As it was: what is negative waits for ever.
    let timeout = if seconds < 0.0 { None } else { Duration::try_from_secs_f64(seconds).ok() };
    let at_once = watched.iter().any(|watched| watched.waits);
    let timeout = if at_once { Duration::ZERO } else { timeout.unwrap_or(Duration::MAX) };
    if let Err(error) = poll_many(&mut polled, timeout) {
        return warn(&format!("Unable to wait: {}", errno::text(errno::of(&error))));
    }
    let mut found = arrays.each_ref().map(|array| array.as_ref().map(|_| Array::new(0)));
    drop(arrays);
    let mut count = 0;
    for Watched { array, key, value, at, waits } in watched {
        let events = polled.get(at).map(|(_, events)| *events).unwrap_or_default();
        let ready = match array {
            0 => events.read || waits,
            1 => events.write,
            _ => events.error,
        };
        if let Some(Some(found)) = found.get_mut(array)
            && ready
        {
            count += 1;
            match key {
                Key::Index(index) => found.insert_index(index, value),
                Key::Str(name) => found.insert_zstr(&name, value),
            }
        }
    }
    for (at, found) in found.into_iter().enumerate() {
        if let Some(found) = found {
            call.set_ref(at, found);
        }
    }
    call.ret_long(count);
    Ok(())
}

/// The descriptor of a client, a process, a stream or a socket, and whether input waits in memory.
fn descriptor(value: &Value) -> Option<(i32, bool)> {
    let Some(object) = value.as_object() else {
        return bridge::descriptor_of(value).map(|fd| (fd, false));
    };
    if let Some(client) = object.as_state::<TcpClient>() {
        let open = client.sync.is_open() || client.link.is_open();
        let known = || i32::try_from(object.slot(SOCK).to_long()).ok().map(|fd| (fd, false));
        return client.sync.descriptor().or_else(|| known().filter(|_| open));
    }
    if object.class_name().eq_ignore_ascii_case(b"Swoole\\Process") {
        let pipe = object.property(b"pipe").as_long()?;
        return i32::try_from(pipe).ok().map(|fd| (fd, false));
    }
    bridge::descriptor_of(value).map(|fd| (fd, false))
}
