//! From PHP's option arrays to resolved configurations, with the warnings that PHP users see.

use std::cell::RefCell;

use crate::{
    options::{OptionError, OptionValue, Resolved},
    zend::{Array, Kind, ObjRef, Slot, Thrown, Value, array::Key, error, module::ini_bool},
};

/// Raises a warning unless `swoole.display_errors` is off. `Err`: an error handler threw.
pub(super) fn warn(text: &str) -> Result<(), Thrown> {
    if ini_bool("swoole.display_errors") { error::warning(text) } else { Ok(()) }
}

/// Merges `given` into the object's `setting` property, as the classic `set()` does, and gives
/// what it holds then.
pub(super) fn merge(object: &ObjRef, slot: Slot, given: &Array) -> Array {
    let mut merged = object.slot(slot).as_array().unwrap_or_else(|| Array::new(given.len()));
    merged.merge(given);
    object.set_slot(slot, merged.clone());
    merged
}

/// Merges `given` into the object's options and resolves them all into `config`, with a warning for each thing
/// worth one that was not said of the options before. `Err`: the wrong type or value was thrown and
/// the options are as they were, or an error handler threw.
pub(super) fn set<C>(
    object: &ObjRef,
    slot: Slot,
    given: &Array,
    config: &RefCell<C>,
    resolve: impl Fn(&[(String, OptionValue)]) -> Result<Resolved<C>, OptionError>,
) -> Result<(), Thrown> {
    let before = object.slot(slot).as_array();
    let told = before.as_ref().and_then(|before| resolve(&options(before)).ok());
    let told = told.map_or_else(Vec::new, |resolved| resolved.warnings);
    let mut merged = before.unwrap_or_else(|| Array::new(given.len()));
    merged.merge(given);
    let resolved = resolve(&options(&merged)).map_err(|refused| throw(&refused))?;
    object.set_slot(slot, merged);
    for text in resolved.warnings.iter().filter(|text| !told.contains(text)) {
        warn(text)?;
    }
    config.replace(resolved.config);
    Ok(())
}

/// Resolves options that belong to one call, with a warning for each thing worth one. `Err`: the
/// wrong type or value was thrown, or an error handler threw.
pub(super) fn resolve<C>(
    given: &Array,
    resolve: impl Fn(&[(String, OptionValue)]) -> Result<Resolved<C>, OptionError>,
) -> Result<C, Thrown> {
    let resolved = resolve(&options(given)).map_err(|refused| throw(&refused))?;
    for text in &resolved.warnings {
        warn(text)?;
    }
    Ok(resolved.config)
}

fn throw(refused: &OptionError) -> Thrown {
    match refused {
        OptionError::Type(text) => error::throw_type_error(text),
        OptionError::Value(text) => error::throw_value_error(text),
    }
}

fn options(given: &Array) -> Vec<(String, OptionValue)> {
    given.iter().filter_map(|(key, value)| Some((name(key)?, option(&value)))).collect()
}

fn name(key: Key) -> Option<String> {
    match key {
        Key::Str(name) => Some(String::from_utf8_lossy(&name).into_owned()),
        Key::Index(_) => None,
    }
}

fn option(value: &Value) -> OptionValue {
    match value.kind() {
        Kind::Null => OptionValue::Null,
        Kind::Bool => OptionValue::Bool(value.is_true()),
        Kind::Long => OptionValue::Long(value.to_long()),
        Kind::Double => OptionValue::Double(value.to_double()),
        Kind::Str => OptionValue::Str(value.as_str().unwrap_or_default().to_vec()),
        Kind::Array => {
            let list = value.as_array().map(|list| list.values().map(|v| v.to_long()).collect());
            OptionValue::List(list.unwrap_or_default())
        }
        Kind::Object => OptionValue::Other("object"),
        Kind::Resource => OptionValue::Other("resource"),
    }
}
