//! Methods of `Swoole\Client` beside connect, send, receive and close.

use std::{
    fs::File,
    net::{Shutdown, SocketAddr},
    os::fd::AsFd,
    path::Path,
};

use crate::{
    client::{Connection, End, tcp::TcpSession},
    net::{Address, Blocking, resolve_blocking},
    sys::errno,
    zend::{Arg, Call, ClassDef, Method, Thrown, error},
};

use super::{
    client::{ERR_CODE, ERR_MSG, TcpClient, bind_address},
    client_class::{end_text, set_error},
    client_sync::{not_connected, set_failure},
    engine::{Engine, engine},
    settings::warn,
    sockets,
};

/// Adds them to the class.
pub(super) fn add_methods(class: ClassDef) -> ClassDef {
    let class = class
        .method(
            Method::new("sendto", send_to)
                .arg(Arg::new("ip", "string"))
                .arg(Arg::new("port", "int"))
                .arg(Arg::new("data", "string"))
                .returns("bool"),
        )
        .method(
            Method::new("sendfile", send_file)
                .arg(Arg::new("file", "string"))
                .arg(Arg::new("offset", "int").default("0"))
                .arg(Arg::new("length", "int").default("0"))
                .returns("bool"),
        )
        .method(Method::new("getSocket", get_socket).returns("Socket|false"))
        .method(Method::new("shutdown", shutdown).arg(Arg::new("how", "int")).returns("bool"));
    [("sleep", true), ("pause", true), ("wakeup", false), ("resume", false)].into_iter().fold(
        class,
        |class, (name, pauses)| {
            let method = if pauses { Method::new(name, pause) } else { Method::new(name, resume) };
            class.method(method.returns("bool"))
        },
    )
}

/// `send()` of an async datagram client: it leaves now.
pub(super) fn send_datagram(
    call: &Call<'_>,
    client: &TcpClient,
    engine: &Engine,
    data: &[u8],
) -> Result<(), Thrown> {
    let now = engine.reactor.now();
    let sent = client.link.with_open(engine, |connection| {
        if !connection.session().is_connected() {
            return Err(errno::ENOTCONN);
        }
        connection.session().handle_sent(now);
        connection.send_datagram(data)
    });
    match sent {
        Some(Ok(())) => {
            call.ret_long(i64::try_from(data.len()).unwrap_or(i64::MAX));
            Ok(())
        }
        None | Some(Err(errno::ENOTCONN)) => not_connected(&call.this_object()?, "send"),
        Some(Err(errno)) => fail(call, errno, "send"),
    }
}

fn send_to(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(3, 3)?;
    let client = call.this::<TcpClient>()?;
    let (host, port, data) = (call.str(0)?, call.long(1)?, call.str(2)?);
    call.ret_bool(false);
    let Some(v6) = client.udp() else {
        return warn("Only UDP clients can send to an address");
    };
    if data.is_empty() {
        return warn("The data is empty");
    }
    let Some(port) = u16::try_from(port).ok().filter(|port| *port > 0) else {
        return warn("The port must be between 1 and 65535");
    };
    let is_async = client.is_async.get();
    let (timeout, bind) = {
        let config = client.config.borrow();
        (config.connect_timeout, bind_address(&config))
    };
    let address = match Address::parse(host, port) {
        Ok(Address::Name(..)) if is_async => {
            return warn("Unable to send: an asynchronous client needs an IP address");
        }
        Ok(address) => address,
        Err(bad) => return warn(&format!("Unable to send: {bad}")),
    };
    let Ok(address) = resolve_blocking(&address, v6, timeout) else {
        set_error(&call.this_object()?, ERR_CODE, ERR_MSG, End::Dns);
        return warn(&format!("Unable to send: {}", end_text(End::Dns)));
    };
    let make = || Blocking::udp(v6, timeout, bind);
    if !is_async {
        return client.sync.send_to(call, &call.this_object()?, data, address, make);
    }
    let sent = match send_from_connection(client, data, address)? {
        Some(sent) => sent,
        None => make().and_then(|socket| socket.send_to(data, address)),
    };
    match sent {
        Ok(()) => {
            call.ret_bool(true);
            Ok(())
        }
        Err(errno) => fail(call, errno, "send"),
    }
}

fn send_from_connection(
    client: &TcpClient,
    data: &[u8],
    address: SocketAddr,
) -> Result<Option<Result<(), i32>>, Thrown> {
    let engine = engine()?;
    let now = engine.reactor.now();
    Ok(client.link.with_open(&engine, |connection| {
        connection.session().handle_sent(now);
        let sent = connection.stream().map(|s| s.socket().send_to(data, &address.into()));
        match sent {
            Some(Err(error)) => Err(errno::of(&error)),
            Some(Ok(_)) | None => Ok(()),
        }
    }))
}

