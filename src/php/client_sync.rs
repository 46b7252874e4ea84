//! The synchronous half of `Swoole\Client`: blocking calls on one socket that the object owns.
//!
//! Its descriptor is closed when the object dies (contract L2), or goes to the pool of SWOOLE_KEEP.
//! PHP code runs in one place: `package_length_func`, with nothing borrowed.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs::File,
    net::{Shutdown, SocketAddr},
    os::fd::OwnedFd,
    time::Duration,
};

use bytes::BytesMut;

use crate::{
    client::{End, Target, blocking},
    net::{Address, Blocking, Mode, RECEIVE_LIMIT, Receive, Tls, TlsClient},
    proto::framing::{Decoder, Found},
    reactor::monotonic,
    sys::{self, errno},
    zend::{Call, Callback, ObjRef, Thrown, Value, ZStr, error},
};

use super::{
    client::{ERR_CODE, ERR_MSG, REUSE, REUSE_COUNT, SOCK},
    client_class::{end_text, set_error},
    settings::warn,
};

/// The socket, if it is connected.
#[derive(Default)]
pub(super) struct SyncHalf {
    stream: RefCell<Option<Blocking>>,
    /// How packets are told apart and what came behind the last one; without: as it comes.
    packets: RefCell<Option<Packets>>,
    /// Who sent the last datagram.
    sender: Cell<Option<SocketAddr>>,
    /// Its key in the pool, with SWOOLE_KEEP.
    keep: RefCell<Option<String>>,
    /// How often the connection was taken from the pool.
    reused: Cell<i64>,
    /// The connection has failed, or its end was seen: it goes to no pool.
    broken: Cell<bool>,
}

struct Packets {
    decoder: Decoder,
    input: BytesMut,
    /// What a packet that can not be gives: `false`, or "" as if the peer had closed.
    violation_is_false: bool,
}

/// How `connect()` makes the socket.
pub(super) struct Plan {
    pub(super) target: Target,
    pub(super) mode: Mode,
    pub(super) decoder: Option<Decoder>,
    /// The packets end with a mark.
    pub(super) marks: bool,
    /// The key of SWOOLE_KEEP.
    pub(super) keep: Option<String>,
}

const MSG_PEEK: i64 = 2;
const MSG_DONTWAIT: i64 = 64;
const MSG_WAITALL: i64 = 256;
/// What classic programs pass for [`MSG_WAITALL`].
const WAIT_ALL: i64 = 1;
/// The classic number for a packet that can not be.
pub(super) const PACKAGE_LENGTH: i32 = 1201;
/// What `errMsg` says of it.
pub(super) const PACKAGE_TEXT: &str = "The packet is too long, or none";

impl SyncHalf {
    /// Whether there is a connection; it is not probed.
    pub(super) fn is_open(&self) -> bool {
        self.stream.borrow().is_some()
    }

    /// Connects, or takes a connection from the pool, and returns what `connect()` returns.
    pub(super) fn connect(&self, call: &Call<'_>, me: &ObjRef, plan: Plan) -> Result<(), Thrown> {
        let Plan { target, mode, decoder, marks, keep } = plan;
        let kept = keep.as_deref().and_then(pool::take);
        let reused = kept.as_ref().map_or(0, |(_, reused)| reused + 1);
        let connected = match kept {
            Some((stream, _)) => {
                stream.set_timeout(target.timeout);
                stream.set_end(target.total.map(|total| monotonic() + total));
                Ok(stream)
            }
            None => blocking::connect(&target, mode),
        };
        let stream = match connected {
            Ok(stream) => stream,
            Err(end) => {
                set_error(me, ERR_CODE, ERR_MSG, end);
                return warn(&format!("Unable to connect: {}", end_text(end)));
            }
        };
        let is_unix = matches!(target.address, Address::Unix(_));
        if target.nodelay && reused == 0 && !stream.is_datagram() && !is_unix {
            stream.set_nodelay();
        }
        let packets = decoder.filter(|_| !stream.is_datagram()).map(|decoder| Packets {
            decoder,
            input: BytesMut::new(),
            violation_is_false: marks,
        });
        let descriptor = stream.descriptor();
        self.stream.replace(Some(stream));
        self.packets.replace(packets);
        self.keep.replace(keep);
        self.reused.set(reused);
        self.broken.set(false);
        self.sender.set(None);
        me.set_slot(SOCK, descriptor);
        me.set_slot(REUSE, reused > 0);
        me.set_slot(REUSE_COUNT, reused);
        call.ret_bool(true);
        Ok(())
    }

