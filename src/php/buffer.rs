//! `Swoole\Buffer`: bytes that grow in place. It is this process's own; a fork copies it.

use std::cell::RefCell;

use crate::zend::{
    Arg, Call, ClassDef, Method, Slot, State, Thrown,
    class::{Class, Handlers},
    define::Const,
    error,
};

use super::{exception::EXCEPTION, settings::warn};

static BUFFER: Class = Class::new("Swoole\\Buffer");
static HANDLERS: Handlers = Handlers::new();
const CAPACITY: Slot = Slot(0);
const LENGTH: Slot = Slot(1);

/// What a new one has room for, bytes.
const DEFAULT: i64 = 128;
/// The largest, bytes.
const MAX: usize = 128 << 20;

/// Registers the class.
pub(super) fn register() {
    ClassDef::new::<Buffer>(&BUFFER)
        .alias("swoole_buffer")
        .property("capacity", Const::Long(DEFAULT))
        .property("length", Const::Long(0))
        .method(Method::new("__construct", construct).arg(Arg::new("size", "int").default("128")))
        .method(Method::new("append", append).arg(Arg::new("data", "string")).returns("int|false"))
        .method(
            Method::new("write", write)
                .arg(Arg::new("offset", "int"))
                .arg(Arg::new("data", "string"))
                .returns("int|false"),
        )
        .method(
            Method::new("read", read)
                .arg(Arg::new("offset", "int"))
                .arg(Arg::new("length", "int"))
                .returns("string|false"),
        )
        .method(
            Method::new("substr", substr)
                .arg(Arg::new("offset", "int"))
                .arg(Arg::new("length", "int").default("-1"))
                .arg(Arg::new("remove", "bool").default("false"))
                .returns("string|false"),
        )
        .method(Method::new("expand", expand).arg(Arg::new("size", "int")).returns("int|false"))
        .method(Method::new("recycle", recycle).returns("bool"))
        .method(Method::new("clear", clear).returns("bool"))
        .method(Method::new("__toString", to_string).returns("string"))
        .register();
}

/// The state of a `Swoole\Buffer`.
struct Buffer(RefCell<Bytes>);

#[derive(Default)]
struct Bytes {
    data: Vec<u8>,
    /// What was asked for, or what it has grown to by doubling; the memory follows the data.
    capacity: usize,
}

impl State for Buffer {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        let capacity = usize::try_from(DEFAULT).unwrap_or(0);
        Buffer(RefCell::new(Bytes { data: Vec::new(), capacity }))
    }
}

impl Bytes {
    /// Writes at `offset`, at most the end; `false`: it would become too large.
    fn write(&mut self, offset: usize, text: &[u8]) -> bool {
        let end = offset.saturating_add(text.len());
        if end > MAX {
            return false;
        }
        if end > self.capacity {
            self.capacity = end.next_power_of_two().min(MAX);
        }
        let inside = text.len().min(self.data.len() - offset.min(self.data.len()));
        let (over, beyond) = text.split_at(inside);
        if let Some(place) = self.data.get_mut(offset..offset + inside) {
            place.copy_from_slice(over);
        }
        self.data.extend_from_slice(beyond);
        true
    }

    /// The range meant by an offset (negative: from the end) and a length (negative: up to the
    /// end); `None`: outside.
    fn range(&self, offset: i64, length: i64) -> Option<std::ops::Range<usize>> {
        let len = self.data.len();
        let start = self.place(offset)?;
        let length = usize::try_from(length).unwrap_or(len - start);
        let end = start.checked_add(length)?;
        (length > 0 && end <= len).then_some(start..end)
    }

