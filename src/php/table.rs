//! `Swoole\Table`: typed rows that all processes forked later share.

use std::{
    cell::{Cell as Place, RefCell},
    rc::Rc,
};

use crate::{
    shm::{Busy, Cell, Full, KEY_MAX, Kind, Number, Row, Schema, Seen, Table},
    zend::{
        Arg, Array, Call, ClassDef, Keys, Method, Slot, State, Thrown, Value, ZStr,
        array::Key,
        class::{Class, Handlers},
        define::{Const, Interface},
        error,
    },
};

use super::{settings::warn, table_row};

static TABLE: Class = Class::new("Swoole\\Table");
static HANDLERS: Handlers = Handlers::new();
const SIZE: Slot = Slot(0);
const MEMORY_SIZE: Slot = Slot(1);

const TYPE_INT: i64 = 1;
const TYPE_FLOAT: i64 = 6;
const TYPE_STRING: i64 = 7;
/// Rows: the fewest, the most.
const MIN_ROWS: usize = 1024;
const MAX_ROWS: usize = 1 << 31;
/// The widest string column, bytes.
const MAX_STRING: usize = 1 << 30;

/// Registers `Swoole\Table` and `Swoole\Table\Row`.
pub(super) fn register() {
    let key = || Arg::new("key", "string");
    let offset = || Arg::new("offset", "mixed");
    ClassDef::new::<Shared>(&TABLE)
        .alias("swoole_table")
        .implements(Interface::ArrayAccess)
        .implements(Interface::Iterator)
        .implements(Interface::Countable)
        .constant("TYPE_INT", Const::Long(TYPE_INT))
        .constant("TYPE_STRING", Const::Long(TYPE_STRING))
        .constant("TYPE_FLOAT", Const::Long(TYPE_FLOAT))
        .property("size", Const::Null)
        .property("memorySize", Const::Null)
        .method(
            Method::new("__construct", construct)
                .arg(Arg::new("rows", "int"))
                .arg(Arg::new("conflict_proportion", "float").default("0.2")),
        )
        .method(
            Method::new("column", column)
                .arg(Arg::new("name", "string"))
                .arg(Arg::new("type", "int"))
                .arg(Arg::new("size", "int").default("0"))
                .returns("bool"),
        )
        .method(Method::new("create", create).returns("bool"))
        .method(Method::new("destroy", destroy).returns("bool"))
        .method(Method::new("set", set).arg(key()).arg(Arg::new("value", "array")).returns("bool"))
        .method(
            Method::new("get", get)
                .arg(key())
                .arg(Arg::new("field", "?string").default("null"))
                .returns("mixed"),
        )
        .method(Method::new("del", del).arg(key()).returns("bool"))
        .method(Method::new("exist", exists).arg(key()).returns("bool"))
        .method(Method::new("exists", exists).arg(key()).returns("bool"))
        .method(counting("incr", increase))
        .method(counting("decr", decrease))
        .method(
            Method::new("count", count).arg(Arg::new("mode", "int").default("0")).returns("int"),
        )
        .method(Method::new("getMemorySize", memory_size).returns("int"))
        .method(Method::new("offsetExists", offset_exists).arg(offset()).returns("bool"))
        .method(Method::new("offsetGet", offset_get).arg(offset()).returns("mixed"))
        .method(
            Method::new("offsetSet", offset_set)
                .arg(offset())
                .arg(Arg::new("value", "mixed"))
                .returns("void"),
        )
        .method(Method::new("offsetUnset", offset_unset).arg(offset()).returns("void"))
        .method(Method::new("rewind", rewind).returns("void"))
        .method(Method::new("valid", valid).returns("bool"))
        .method(Method::new("current", current).returns("mixed"))
        .method(Method::new("key", current_key).returns("mixed"))
        .method(Method::new("next", next).returns("void"))
        .register();
    table_row::register();
}

/// The state of a `Swoole\Table`.
struct Shared {
    rows: Place<usize>,
    extra: Place<f64>,
    schema: RefCell<Schema>,
    made: RefCell<Option<Rc<Made>>>,
    /// The row that the iterator stands on: its place, and its key.
    cursor: RefCell<Option<(usize, Vec<u8>)>>,
    cursor_row: RefCell<Row>,
}

/// A created table as this process uses it; rows (`Table\Row`) hold it too.
pub(super) struct Made {
    pub(super) table: Table,
    /// The names of the columns, which literals of PHP code are the very same strings as.
    names: Vec<ZStr>,
    /// Makes the arrays of rows.
    keys: Keys,
    /// Where rows are copied to; taken out while in use.
    scratch: Place<Row>,
}

