use std::{fs::File, io::ErrorKind, os::unix::fs::FileExt};

use bytes::BytesMut;

use super::{Bounded, Failed, RECEIVE_LIMIT, Receive};
use crate::{
    net::{Tls, TlsFailure},
    sys,
};

/// TLS on a blocking socket.
#[derive(Debug)]
pub(super) struct Layer {
    tls: Tls,
    /// What was received and not read yet.
    plain: BytesMut,
    /// The input has ended.
    over: bool,
    /// What has ended it, if that was TLS itself.
    failure: Option<TlsFailure>,
    /// Who made it: what a forked child inherits is not its own to end.
    owner: i32,
}

/// Bytes of a file that are read at once.
const FILE_CHUNK: usize = 16 * 1024;

impl Layer {
    pub(super) fn new(tls: Tls) -> Layer {
        Layer { tls, plain: BytesMut::new(), over: false, failure: None, owner: sys::process::id() }
    }

    pub(super) fn tls(&self) -> &Tls {
        &self.tls
    }

    pub(super) fn has_buffered(&self) -> bool {
        !self.plain.is_empty()
    }

    pub(super) fn is_truncated(&self) -> bool {
        self.over && self.failure.is_none() && !self.tls.is_closed_by_peer()
    }

    pub(super) fn failure(&self) -> Option<TlsFailure> {
        self.failure
    }

    /// One step of the handshake; `false`: it is over.
    pub(super) fn handshake(&mut self, socket: &Bounded) -> Result<bool, Failed> {
        self.flush(socket).map_err(Failed::Os)?;
        if !self.tls.is_handshaking() {
            return Ok(false);
        }
        let mut raw = BytesMut::new();
        match receive(socket, &mut raw, 0) {
            Ok(0) => Err(Failed::Closed),
            Ok(_) => {
                let taken = self.tls.handle_input(&mut raw, &mut self.plain);
                // An alert, if it failed.
                let flushed = self.flush(socket);
                taken.map_err(Failed::Tls)?;
                flushed.map_err(Failed::Os)?;
                Ok(true)
            }
            Err(sys::errno::EAGAIN) => Err(Failed::Deadline),
            Err(errno) => Err(Failed::Os(errno)),
        }
    }

    #[inline(never)] // dev.d/valgrind-ring.supp names it
    pub(super) fn send(&mut self, socket: &Bounded, data: &[u8]) -> Result<(), i32> {
        for chunk in data.chunks(RECEIVE_LIMIT) {
            let mut out = BytesMut::new();
            self.tls.send(chunk, &mut out);
            send_all(socket, &out)?;
        }
        Ok(())
    }

    pub(super) fn send_file(
        &mut self,
        socket: &Bounded,
        file: &File,
        mut offset: u64,
        end: u64,
    ) -> Result<(), i32> {
        let mut chunk = vec![0; FILE_CHUNK];
        while offset < end {
            let size = usize::try_from(end - offset).unwrap_or(FILE_CHUNK).min(FILE_CHUNK);
            let room = chunk.get_mut(..size).unwrap_or_default();
            match file.read_at(room, offset) {
                Ok(0) => return Err(sys::errno::EIO),
                Ok(read) => {
                    self.send(socket, room.get(..read).unwrap_or_default())?;
                    offset += read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(sys::errno::of(&error)),
            }
        }
        Ok(())
    }

    pub(super) fn receive(
        &mut self,
        socket: &Bounded,
        size: usize,
        how: Receive,
    ) -> Result<BytesMut, i32> {
        let enough = if how.all && !how.peek { size } else { 1 };
        if let (Some(failure), true) = (self.failure, self.plain.is_empty()) {
            return Err(failure.err_code());
        }
        while self.plain.len() < enough && !self.over {
            match self.receive_more(socket, how.now) {
                Err(_) if !self.plain.is_empty() => break,
                other => other?,
            }
        }
        let size = size.min(self.plain.len());
        if how.peek {
            return Ok(self.plain.get(..size).map(BytesMut::from).unwrap_or_default());
        }
        Ok(self.plain.split_to(size))
    }

    /// Says that nothing more comes.
    pub(super) fn close(&mut self, socket: &Bounded) {
        self.tls.close();
        let _ = self.flush(socket);
    }

    /// The same without waiting.
    pub(super) fn drop_from(&mut self, socket: &Bounded) {
        if self.owner == sys::process::id() && socket.set_nonblocking(true).is_ok() {
            self.close(socket);
        }
    }

    fn receive_more(&mut self, socket: &Bounded, now: bool) -> Result<(), i32> {
        let mut raw = BytesMut::new();
        let flags = if now { sys::MSG_DONTWAIT } else { 0 };
        if receive(socket, &mut raw, flags)? == 0 {
            self.over = true;
            return Ok(());
        }
        let taken = self.tls.handle_input(&mut raw, &mut self.plain);
        self.over |= self.tls.is_closed_by_peer();
        // What TLS itself answers must not fail a receive: the next send will tell.
        let _ = self.flush(socket);
        taken.map_err(|failure| {
            self.over = true;
            self.failure = Some(failure);
            failure.err_code()
        })
    }

    #[inline(never)] // dev.d/valgrind-ring.supp names it
    fn flush(&mut self, socket: &Bounded) -> Result<(), i32> {
        let mut out = BytesMut::new();
        self.tls.poll_output(&mut out);
        send_all(socket, &out)
    }
}

/// Sends all of `data` in the clear.
pub(super) fn send_all(socket: &Bounded, data: &[u8]) -> Result<(), i32> {
    let mut rest = data;
    while !rest.is_empty() {
        socket.bound()?;
        match socket.send_with_flags(rest, sys::MSG_NOSIGNAL) {
            Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(sys::errno::of(&error)),
        }
    }
    Ok(())
}

fn receive(socket: &Bounded, into: &mut BytesMut, flags: i32) -> Result<usize, i32> {
    loop {
        socket.bound()?;
        match sys::receive_with(socket, into, RECEIVE_LIMIT, flags) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other.map_err(|error| sys::errno::of(&error)),
        }
    }
}
