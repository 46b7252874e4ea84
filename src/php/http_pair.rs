//! The two objects of a request. When nobody kept them they serve the next request: they are
//! destroyed all the same, only their memory is not given back.

use std::cell::Cell;

use crate::zend::{ObjRef, Thrown, Value};

use super::{
    http_request::{self, REQUEST},
    http_response::{self, RESPONSE},
};

/// Objects that are as good as new, at most one of each class.
#[derive(Default)]
pub(super) struct Spares {
    request: Cell<Option<ObjRef>>,
    response: Cell<Option<ObjRef>>,
}

/// The arguments of one onRequest. Dropping it releases the request, then the response.
pub(super) struct Pair<'a> {
    values: [Value; 2],
    spares: &'a Spares,
}

impl Spares {
    /// A request and a response, to be set up.
    pub(super) fn take(&self) -> Result<[ObjRef; 2], Thrown> {
        match (self.request.take(), self.response.take()) {
            (Some(request), Some(response)) => Ok([request, response]),
            (None, None) => ObjRef::new_each([&REQUEST, &RESPONSE]),
            (Some(request), None) => Ok([request, ObjRef::new_of(&RESPONSE)?]),
            (None, Some(response)) => Ok([ObjRef::new_of(&REQUEST)?, response]),
        }
    }

    /// The two as arguments; they come back when these are released.
    pub(super) fn lend(&self, [request, response]: [ObjRef; 2]) -> Pair<'_> {
        Pair { values: [request.into(), response.into()], spares: self }
    }

    /// Frees what is kept.
    pub(super) fn clear(&self) {
        drop(self.request.take());
        drop(self.response.take());
    }
}

impl AsRef<[Value]> for Pair<'_> {
    fn as_ref(&self) -> &[Value] {
        &self.values
    }
}

impl Drop for Pair<'_> {
    fn drop(&mut self) {
        let [request, response] = std::mem::replace(&mut self.values, [const { Value::null() }; 2]);
        let request = request.into_object().and_then(http_request::release);
        if request.is_some() {
            drop(self.spares.request.replace(request));
        }
        let response = response.into_object().and_then(http_response::release);
        if response.is_some() {
            drop(self.spares.response.replace(response));
        }
    }
}
