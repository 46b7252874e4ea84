//! The memory of a thread's connections: what waits for peers and for workers, and what has come of
//! messages that are not complete. Workers read the sum, for what they queue counts here too.

use bytes::BytesMut;

use crate::reactor::Key;

use super::{client::Client, frame::Told, gate::Gate};

/// What a request is answered with that there is no memory for (RFC 9110 section 15.6.4).
const OVERLOADED: u16 = 503;

/// What a thread's connections hold.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// In the connections.
    clients: usize,
    /// On the way to the workers, when the last turn ended.
    links: usize,
    /// What others were told last.
    told: usize,
}

impl Gate {
    /// Counts a connection anew.
    pub(super) fn count(&mut self, key: Key) {
        let Some(client) = self.clients.get_mut(key) else { return };
        let now = client.buffered();
        let before = std::mem::replace(&mut client.counted, now);
        self.held.clients = (self.held.clients + now).saturating_sub(before);
    }

    /// A connection is gone, with what waited for it.
    pub(super) fn uncount(&mut self, client: &Client) {
        self.held.clients = self.held.clients.saturating_sub(client.counted);
    }

    /// The end of a turn: others see what is held now.
    pub(super) fn publish(&mut self) {
        let unsent: usize = self.lanes.iter().map(|(_, lane)| lane.unsent()).sum();
        let waiting: usize = self.slots.iter().map(|slot| slot.waiting_bytes()).sum();
        self.held.links = unsent + waiting;
        let all = self.held.clients + self.held.links;
        if std::mem::replace(&mut self.held.told, all) != all {
            self.shared.counters.set_buffered(all as u64);
        }
    }

    /// When more is held than may be, a message that is not complete is not waited for.
    pub(super) fn keep_within_budget(&mut self, key: Key) {
        if self.held.clients + self.held.links <= self.config.buffer_total_size {
            return;
        }
        let Some(client) = self.clients.get_mut(key) else { return };
        if client.input.is_empty() && client.http().is_none_or(|http| http.decoder.held() == 0) {
            return;
        }
        client.input = BytesMut::new();
        client.held = false;
        match client.http_mut() {
            Some(http) => {
                http.decoder = Default::default();
                http.last = true;
                http.refusal = Some(OVERLOADED);
                self.refuse(key);
            }
            None => {
                self.tell_gone(key, Told::ByPeer);
                self.close(key);
            }
        }
        self.count(key);
    }
}

impl Client {
    fn buffered(&mut self) -> usize {
        let output = if self.stream.is_flushed() { 0 } else { self.stream.output().len() };
        self.input.len() + output + self.http().map_or(0, |http| http.decoder.held())
    }
}
