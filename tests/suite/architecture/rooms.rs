//! Tells which room may import which others.

use crate::architecture::{imports, source};

/// Each room and the rooms it may import. `types` and `language` are everybody's.
const ROOMS: [(&str, &[&str]); 23] = [
    ("types", &[]),
    ("language", &[]),
    ("crypto", &[]),
    ("routing", &[]),
    ("policy", &["routing"]),
    ("store", &[]),
    ("tasks", &[]),
    ("observe", &["tasks"]),
    ("mail", &["crypto", "store"]),
    ("sessions", &["crypto", "store", "observe", "tasks"]),
    ("auth", &["crypto", "store", "mail", "observe", "sessions", "tasks"]),
    ("api", &["auth", "sessions", "observe", "pages"]),
    // A client of the API, whose router it is given.
    ("pages", &["crypto", "auth", "sessions"]),
    ("proxy", &["routing", "policy", "sessions", "auth", "api", "pages", "observe", "tasks"]),
    ("jobs", &["store", "mail", "auth", "observe", "tasks"]),
    ("import", &["crypto", "store", "auth"]),
    ("export", &["crypto", "store", "import"]),
    // It imports only the rooms whose settings it fills.
    ("config", &["routing", "store", "observe", "mail", "sessions", "auth", "proxy", "jobs", "pages"]),
    // The composition root: everything but its own callers.
    (
        "app",
        &[
            "crypto", "routing", "policy", "store", "tasks", "observe", "mail", "sessions", "auth", "api", "pages",
            "proxy", "jobs", "config",
        ],
    ),
    ("dev", &["crypto", "routing", "store", "observe", "mail", "sessions", "auth", "api", "proxy", "config", "app"]),
    (
        "cli",
        &[
            "crypto", "routing", "policy", "store", "observe", "mail", "sessions", "auth", "api", "import", "export",
            "proxy", "config", "app", "dev",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

fn faults(sources: &[source::Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let room = source.name.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let allowed = ROOMS.iter().find(|(known, _)| *known == room).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("{room} is not in the table"));
        for import in imports::rooms(source) {
            let is_everybodys = import == "types" || (import == "language" && room != "types");
            if import != room && !is_everybodys && !allowed.contains(&import.as_str()) {
                faults.push(format!("{} imports crate::{import}", source.name));
            }
        }
    }
    faults
}

#[test]
fn rooms_import_only_what_they_may() {
    let faults = faults(&source::read());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_import_outside_the_table_is_found() {
    let sources = source::parse(&[
        ("store/users.rs", "use crate::types::Email; fn f() { crate::auth::sign_in(); }"),
        ("types/email.rs", "use crate::language::Texts;"),
        ("app/mod.rs", "use crate::{auth, language, cli::{self, Cli}};"),
        ("policy/mod.rs", "use super::routing::Table;"),
    ]);
    assert_eq!(
        faults(&sources),
        [
            "store/users.rs imports crate::auth",
            "types/email.rs imports crate::language",
            "app/mod.rs imports crate::cli"
        ]
    );
}
