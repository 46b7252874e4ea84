//! Names for what is registered: who handles it, and which of its things it is.

/// Who handles what a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Source {
    /// A listening socket of the server.
    Listener = 0,
    /// An accepted connection of the server.
    Conn = 1,
    /// An async client's connection.
    Client = 2,
    /// A descriptor of `Event::add`.
    Watcher = 3,
    /// The pipe through which signals arrive.
    Signal = 4,
    /// Another thread has something finished.
    Waker = 5,
    /// The channel between master and worker.
    Channel = 6,
    /// A timer of PHP.
    Timer = 7,
    /// A box of the mailbox between the processes of a server.
    Mailbox = 8,
    /// A command that runs beside the loop, or a name that is looked up for PHP.
    Job = 9,
}

impl Source {
    const ALL: [Source; 10] = [
        Source::Listener,
        Source::Conn,
        Source::Client,
        Source::Watcher,
        Source::Signal,
        Source::Waker,
        Source::Channel,
        Source::Timer,
        Source::Mailbox,
        Source::Job,
    ];
}

/// A place in an [`Arena`](super::Arena): index and generation, so that a stale key finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    /// Generations count modulo this, so that a token fits 64 bits.
    pub(super) const GENERATIONS: u32 = 1 << 24;

    /// A key of its own making, for things that need no arena (a listener's number).
    #[must_use]
    pub fn fixed(index: u32) -> Key {
        Key { index, generation: 0 }
    }

    pub(super) fn new(index: u32, generation: u32) -> Key {
        Key { index, generation }
    }

    /// The place.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    pub(super) fn generation(self) -> u32 {
        self.generation
    }
}

/// What a readiness event or a due timer carries: `source << 56 | generation << 32 | index`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(u64);

impl Token {
    /// The token of `key` in the arena of `source`.
    #[must_use]
    pub fn new(source: Source, key: Key) -> Token {
        Token(
            (source as u64) << 56
                | u64::from(key.generation % Key::GENERATIONS) << 32
                | u64::from(key.index),
        )
    }

    /// Who handles it. `None` for a number that no [`Token::new`] made.
    #[must_use]
    pub fn source(self) -> Option<Source> {
        Source::ALL.get((self.0 >> 56) as usize).copied()
    }

    /// The place in that source's arena.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the parts of `new`, taken apart again")]
    pub fn key(self) -> Key {
        Key { index: self.0 as u32, generation: (self.0 >> 32) as u32 % Key::GENERATIONS }
    }

    /// As one number, for epoll.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// Back from [`Token::to_bits`].
    #[must_use]
    pub fn from_bits(bits: u64) -> Token {
        Token(bits)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}#{}.{}", self.source(), self.key().index, self.key().generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_back_its_parts() {
        let key = Key::new(u32::MAX, Key::GENERATIONS - 1);
        for source in Source::ALL {
            let token = Token::new(source, key);
            assert_eq!(token.source(), Some(source));
            assert_eq!(token.key(), key);
            assert_eq!(Token::from_bits(token.to_bits()), token);
        }
        assert_eq!(Token::from_bits(u64::MAX).source(), None);
    }
}
