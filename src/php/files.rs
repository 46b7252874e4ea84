//! Files that a program names to be sent.

use std::{fs::File, path::Path};

/// Opens a regular file, and checks that the part lies within it; a length of 0 is all from `offset` on.
pub(super) fn open_part(name: &str, offset: i64, length: i64) -> Result<(File, u64, u64), String> {
    // A pipe would block in open() until somebody writes to it: only regular files are opened.
    let path = Path::new(name);
    let before = path.metadata().map_err(|error| error.to_string())?;
    if !before.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let size = file.metadata().map_err(|error| error.to_string())?.len();
    if size == 0 {
        return Err("it is empty".to_owned());
    }
    let part = u64::try_from(offset).ok().zip(u64::try_from(length).ok());
    let part = part.filter(|(offset, length)| *offset < size && *length <= size - offset);
    match part {
        Some((offset, 0)) => Ok((file, offset, size - offset)),
        Some((offset, length)) => Ok((file, offset, length)),
        None => Err(format!("offset {offset} and length {length} are not within {size} bytes")),
    }
}