    /// Begins TLS; `None` without a connection. One that fails is closed.
    pub(super) fn secure(
        &self,
        client: &TlsClient,
        timeout: Option<Duration>,
    ) -> Option<Result<(), End>> {
        let mut stream = self.stream.borrow_mut();
        let done = stream.as_mut()?.secure(client, timeout.map(|timeout| monotonic() + timeout));
        if let Some(packets) = self.packets.borrow_mut().as_mut() {
            // What came in the clear must not be taken for what the peer says under TLS.
            packets.input.clear();
        }
        match done {
            Ok(()) => {
                stream.as_ref()?.set_timeout(timeout);
                Some(Ok(()))
            }
            Err(failed) => {
                *stream = None;
                Some(Err(blocking::why(failed)))
            }
        }
    }

    /// Looks at TLS; `None` without.
    pub(super) fn with_tls<R>(&self, look: impl FnOnce(&Tls) -> R) -> Option<R> {
        self.stream.borrow().as_ref()?.with_tls(look)
    }

    /// Sends all of the data and returns what `send()` returns.
    pub(super) fn send(&self, call: &Call<'_>, me: &ObjRef, data: &[u8]) -> Result<(), Thrown> {
        let sent = self.stream.borrow().as_ref().map(|stream| stream.send(data));
        match sent {
            Some(Ok(())) => {
                call.ret_long(i64::try_from(data.len()).unwrap_or(i64::MAX));
                Ok(())
            }
            Some(Err(errno)) => self.fail(me, errno, "send"),
            None => not_connected(me, "send"),
        }
    }

    /// Sends one datagram to `address`, on a socket that is made when there is none, and returns
    /// what `sendto()` returns.
    pub(super) fn send_to(
        &self,
        call: &Call<'_>,
        me: &ObjRef,
        data: &[u8],
        address: SocketAddr,
        make: impl FnOnce() -> Result<Blocking, i32>,
    ) -> Result<(), Thrown> {
        if !self.is_open() {
            match make() {
                Ok(socket) => {
                    me.set_slot(SOCK, socket.descriptor());
                    self.stream.replace(Some(socket));
                }
                Err(errno) => return self.fail(me, errno, "send"),
            }
        }
        let sent = self.stream.borrow().as_ref().map(|stream| stream.send_to(data, address));
        match sent {
            Some(Ok(())) => {
                call.ret_bool(true);
                Ok(())
            }
            Some(Err(errno)) => self.fail(me, errno, "send"),
            None => not_connected(me, "send"),
        }
    }

    /// Sends a part of a file and returns what `sendfile()` returns.
    pub(super) fn send_file(
        &self,
        call: &Call<'_>,
        me: &ObjRef,
        file: &File,
        offset: u64,
        length: u64,
    ) -> Result<(), Thrown> {
        let sent = self.stream.borrow().as_ref().map(|s| s.send_file(file, offset, length));
        match sent {
            Some(Ok(())) => {
                call.ret_bool(true);
                Ok(())
            }
            Some(Err(errno)) => self.fail(me, errno, "send the file"),
            None => not_connected(me, "send the file"),
        }
    }

