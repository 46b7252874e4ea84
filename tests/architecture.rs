//! The layers, kept: who imports whom, how long a file is, where `unsafe` stands.
//!
//! It reads the sources as text, so that it needs no PHP and sees both sides of the feature gate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a layer may import: other layers (`crate::NAME`), and crates beyond `std`.
struct Layer {
    name: &'static str,
    layers: &'static [&'static str],
    crates: Crates,
}

/// Which crates a layer may name outside its tests.
enum Crates {
    /// These and no other.
    Only(&'static [&'static str]),
    /// All but these.
    AllBut(&'static [&'static str]),
}

/// The table of `ARCHITECTURE.md`.
const LAYERS: &[Layer] = &[
    Layer { name: "proto", layers: &[], crates: Crates::AllBut(IMPURE) },
    Layer { name: "options", layers: &[], crates: Crates::AllBut(IMPURE) },
    Layer { name: "ledger", layers: &[], crates: Crates::Only(&["slab"]) },
    // bytes: what is received lands in the spare capacity of a `BytesMut`, which takes unsafe code.
    Layer { name: "sys", layers: &[], crates: Crates::Only(&["libc", "socket2", "bytes"]) },
    Layer { name: "shm", layers: &["sys"], crates: Crates::Only(&[]) },
    Layer { name: "reactor", layers: &["sys"], crates: Crates::Only(&["mio"]) },
    Layer {
        name: "net",
        layers: &["reactor", "sys"],
        crates: Crates::Only(&[
            "mio",
            "bytes",
            "socket2",
            "rustls",
            "rustls_native_certs",
            "webpki",
            "pkcs8",
            "base64",
        ]),
    },
    Layer {
        name: "client",
        // sys: only its error numbers and random bytes.
        layers: &["net", "reactor", "sys", "proto", "options", "ledger"],
        crates: Crates::AllBut(&["libc", "ext_php_rs"]),
    },
    Layer {
        name: "server",
        layers: &["net", "reactor", "sys", "proto", "options", "ledger"],
        crates: Crates::AllBut(&["libc", "ext_php_rs"]),
    },
    Layer { name: "zend", layers: &[], crates: Crates::Only(&["ext_php_rs"]) },
    Layer {
        name: "php",
        layers: &[
            "proto", "options", "ledger", "sys", "shm", "reactor", "net", "client", "server",
            "zend",
        ],
        crates: Crates::AllBut(&[]),
    },
];

/// Crates that reach out of the process, or into PHP.
const IMPURE: &[&str] = &["mio", "libc", "socket2", "ext_php_rs"];
/// Crates that only derive code.
const ANYWHERE: &[&str] = &["thiserror"];
/// The two folders where `unsafe` may stand.
const UNSAFE_ISLANDS: &[&str] = &["zend", "sys"];
/// The file that may read the clock.
const CLOCK: &str = "src/reactor/clock.rs";
/// Lines in a file, its tests included.
const WALL: usize = 700;

#[test]
fn layers_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(name) = source.layer() else { continue };
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
            wrong.push(format!("{}: {name} is no layer of the table", source.path.display()));
            continue;
        };
        for (number, import) in source.imports() {
            let known = LAYERS.iter().any(|other| other.name == import);
            if known && import != name && !layer.layers.contains(&import.as_str()) {
                wrong.push(source.at(number, &format!("{name} may not use {import}")));
            }
        }
    }
    report("the import table is broken", &wrong);
}

#[test]
fn layers_name_only_crates_that_the_table_allows() {
    let crates = dependencies();
    let mut wrong = Vec::new();
    for source in sources() {
        let layer = LAYERS.iter().find(|layer| source.layer() == Some(layer.name));
        let Some(Layer { name, crates: allowed, .. }) = layer else { continue };
        for (number, line) in source.code_lines().filter(|(n, _)| !source.is_test_line(*n)) {
            for used in crates.iter().filter(|used| names_crate(line, used)) {
                let fine = match allowed {
                    Crates::Only(list) => list.contains(&used.as_str()),
                    Crates::AllBut(list) => !list.contains(&used.as_str()),
                };
                if !fine && !ANYWHERE.contains(&used.as_str()) {
                    wrong.push(source.at(number, &format!("{name} may not use the crate {used}")));
                }
            }
        }
    }
    report("the import table is broken", &wrong);
}

#[test]
fn files_stay_under_the_wall() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > WALL {
            wrong.push(source.at(lines, &format!("at most {WALL} lines: split it by purpose")));
        }
    }
    report("too long", &wrong);
}

#[test]
fn unsafe_stays_on_its_islands() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.layer().is_some_and(|layer| UNSAFE_ISLANDS.contains(&layer)) {
            continue;
        }
        for (number, line) in source.code_lines() {
            // The attribute of a generated symbol is spelled `#[unsafe(no_mangle)]`; a lint is not code.
            let attribute = line.trim_start().starts_with('#');
            if !attribute && words(line).any(|word| word == "unsafe") {
                wrong.push(source.at(number, "unsafe outside src/sys and src/zend"));
            }
            if line.contains("allow(unsafe_code") || line.contains("expect(unsafe_code") {
                wrong.push(source.at(number, "the unsafe lint is silenced"));
            }
        }
    }
    report("unsafe has left its islands", &wrong);
}

#[test]
fn nothing_is_left_to_do() {
    let marks = ["todo!", "unimplemented!", "TODO", "FIXME", "XXX"];
    let mut wrong = Vec::new();
    for source in sources() {
        for (index, line) in source.text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| line.contains(**mark)) {
                wrong.push(source.at(index + 1, &format!("{mark} is left over")));
            }
        }
    }
    report("unfinished", &wrong);
}

