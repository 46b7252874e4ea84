//! `Swoole\Table\Row`: what `$table[$key]` gives: a copy of a row whose writes reach the table.

use std::{cell::RefCell, rc::Rc};

use crate::zend::{
    Arg, Array, Call, ClassDef, Method, ObjRef, Slot, State, Thrown, Value, ZStr,
    class::{Class, Handlers},
    define::{Const, Interface},
    error,
};

use super::table::Made;

static ROW: Class = Class::new("Swoole\\Table\\Row");
static HANDLERS: Handlers = Handlers::new();
const KEY: Slot = Slot(0);
const VALUE: Slot = Slot(1);

/// Registers the class.
pub(super) fn register() {
    let offset = || Arg::new("offset", "mixed");
    ClassDef::new::<Row>(&ROW)
        .alias("swoole_table_row")
        .implements(Interface::ArrayAccess)
        .property("key", Const::Null)
        .property("value", Const::Null)
        .method(Method::new("offsetExists", exists).arg(offset()).returns("bool"))
        .method(Method::new("offsetGet", get).arg(offset()).returns("mixed"))
        .method(
            Method::new("offsetSet", set)
                .arg(offset())
                .arg(Arg::new("value", "mixed"))
                .returns("void"),
        )
        .method(Method::new("offsetUnset", unset).arg(offset()).returns("void"))
        .register();
}

/// The state of a `Swoole\Table\Row`: the table outlives its object here.
struct Row(RefCell<Option<(Rc<Made>, ZStr)>>);

impl State for Row {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
    fn create() -> Self {
        Row(RefCell::new(None))
    }
}

/// A row object with these values, empty for a row that is not there.
pub(super) fn new(made: Rc<Made>, key: ZStr, row: Array) -> Result<ObjRef, Thrown> {
    let object = ObjRef::new_of(&ROW)?;
    object.set_slot(KEY, key.clone());
    object.set_slot(VALUE, row);
    if let Some(state) = object.as_state::<Row>() {
        state.0.replace(Some((made, key)));
    }
    Ok(object)
}

fn exists(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let name = call.value(0).to_zstr()?;
    let values = call.this_object()?.slot(VALUE).as_array();
    call.ret_bool(values.is_some_and(|values| values.get(&name).is_some()));
    Ok(())
}

/// A column that the row has not is null, with PHP's warning for array keys.
fn get(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    let name = call.value(0).to_zstr()?;
    let values = call.this_object()?.slot(VALUE).as_array();
    match values.and_then(|values| values.get(&name)) {
        Some(value) => call.ret_value(value),
        None => {
            error::warning(&format!("The row has no column {}", String::from_utf8_lossy(&name)))?;
        }
    }
    Ok(())
}

fn set(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(2, 2)?;
    if !call.given(0) {
        return Err(error::throw_error("A column of a row needs a name"));
    }
    let name = call.value(0).to_zstr()?;
    let this = call.this_object()?;
    let target = call.this::<Row>()?.0.borrow().clone();
    let Some((made, key)) = target else {
        return Err(error::throw_error("The row belongs to no table"));
    };
    let mut change = Array::new(1);
    change.insert(&name, call.value(1));
    if made.set(&key, &change)? {
        let row = made.get_all(&key).map_or(Value::null(), Value::from);
        this.set_slot(VALUE, row);
    }
    Ok(())
}

fn unset(call: &Call<'_>) -> Result<(), Thrown> {
    call.args(1, 1)?;
    Err(error::throw_error("A column of a row cannot be removed"))
}