    fn place(&self, offset: i64) -> Option<usize> {
        let len = self.data.len();
        let back = usize::try_from(offset.unsigned_abs()).ok()?;
        if offset < 0 { len.checked_sub(back) } else { (back <= len).then_some(back) }
    }
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    let size = call.long_or(0, DEFAULT)?;
    let size = usize::try_from(size).ok().filter(|size| (1..=MAX).contains(size));
    let Some(capacity) = size else {
        let text = format!("The buffer's size must be between 1 and {MAX} bytes");
        return Err(error::throw(&EXCEPTION, &text, 0));
    };
    call.this::<Buffer>()?.0.replace(Bytes { data: Vec::new(), capacity });
    show(call)
}

/// Writes the two properties.
fn show(call: &Call<'_>) -> Result<(), Thrown> {
    let (capacity, length) = {
        let bytes = call.this::<Buffer>()?.0.borrow();
        (bytes.capacity, bytes.data.len())
    };
    let this = call.this_object()?;
    this.set_slot(CAPACITY, i64::try_from(capacity).unwrap_or(0));
    this.set_slot(LENGTH, i64::try_from(length).unwrap_or(0));
    Ok(())
}

fn append(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let text = call.str(0)?;
    let end = call.this::<Buffer>()?.0.borrow().data.len();
    put(call, end, text)
}

fn write(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (offset, text) = (call.long(0)?, call.str(1)?);
    let place = call.this::<Buffer>()?.0.borrow().place(offset);
    match place {
        Some(place) => put(call, place, text),
        None => refuse(call, "The offset lies outside of the buffer"),
    }
}

fn put(call: &Call<'_>, at: usize, text: &[u8]) -> Result<(), Thrown> {
    if text.is_empty() {
        return refuse(call, "The data is empty");
    }
    let (done, length) = {
        let mut bytes = call.this::<Buffer>()?.0.borrow_mut();
        (bytes.write(at, text), bytes.data.len())
    };
    if !done {
        return refuse(call, &format!("A buffer has at most {MAX} bytes"));
    }
    call.ret_long(i64::try_from(length).unwrap_or(0));
    show(call)
}

fn read(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (offset, length) = (call.long(0)?, call.long(1)?);
    cut(call, offset, length, false)
}

fn substr(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 3)?;
    let (offset, length) = (call.long(0)?, call.long_or(1, -1)?);
    let remove = call.bool_or(2, false)?;
    cut(call, offset, length, remove)
}

fn cut(call: &Call<'_>, offset: i64, length: i64, remove: bool) -> Result<(), Thrown> {
    let found = {
        let mut bytes = call.this::<Buffer>()?.0.borrow_mut();
        let range = bytes.range(offset, length);
        range.map(|range| {
            let text = bytes.data.get(range.clone()).unwrap_or_default().to_vec();
            if remove {
                bytes.data.drain(range);
            }
            text
        })
    };
    match found {
        Some(text) => {
            call.ret_str(&text);
            show(call)
        }
        None => refuse(call, "The offset and the length reach outside of the buffer"),
    }
}

fn expand(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let size = usize::try_from(call.long(0)?).unwrap_or(0);
    if size > MAX {
        return refuse(call, &format!("A buffer has at most {MAX} bytes"));
    }
    if size <= call.this::<Buffer>()?.0.borrow().capacity {
        return refuse(call, "The new size must be larger than the present one");
    }
    call.this::<Buffer>()?.0.borrow_mut().capacity = size;
    call.ret_long(i64::try_from(size).unwrap_or(0));
    show(call)
}

/// Gives unused memory back.
fn recycle(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.this::<Buffer>()?.0.borrow_mut().data.shrink_to_fit();
    call.ret_bool(true);
    Ok(())
}

fn clear(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.this::<Buffer>()?.0.borrow_mut().data.clear();
    call.ret_bool(true);
    show(call)
}

fn to_string(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let bytes = call.this::<Buffer>()?.0.borrow();
    call.ret_str(&bytes.data);
    Ok(())
}

fn refuse(call: &Call<'_>, why: &str) -> Result<(), Thrown> {
    call.ret_bool(false);
    warn(why)
}
