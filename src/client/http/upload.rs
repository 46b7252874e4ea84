//! A request's body on its way out, read from files as the socket takes it.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
};

use bytes::{Bytes, BytesMut};

use crate::sys::errno;

/// What is sent behind a request's head, in order. An empty one sends nothing.
#[derive(Debug, Default)]
pub struct Upload {
    pieces: VecDeque<Piece>,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    File { file: File, offset: u64, left: u64 },
}

/// Why a file cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// The system's.
    #[error("{}", errno::text(*.0))]
    Os(i32),
    /// It is no file, or has not so many bytes.
    #[error("the file has not the bytes that were asked for")]
    TooShort,
}

impl Upload {
    /// Adds bytes.
    pub fn bytes(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.pieces.push_back(Piece::Bytes(bytes));
        }
    }

    /// Adds `length` bytes of the file at `path` from `offset` on. It is opened now and read when
    /// it is sent.
    ///
    /// # Errors
    /// It cannot be opened, or has not so many bytes.
    pub fn file(&mut self, path: &Path, offset: u64, length: u64) -> Result<(), UploadError> {
        let os = |error: io::Error| UploadError::Os(errno::of(&error));
        // Opening a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(os)?.is_file() {
            return Err(UploadError::TooShort);
        }
        let file = File::open(path).map_err(os)?;
        let size = file.metadata().map_err(os)?.len();
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return Err(UploadError::TooShort);
        }
        if length > 0 {
            self.pieces.push_back(Piece::File { file, offset, left: length });
        }
        Ok(())
    }

    /// Bytes still to be sent.
    #[must_use]
    pub fn len(&self) -> u64 {
        let sizes = self.pieces.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File { left, .. } => *left,
        });
        sizes.fold(0, u64::saturating_add)
    }

    /// Bytes of memory that it holds.
    #[must_use]
    pub fn held(&self) -> usize {
        let sizes = self.pieces.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.len(),
            Piece::File { .. } => 0,
        });
        sizes.sum()
    }

    /// Whether all is sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Moves up to `most` bytes to the end of `out`.
    ///
    /// # Errors
    /// The file's errno; `EIO` for one that got shorter since it was opened.
    pub(super) fn read(&mut self, out: &mut BytesMut, mut most: usize) -> Result<(), i32> {
        while most > 0
            && let Some(first) = self.pieces.front_mut()
        {
            let (moved, gone) = match first {
                Piece::Bytes(bytes) => {
                    let part = bytes.split_to(bytes.len().min(most));
                    out.extend_from_slice(&part);
                    (part.len(), bytes.is_empty())
                }
                Piece::File { file, offset, left } => {
                    let wanted = usize::try_from(*left).unwrap_or(usize::MAX).min(most);
                    let moved = read_at(file, out, *offset, wanted)?;
                    *offset += moved as u64;
                    *left -= moved as u64;
                    (moved, *left == 0)
                }
            };
            most -= moved;
            if gone {
                self.pieces.pop_front();
            }
        }
        Ok(())
    }
}

fn read_at(file: &File, out: &mut BytesMut, offset: u64, wanted: usize) -> Result<usize, i32> {
    let start = out.len();
    out.resize(start + wanted, 0);
    let read = loop {
        let room = out.get_mut(start..).unwrap_or_default();
        match file.read_at(room, offset) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other,
        }
    };
    out.truncate(start + *read.as_ref().unwrap_or(&0));
    match read {
        Ok(0) => Err(errno::EIO),
        Ok(read) => Ok(read),
        Err(error) => Err(errno::of(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn bytes_and_parts_of_files_in_their_order() {
        let path = std::env::temp_dir().join(format!("tether-upload-{}", std::process::id()));
        File::create(&path).unwrap().write_all(b"0123456789").unwrap();
        let mut upload = Upload::default();
        upload.bytes(Bytes::from_static(b"<"));
        upload.file(&path, 2, 5).unwrap();
        upload.bytes(Bytes::from_static(b">"));
        assert_eq!((upload.len(), upload.held()), (7, 2));
        assert_eq!(upload.file(&path, 2, 9), Err(UploadError::TooShort));
        assert_eq!(upload.file(&path, u64::MAX, 9), Err(UploadError::TooShort));
        assert_eq!(upload.file(Path::new("/"), 0, 0), Err(UploadError::TooShort));
        let missing = upload.file(Path::new("/nonexistent"), 0, 0);
        assert_eq!(missing, Err(UploadError::Os(errno::ENOENT)));
        let mut out = BytesMut::new();
        while !upload.is_empty() {
            let before = out.len();
            upload.read(&mut out, 3).unwrap();
            assert!(out.len() - before <= 3);
        }
        assert_eq!(&out[..], b"<23456>");

        upload.file(&path, 0, 10).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(4).unwrap();
        assert_eq!(upload.read(&mut out, 100), Err(errno::EIO));
        std::fs::remove_file(&path).unwrap();
    }
}
