//! `check --print`.

use crate::config::{
    load::print_compiled,
    tests::{DATABASE_URL, MINIMAL, SECRET, compiled, environment},
};

#[test]
fn shows_defaults_sources_and_no_secret() {
    let variables = environment(&[("AUTHGATE_LOG__LEVEL", "warn"), ("PUBLIC", "https://app.example.com")]);
    let text = MINIMAL.replace("\"https://app.example.com\"", "{ env: PUBLIC }");
    let printed = print_compiled("gateway.yaml", &text, &variables).unwrap_or_else(|errors| panic!("{errors}"));
    for line in [
        "  listen: [\"127.0.0.1:8080\"]  # default",
        "  public_url: \"https://app.example.com\"  # from the environment variable PUBLIC",
        "  url: { env: DATABASE_URL }  # set",
        "secret: { env: AUTHGATE_SECRET }  # set",
        "    expires_in: 7d  # default",
        "    console: true",
        "  level: warn  # overridden by AUTHGATE_LOG__LEVEL",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
    }
    let masked = environment(&[("AUTHGATE_DATABASE__URL", "postgres://a:hunter2@b/c")]);
    let overridden = print_compiled("gateway.yaml", MINIMAL, &masked).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(overridden.contains("  url: \"***\"  # overridden by AUTHGATE_DATABASE__URL\n"), "{overridden}");
    for secret in ["hunter2", SECRET, DATABASE_URL] {
        assert!(!printed.contains(secret) && !overridden.contains(secret), "{secret}");
    }
}

#[test]
fn what_is_printed_compiles_to_the_same() {
    let text = include_str!("../../../gateway.yaml");
    let printed = print_compiled("gateway.yaml", text, &environment(&[])).unwrap_or_else(|errors| panic!("{errors}"));
    let before = compiled(text, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    let after = compiled(&printed, &[]).unwrap_or_else(|errors| panic!("{errors}\n{printed}"));
    assert_eq!(format!("{before:#?}"), format!("{after:#?}"));
    let again = print_compiled("gateway.yaml", &printed, &environment(&[])).unwrap_or_else(|errors| panic!("{errors}"));
    let unwritten: Vec<&str> = again.lines().filter(|line| line.contains("# default")).collect();
    assert_eq!(unwritten, ["    domain: null  # default"], "{again}");
}
