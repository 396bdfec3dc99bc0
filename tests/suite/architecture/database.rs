//! Conventions of statements that no compiler holds.

use std::{fs, path::Path};

use crate::architecture::{source::files, words::code};

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
    let found = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"));
    assert!(found.len() > 10, "{found:?}");
    for file in found {
        let text = fs::read_to_string(&file).expect("a source can be read");
        assert!(!code(&text).contains("for no key update"), "{}", file.display());
    }
}
