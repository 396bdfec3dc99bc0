//! Who may import whom, checked on the source text. It replaces a workspace and its manifests.

use std::{
    fs,
    path::{Path, PathBuf},
};

const EVERYTHING: &[&str] = &["*"];

/// Each room and the rooms it may import. `a::b` allows that module alone.
const ROOMS: [(&str, &[&str]); 17] = [
    ("types", &[]),
    ("crypto", &["types"]),
    ("routing", &["types"]),
    ("policy", &["types", "routing"]),
    ("store", &["types"]),
    ("tasks", &[]),
    ("observe", &["types", "tasks"]),
    ("mail", &["types", "crypto", "store"]),
    ("sessions", &["types", "crypto", "store", "observe", "tasks"]),
    ("auth", &["types", "crypto", "store", "mail", "observe", "sessions", "tasks"]),
    ("api", &["types", "auth", "sessions", "observe"]),
    ("proxy", &["types", "routing", "policy", "sessions", "auth", "api", "observe", "tasks"]),
    ("jobs", &["types", "store", "mail", "auth", "observe", "tasks"]),
    ("config", EVERYTHING),
    ("dev", EVERYTHING),
    ("app", EVERYTHING),
    ("cli", EVERYTHING),
];

/// Words and the only places where they may stand.
const WORDS: [(&str, &[&str]); 6] = [
    ("axum::", &["api/", "dev/", "proxy/forward/bridge.rs"]),
    ("pingora::", &["proxy/", "app/ops.rs"]),
    ("sqlx::query", &["store/"]),
    ("std::env", &["cli/", "config/", "dev/", "main.rs"]),
    ("env::var", &["cli/", "config/", "dev/", "main.rs"]),
    ("anyhow", &["main.rs", "cli/", "app/", "dev/"]),
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory can be listed") {
        let path = entry.expect("a directory can be listed").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code without comments and without the unit tests, which by habit come last.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first names after `crate::`, groups included.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            rooms.push(after);
            continue;
        };
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    rooms.push(&group[start..at]);
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    rooms.push(&group[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = |path: &str| path.trim().chars().take_while(|&c| is_name(c)).collect::<String>();
    rooms.into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

#[test]
fn rooms_import_only_what_they_may() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut paths = Vec::new();
    sources(source, &mut paths);
    let mut faults = Vec::new();
    for path in paths {
        let name = path.strip_prefix(source).expect("it was found there").to_string_lossy().into_owned();
        let code = code(&fs::read_to_string(&path).expect("a source file is readable"));
        let room = name.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if !["main", "lib"].contains(&room) {
            let allowed = ROOMS.iter().find(|(known, _)| *known == room).map(|(_, allowed)| *allowed);
            let allowed = allowed.unwrap_or_else(|| panic!("{room} is not in the table"));
            for import in imports(&code) {
                if import != room && allowed != EVERYTHING && !allowed.contains(&import.as_str()) {
                    faults.push(format!("{name} imports crate::{import}"));
                }
            }
        }
        for (word, places) in WORDS {
            let uses = code.match_indices(word).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_')
            });
            if uses && !places.iter().any(|place| name.starts_with(place)) {
                faults.push(format!("{name} speaks of {word}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_reader_of_imports_reads_groups() {
    let text = "use crate::{auth, mail::{self, X}, types::{A, B}};\nlet x = crate::store::y();\n";
    assert_eq!(imports(text), ["auth", "mail", "types", "store"]);
}

/// The driver panics at times that PostgreSQL has and the calendar does not.
#[test]
fn every_time_in_an_answer_of_the_database_is_read_with_care() {
    let queries =
        fs::read_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx"))).expect("a directory can be listed");
    let (mut read, mut faults) = (0, Vec::new());
    for query in queries {
        let text = fs::read_to_string(query.expect("a directory can be listed").path()).expect("a file is readable");
        let query: serde_json::Value = serde_json::from_str(&text).expect("the description of a query is JSON");
        for column in query["describe"]["columns"].as_array().expect("a query has columns") {
            if column["type_info"].as_str().is_some_and(|kind| kind.starts_with("Timestamp")) {
                read += 1;
                if !column["name"].as_str().is_some_and(|name| name.ends_with(": Timestamp")) {
                    faults.push(format!("{} of {}", column["name"], query["query"]));
                }
            }
        }
    }
    assert!(read > 20 && faults.is_empty(), "{}", faults.join("\n"));
}

/// A weaker lock would have to grow later, where two transactions can wait for each other (see `src/store/mod.rs`).
#[test]
fn rows_are_locked_in_one_strength_before_they_are_changed() {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut found = Vec::new();
    sources(&store, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for file in found {
        let text = fs::read_to_string(&file).expect("a source can be read");
        assert!(!code(&text).contains("for no key update"), "{}", file.display());
    }
}
