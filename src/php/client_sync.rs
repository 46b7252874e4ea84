//! The synchronous half of `Swoole\Client`: blocking calls on one stream that the object owns.
//!
//! No PHP code runs while it waits, and its descriptor is closed when the object dies (contract L2).

use std::{cell::RefCell, net::SocketAddr};

use crate::{
    client::{End, Target},
    net::{Blocking, Failed, RECEIVE_LIMIT, Receive, connect_blocking},
    sys,
    zend::{Call, ObjRef, Thrown, ZStr, error},
};

use super::{
    client::{ERR_CODE, SOCK},
    link::end_text,
    settings::warn,
};

/// The stream, if it is connected.
#[derive(Default)]
pub(super) struct SyncHalf {
    stream: RefCell<Option<Blocking>>,
}

const MSG_PEEK: i64 = 2;
const MSG_DONTWAIT: i64 = 64;
const MSG_WAITALL: i64 = 256;
/// What classic programs pass for [`MSG_WAITALL`].
const WAIT_ALL: i64 = 1;

impl SyncHalf {
    /// Whether there is a connection; it is not probed.
    pub(super) fn is_open(&self) -> bool {
        self.stream.borrow().is_some()
    }

    /// Connects and returns what `connect()` returns.
    pub(super) fn connect(
        &self,
        call: &Call<'_>,
        me: &ObjRef,
        target: &Target,
    ) -> Result<(), Thrown> {
        match connect_blocking(&target.address, target.timeout, target.bind) {
            Ok(stream) => {
                if target.nodelay {
                    stream.set_nodelay();
                }
                me.set_slot(SOCK, stream.descriptor());
                self.stream.replace(Some(stream));
                call.ret_bool(true);
                Ok(())
            }
            Err(failed) => {
                let end = match failed {
                    Failed::Dns => End::Dns,
                    Failed::Deadline => End::Deadline,
                    Failed::Os(errno) => End::Connect(errno),
                };
                me.set_slot(ERR_CODE, end.err_code());
                warn(&format!("Unable to connect: {}", end_text(end)))
            }
        }
    }

    /// Sends all of the data and returns what `send()` returns.
    pub(super) fn send(&self, call: &Call<'_>, me: &ObjRef, data: &[u8]) -> Result<(), Thrown> {
        let sent = self.stream.borrow().as_ref().map(|stream| stream.send(data));
        match sent {
            Some(Ok(())) => {
                call.ret_long(i64::try_from(data.len()).unwrap_or(i64::MAX));
                Ok(())
            }
            Some(Err(errno)) => fail(me, errno, "send"),
            None => not_connected(me, "send"),
        }
    }

    /// Receives and returns what `recv()` returns.
    pub(super) fn receive(&self, call: &Call<'_>, me: &ObjRef) -> Result<(), Thrown> {
        let (size, flags) = (call.long_or(0, 65_535)?, call.long_or(1, 0)?);
        let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
            return Err(error::throw_argument_value_error(0, "must be greater than 0"));
        };
        call.ret_bool(false);
        let how = Receive {
            all: flags & MSG_WAITALL != 0 || flags == WAIT_ALL,
            peek: flags & MSG_PEEK != 0,
            now: flags & MSG_DONTWAIT != 0,
        };
        let size = if how.all { size } else { size.min(RECEIVE_LIMIT) };
        let received = self.stream.borrow().as_ref().map(|stream| stream.receive(size, how));
        match received {
            Some(Ok(data)) => {
                call.ret_value(ZStr::from_bytes(&data));
                Ok(())
            }
            Some(Err(errno)) => fail(me, errno, "receive"),
            None => not_connected(me, "receive"),
        }
    }

    /// Closes the connection; `false` if there is none.
    pub(super) fn close(&self) -> bool {
        self.stream.take().is_some()
    }

    /// The local address.
    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        self.stream.borrow().as_ref()?.local_address()
    }

    /// The peer's address.
    pub(super) fn peer_address(&self) -> Option<SocketAddr> {
        self.stream.borrow().as_ref()?.peer_address()
    }
}

fn fail(me: &ObjRef, errno: i32, what: &str) -> Result<(), Thrown> {
    me.set_slot(ERR_CODE, errno);
    warn(&format!("Unable to {what}: {}", sys::errno::text(errno)))
}

fn not_connected(me: &ObjRef, what: &str) -> Result<(), Thrown> {
    const NOT_CONNECTED: i32 = 5001;
    me.set_slot(ERR_CODE, NOT_CONNECTED);
    warn(&format!("Unable to {what}: not connected"))
}
