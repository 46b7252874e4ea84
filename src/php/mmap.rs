//! `Swoole\Mmap`: a part of a file as a stream over shared memory.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

use crate::{
    sys::{errno, mapping::Mapping},
    zend::{Arg, Call, ClassDef, Method, Thrown, bridge, class::Class, error, stream},
};

use super::settings::warn;

static MMAP: Class = Class::new("Swoole\\Mmap");

/// Registers the class.
pub(super) fn register() {
    let open = Method::new("open", open)
        .arg(Arg::new("filename", "string"))
        .arg(Arg::new("size", "int").default("-1"))
        .arg(Arg::new("offset", "int").default("0"))
        .make_static();
    ClassDef::plain(&MMAP).alias("swoole_mmap").method(open).register();
}

struct Mapped(Mapping);

impl stream::Source for Mapped {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn read(&self, at: usize, into: &mut [u8]) -> usize {
        self.0.read(at, into)
    }

    fn write(&self, at: usize, data: &[u8]) -> usize {
        self.0.write(at, data)
    }

    fn flush(&self) -> bool {
        self.0.flush().is_ok()
    }
}

fn open(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let (name, size, offset) = (call.str(0)?, call.long_or(1, -1)?, call.long_or(2, 0)?);
    call.ret_bool(false);
    if name.is_empty() || name.contains(&0) {
        return warn("The name of the file is empty or has a null byte");
    }
    let Ok(offset) = u64::try_from(offset) else {
        return Err(error::throw_argument_value_error(2, "must be greater than or equal to 0"));
    };
    if !bridge::is_allowed_path(name)? {
        return Ok(());
    }
    match map(name, size, offset) {
        Ok(mapping) => {
            call.ret_value(stream::open(Box::new(Mapped(mapping)))?);
            Ok(())
        }
        Err(failed) => {
            let number = errno::of(&failed);
            let (name, text) = (String::from_utf8_lossy(name), errno::text(number));
            super::functions::set_last_error(number);
            warn(&format!("Unable to map '{name}', Error: {text}[{number}]"))
        }
    }
}

/// Without a size above 0: up to the end of the file.
fn map(name: &[u8], size: i64, offset: u64) -> io::Result<Mapping> {
    use std::os::unix::ffi::OsStrExt;

    let path = Path::new(std::ffi::OsStr::from_bytes(name));
    let file: File = OpenOptions::new().read(true).write(true).open(path)?;
    let rest = file.metadata()?.len().saturating_sub(offset);
    let size = u64::try_from(size).ok().filter(|size| *size > 0).unwrap_or(rest);
    let size = usize::try_from(size).map_err(|_| io::Error::from_raw_os_error(errno::EINVAL))?;
    Mapping::new(file, offset, size)
}