    /// Receives and returns what `recv()` returns. `measure` is `package_length_func`.
    pub(super) fn receive(
        &self,
        call: &Call<'_>,
        me: &ObjRef,
        measure: Option<Callback>,
    ) -> Result<(), Thrown> {
        let (size, flags) = (call.long_or(0, 65_535)?, call.long_or(1, 0)?);
        let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
            return Err(error::throw_argument_value_error(0, "must be greater than 0"));
        };
        call.ret_bool(false);
        if self.packets.borrow().is_some() {
            return self.receive_packet(call, me, measure);
        }
        let how = Receive {
            all: flags & MSG_WAITALL != 0 || flags == WAIT_ALL,
            peek: flags & MSG_PEEK != 0,
            now: flags & MSG_DONTWAIT != 0,
        };
        let size = if how.all { size } else { size.min(RECEIVE_LIMIT) };
        let received = self.stream.borrow().as_ref().map(|stream| {
            if stream.is_datagram() {
                stream.receive_from(size, how)
            } else {
                stream.receive(size, how).map(|data| (data, None))
            }
        });
        match received {
            Some(Ok((data, _))) if data.is_empty() && self.is_truncated() => {
                self.fail_truncated(me)
            }
            Some(Ok((data, sender))) => {
                self.sender.set(sender.or(self.sender.get()));
                self.broken.set(self.broken.get() || data.is_empty());
                call.ret_value(ZStr::from_bytes(&data));
                Ok(())
            }
            Some(Err(errno)) => self.fail(me, errno, "receive"),
            None => not_connected(me, "receive"),
        }
    }

    fn receive_packet(
        &self,
        call: &Call<'_>,
        me: &ObjRef,
        measure: Option<Callback>,
    ) -> Result<(), Thrown> {
        loop {
            // PHP code may have closed the connection meanwhile.
            let step = match self.packets.borrow_mut().as_mut() {
                Some(packets) => packets.decoder.next(&mut packets.input),
                None => return not_connected(me, "receive"),
            };
            match step {
                Ok(Some(Found::Packet(packet))) => {
                    call.ret_value(ZStr::from_bytes(&packet));
                    return Ok(());
                }
                Ok(Some(Found::Head(head))) => {
                    let length = match &measure {
                        Some(measure) => {
                            let head = [Value::from(ZStr::from_bytes(&head))];
                            measure.call(&head).into_result()?.to_long()
                        }
                        None => -1,
                    };
                    if error::pending() {
                        return Err(Thrown);
                    }
                    if let Some(packets) = self.packets.borrow_mut().as_mut() {
                        packets.decoder.answer(length);
                    }
                }
                Err(violation) => {
                    self.broken.set(true);
                    set_failure(me, PACKAGE_LENGTH, PACKAGE_TEXT);
                    let packets = self.packets.borrow();
                    if packets.as_ref().is_some_and(|packets| packets.violation_is_false) {
                        drop(packets);
                        return warn(&format!("Unable to receive: {violation}"));
                    }
                    call.ret_value(ZStr::empty());
                    return Ok(());
                }
                Ok(None) => match self.receive_more() {
                    Some(Ok(0)) if self.is_truncated() => return self.fail_truncated(me),
                    Some(Ok(0)) => {
                        self.broken.set(true);
                        call.ret_value(ZStr::empty());
                        return Ok(());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(errno)) => return self.fail(me, errno, "receive"),
                    None => return not_connected(me, "receive"),
                },
            }
        }
    }

    fn receive_more(&self) -> Option<Result<usize, i32>> {
        let mut packets = self.packets.borrow_mut();
        Some(self.stream.borrow().as_ref()?.receive_more(&mut packets.as_mut()?.input))
    }

    /// Ends one side and returns what `shutdown()` returns.
    pub(super) fn shutdown(
        &self,
        call: &Call<'_>,
        me: &ObjRef,
        how: Shutdown,
    ) -> Result<(), Thrown> {
        let done = self.stream.borrow().as_ref().map(|stream| stream.shutdown(how));
        self.broken.set(true);
        match done {
            Some(Ok(())) => {
                call.ret_bool(true);
                Ok(())
            }
            Some(Err(errno)) => self.fail(me, errno, "shut down"),
            None => not_connected(me, "shut down"),
        }
    }

    /// Closes the connection, or gives it back to the pool; `false` if there is none.
    pub(super) fn close(&self, force: bool) -> bool {
        let Some(stream) = self.stream.take() else { return false };
        let rest = self.packets.take().is_some_and(|packets| !packets.input.is_empty());
        let keep = self.keep.take();
        if let Some(key) = keep
            && !force
            && !self.broken.get()
            && !rest
        {
            stream.set_end(None);
            pool::put(key, stream, self.reused.get());
        }
        true
    }

    /// The descriptor, and whether a packet's bytes wait in memory.
    pub(super) fn descriptor(&self) -> Option<(i32, bool)> {
        let waits = self.packets.borrow().as_ref().is_some_and(|p| !p.input.is_empty());
        let stream = self.stream.borrow();
        let stream = stream.as_ref()?;
        Some((stream.descriptor(), waits || stream.has_buffered()))
    }

    /// Another descriptor of its socket; `None` without one.
    pub(super) fn duplicate(&self) -> Option<Result<OwnedFd, i32>> {
        self.stream.borrow().as_ref().map(Blocking::duplicate)
    }

    /// The local address.
    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        self.stream.borrow().as_ref()?.local_address()
    }

    /// The peer's address, or the last datagram's sender.
    pub(super) fn peer_address(&self) -> Option<SocketAddr> {
        let sender = self.sender.get();
        sender.or_else(|| self.stream.borrow().as_ref()?.peer_address())
    }

    /// The input has ended without the peer's word for it under TLS: something may be cut off.
    fn is_truncated(&self) -> bool {
        self.stream.borrow().as_ref().is_some_and(Blocking::is_truncated)
    }

    fn fail_truncated(&self, me: &ObjRef) -> Result<(), Thrown> {
        self.broken.set(true);
        set_error(me, ERR_CODE, ERR_MSG, End::Truncated);
        warn(&format!("Unable to receive: {}", end_text(End::Truncated)))
    }

    fn fail(&self, me: &ObjRef, errno: i32, what: &str) -> Result<(), Thrown> {
        self.broken.set(self.broken.get() || errno != errno::EAGAIN);
        let (over, failure) = match &*self.stream.borrow() {
            Some(stream) => (stream.is_over(), stream.tls_failure()),
            None => (false, None),
        };
        if over {
            // total_timeout: there is no connection any more.
            self.close(true);
            set_error(me, ERR_CODE, ERR_MSG, End::Deadline);
            return warn(&format!("Unable to {what}: the connection's time is over"));
        }
        let text = match failure.filter(|failure| failure.err_code() == errno) {
            Some(failure) => end_text(End::Tls(failure)),
            None => errno::text(errno),
        };
        set_failure(me, errno, &text);
        warn(&format!("Unable to {what}: {text}"))
    }
}

