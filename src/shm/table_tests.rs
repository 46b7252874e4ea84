use super::{super::Seen, *};
use std::{sync::Arc, thread};

fn table(rows: usize) -> Table {
    let mut schema = Schema::default();
    schema.add(b"n", Kind::Int(4));
    schema.add(b"f", Kind::Float);
    schema.add(b"s", Kind::Str(11));
    Table::new(rows, 0.2, schema).unwrap()
}

fn row(table: &Table, key: &[u8]) -> Option<(i64, f64, Vec<u8>)> {
    let mut out = Row::default();
    if !table.get(key, None, &mut out) {
        return None;
    }
    let cells: Vec<_> = out.cells().collect();
    let [Cell::Int(n), Cell::Float(f), Cell::Str(s)] = cells[..] else { unreachable!() };
    Some((n, f, s.to_vec()))
}

#[test]
fn rows_are_written_merged_and_removed() {
    let t = table(16);
    assert_eq!(row(&t, b"a"), None);
    t.set(b"a", &[(0, Cell::Int(i64::from(i32::MAX) + 1)), (2, Cell::Str(b"hello world, all"))])
        .unwrap();
    assert_eq!(row(&t, b"a"), Some((i64::from(i32::MIN), 0.0, b"hello world".to_vec())));
    t.set(b"a", &[(1, Cell::Float(1.5))]).unwrap();
    assert_eq!(row(&t, b"a"), Some((i64::from(i32::MIN), 1.5, b"hello world".to_vec())));
    assert_eq!(t.add(b"a", 0, Number::Int(-1)).unwrap(), Number::Int(i64::from(i32::MAX)));
    assert_eq!(t.add(b"b", 1, Number::Float(2.0)).unwrap(), Number::Float(2.0));
    assert_eq!(t.len(), 2);
    assert!(t.remove(b"a"));
    assert!(!t.remove(b"a"));
    assert!(!t.contains(b"a"));
    assert!(t.contains(b"b"));
    // A row used again has nothing of the old one.
    t.set(b"c", &[]).unwrap();
    assert_eq!(row(&t, b"c"), Some((0, 0.0, Vec::new())));
    assert_eq!(t.len(), 2);
}

#[test]
fn keys_are_cut_and_every_length_is_told_apart() {
    let t = table(1024);
    for len in 0..=70 {
        t.set(&vec![b'k'; len], &[(0, Cell::Int(len as i64))]).unwrap();
    }
    assert_eq!(t.len(), 65);
    assert_eq!(row(&t, &[b'k'; 100]).unwrap().0, 70);
    assert_eq!(row(&t, &[b'k'; 63]).unwrap().0, 63);
    assert_eq!(row(&t, b"").unwrap().0, 0);
    assert_eq!(row(&t, b"\0"), None);
    let mut seen = 0;
    let mut at = 0;
    while let Some((place, key)) = t.next(at, &mut Row::default()) {
        assert!(key.iter().all(|c| *c == b'k'));
        seen += key.len();
        at = place + 1;
    }
    assert_eq!(seen, (0..=64).sum::<usize>());
}

#[test]
fn a_full_table_says_so_until_a_row_goes() {
    let t = table(16);
    let keys: Vec<_> = (0..t.capacity()).map(|i| format!("key {i}")).collect();
    for key in &keys {
        t.set(key.as_bytes(), &[]).unwrap();
    }
    assert_eq!(t.set(b"more", &[]), Err(Full));
    assert_eq!(t.add(b"more", 0, Number::Int(1)), Err(Full));
    t.set(keys[3].as_bytes(), &[(0, Cell::Int(1))]).unwrap();
    assert!(t.remove(keys[3].as_bytes()));
    t.set(b"more", &[]).unwrap();
    assert_eq!(t.len(), t.capacity());
}

