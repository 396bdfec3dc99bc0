//! The catalogues against each other, and against the source that names their texts.

use std::{collections::BTreeSet, fs, path::Path};

use crate::language::ftl::{LANGUAGES, all_files, catalogue, files, messages, source};

/// The beginnings of ids that are composed in the code.
const COMPOSED: [&str; 11] = [
    "month-",
    "mail-",
    "problem-",
    "error-",
    "said-",
    "account-said-",
    "admin-said-",
    "two-factor-",
    "org-role-",
    "org-delete-",
    "org-leave-",
];

#[test]
fn every_language_has_the_same_texts_with_the_same_arguments() {
    for language in LANGUAGES {
        assert_eq!(files(language), files("en"), "{language}");
        for file in files("en") {
            let (english, other) = (messages("en", &file), messages(language, &file));
            for (id, arguments) in &english {
                let there = other.get(id).unwrap_or_else(|| panic!("{language}/{file} lacks {id}"));
                assert_eq!(there, arguments, "{language}: the arguments of {id}");
            }
            let further: Vec<_> = other.keys().filter(|id| !english.contains_key(*id)).collect();
            assert!(further.is_empty(), "{language}/{file} has what English lacks: {further:?}");
        }
    }
}

#[test]
fn every_text_that_is_named_exists() {
    let catalogue = catalogue("en");
    for (name, text) in sources() {
        for id in named(&text) {
            assert!(catalogue.contains_key(id), "{name} names {id}, which no catalogue has");
        }
    }
}

#[test]
fn no_text_is_unused() {
    let sources = sources();
    let unused: Vec<String> = catalogue("en")
        .into_keys()
        .filter(|id| !COMPOSED.iter().any(|beginning| id.starts_with(beginning)))
        .filter(|id| !sources.iter().any(|(_, text)| text.contains(&format!("\"{id}\""))))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_text_of_a_problem_belongs_to_a_code() {
    let sources = sources();
    let codes = catalogue("en").into_keys().filter_map(|id| id.strip_prefix("problem-").map(str::to_owned));
    let unknown: Vec<String> = codes
        .filter(|code| !code.starts_with("status-"))
        .filter(|code| !sources.iter().any(|(_, text)| text.contains(&format!("\"{code}\""))))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// All code and templates, without the unit tests of the room of languages, which name texts that do not exist.
fn sources() -> Vec<(String, String)> {
    let root = source("");
    let mut found = Vec::new();
    for path in all_files(&root) {
        if !["rs", "html", "txt"].iter().any(|end| path.extension().is_some_and(|extension| extension == *end)) {
            continue;
        }
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        found.push((name, text));
    }
    for kind in ["rs", "html"] {
        let is_kind = |(name, _): &(String, String)| Path::new(name).extension().is_some_and(|found| found == kind);
        assert!(found.iter().any(is_kind), "no file of {kind}");
    }
    found
}

/// The ids in `text!("…")`, `t.get("…")`, `texts.with("…"` and their like. What stands before the point tells them from the
/// keys of maps.
fn named(text: &str) -> BTreeSet<&str> {
    let mut ids: BTreeSet<&str> =
        text.split("text!(\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect();
    for call in [".get(\"", ".with(\"", ".count(\""] {
        for (at, _) in text.match_indices(call) {
            let is_texts = ["t", "texts"].iter().any(|name| {
                let before = text[..at].strip_suffix(name);
                before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            let id = text[at + call.len()..].split('"').next().unwrap_or_default();
            let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            if is_texts && is_id {
                ids.insert(id);
            }
        }
    }
    ids
}

#[test]
fn the_ids_of_texts_are_found_and_the_keys_of_maps_are_not() {
    let text = "text!(\"Not an id\") {{ t.get(\"a-b\") }} self.texts.with(\"c\", &[]) map.get(\"d\") at.get(\"e\") t.count(\"f\", 1) t.get(\"/g\")";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["Not an id", "a-b", "c", "f"]);
}
