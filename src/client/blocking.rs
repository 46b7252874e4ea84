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
/// receive; its total time bounds all of it. Proxy and TLS make [`Mode::StreamUnderWay`] wait.
///
/// # Errors
/// Why there is no connection.
pub fn connect(target: &Target, mode: Mode) -> Result<Blocking, End> {
    let now = monotonic();
    let end = target.total.map(|total| now + total);
    let timeout = target.timeout.into_iter().chain(target.total).min();
    let until = timeout.map(|timeout| now + timeout);
    let layered = target.proxy.is_some() || target.tls.is_some();
    let mode = if layered && mode == Mode::StreamUnderWay { Mode::Stream } else { mode };
    let mut stream = connect_blocking(target.first(), mode, timeout, target.bind).map_err(why)?;
    talk_to_proxy(&stream, target, until)?;
    if let Some(client) = &target.tls {
        stream.secure(client, until).map_err(why)?;
    }
    stream.set_timeout(target.timeout);
    stream.set_end(end);
    Ok(stream)
}

/// The proxy's answers are read byte by byte: what follows them is the peer's.
fn talk_to_proxy(stream: &Blocking, target: &Target, until: Option<Instant>) -> Result<(), End> {
    let Some(mut talk) = target.handshake() else { return Ok(()) };
    loop {
        let mut out = BytesMut::new();
        talk.poll_output(&mut out);
        stream.set_deadline(until).map_err(why)?;
        stream.send(&out).map_err(|errno| why(failed(errno)))?;
        stream.set_deadline(until).map_err(why)?;
        let mut byte = stream.receive(1, Receive::default()).map_err(|errno| why(failed(errno)))?;
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
pub fn why(failed: Failed) -> End {
    match failed {
        Failed::Dns => End::Dns,
        Failed::Deadline => End::Deadline,
        Failed::Os(errno) => End::Connect(errno),
        Failed::Closed => End::Truncated,
        Failed::Tls(failure) => End::Tls(failure),
    }
}