impl State for Shared {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        Shared {
            rows: Place::new(0),
            extra: Place::new(0.2),
            schema: RefCell::default(),
            made: RefCell::new(None),
            cursor: RefCell::new(None),
            cursor_row: RefCell::default(),
        }
    }
}

/// A value converted for its column.
enum Given {
    Int(i64),
    Float(f64),
    Str(ZStr),
}

impl Made {
    /// All columns of a row.
    pub(super) fn get_all(&self, key: &[u8]) -> Option<Array> {
        match self.table.peek(key, |row| self.keys.array(row.cells().map(seen))) {
            Ok(row) => row,
            Err(Busy) => self.get_all_in_turn(key),
        }
    }

    #[cold]
    fn get_all_in_turn(&self, key: &[u8]) -> Option<Array> {
        let mut row = self.scratch.take();
        let found = self.table.get(key, None, &mut row).then(|| self.array(&row));
        self.scratch.set(row);
        found
    }

    #[inline]
    fn get_one(&self, key: &[u8], column: usize) -> Value {
        match self.table.peek(key, |row| row.cell(column).map_or(NONE, seen)) {
            Ok(Some(value)) => value,
            Ok(None) => NONE,
            Err(Busy) => self.get_one_in_turn(key, column).unwrap_or(NONE),
        }
    }

    /// Nothing of PHP is allocated while the lock is held: the memory limit would leave it locked.
    #[cold]
    fn get_one_in_turn(&self, key: &[u8], column: usize) -> Option<Value> {
        let mut row = self.scratch.take();
        let found = self.table.get(key, Some(column), &mut row);
        let value = if found { row.cells().next().map(value) } else { None };
        self.scratch.set(row);
        value
    }

    fn array(&self, row: &Row) -> Array {
        self.keys.array(row.cells().map(value))
    }

    /// The place of a column.
    #[inline]
    fn find(&self, name: &[u8]) -> Option<usize> {
        let known = self.names.iter().position(|known| std::ptr::eq(&raw const **known, name));
        known.or_else(|| self.table.schema().find(name))
    }

    /// Converts and writes. The answer is what `set()` returns; what is worth a warning has had one.
    pub(super) fn set(&self, key: &[u8], row: &Array) -> Result<bool, Thrown> {
        let mut given = Vec::with_capacity(row.len());
        for (name, value) in row {
            let name = match name {
                Key::Str(name) => name,
                Key::Index(name) => ZStr::from_bytes(name.to_string().as_bytes()),
            };
            let Some(column) = self.find(&name) else { continue };
            given.push((column, self.convert(column, &value)?));
        }
        let cells: Vec<_> = given
            .iter()
            .map(|(column, given)| match given {
                Given::Int(v) => (*column, Cell::Int(*v)),
                Given::Float(v) => (*column, Cell::Float(*v)),
                Given::Str(text) => (*column, Cell::Str(text)),
            })
            .collect();
        check_key(key)?;
        match self.table.set(key, &cells) {
            Ok(()) => Ok(true),
            Err(Full) => {
                full()?;
                Ok(false)
            }
        }
    }

    fn convert(&self, column: usize, value: &Value) -> Result<Given, Thrown> {
        let Some(column) = self.table.schema().columns().get(column) else { return Err(Thrown) };
        let given = match column.kind {
            Kind::Int(_) => Given::Int(value.to_long()),
            Kind::Float => Given::Float(value.to_double()),
            Kind::Str(size) => {
                let text = value.to_zstr()?;
                if text.len() > size {
                    let name = String::from_utf8_lossy(&column.name);
                    warn(&format!(
                        "The value of {} bytes was cut: the column {name} holds {size}",
                        text.len()
                    ))?;
                }
                Given::Str(text)
            }
        };
        if error::pending() { Err(Thrown) } else { Ok(given) }
    }
}

/// What reading gives where nothing is.
const NONE: Value = Value::bool(false);

#[inline(always)]
fn seen(cell: Seen<'_>) -> Value {
    match cell {
        Seen::Int(v) => Value::long(v),
        Seen::Float(v) => Value::double(v),
        Seen::Str(len, words) => ZStr::from_words(len, words).into(),
    }
}

fn value(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Int(v) => Value::long(v),
        Cell::Float(v) => Value::double(v),
        Cell::Str(text) => Value::str(text),
    }
}

