//! One end of the channel between master and worker.

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    os::{
        fd::{AsRawFd, RawFd},
        unix::net::UnixStream,
    },
};

use bytes::{Buf, BytesMut};

use super::roles::Message;

/// One end of a stream of [`Message`]s; non-blocking, to be registered as readable.
#[derive(Debug)]
pub struct Channel {
    stream: UnixStream,
    input: RefCell<BytesMut>,
    output: RefCell<BytesMut>,
}

/// What one [`Channel::receive`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Complete messages, in order.
    pub messages: Vec<Message>,
    /// The other side has closed, or what it says makes no sense: close this end.
    pub ended: bool,
}

/// Unsent bytes that a channel keeps at most for an end that does not read.
const OUTPUT_LIMIT: usize = 64 * 1024;

impl Channel {
    /// Takes one end of `sys::descriptor::stream_pair`.
    #[must_use]
    pub fn new(stream: UnixStream) -> Channel {
        Channel { stream, input: RefCell::default(), output: RefCell::default() }
    }

    /// Sends a message, behind what could not be sent before; what the system does not take now
    /// goes out with the next call of `send` or `receive`.
    ///
    /// # Errors
    /// When the other side is gone (`EPIPE`), or has not read 64 KiB (`WouldBlock`).
    pub fn send(&self, message: Message) -> io::Result<()> {
        if self.output.borrow().len() >= OUTPUT_LIMIT {
            self.flush()?;
            if self.output.borrow().len() >= OUTPUT_LIMIT {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        message.encode(&mut self.output.borrow_mut());
        self.flush()
    }

    /// Reads until nothing is left, as an edge-triggered poll wants it.
    pub fn receive(&self) -> Received {
        let mut received = Received::default();
        let mut chunk = [0; 1024];
        let mut input = self.input.borrow_mut();
        loop {
            match (&self.stream).read(&mut chunk) {
                Ok(0) => {
                    received.ended = true;
                    break;
                }
                Ok(n) => {
                    input.extend_from_slice(chunk.get(..n).unwrap_or_default());
                    received.take(&mut input);
                    if received.ended {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    received.ended = error.kind() != io::ErrorKind::WouldBlock;
                    break;
                }
            }
        }
        if !received.ended {
            let _ = self.flush();
        }
        received
    }

    fn flush(&self) -> io::Result<()> {
        let mut output = self.output.borrow_mut();
        while !output.is_empty() {
            match (&self.stream).write(&output) {
                Ok(n) => output.advance(n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl AsRawFd for Channel {
    fn as_raw_fd(&self) -> RawFd {
        self.stream.as_raw_fd()
    }
}

impl Received {
    fn take(&mut self, input: &mut BytesMut) {
        loop {
            match Message::decode(input) {
                Ok(Some(message)) => self.messages.push(message),
                Ok(None) => return,
                Err(_) => {
                    self.ended = true;
                    input.clear();
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::RecycleReason;
    use super::*;
    use crate::sys::descriptor::stream_pair;

    fn pair() -> (Channel, Channel) {
        let (near, far) = stream_pair().unwrap();
        (Channel::new(near), Channel::new(far))
    }

    #[test]
    fn messages_pass_both_ways_and_the_end_is_seen() {
        let (master, worker) = pair();
        assert_eq!(master.receive(), Received::default());
        worker.send(Message::Ready).unwrap();
        worker.send(Message::Stop { worker_id: 1 }).unwrap();
        let retire = Message::Retire { reason: RecycleReason::Stopped };
        master.send(retire).unwrap();
        assert_eq!(worker.receive().messages, [retire]);
        drop(worker);
        let received = master.receive();
        assert_eq!(received.messages, [Message::Ready, Message::Stop { worker_id: 1 }]);
        assert!(received.ended);
        assert!(master.send(retire).is_err());
    }

    #[test]
    fn a_reader_that_sleeps_gets_everything_later_and_costs_a_bounded_buffer() {
        let (master, worker) = pair();
        let mut sent = 0;
        while master.send(Message::Stop { worker_id: sent }).is_ok() {
            sent += 1;
        }
        assert!(master.output.borrow().len() <= OUTPUT_LIMIT + 6);
        let mut seen = 0;
        while seen < sent {
            for message in worker.receive().messages {
                assert_eq!(message, Message::Stop { worker_id: seen });
                seen += 1;
            }
            master.receive();
        }
    }

    #[test]
    fn nonsense_ends_the_channel() {
        let (near, mut far) = stream_pair().unwrap();
        far.write_all(&[200, 1, 2, 3]).unwrap();
        assert!(Channel::new(near).receive().ended);
    }
}
