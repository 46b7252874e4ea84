//! The ledger: one row for every reference that the engine holds on a PHP value.
//!
//! A row exists if and only if the reference does: it is opened by whoever takes the reference and
//! closed by whoever drops it (rules T1-T3 of the memory contract). The ledger knows no PHP: names
//! are handles of the type `N` that cost a reference count and no copy.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use slab::Slab;

/// What kind of reference a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An async client, from connect to the end of its connection.
    Client,
    /// A callback that waits for an answer of the engine (a name, a file).
    Reply,
    /// A timer's callback and arguments.
    Timer,
    /// A descriptor of `Event::add` and its callbacks.
    Watcher,
    /// A deferred or per-turn callback.
    Defer,
    /// A signal's callback.
    Signal,
    /// A task's callback.
    Task,
    /// A running server.
    Server,
}

impl Kind {
    /// All kinds, with the names that PHP sees.
    pub const ALL: [(Kind, &'static str); 8] = [
        (Kind::Client, "client"),
        (Kind::Reply, "reply"),
        (Kind::Timer, "timer"),
        (Kind::Watcher, "watcher"),
        (Kind::Defer, "defer"),
        (Kind::Signal, "signal"),
        (Kind::Task, "task"),
        (Kind::Server, "server"),
    ];

    /// The kind's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Kind> {
        Kind::ALL.iter().find(|(_, known)| known.as_bytes() == name).map(|(kind, _)| *kind)
    }
}

/// Names a row: its number, and where it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowId {
    number: Number,
    place: usize,
}

/// A row's number. Numbers start at 1, grow, and are never used again in a process; 0 is no row.
pub type Number = u64;

impl RowId {
    /// The row's number, which outlives the row.
    #[must_use]
    pub fn number(self) -> Number {
        self.number
    }
}

/// What is known of a reference when it is taken.
#[derive(Clone, Debug)]
pub struct Entry<N> {
    /// What it is for.
    pub kind: Kind,
    /// The class of the value, if it is an object.
    pub class: Option<N>,
    /// PHP's number of that object, 0 if there is none.
    pub object_id: u32,
    /// Where the object's state stands: `connecting`, `open`, `closing`, `waiting` ...
    pub state: &'static str,
    /// The other end: host or path, and port (0: none).
    pub peer: Option<(N, u16)>,
    /// The PHP file and line that made it.
    pub site: Option<(N, u32)>,
    /// When, on the wall clock, since the epoch.
    pub since: Duration,
}

/// A row as it stands in the ledger.
#[derive(Clone, Debug)]
pub struct Row<N> {
    /// Its number.
    pub id: Number,
    /// What it says.
    pub entry: Entry<N>,
    /// The row in whose callback it was made; 0 if in none. The number stays when that row goes.
    pub parent: Number,
}

/// The rows of one process. All methods take `&self` and none calls out.
#[derive(Debug)]
pub struct Ledger<N> {
    inner: RefCell<Inner<N>>,
    /// The row whose callback runs.
    current: Cell<Number>,
}

#[derive(Debug)]
struct Inner<N> {
    rows: Slab<Row<N>>,
    last: Number,
}

impl<N> Default for Ledger<N> {
    fn default() -> Self {
        let inner = Inner { rows: Slab::new(), last: 0 };
        Ledger { inner: RefCell::new(inner), current: Cell::new(0) }
    }
}

impl<N: Clone> Ledger<N> {
    /// Opens a row, made by the row whose callback runs now.
    pub fn open(&self, entry: Entry<N>) -> RowId {
        let mut inner = self.inner.borrow_mut();
        inner.last += 1;
        let row = Row { id: inner.last, entry, parent: self.current.get() };
        let place = inner.rows.insert(row);
        RowId { number: inner.last, place }
    }

    /// Closes a row. The names of the row are dropped after the ledger was left.
    pub fn close(&self, id: RowId) {
        let closed = {
            let mut inner = self.inner.borrow_mut();
            inner.find(id).is_some().then(|| inner.rows.remove(id.place))
        };
        drop(closed);
    }

    /// Says where the row's object stands now.
    pub fn set_state(&self, id: RowId, state: &'static str) {
        let mut inner = self.inner.borrow_mut();
        if let Some(row) = inner.find(id) {
            row.entry.state = state;
        }
    }