#[test]
fn readers_never_see_half_a_row_and_nothing_is_lost() {
    let t = Arc::new(table(64));
    let writers: Vec<_> = (0..3)
        .map(|writer: i64| {
            let t = Arc::clone(&t);
            thread::spawn(move || {
                for i in 0..20_000 {
                    let text = format!("{i:010}");
                    let cells = [
                        (0, Cell::Int(i)),
                        (1, Cell::Float(i as f64)),
                        (2, Cell::Str(text.as_bytes())),
                    ];
                    t.set(b"row", &cells).unwrap();
                    t.add(b"sum", 0, Number::Int(1)).unwrap();
                    let own = format!("own {writer} {}", i % 7);
                    t.set(own.as_bytes(), &cells).unwrap();
                    if i % 2 == 0 {
                        t.remove(own.as_bytes());
                        t.remove(b"row");
                    }
                }
            })
        })
        .collect();
    while !writers.iter().all(thread::JoinHandle::is_finished) {
        if let Some((n, f, s)) = row(&t, b"row") {
            assert!((f - n as f64).abs() < 0.1, "{n} {f}");
            assert_eq!(s, format!("{n:010}").into_bytes());
        }
        // At a glance too: half a row is never told as a whole one.
        let numbers = |row: Sight<'_>| match (row.cell(0), row.cell(1), row.cell(9)) {
            (Some(Seen::Int(n)), Some(Seen::Float(f)), None) => (n, f),
            _ => unreachable!(),
        };
        if let Ok(Some((n, f))) = t.peek(b"row", numbers) {
            assert!((f - n as f64).abs() < 0.1, "{n} {f}");
        }
        let mut out = Row::default();
        let mut at = 0;
        while let Some((place, key)) = t.next(at, &mut out) {
            let cells: Vec<_> = out.cells().collect();
            let [Cell::Int(n), Cell::Float(f), Cell::Str(s)] = cells[..] else { unreachable!() };
            if key != b"sum" {
                assert!((f - n as f64).abs() < 0.1, "{n} {f}");
                assert_eq!(s, format!("{n:010}").into_bytes());
            }
            at = place + 1;
        }
    }
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(row(&t, b"sum").unwrap().0, 60_000);
    let mut count = 0;
    let mut at = 0;
    while let Some((place, _)) = t.next(at, &mut Row::default()) {
        count += 1;
        at = place + 1;
    }
    assert_eq!(count, t.len());
}

#[test]
fn what_a_killed_writer_left_is_put_right() {
    let dead = owner::me() + (1 << 30);
    let t = table(4);
    for key in [b"a", b"b", b"c"] {
        t.set(key, &[(0, Cell::Int(1))]).unwrap();
    }
    let key = Key::new(b"a");
    let (hash, bucket) = t.place(&key);
    let (row_a, _) = t.walk(bucket, hash, &key).unwrap();
    // Killed between marking the row and unlinking it: it stays.
    t.word(row_a + STATE).store(dead, Ordering::SeqCst);
    // And with a row of its own that it had not linked yet.
    let claimed = t.claim().unwrap();
    t.word(t.row(claimed) + STATE).store(dead, Ordering::SeqCst);
    t.word(bucket).store(dead, Ordering::SeqCst);
    assert_eq!(t.len(), 4);
    assert_eq!(row(&t, b"a").unwrap().0, 1);
    t.set(b"a", &[(0, Cell::Int(2))]).unwrap();
    assert_eq!(t.len(), 3);
    assert_eq!(t.word(row_a + STATE).load(Ordering::SeqCst), LINKED);

    // The pool's owner is killed after taking a row and before counting it.
    t.word(0).store(dead, Ordering::SeqCst);
    t.word(IN_USE).store(99, Ordering::SeqCst);
    t.word(FREE).store(0, Ordering::SeqCst);
    assert!(t.remove(b"b"));
    assert_eq!(t.len(), 2);
    t.set(b"d", &[]).unwrap();
    t.set(b"e", &[]).unwrap();
    t.set(b"f", &[]).unwrap();
    assert_eq!(t.len(), t.capacity());

    // A full table looks for what the dead have kept.
    let lost = Key::new(b"d");
    let (_, bucket) = t.place(&lost);
    assert!(t.remove(b"d"));
    let claimed = t.claim().unwrap();
    t.word(t.row(claimed) + STATE).store(dead, Ordering::SeqCst);
    t.word(bucket).store(dead, Ordering::SeqCst);
    t.set(b"g", &[]).unwrap();
    assert!(t.contains(b"g"));
    assert_eq!(t.len(), t.capacity());
}