/// `send()` and the like without a connection.
pub(super) fn not_connected(me: &ObjRef, what: &str) -> Result<(), Thrown> {
    const NOT_CONNECTED: i32 = 5001;
    set_failure(me, NOT_CONNECTED, "The client is not connected");
    warn(&format!("Unable to {what}: not connected"))
}

/// Sets `errCode` and `errMsg` of a `Swoole\Client`.
pub(super) fn set_failure(me: &ObjRef, code: i32, text: &str) {
    me.set_slot(ERR_CODE, code);
    me.set_slot(ERR_MSG, text);
}

/// Connections of SWOOLE_KEEP that nobody uses.
mod pool {
    use super::{Blocking, HashMap, RefCell, sys};

    #[derive(Default)]
    struct Pool {
        process: i32,
        idle: HashMap<String, Vec<(Blocking, i64)>>,
    }

    thread_local! {
        static POOL: RefCell<Pool> = RefCell::default();
    }

    /// Of one key; what comes back beyond is closed.
    const MOST_IDLE: usize = 64;

    /// The connection that came back last and still stands, with how often it was reused.
    pub(super) fn take(key: &str) -> Option<(Blocking, i64)> {
        with(|pool| {
            let idle = pool.idle.get_mut(key)?;
            let found = std::iter::from_fn(|| idle.pop()).find(|(stream, _)| stream.is_idle());
            if idle.is_empty() {
                pool.idle.remove(key);
            }
            found
        })
    }

    /// Takes a connection back.
    pub(super) fn put(key: String, stream: Blocking, reused: i64) {
        with(|pool| {
            let idle = pool.idle.entry(key).or_default();
            if idle.len() < MOST_IDLE {
                idle.push((stream, reused));
            }
        });
    }

    fn with<R>(act: impl FnOnce(&mut Pool) -> R) -> R {
        POOL.with_borrow_mut(|pool| {
            // After a fork they are the parent's.
            let process = sys::process::id();
            if std::mem::replace(&mut pool.process, process) != process {
                pool.idle.clear();
            }
            act(pool)
        })
    }
}