    /// Declares that callbacks of `id` run from now on, and gives who was declared before, to be
    /// declared again when they have returned. 0: none.
    pub fn enter(&self, id: Number) -> Number {
        self.current.replace(id)
    }

    /// The number of the youngest row that was ever opened; 0 if none was.
    pub fn last(&self) -> Number {
        self.inner.borrow().last
    }

    /// How many rows there are of `kind`; without one, of every kind but `server`.
    #[must_use]
    pub fn count(&self, kind: Option<Kind>) -> usize {
        let inner = self.inner.borrow();
        let counts = |(_, row): &(usize, &Row<N>)| match kind {
            Some(kind) => row.entry.kind == kind,
            None => row.entry.kind != Kind::Server,
        };
        inner.rows.iter().filter(counts).count()
    }

    /// All rows, the oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<Row<N>> {
        let inner = self.inner.borrow();
        let mut rows: Vec<_> = inner.rows.iter().map(|(_, row)| row.clone()).collect();
        rows.sort_unstable_by_key(|row| row.id);
        rows
    }

    /// Forgets all rows, for a forked child: the references are its parent's.
    pub fn forget(&self) {
        let rows = std::mem::take(&mut self.inner.borrow_mut().rows);
        drop(rows);
        self.current.set(0);
    }
}

impl<N> Inner<N> {
    fn find(&mut self, id: RowId) -> Option<&mut Row<N>> {
        self.rows.get_mut(id.place).filter(|row| row.id == id.number)
    }
}

/// The rows as an indented text, a child below the row in whose callback it was made; a row whose
/// parent has gone stands at the left. `rows` are sorted by number; `line` writes one row.
pub fn tree<N>(rows: &[Row<N>], line: impl Fn(&Row<N>) -> String) -> String {
    let mut text = String::new();
    let mut children: Vec<(Number, usize)> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let known = rows.binary_search_by_key(&row.parent, |r| r.id).is_ok();
            (if known { row.parent } else { 0 }, at)
        })
        .collect();
    children.sort_unstable();
    let below = |id: Number| {
        let from = children.partition_point(|(parent, _)| *parent < id);
        let to = children.partition_point(|(parent, _)| *parent <= id);
        children.get(from..to).unwrap_or_default().iter().rev().map(|(_, at)| *at)
    };
    let mut todo: Vec<(usize, usize)> = below(0).map(|at| (at, 0)).collect();
    while let Some((at, depth)) = todo.pop() {
        let Some(row) = rows.get(at) else { continue };
        text.extend(std::iter::repeat_n("  ", depth));
        text.push_str(&line(row));
        text.push('\n');
        todo.extend(below(row.id).map(|at| (at, depth + 1)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    fn entry(kind: Kind) -> Entry<Rc<str>> {
        Entry {
            kind,
            class: Some("Swoole\\Client".into()),
            object_id: 7,
            state: "open",
            peer: Some(("127.0.0.1".into(), 80)),
            site: Some(("app.php".into(), 3)),
            since: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_row_is_there_exactly_as_long_as_it_is_open() {
        let ledger = Ledger::default();
        let server = ledger.open(entry(Kind::Server));
        let client = ledger.open(entry(Kind::Client));
        assert_eq!(ledger.count(None), 1);
        assert_eq!(ledger.count(Some(Kind::Server)), 1);
        ledger.close(client);
        ledger.close(client);
        assert_eq!(ledger.count(None), 0);
        ledger.close(server);
        assert!(ledger.rows().is_empty());
    }

    #[test]
    fn a_row_names_the_row_in_whose_callback_it_was_made() {
        let ledger = Ledger::default();
        let first = ledger.open(entry(Kind::Client));
        let before = ledger.enter(first.number());
        let second = ledger.open(entry(Kind::Client));
        let inner = ledger.enter(second.number());
        ledger.open(entry(Kind::Timer));
        ledger.enter(inner);
        ledger.open(entry(Kind::Timer));
        ledger.enter(before);
        ledger.open(entry(Kind::Defer));
        let shown = tree(&ledger.rows(), |row| format!("{} {}", row.id, row.entry.kind.name()));
        assert_eq!(shown, "1 client\n  2 client\n    3 timer\n  4 timer\n5 defer\n");
        ledger.close(first);
        let shown = tree(&ledger.rows(), |row| row.id.to_string());
        assert_eq!(shown, "2\n  3\n4\n5\n");
    }
}
