//! A stream that stands, and what lies between it and the session: a proxy that is being talked to,
//! TLS, files that are sent through it.

use std::{collections::VecDeque, fs::File, io, os::unix::fs::FileExt};

use bytes::BytesMut;

use crate::{
    net::{Stream, Tls, TlsClient},
    proto::proxy::Handshake,
};

use super::{End, Session};

/// A stream and its layers.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) stream: Stream,
    proxy: Option<Handshake>,
    /// Begins when the proxy has agreed.
    tls_next: Option<TlsClient>,
    tls: Option<Box<Tls>>,
    /// What waits to be encrypted: only behind a file.
    waiting: VecDeque<Piece>,
    /// What the session says, before it is encrypted.
    plain: BytesMut,
}

#[derive(Debug)]
enum Piece {
    Bytes(BytesMut),
    File { file: File, offset: u64, left: u64 },
}

/// Bytes of files that are read ahead of what the socket takes.
const READ_AHEAD: usize = 64 * 1024;
/// Bytes of a file that are read at once.
const FILE_CHUNK: usize = 16 * 1024;

impl Wire {
    /// A stream that has just come to stand. `proxy` and `tls` come first, in this order.
    ///
    /// # Errors
    /// TLS can not begin.
    pub(super) fn new(
        stream: Stream,
        proxy: Option<Handshake>,
        tls: Option<TlsClient>,
    ) -> Result<Wire, End> {
        let mut wire = Wire {
            stream,
            proxy,
            tls_next: tls,
            tls: None,
            waiting: VecDeque::new(),
            plain: BytesMut::new(),
        };
        wire.begin_tls()?;
        Ok(wire)
    }

    /// Whether bytes of the session can be exchanged.
    pub(super) fn is_ready(&self) -> bool {
        self.proxy.is_none() && self.tls.as_ref().is_none_or(|tls| !tls.is_handshaking())
    }

    /// Whether the session's bytes are the stream's.
    pub(super) fn is_plain(&self) -> bool {
        self.proxy.is_none() && self.tls.is_none()
    }

    /// TLS, once it has begun.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.tls.as_deref()
    }

    /// Begins TLS on a stream that has none; what `session` has said before leaves in the clear.
    pub(super) fn secure<S: Session>(
        &mut self,
        session: &mut S,
        client: TlsClient,
    ) -> Result<(), End> {
        session.poll_output(self.stream.output().tail());
        self.tls_next = Some(client);
        self.begin_tls()
    }

    /// Takes what has come; what it says to the session is appended to `plain`.
    pub(super) fn handle_input(
        &mut self,
        raw: &mut BytesMut,
        plain: &mut BytesMut,
    ) -> Result<(), End> {
        if let Some(proxy) = &mut self.proxy {
            if !proxy.handle_input(raw).map_err(End::Proxy)? {
                return Ok(());
            }
            self.proxy = None;
            self.begin_tls()?;
        }
        match &mut self.tls {
            None => plain.unsplit(raw.split()),
            Some(tls) => tls.handle_input(raw, plain).map_err(End::Tls)?,
        }
        Ok(())
    }

    /// How the end of the input is to be understood.
    pub(super) fn end_of_input(&self) -> End {
        match &self.tls {
            Some(tls) if !tls.is_closed_by_peer() => End::Truncated,
            Some(_) | None => End::Peer,
        }
    }

    /// Whether the peer has said that nothing more comes, though its stream stands.
    pub(super) fn is_closed_by_peer(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_closed_by_peer())
    }

    /// Bytes that wait to be sent; those of files count nothing.
    pub(super) fn queued(&mut self) -> usize {
        let waiting = self.waiting.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.len(),
            Piece::File { .. } => 0,
        });
        self.stream.output().len() + waiting.sum::<usize>()
    }

    /// Queues a part of a file behind everything that the session has said.
    pub(super) fn send_file<S: Session>(
        &mut self,
        session: &mut S,
        file: File,
        offset: u64,
        length: u64,
    ) {
        if self.is_plain() {
            session.poll_output(self.stream.output().tail());
            return self.stream.output().queue_file(file, offset, length);
        }
        let mut before = BytesMut::new();
        session.poll_output(&mut before);
        if !before.is_empty() {
            self.waiting.push_back(Piece::Bytes(before));
        }
        self.waiting.push_back(Piece::File { file, offset, left: length });
    }

    /// Sends what the layers and the session have to say, as far as the system takes it. `true`:
    /// a file waits that would have gone on being sent, were it not somebody else's turn.
    ///
    /// # Errors
    /// The connection's, or that a file got shorter.
    pub(super) fn flush<S: Session>(
        &mut self,
        session: &mut S,
        spare: &mut Vec<BytesMut>,
    ) -> io::Result<bool> {
        self.stream.output().provide(spare);
        if self.is_plain() {
            session.poll_output(self.stream.output().tail());
            self.stream.flush(spare)?;
            return Ok(false);
        }
        self.flush_layered(session, spare)
    }

    /// [`flush`](Self::flush) through a proxy or TLS. A function of its own in every build, so that what
    /// valgrind says of the cipher (`dev.d/valgrind-ring.supp`) is told from what is sent without TLS.
    #[inline(never)]
    fn flush_layered<S: Session>(
        &mut self,
        session: &mut S,
        spare: &mut Vec<BytesMut>,
    ) -> io::Result<bool> {
        if let Some(proxy) = &mut self.proxy {
            proxy.poll_output(self.stream.output().tail());
        }
        if let Some(tls) = &mut self.tls {
            tls.poll_output(self.stream.output().tail());
        }
        if !self.is_ready() {
            self.stream.flush(spare)?;
            return Ok(false);
        }
        self.encrypt_waiting()?;
        if self.waiting.is_empty() {
            session.poll_output(&mut self.plain);
            if let Some(tls) = &mut self.tls {
                tls.send(&self.plain, self.stream.output().tail());
            }
            self.plain = BytesMut::new();
        }
        Ok(self.stream.flush(spare)? && !self.waiting.is_empty())
    }

    /// Says to the peer that nothing more comes, where there is a way to say it.
    pub(super) fn close(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.close();
        }
    }

    fn begin_tls(&mut self) -> Result<(), End> {
        if self.proxy.is_none()
            && let Some(client) = self.tls_next.take()
        {
            self.tls = Some(Box::new(client.start().map_err(End::Tls)?));
        }
        Ok(())
    }

    fn encrypt_waiting(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        let output = self.stream.output();
        while output.len() < READ_AHEAD {
            match self.waiting.front_mut() {
                None => return Ok(()),
                Some(Piece::Bytes(bytes)) => {
                    tls.send(bytes, output.tail());
                    self.waiting.pop_front();
                }
                Some(Piece::File { file, offset, left }) => {
                    let size = usize::try_from(*left).unwrap_or(FILE_CHUNK).min(FILE_CHUNK);
                    self.plain.resize(size, 0);
                    let read = file.read_at(&mut self.plain, *offset)?;
                    if read == 0 && size > 0 {
                        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
                    }
                    tls.send(self.plain.get(..read).unwrap_or_default(), output.tail());
                    self.plain.clear();
                    let read = read as u64;
                    *offset += read;
                    *left -= read;
                    if *left == 0 {
                        self.waiting.pop_front();
                    }
                }
            }
        }
        Ok(())
    }
}