fn check_key(key: &[u8]) -> Result<(), Thrown> {
    if key.len() <= KEY_MAX {
        return Ok(());
    }
    warn(&format!("The key of {} bytes was cut: a key has at most {KEY_MAX}", key.len()))
}

fn full() -> Result<(), Thrown> {
    warn("The table is full: there is no memory for another row")
}

fn construct(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let rows = call.long(0)?;
    let extra = call.opt_double(1)?.unwrap_or(0.2);
    let this = call.this::<Shared>()?;
    if this.rows.get() != 0 {
        return Err(error::throw_error("The table exists already"));
    }
    let rows = usize::try_from(rows).unwrap_or(0).clamp(MIN_ROWS, MAX_ROWS).next_power_of_two();
    this.rows.set(rows);
    this.extra.set(if extra.is_nan() { 0.2 } else { extra.clamp(0.2, 1.0) });
    call.this_object()?.set_slot(SIZE, i64::try_from(rows).unwrap_or(0));
    Ok(())
}

fn column(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 3)?;
    let (name, kind, size) = (call.str(0)?, call.long(1)?, call.long_or(2, 0)?);
    let this = call.this::<Shared>()?;
    call.ret_bool(false);
    if name.is_empty() {
        return warn("A column needs a name");
    }
    if this.made.borrow().is_some() {
        return warn("The table is created: it takes no more columns");
    }
    let kind = match (kind, size) {
        (TYPE_INT, 1 | 2 | 8) => Kind::Int(u8::try_from(size).unwrap_or(8)),
        (TYPE_INT, _) => Kind::Int(4),
        (TYPE_FLOAT, _) => Kind::Float,
        (TYPE_STRING, _) => match usize::try_from(size) {
            Ok(size) if (1..=MAX_STRING).contains(&size) => Kind::Str(size),
            _ => return warn("A string column needs a size of at least 1 byte"),
        },
        _ => return warn("The column's type is none of TYPE_INT, TYPE_FLOAT, TYPE_STRING"),
    };
    this.schema.borrow_mut().add(name, kind);
    call.ret_bool(true);
    Ok(())
}

fn create(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let this = call.this::<Shared>()?;
    call.ret_bool(false);
    if this.rows.get() == 0 {
        return Err(error::throw_error("The constructor of the table was not called"));
    }
    if this.made.borrow().is_some() {
        return warn("The table is created already");
    }
    let schema = this.schema.borrow().clone();
    if schema.columns().is_empty() {
        return warn("A table needs a column");
    }
    let names = schema.columns().iter().map(|column| ZStr::interned(&column.name)).collect();
    let keys = Keys::new(schema.columns().iter().map(|column| &*column.name));
    let Ok(table) = Table::new(this.rows.get(), this.extra.get(), schema) else {
        return warn("There is not enough memory for the table");
    };
    let size = i64::try_from(table.memory()).unwrap_or(0);
    this.made.replace(Some(Rc::new(Made { table, names, keys, scratch: Place::default() })));
    call.this_object()?.set_slot(MEMORY_SIZE, size);
    call.ret_bool(true);
    Ok(())
}

/// Unmaps the table in this process; others keep it.
fn destroy(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    drop(made(call)?);
    let this = call.this::<Shared>()?;
    this.cursor.replace(None);
    this.made.replace(None);
    call.ret_bool(true);
    Ok(())
}

#[inline]
fn made(call: &Call<'_>) -> Result<Rc<Made>, Thrown> {
    match &*call.this::<Shared>()?.made.borrow() {
        Some(made) => Ok(Rc::clone(made)),
        None => Err(not_created()),
    }
}

#[cold]
fn not_created() -> Thrown {
    error::throw_error("The table must be created first")
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    let (key, row) = (call.str(0)?, call.array(1)?);
    call.ret_bool(made(call)?.set(key, &row)?);
    Ok(())
}

fn get(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 2)?;
    let (key, field) = (call.str(0)?, call.opt_str(1)?);
    // Lent, not shared as elsewhere: nothing below runs PHP code while it is.
    let lent = call.this::<Shared>()?.made.borrow();
    let Some(made) = lent.as_deref() else {
        drop(lent);
        return Err(not_created());
    };
    let found = match field {
        None => made.get_all(key).map_or(NONE, Value::from),
        Some(field) => match made.find(field) {
            Some(column) => made.get_one(key, column),
            None => {
                drop(lent);
                call.ret_bool(false);
                return no_column(field);
            }
        },
    };
    call.ret_value(found);
    Ok(())
}

