//! `Swoole\Http\Request`.

use std::rc::Rc;

use crate::{
    proto::http1::Request,
    server::{ExchangeId, Worker},
    zend::{ObjRef, Thrown, error},
};

pub(super) fn register() {}

pub(super) struct Keeper;

impl Keeper {
    pub(super) fn settle(self) {}
}

pub(super) fn keeper(_: &ObjRef) -> Keeper {
    Keeper
}

pub(super) fn new(_: &Rc<Worker>, _: ExchangeId, _: Request, _: bool) -> Result<ObjRef, Thrown> {
    Err(error::throw_error("not there yet"))
}
