//! `Swoole\Http\Response`.

use std::rc::Rc;

use crate::{
    server::{ExchangeId, SessionId, Worker},
    zend::{ObjRef, Thrown, error},
};

pub(super) fn register() {}

pub(super) fn new(_: &Rc<Worker>, _: ExchangeId, _: SessionId, _: usize) -> Result<ObjRef, Thrown> {
    Err(error::throw_error("not there yet"))
}
