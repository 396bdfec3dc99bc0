//! Tests the room as a whole: what compiles, and the exact words for what does not.

pub(crate) mod documentation;
pub(crate) mod environment;
pub(crate) mod print;
pub(crate) mod sections;
pub(crate) mod structure;

use crate::config::{Config, ConfigErrors, Environment, compile};

/// Holds the smallest configuration there is.
pub(crate) const MINIMAL: &str = r#"
server: { public_url: "https://app.example.com" }
database: { url: { env: DATABASE_URL } }
secret: { env: AUTHGATE_SECRET }
mail: { from: "App <no-reply@example.com>", transport: { console: true } }
"#;

pub(crate) const SECRET: &str = "k2Vx0dLrXvSxkJm9q0uG1yN8bq1jv3Yt7r5wZ4cE6hA=";
pub(crate) const DATABASE_URL: &str = "postgres://gate:hunter2@127.0.0.1/authgate";

pub(crate) fn environment(further: &[(&str, &str)]) -> Environment {
    let usual = [
        ("DATABASE_URL", DATABASE_URL),
        ("AUTHGATE_SECRET", SECRET),
        ("SMTP_PASSWORD", "smtp-hunter3"),
        ("OTHER_SECRET", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRkdISUo="),
    ];
    usual.into_iter().chain(further.iter().copied()).collect()
}

pub(crate) fn compiled(text: &str, further: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    compile("gateway.yaml", text, &environment(further))
}

/// Returns the lines of the report without the count.
pub(crate) fn errors(text: &str, further: &[(&str, &str)]) -> Vec<String> {
    let report = compiled(text, further).map_or_else(|errors| errors.to_string(), |_| String::new());
    let mut lines: Vec<String> = report.lines().map(str::to_owned).collect();
    lines.retain(|line| !line.ends_with(" errors in gateway.yaml"));
    lines
}

/// Compiles the minimal configuration with more appended, and compares the whole report.
pub(crate) fn assert_errors(table: &[(&str, &[&str])]) {
    for (more, expected) in table {
        // The appended text begins on line 1, so that the expected positions can be read off the table.
        let text = format!("{more}{MINIMAL}");
        assert_eq!(errors(&text, &[]), *expected, "{more}");
    }
}

#[test]
fn the_smallest_configuration_compiles_with_every_default() {
    let config = compiled(MINIMAL, &[]).unwrap();
    assert_eq!(config.listen, vec!["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(config.ops_listen, "127.0.0.1:9090".parse().unwrap());
    assert_eq!(config.database.max_connections, 16);
    assert_eq!(config.database.direct_url.expose(), DATABASE_URL);
    assert_eq!(config.secrets[0].expose(), SECRET);
    assert_eq!(config.proxy.hosts, ["app.example.com"]);
    assert_eq!(config.proxy.public_scheme, "https");
    assert_eq!(config.auth.cookie.name, "__Host-authgate_session");
    assert_eq!(config.auth.base_path, "/api/auth");
    assert_eq!(config.auth.session, crate::sessions::SessionSettings::default());
    assert_eq!(config.log.level, "info");
}

#[test]
fn the_annotated_example_compiles() {
    let text = include_str!("../../../gateway.yaml");
    let config = compiled(text, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.routes.iter().count(), 5);
    assert_eq!(config.proxy.sign_in_page.as_ref().map(|page| page.page.as_str()), Some("/auth/sign-in"));
}

#[test]
fn everything_that_must_be_there_is_asked_for_at_once() {
    for text in ["", "# nothing\n", "server:\n"] {
        let report = compile("gateway.yaml", text, &Environment::default()).unwrap_err().to_string();
        let keys: Vec<&str> = report.lines().filter_map(|line| line.split(": ").nth(1)).collect();
        assert_eq!(keys, ["server.public_url", "database.url", "secret", "mail.from", "mail.transport"], "{text:?}");
    }
    let report = compile("gateway.yaml", "", &Environment::default()).unwrap_err().to_string();
    assert_eq!(
        report.lines().nth(2).unwrap_or_default(),
        "gateway.yaml:1:1: secret: missing; write secret: { env: AUTHGATE_SECRET }, and make one with: openssl rand \
         -base64 32"
    );
}

#[test]
fn ten_mistakes_are_ten_lines() {
    let text = include_str!("../../../tests/fixtures/config/ten_mistakes.yaml");
    let expected = include_str!("../../../tests/fixtures/config/ten_mistakes.txt");
    let report = compile("gateway.yaml", text, &Environment::default()).unwrap_err();
    assert_eq!(report.count(), 10, "{report}");
    assert_eq!(report.to_string(), expected.trim_end());
}

#[test]
fn no_secret_is_shown_by_debug_or_by_errors() {
    let text = format!("{MINIMAL}auth: {{ session: {{ expires_in: {{ env: DATABASE_URL }} }} }}\n");
    let report = errors(&text, &[]).join("\n");
    assert!(report.contains("found the value of environment variable DATABASE_URL"), "{report}");
    let config = compiled(MINIMAL, &[]).unwrap();
    for shown in [report, format!("{config:?}"), format!("{:?}", environment(&[]))] {
        assert!(!shown.contains("hunter2") && !shown.contains(SECRET), "{shown}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = compiled(&text, &[]);
    }

    #[test]
    fn no_yaml_of_our_own_keys_panics(
        lines in proptest::collection::vec(
            "( {0,6})(- )?(server|routes|auth|session|secret|match|path|mail|social|a|<<)?(: ?)?(\\[|\\{|\\*a|&a|null|1d|x|env: A)?(\\]|\\})?",
            0..12,
        )
    ) {
        let _ = compiled(&lines.join("\n"), &[]);
    }
}
