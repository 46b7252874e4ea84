//! A response's body on its way in: off its coding, into memory or a file.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::{FileExt, FileTypeExt},
    path::PathBuf,
};

use bytes::{Bytes, BytesMut};

use crate::{
    client::End,
    proto::http1::{ContentCoding, ContentDecoder, IncomingHead},
    sys::errno,
};

/// Where a download goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The file; made if it is not there.
    pub path: PathBuf,
    /// Where the body begins in it; at 0 what the file held is dropped.
    pub offset: u64,
}

/// The body so far.
#[derive(Debug)]
pub(super) enum Body {
    /// The first piece as it came, so that a response that comes at once is not copied.
    Plain {
        pieces: Pieces,
        cap: u64,
    },
    File(Store),
    Coded(Box<ContentDecoder<Store>>),
}

#[derive(Debug, Default)]
pub(super) enum Pieces {
    #[default]
    Empty,
    One(Bytes),
    Many(BytesMut),
}

/// Where decoded bytes go, and why they could not.
#[derive(Debug)]
pub(super) struct Store {
    place: Place,
    fault: Option<End>,
}

#[derive(Debug)]
enum Place {
    Memory { all: BytesMut, cap: u64 },
    File { file: File, offset: u64 },
}

/// What a body over its cap ends its connection with (`SWOOLE_ERROR_PACKAGE_LENGTH_TOO_LARGE`).
pub(super) const TOO_LARGE: End = End::Refused(1201);

impl Body {
    /// For the body of a response: in a file if it is the representation that was asked for (2xx)
    /// and `download` names one, else in memory, where it may have `cap` bytes. The coding of a
    /// part (206) stays, for it is the whole that is coded.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn new(
        head: &IncomingHead,
        download: Option<&Download>,
        cap: u64,
    ) -> Result<Body, End> {
        let place = match download.filter(|_| (200..300).contains(&head.status)) {
            Some(download) => {
                let file = download.open().map_err(|error| End::Refused(errno::of(&error)))?;
                Place::File { file, offset: download.offset }
            }
            None => Place::Memory { all: BytesMut::new(), cap },
        };
        let coding = ContentCoding::of(&head.headers).filter(|_| head.status != 206);
        let store = Store { place, fault: None };
        Ok(match (coding, &store.place) {
            (Some(coding), _) => Body::Coded(Box::new(ContentDecoder::new(coding, store))),
            (None, Place::File { .. }) => Body::File(store),
            (None, Place::Memory { .. }) => Body::Plain { pieces: Pieces::Empty, cap },
        })
    }

    /// Adds a piece; `length` is what the head announced.
    ///
    /// # Errors
    /// It is over its cap, its coding is malformed, or the disk has failed.
    pub(super) fn push(&mut self, piece: Bytes, length: Option<u64>) -> Result<(), End> {
        match self {
            Body::Plain { pieces, cap } => pieces.push(piece, length, *cap),
            Body::File(store) => store.write_all(&piece).map_err(|_| store.why()),
            Body::Coded(decoder) => decoder.decode(&piece).map_err(|_| decoder.get_mut().why()),
        }
    }

    /// Copies a piece that has to wait for others, so that it does not pin the read buffer.
    pub(super) fn own(&mut self, length: Option<u64>) {
        if let Body::Plain { pieces, .. } = self {
            pieces.own(length);
        }
    }

    /// The whole body, all of it was pushed; empty if it is in a file.
    ///
    /// # Errors
    /// Something is missing of its coding.
    pub(super) fn finish(self) -> Result<Bytes, End> {
        match self {
            Body::Plain { pieces, .. } => Ok(pieces.into_bytes()),
            Body::File(_) => Ok(Bytes::new()),
            Body::Coded(mut decoder) => {
                decoder.finish().map_err(|_| decoder.get_mut().why())?;
                Ok(match &mut decoder.get_mut().place {
                    Place::Memory { all, .. } => all.split().freeze(),
                    Place::File { .. } => Bytes::new(),
                })
            }
        }
    }
}

impl Download {
    fn open(&self) -> io::Result<File> {
        // Opening a pipe would wait for its other end.
        if std::fs::metadata(&self.path).is_ok_and(|found| found.file_type().is_fifo()) {
            return Err(io::Error::from_raw_os_error(errno::EINVAL));
        }
        let truncate = self.offset == 0;
        File::options().write(true).create(true).truncate(truncate).open(&self.path)
    }
}

impl Store {
    /// Why it does not go on: its own fault, or else the peer's.
    fn why(&self) -> End {
        self.fault.unwrap_or(End::Protocol)
    }

    fn fail(&mut self, why: End) -> io::Error {
        self.fault = Some(why);
        io::ErrorKind::Other.into()
    }
}

impl Write for Store {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Err(io::ErrorKind::Other.into());
        }
        match &mut self.place {
            Place::Memory { all, cap } => {
                if (all.len() + bytes.len()) as u64 > *cap {
                    return Err(self.fail(TOO_LARGE));
                }
                all.extend_from_slice(bytes);
            }
            Place::File { file, offset } => {
                if let Err(error) = file.write_all_at(bytes, *offset) {
                    return Err(self.fail(End::Refused(errno::of(&error))));
                }
                *offset += bytes.len() as u64;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pieces {
    fn push(&mut self, piece: Bytes, length: Option<u64>, cap: u64) -> Result<(), End> {
        if (self.len() + piece.len()) as u64 > cap {
            return Err(TOO_LARGE);
        }
        self.own(length);
        match self {
            Pieces::Many(all) => all.extend_from_slice(&piece),
            Pieces::Empty | Pieces::One(_) => *self = Pieces::One(piece),
        }
        Ok(())
    }

    fn own(&mut self, length: Option<u64>) {
        if let Pieces::One(first) = self {
            let length = length.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            let mut all = BytesMut::with_capacity(first.len().max(length.min(BODY_HINT)));
            all.extend_from_slice(first);
            *self = Pieces::Many(all);
        }
    }

    fn len(&self) -> usize {
        match self {
            Pieces::Empty => 0,
            Pieces::One(first) => first.len(),
            Pieces::Many(all) => all.len(),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Pieces::Empty => Bytes::new(),
            Pieces::One(first) => first,
            Pieces::Many(all) => all.freeze(),
        }
    }
}

/// Room that an announced length alone gets: beyond it, only bytes that came take memory.
const BODY_HINT: usize = 256 * 1024;