fn send_file(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let client = call.this::<TcpClient>()?;
    let name = call.string(0)?;
    let (offset, length) = (call.long_or(1, 0)?, call.long_or(2, 0)?);
    call.ret_bool(false);
    let Ok(offset) = u64::try_from(offset) else {
        return Err(error::throw_argument_value_error(1, "must be greater than or equal to 0"));
    };
    let Ok(length) = u64::try_from(length) else {
        return Err(error::throw_argument_value_error(2, "must be greater than or equal to 0"));
    };
    if client.is_datagram() {
        return warn("Only stream clients can send files");
    }
    let Some(path) = name.as_utf8().filter(|path| !path.is_empty() && !path.contains('\0')) else {
        return warn("The file name is not valid");
    };
    let opened = File::open(Path::new(path)).and_then(|file| Ok((file.metadata()?, file)));
    let (facts, file) = match opened {
        Ok(opened) => opened,
        Err(error) => return fail(call, errno::of(&error), "open the file"),
    };
    let there = facts.len().saturating_sub(offset);
    let length = if length == 0 { there } else { length };
    if !facts.is_file() || length == 0 || length > there {
        return warn("There is nothing to send, or less than that");
    }
    if !client.is_async.get() {
        return client.sync.send_file(call, &call.this_object()?, &file, offset, length);
    }
    let engine = engine()?;
    let now = engine.reactor.now();
    let sent = client.link.with_open(&engine, |connection| {
        let stands = connection.session().is_connected();
        if stands {
            connection.session().handle_sent(now);
            connection.send_file(file, offset, length);
        }
        stands
    });
    if sent != Some(true) {
        return not_connected(&call.this_object()?, "send the file");
    }
    call.ret_bool(true);
    Ok(())
}

fn shutdown(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let client = call.this::<TcpClient>()?;
    let how = match call.long(0)? {
        0 => Shutdown::Read,
        1 => Shutdown::Write,
        2 => Shutdown::Both,
        _ => {
            let text = "must be one of the Swoole\\Client::SHUT_* constants";
            return Err(error::throw_argument_value_error(0, text));
        }
    };
    call.ret_bool(false);
    if !client.is_async.get() {
        return client.sync.shutdown(call, &call.this_object()?, how);
    }
    let engine = engine()?;
    match client.link.with_open(&engine, |connection| connection.shutdown(engine.io(), how)) {
        Some(Ok(())) => {
            call.ret_bool(true);
            Ok(())
        }
        Some(Err(error)) => fail(call, errno::of(&error), "shut down"),
        None => not_connected(&call.this_object()?, "shut down"),
    }
}

fn get_socket(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let client = call.this::<TcpClient>()?;
    call.ret_bool(false);
    if client.keeps() {
        return warn("The socket of a client with SWOOLE_KEEP is not given away");
    }
    let of_loop = |connection: &mut Connection<TcpSession>| {
        let stream = connection.stream()?;
        Some(stream.as_fd().try_clone_to_owned().map_err(|error| errno::of(&error)))
    };
    let found = client.link.with_connection(of_loop).flatten();
    let fd = match found.or_else(|| client.sync.duplicate()) {
        Some(Ok(fd)) => fd,
        Some(Err(errno)) => return fail(call, errno, "duplicate the socket"),
        None => return not_connected(&call.this_object()?, "give the socket"),
    };
    sockets::give(call, fd)
}

fn pause(call: &Call<'_>) -> Result<(), Thrown> {
    set_paused(call, true)
}

fn resume(call: &Call<'_>) -> Result<(), Thrown> {
    set_paused(call, false)
}

fn set_paused(call: &Call<'_>, paused: bool) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let client = call.this::<TcpClient>()?;
    call.ret_bool(false);
    if !client.is_async.get() {
        return warn("A synchronous client reads only in recv()");
    }
    let engine = engine()?;
    let done =
        client.link.with_open(&engine, |connection| connection.set_paused(engine.io(), paused));
    if done.is_none() {
        return not_connected(&call.this_object()?, if paused { "pause" } else { "resume" });
    }
    call.ret_bool(true);
    Ok(())
}

fn fail(call: &Call<'_>, errno: i32, what: &str) -> Result<(), Thrown> {
    let text = errno::text(errno);
    set_failure(&call.this_object()?, errno, &text);
    warn(&format!("Unable to {what}: {text}"))
}
