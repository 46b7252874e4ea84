//! Rows of the ledger, as the engine writes and shows them.

use std::time::{Duration, UNIX_EPOCH};

use crate::{
    ledger::{Entry, Kind, RowId},
    reactor::wall,
    zend::{ObjRef, Value, ZStr, error},
};

use super::ledger;

/// Opens the row of a reference on `value`: a callable, or what a watcher watches.
pub(in crate::php) fn open_row(kind: Kind, value: &Value, state: &'static str) -> RowId {
    let first = || value.as_array().and_then(|pair| pair.get_index(0)?.as_object());
    let object = value.as_object().or_else(first);
    ledger().open(Entry {
        kind,
        class: object.as_ref().map(ObjRef::class_name),
        object_id: object.as_ref().map_or(0, ObjRef::id),
        state,
        peer: None,
        site: site(),
        since: since(),
    })
}

/// The PHP file and line that runs now.
pub(in crate::php) fn site() -> Option<(ZStr, u32)> {
    let (file, line) = error::calling_site();
    file.map(|file| (file, line))
}

/// Now, as rows write it.
pub(in crate::php) fn since() -> Duration {
    wall().duration_since(UNIX_EPOCH).unwrap_or_default()
}
