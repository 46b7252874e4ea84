//! Connecting without a loop: through a proxy, and with TLS.

use std::time::Instant;

use bytes::BytesMut;

use super::{End, Target};
use crate::{
    net::{Blocking, Failed, Mode, Receive, connect_blocking},
    reactor::monotonic,
    sys::errno,
};

/// Connects to `target`. Its timeout bounds everything together, and later each single send and
/// receive. Proxy and TLS make [`Mode::StreamUnderWay`] wait.
///
/// # Errors
/// Why there is no connection.
pub fn connect(target: &Target, mode: Mode) -> Result<Blocking, End> {
    let until = target.timeout.map(|timeout| monotonic() + timeout);
    let layered = target.proxy.is_some() || target.tls.is_some();
    let mode = if layered && mode == Mode::StreamUnderWay { Mode::Stream } else { mode };
    let mut stream =
        connect_blocking(target.first(), mode, target.timeout, target.bind).map_err(end)?;
    talk_to_proxy(&stream, target, until)?;
    if let Some(client) = &target.tls {
        stream.secure(client, until).map_err(end)?;
    }
    stream.set_timeout(target.timeout);
    Ok(stream)
}

/// The proxy's answers are read byte by byte: what follows them is the peer's.
fn talk_to_proxy(stream: &Blocking, target: &Target, until: Option<Instant>) -> Result<(), End> {
    let Some(mut talk) = target.handshake() else { return Ok(()) };
    loop {
        let mut out = BytesMut::new();
        talk.poll_output(&mut out);
        stream.set_deadline(until).map_err(end)?;
        stream.send(&out).map_err(|errno| end(failed(errno)))?;
        stream.set_deadline(until).map_err(end)?;
        let mut byte = stream.receive(1, Receive::default()).map_err(|errno| end(failed(errno)))?;
        if byte.is_empty() {
            return Err(End::Peer);
        }
        if talk.handle_input(&mut byte).map_err(End::Proxy)? {
            return Ok(());
        }
    }
}

fn failed(errno: i32) -> Failed {
    if errno == errno::EAGAIN { Failed::Deadline } else { Failed::Os(errno) }
}

/// The same as the clients of a loop have it.
#[must_use]
pub fn end(failed: Failed) -> End {
    match failed {
        Failed::Dns => End::Dns,
        Failed::Deadline => End::Deadline,
        Failed::Os(errno) => End::Connect(errno),
        Failed::Closed => End::Truncated,
        Failed::Tls(failure) => End::Tls(failure),
    }
}
