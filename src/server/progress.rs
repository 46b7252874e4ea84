//! Whether an HTTP peer gets on: with the request that it has begun, with the answer that it is sent.
//! For connections of a worker and of an I/O thread alike.

use std::time::{Duration, Instant};

use super::watch::WatchConfig;

/// What the last look at a connection saw.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// A request had begun behind so many others.
    request: Option<(u64, Instant)>,
    /// Output waited, and the peer took none since then.
    stalled: Option<Instant>,
}

/// What a look sees.
pub(super) struct Look<'a> {
    /// A request has begun and is not whole: how many were before it.
    pub(super) request: Option<u64>,
    /// When something was last received, while that is in its body.
    pub(super) body: Option<Instant>,
    /// All output has left.
    pub(super) flushed: bool,
    /// The peer has taken some since the last look that asked; asking takes it back.
    pub(super) progressed: &'a mut bool,
}

/// What is wrong with a peer.
pub(super) enum Fault {
    /// It does not finish its request.
    Request,
    /// It does not take its answer.
    Answer,
}

/// What a [`Fault::Request`] is answered with (RFC 9110 section 15.5.9).
pub(super) const REQUEST_TIMEOUT: u16 = 408;

impl Seen {
    /// Takes a look in: what is wrong with the peer by now.
    pub(super) fn handle_look(
        &mut self,
        look: Look<'_>,
        watch: &WatchConfig,
        now: Instant,
    ) -> Option<Fault> {
        let is_over = |since: Instant, limit: Option<Duration>| {
            limit.is_some_and(|limit| now.saturating_duration_since(since) >= limit)
        };
        self.request = look.request.map(|made| match self.request {
            Some((before, since)) if before == made => (made, since),
            _ => (made, now),
        });
        if let Some((_, begun)) = self.request {
            let (since, limit) = match look.body {
                Some(received) => (begun.max(received), watch.body),
                None => (begun, watch.header),
            };
            if is_over(since, limit) {
                return Some(Fault::Request);
            }
        }
        let progressed = std::mem::take(look.progressed);
        self.stalled = match self.stalled {
            _ if look.flushed => None,
            Some(since) if !progressed => Some(since),
            _ => Some(now),
        };
        is_over(self.stalled?, watch.write).then_some(Fault::Answer)
    }
}
