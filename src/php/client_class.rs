//! What the classes of the clients have alike: their tables of properties, `on()`, `close()`, and how
//! they tell why a connection ended.

use crate::{
    client::End,
    zend::{Arg, Call, Callback, Method, ObjRef, Slot, Thrown, error},
};

use super::{constants, link::Client, settings::warn};

/// The declared properties of a class: `NAME: "phpName" = default` declares the [`Slot`] `NAME`, and
/// `PROPERTIES` holds them all for [`ClassDef::properties`](crate::zend::ClassDef::properties). Only
/// for a class without a parent that has properties.
macro_rules! properties {
    ($($vis:vis $slot:ident: $name:literal = $default:expr;)*) => {
        properties!(@slots 0; $($vis $slot)*);
        const PROPERTIES: &[(&str, $crate::zend::define::Const)] = &[$(($name, $default)),*];
    };
    (@slots $at:expr; $vis:vis $slot:ident $($rest:tt)*) => {
        #[allow(dead_code, reason = "some are PHP's alone")]
        $vis const $slot: $crate::zend::Slot = $crate::zend::Slot($at);
        properties!(@slots $at + 1; $($rest)*);
    };
    (@slots $at:expr;) => {};
}
pub(super) use properties;

/// A client whose callbacks are registered with `on()`.
pub(super) trait Events: Client {
    /// The events, in lower case (PHP may name them in any), each with the property that shows its
    /// callback.
    const EVENTS: &'static [(&'static str, Slot)];

    /// Whether a callback for the event `name` may be registered now. If not, it has been said why.
    fn may_register(&self, _name: &[u8]) -> Result<bool, Thrown> {
        Ok(true)
    }
}

/// The method `on()`.
pub(super) fn on_method<C: Events>() -> Method {
    Method::new("on", on::<C>)
        .arg(Arg::new("event", "string"))
        .arg(Arg::new("callback", "callable"))
        .returns("bool")
}

fn on<C: Events>(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let client = call.this::<C>()?;
    let (name, callback) = (call.str(0)?, call.callable(1)?);
    call.ret_bool(false);
    if !client.may_register(name)? {
        return Ok(());
    }
    let mut known = C::EVENTS.iter();
    let Some((event, shown)) = known.find(|(event, _)| name.eq_ignore_ascii_case(event.as_bytes()))
    else {
        return warn(&format!("Unknown event '{}'", String::from_utf8_lossy(name)));
    };
    client.callbacks().set_shown(&call.this_object()?, event, callback, *shown);
    call.ret_bool(true);
    Ok(())
}

/// What every `close()` does around `end`, which ends the connection (its callbacks run in there) and
/// says whether there was one. `end` puts the callbacks that will not be called into its list: they
/// go after it.
pub(super) fn close<C: Client>(
    call: &Call<'_>,
    end: impl FnOnce(&C, &mut Vec<Callback>) -> bool,
) -> Result<(), Thrown> {
    let client = call.this::<C>()?;
    // The method's own reference: the object must outlive the callbacks that run in here.
    let me = call.this_object()?;
    let mut forgotten = Vec::new();
    let closed = end(client, &mut forgotten);
    drop(forgotten);
    drop(me);
    call.ret_bool(closed);
    if error::pending() {
        return Err(Thrown);
    }
    if closed { Ok(()) } else { warn("The client is not connected") }
}

/// The port that PHP gave; a unix socket (`portless`) needs none. `None` is for nobody.
pub(super) fn port(given: i64, portless: bool) -> Option<u16> {
    u16::try_from(given).ok().filter(|port| *port > 0 || portless)
}

/// Sets `errCode` and `errMsg` to why a connection ended.
pub(super) fn set_error(me: &ObjRef, code: Slot, text: Slot, end: End) {
    me.set_slot(code, end.err_code());
    me.set_slot(text, end_text(end).as_str());
}

/// Why a connection ended, as `errMsg` says it.
pub(super) fn end_text(end: End) -> String {
    match end {
        End::Local => "The connection was closed by close()".into(),
        End::Dns => "The host name does not resolve".into(),
        End::Protocol => "The peer broke the protocol".into(),
        End::Truncated => "The peer closed the connection without ending TLS".into(),
        End::Tls(failure) => capital(&failure.to_string()),
        End::Proxy(error) => capital(&error.to_string()),
        End::Peer | End::Reset(_) | End::Connect(_) | End::Deadline | End::Refused(_) => {
            let number = end.err_code();
            constants::error_text(number.into())
                .map_or_else(|| crate::sys::errno::text(number), str::to_owned)
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
