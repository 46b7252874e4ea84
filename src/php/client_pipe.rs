//! `Swoole\Client::pipe()`: what one client receives goes to another, or to a stream, without a callback.

use std::cell::RefCell;

use crate::zend::{
    Arg, Array, Call, Callback, ClassDef, Method, ObjRef, Thrown, Tracer, Value, ZStr, bridge,
    error,
};

use super::{client::TcpClient, client_sync::not_connected, link::Job, settings::warn};

/// Where what is received goes instead of onReceive.
#[derive(Default)]
pub(super) struct Pipe {
    way: RefCell<Option<Way>>,
}

struct Way {
    /// `[$client, 'send']`, or `swoole_event_write`.
    callback: Callback,
    /// The first argument of the latter.
    stream: Option<Value>,
}

impl Pipe {
    /// The call that hands `data` on; `None` without a pipe.
    pub(super) fn job(&self, data: &[u8]) -> Option<Job> {
        let way = self.way.borrow();
        let Way { callback, stream } = way.as_ref()?;
        let (callback, data) = (callback.clone(), ZStr::from_bytes(data));
        Some(match stream {
            Some(stream) => Job::with_two(callback, stream.clone(), data),
            None => Job::with(callback, data),
        })
    }

    /// Takes away a way to another client: it ends with the connection, or two clients that lead to
    /// each other would hold each other for ever.
    pub(super) fn take(&self) -> Option<Callback> {
        let mut way = self.way.borrow_mut();
        if way.as_ref().is_some_and(|way| way.stream.is_none()) {
            way.take().map(|way| way.callback)
        } else {
            None
        }
    }

    /// Shows what it holds to PHP's collector.
    pub(super) fn trace(&self, tracer: &mut Tracer) {
        if let Ok(way) = self.way.try_borrow()
            && let Some(way) = &*way
        {
            tracer.callback(&way.callback);
            if let Some(stream) = &way.stream {
                tracer.value(stream);
            }
        }
    }
}

/// Adds it to the class.
pub(super) fn add_method(class: ClassDef) -> ClassDef {
    class.method(Method::new("pipe", pipe).arg(Arg::new("destination", "mixed")).returns("bool"))
}

fn pipe(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let client = call.this::<TcpClient>()?;
    let (me, to) = (call.this_object()?, call.value(0));
    let other = client_of(&to);
    if other.is_none() && bridge::descriptor_of(&to).is_none() {
        let text = "must be an asynchronous client, a stream, a socket or a descriptor";
        return Err(error::throw_argument_type_error(0, text));
    }
    call.ret_bool(false);
    if !client.is_async.get() {
        return warn("Only an asynchronous client can pipe what it receives");
    }
    if !client.link.is_started() {
        return not_connected(&me, "pipe");
    }
    let way = match other {
        Some(other) if other.is(&me) => {
            return warn("Unable to pipe: a client can not lead to itself");
        }
        Some(other) => {
            let method: Array = [Value::from(&other), "send".into()].into_iter().collect();
            resolve(&method.into()).map(|callback| Way { callback, stream: None })
        }
        None => {
            let write = resolve(&"swoole_event_write".into());
            write.map(|callback| Way { callback, stream: Some(to) })
        }
    };
    let before = client.pipe.way.replace(Some(way?));
    drop(before);
    call.ret_bool(true);
    Ok(())
}

fn resolve(callable: &Value) -> Result<Callback, Thrown> {
    Callback::from_value(callable).map_err(|why| error::throw_error(&why))
}

/// An asynchronous client.
fn client_of(value: &Value) -> Option<ObjRef> {
    value
        .as_object()
        .filter(|object| object.as_state::<TcpClient>().is_some_and(|client| client.is_async.get()))
}