#[test]
fn every_folder_opens_with_its_contract() {
    let mut wrong = Vec::new();
    for source in sources() {
        let name = source.path.file_name().and_then(|name| name.to_str());
        if matches!(name, Some("mod.rs" | "lib.rs")) && !source.text.starts_with("//!") {
            wrong.push(source.at(1, "does not open with //! docs"));
        }
    }
    for folder in folders(&root().join("src")).iter().skip(1) {
        if !folder.join("mod.rs").is_file() {
            wrong.push(format!("{}: has no mod.rs", folder.display()));
        }
    }
    report("a folder without a contract", &wrong);
}

#[test]
fn one_file_reads_the_clock() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.path.ends_with(CLOCK) {
            continue;
        }
        for (number, line) in source.code_lines().filter(|(n, _)| !source.is_test_line(*n)) {
            if line.contains("Instant::now") || line.contains("SystemTime::now") {
                wrong.push(source.at(number, &format!("only {CLOCK} reads the clock")));
            }
        }
    }
    report("time is an argument", &wrong);
}

#[test]
fn the_overview_stays_short() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    let lines = text.lines().count();
    assert!(lines <= 250, "ARCHITECTURE.md has {lines} lines, at most 250");
}

#[test]
fn no_page_has_marks_of_a_merge() {
    let wrong: Vec<String> = entries(root())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.lines().any(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> "))
        })
        .map(|path| path.display().to_string())
        .collect();
    report("marks of a merge", &wrong);
}

#[test]
fn the_checks_see_what_they_look_for() {
    let source = Source {
        path: PathBuf::from("/x/src/net/a.rs"),
        text: "//! unsafe\n\
               use crate::{proto::http1::{a, b}, net};\n\
               use crate::{\n    options,\n    zend::Callback,\n};\n\
               let a = crate::sys::fork(); // crate::server\n\
               #[cfg(test)]\nmod tests {}\n"
            .into(),
    };
    assert_eq!(source.layer(), Some("net"));
    let imports = source.imports();
    let seen: Vec<_> = imports.iter().map(|(number, name)| (*number, name.as_str())).collect();
    assert_eq!(seen, [(2, "proto"), (2, "net"), (3, "options"), (3, "zend"), (7, "sys")]);
    assert_eq!(source.code_lines().count(), 8);
    assert!(source.is_test_line(9) && !source.is_test_line(7));

    assert!(names_crate("use mio::Poll;", "mio"));
    assert!(names_crate("fn f(x: &mio::Poll)", "mio"));
    assert!(!names_crate("use crate::mio::Poll;", "mio"));
    assert!(!names_crate("premio::x", "mio"));
    assert!(dependencies().contains("ext_php_rs"));
}

/// One file of `src/`.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The layer that it belongs to: its folder under `src/`, or its own name there; none: lib.rs.
    fn layer(&self) -> Option<&str> {
        let inside = self.path.strip_prefix(root()).unwrap_or(&self.path);
        let mut inside = inside.iter().skip_while(|part| *part != "src").skip(1);
        let first = inside.next()?.to_str()?;
        match first.strip_suffix(".rs") {
            Some("lib") => None,
            Some(name) => Some(name),
            None => Some(first),
        }
    }

    /// The lines that are not empty without their comments, numbered from 1. (A `//` in a string
    /// cuts its line short.)
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.text.lines().enumerate();
        numbered
            .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or(line)))
            .filter(|(_, line)| !line.trim().is_empty())
    }

    /// The first part of every `crate::` path, of a list `crate::{a::b, c}` each, and its line.
    fn imports(&self) -> Vec<(usize, String)> {
        let lines: Vec<_> = self.code_lines().collect();
        let mut found = Vec::new();
        for (index, (number, line)) in lines.iter().enumerate() {
            for (start, path) in line.match_indices("crate::") {
                let after = &line[start + path.len()..];
                let Some(list) = after.strip_prefix('{') else {
                    found.extend(words(after).next().map(|name| (*number, name.to_owned())));
                    continue;
                };
                let rest = lines.iter().skip(index + 1).map(|(_, line)| *line);
                let list: String = [list].into_iter().chain(rest).collect();
                found.extend(first_names(&list).into_iter().map(|name| (*number, name)));
            }
        }
        found
    }

    /// Whether the line stands in the tests, which close a file.
    fn is_test_line(&self, number: usize) -> bool {
        let start = self.text.lines().position(|line| line.trim() == "#[cfg(test)]");
        start.is_some_and(|start| number > start)
    }

    fn at(&self, number: usize, message: &str) -> String {
        let path = self.path.strip_prefix(root()).unwrap_or(&self.path);
        format!("{}:{number}: {message}", path.display())
    }
}

/// What stands first in each part of a list, up to the brace that closes it.
fn first_names(list: &str) -> Vec<String> {
    let mut depth = 1;
    let mut parts = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            _ if depth == 0 => break,
            _ => parts.last_mut().expect("there is one").push(c),
        }
    }
    parts.iter().filter_map(|part| words(part).next()).map(str::to_owned).collect()
}

/// Whether a line has a path that starts with this crate's name.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let starts = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        starts && line[start + name.len()..].starts_with("::")
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The names under `[dependencies]` in `Cargo.toml`, as Rust writes them.
fn dependencies() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml is there");
    text.lines()
        .skip_while(|line| line.trim() != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect()
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders(&root().join("src")) {
        for path in entries(&folder) {
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is UTF-8");
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "no sources under {}", root().display());
    found
}

/// The folder, and after it those under it.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_path_buf()];
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(folders(&path));
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn report(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}