fn no_column(name: &[u8]) -> Result<(), Thrown> {
    warn(&format!("The table has no column {}", String::from_utf8_lossy(name)))
}

fn del(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let key = call.str(0)?;
    let made = made(call)?;
    call.ret_bool(made.table.remove(key));
    Ok(())
}

fn exists(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let key = call.str(0)?;
    call.ret_bool(made(call)?.table.contains(key));
    Ok(())
}

fn counting<F: Fn(&Call<'_>) -> Result<(), Thrown> + Copy + 'static>(
    name: &'static str,
    body: F,
) -> Method {
    Method::new(name, body)
        .arg(Arg::new("key", "string"))
        .arg(Arg::new("column", "string"))
        .arg(Arg::new("by", "int|float").default("1"))
        .returns("int|float|false")
}

fn increase(call: &Call<'_>) -> Result<(), Thrown> {
    add(call, false)
}

fn decrease(call: &Call<'_>) -> Result<(), Thrown> {
    add(call, true)
}

fn add(call: &Call<'_>, negate: bool) -> Result<(), Thrown> {
    call.args(2, 3)?;
    let (key, name) = (call.str(0)?, call.str(1)?);
    let made = made(call)?;
    call.ret_bool(false);
    let schema = made.table.schema();
    let Some(column) = made.find(name) else { return no_column(name) };
    let kind = schema.columns().get(column).map(|column| column.kind);
    let by = match kind {
        Some(Kind::Float) => {
            let by = call.opt_double(2)?.unwrap_or(1.0);
            Number::Float(if negate { -by } else { by })
        }
        Some(Kind::Int(_)) => {
            let by = if call.given(2) { call.value(2).to_long() } else { 1 };
            Number::Int(if negate { by.wrapping_neg() } else { by })
        }
        Some(Kind::Str(_)) | None => return warn("A string column is no number"),
    };
    if error::pending() {
        return Err(Thrown);
    }
    check_key(key)?;
    match made.table.add(key, column, by) {
        Ok(Number::Int(sum)) => call.ret_long(sum),
        Ok(Number::Float(sum)) => call.ret_value(sum),
        Err(Full) => return full(),
    }
    Ok(())
}

fn count(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 1)?;
    call.ret_long(i64::try_from(made(call)?.table.len()).unwrap_or(0));
    Ok(())
}

/// In bytes, of the whole mapping.
fn memory_size(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_long(i64::try_from(made(call)?.table.memory()).unwrap_or(0));
    Ok(())
}

fn offset_exists(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let key = call.value(0).to_zstr()?;
    call.ret_bool(made(call)?.table.contains(&key));
    Ok(())
}

fn offset_get(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let key = call.value(0).to_zstr()?;
    let made = made(call)?;
    let row = made.get_all(&key).unwrap_or_else(|| Array::new(0));
    call.ret_value(table_row::new(made, key, row)?);
    Ok(())
}

fn offset_set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    if !call.given(0) {
        return Err(error::throw_error("A row of a table needs a key"));
    }
    let (key, row) = (call.value(0).to_zstr()?, call.array(1)?);
    made(call)?.set(&key, &row)?;
    Ok(())
}

fn offset_unset(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let key = call.value(0).to_zstr()?;
    made(call)?.table.remove(&key);
    Ok(())
}

fn rewind(call: &Call<'_>) -> Result<(), Thrown> {
    move_to(call, 0)
}

fn next(call: &Call<'_>) -> Result<(), Thrown> {
    let at = call.this::<Shared>()?.cursor.borrow().as_ref().map(|(place, _)| *place);
    match at {
        Some(place) => move_to(call, place + 1),
        None => call.args(0, 0),
    }
}

fn move_to(call: &Call<'_>, place: usize) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let made = made(call)?;
    let this = call.this::<Shared>()?;
    let found = made.table.next(place, &mut this.cursor_row.borrow_mut());
    this.cursor.replace(found);
    Ok(())
}

fn valid(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    call.ret_bool(call.this::<Shared>()?.cursor.borrow().is_some());
    Ok(())
}

/// The row as it was when the iterator came to it.
fn current(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    let made = made(call)?;
    let this = call.this::<Shared>()?;
    if this.cursor.borrow().is_some() {
        call.ret_value(made.array(&this.cursor_row.borrow()));
    }
    Ok(())
}

fn current_key(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(0, 0)?;
    if let Some((_, key)) = &*call.this::<Shared>()?.cursor.borrow() {
        call.ret_str(key);
    }
    Ok(())
}
