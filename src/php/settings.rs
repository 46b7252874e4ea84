//! From PHP's option arrays to resolved configurations, with the warnings that PHP users see.

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

/// Resolves `given`, and raises a warning for each thing worth one. `Err`: the wrong type or value
/// was thrown, or an error handler threw.
pub(super) fn resolve<C>(
    given: &Array,
    resolve: impl FnOnce(&[(String, OptionValue)]) -> Result<Resolved<C>, OptionError>,
) -> Result<C, Thrown> {
    let options: Vec<_> =
        given.iter().filter_map(|(key, value)| Some((name(key)?, option(&value)))).collect();
    match resolve(&options) {
        Ok(resolved) => {
            for text in &resolved.warnings {
                warn(text)?;
            }
            Ok(resolved.config)
        }
        Err(OptionError::Type(text)) => Err(error::throw_type_error(&text)),
        Err(OptionError::Value(text)) => Err(error::throw_value_error(&text)),
    }
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
        Kind::Array => OptionValue::Other("array"),
        Kind::Object => OptionValue::Other("object"),
        Kind::Resource => OptionValue::Other("resource"),
    }
}
