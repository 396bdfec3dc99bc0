//! Words that belong to one room.

use std::{fs, path::Path};

use crate::architecture::source::files;

/// Words and the only places where they may stand.
const WORDS: [(&str, &[&str]); 6] = [
    ("axum::", &["api/", "dev/", "pages/", "proxy/forward/auth_api.rs"]),
    ("pingora::", &["proxy/", "app/ops.rs"]),
    ("sqlx::query", &["store/"]),
    ("std::env", &["cli/", "config/", "dev/", "main.rs"]),
    ("env::var", &["cli/", "config/", "dev/", "main.rs"]),
    ("anyhow", &["main.rs", "cli/", "app/", "dev/"]),
];

/// The code without comments and without the unit tests, which by habit come last.
pub(super) fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn words_stand_only_in_their_rooms() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut faults = Vec::new();
    for path in files(root) {
        let name = path.strip_prefix(root).expect("it was found there").to_string_lossy().into_owned();
        let code = code(&fs::read_to_string(&path).expect("a source file is readable"));
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
