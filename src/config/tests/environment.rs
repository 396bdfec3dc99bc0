//! Tests overrides, references and secrets.

use crate::config::tests::{MINIMAL, SECRET, compiled, errors};

#[test]
fn every_key_can_be_overridden() {
    let text = format!(
        "upstreams: {{ my-api: {{ servers: [\"http://127.0.0.1:1\"] }} }}\n\
         routes: [{{ name: app, match: {{ path: \"/**\" }}, upstream: my-api, access: required }}]\n{MINIMAL}"
    );
    let config = compiled(
        &text,
        &[
            ("AUTHGATE_SERVER__LISTEN", "127.0.0.1:1, [::1]:2"),
            ("AUTHGATE_SERVER__OPS_LISTEN", "[::1]:9"),
            ("AUTHGATE_DATABASE__URL", "postgres://other/db"),
            ("AUTHGATE_DATABASE__MAX_CONNECTIONS", "3"),
            ("AUTHGATE_AUTH__SESSION__EXPIRES_IN", "2d"),
            ("AUTHGATE_AUTH__EMAIL_VERIFICATION__REQUIRED", "false"),
            ("AUTHGATE_AUTH__TRUSTED_ORIGINS", r#"["https://a.example", "https://b.example"]"#),
            ("AUTHGATE_UPSTREAMS__MY_API__SERVERS__0", "http://127.0.0.1:7"),
            ("AUTHGATE_ROUTES__0__ACCESS", "public"),
            ("AUTHGATE_MAIL__TRANSPORT", "{ directory: ./mail }"),
        ],
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.listen, ["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()]);
    assert_eq!(config.ops_listen, "[::1]:9".parse().unwrap());
    assert_eq!(config.database.url.expose(), "postgres://other/db");
    assert_eq!(config.database.max_connections, 3);
    assert_eq!(config.auth.session.expires_in.as_secs(), 2 * 24 * 60 * 60);
    assert!(!config.auth.verification.required);
    assert!(config.auth.trusted_origins.allows_header("https://b.example"));
    assert_eq!(config.proxy.upstreams[0].servers[0].url, "http://127.0.0.1:7");
    assert_eq!(config.routes.iter().next().unwrap().access, crate::routing::Access::Public);
    assert!(matches!(config.mail.transport, crate::mail::TransportSettings::Directory(_)));
}

#[test]
fn an_override_alone_is_enough() {
    let config = crate::config::compile(
        "gateway.yaml",
        "",
        &[
            ("AUTHGATE_SERVER__PUBLIC_URL", "http://localhost:8080"),
            ("AUTHGATE_DATABASE__URL", "postgres://x/y"),
            ("AUTHGATE_SECRET", SECRET),
            ("AUTHGATE_MAIL__FROM", "a@b.example"),
            ("AUTHGATE_MAIL__TRANSPORT__CONSOLE", "true"),
        ]
        .into_iter()
        .collect(),
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.proxy.hosts, ["localhost:8080"]);
    assert_eq!(config.auth.cookie.name, "authgate_session");
}

#[test]
fn a_mistake_in_a_variable_names_the_variable() {
    for (variable, value, expected) in [
        (
            "AUTHGATE_LOG__LEVL",
            "info",
            "environment variable AUTHGATE_LOG__LEVL: log.levl: unknown key; did you mean \"level\"? valid keys here: \
             format, level",
        ),
        (
            "AUTHGATE_SERVER__OPS_LISTEN",
            "9090",
            "environment variable AUTHGATE_SERVER__OPS_LISTEN: server.ops_listen: an address is an IP address with a \
             port, for example 127.0.0.1:8080 or [::]:8080; found the value of environment variable \
             AUTHGATE_SERVER__OPS_LISTEN",
        ),
        (
            "AUTHGATE_DATABASE_URL",
            "postgres://x:hunter2@y/z",
            "environment variable AUTHGATE_DATABASE_URL: database_url: unknown key valid keys here",
        ),
    ] {
        let lines = errors(MINIMAL, &[(variable, value)]);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with(expected.split(" valid keys here").next().unwrap()), "{lines:?}");
    }
}

#[test]
fn what_kubernetes_sets_beside_a_service_of_our_name_is_no_mistake() {
    let links = [
        ("AUTHGATE_PORT", "tcp://10.0.0.1:8080"),
        ("AUTHGATE_SERVICE_HOST", "10.0.0.1"),
        ("AUTHGATE_SERVICE_PORT_HTTP", "8080"),
        ("AUTHGATE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("AUTHGATE_OPS_SERVICE_HOST", "10.0.0.1"),
    ];
    assert!(compiled(MINIMAL, &links).is_ok());
}

#[test]
fn secrets_rotate_and_a_named_variable_is_no_override() {
    let text = MINIMAL
        .replace("secret: { env: AUTHGATE_SECRET }", "secret: [{ env: OTHER_SECRET }, { env: AUTHGATE_SECRET }]");
    let config = compiled(&text, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.secrets.len(), 2);
    assert_eq!(config.secrets[1].expose(), SECRET);
}

#[test]
fn files_are_relative_to_the_configuration_and_lose_one_line_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), format!("{SECRET}\n")).unwrap();
    let text = MINIMAL.replace("{ env: AUTHGATE_SECRET }", "{ file: secret.txt }");
    let name = folder.path().join("gateway.yaml");
    // Without AUTHGATE_SECRET, which would override the key.
    let environment = [("DATABASE_URL", crate::config::tests::DATABASE_URL)].into_iter().collect();
    let config = crate::config::compile(&name.display().to_string(), &text, &environment).unwrap();
    assert_eq!(config.secrets[0].expose(), SECRET);
    let missing = text.replace("secret.txt", "nothing.txt");
    let report = crate::config::compile("gateway.yaml", &missing, &environment).unwrap_err().to_string();
    assert!(report.starts_with("gateway.yaml:4:1: secret: cannot read the file nothing.txt: No such file"), "{report}");
}

#[test]
fn inline_and_weak_secrets_are_refused_without_being_shown() {
    for (from, to, expected) in [
        (
            "{ env: AUTHGATE_SECRET }",
            "\"hunter2hunter2\"",
            "gateway.yaml:4:9: secret: a secret is not written into the file; write { env: AUTHGATE_SECRET } or { file: \
             PATH }",
        ),
        (
            "{ env: DATABASE_URL }",
            "postgres://x:hunter2@y/z",
            "gateway.yaml:3:18: database.url: a secret is not written into the file; write { env: DATABASE_URL } or { \
             file: PATH }",
        ),
        (
            "{ console: true }",
            "{ smtp: \"smtps://u@h:465\", password: hunter2 }",
            "gateway.yaml:5:93: mail.transport.password: a secret is not written into the file; write { env: \
             SMTP_PASSWORD } or { file: PATH }",
        ),
        (
            "{ env: AUTHGATE_SECRET }",
            "{ env: SHORT }",
            "gateway.yaml:4:9: secret: has 7 bytes; a secret has at least 32; make one with: openssl rand -base64 32",
        ),
        (
            "{ env: AUTHGATE_SECRET }",
            "[{ env: PLACEHOLDER }]",
            "gateway.yaml:4:10: secret[0]: is a placeholder that anybody could guess; make one with: openssl rand \
             -base64 32",
        ),
        (
            "{ env: AUTHGATE_SECRET }",
            "{ env: UNSET }",
            "gateway.yaml:4:1: secret: the environment variable \"UNSET\" is not set",
        ),
        (
            "{ env: DATABASE_URL }",
            "{ env: SHORT }",
            "gateway.yaml:3:18: database.url: a database URL is written like postgres://user:password@host:5432/database, \
             with special characters of the password percent-encoded; found the value of environment variable SHORT",
        ),
    ] {
        let environment = [
            ("DATABASE_URL", crate::config::tests::DATABASE_URL),
            ("SHORT", "hunter2"),
            ("PLACEHOLDER", "changemechangemechangemechangeme"),
        ];
        let text = MINIMAL.replace(from, to);
        let environment =
            environment.into_iter().chain(text.contains("AUTHGATE_SECRET").then_some(("AUTHGATE_SECRET", SECRET)));
        let report = crate::config::compile("gateway.yaml", &text, &environment.collect()).unwrap_err().to_string();
        assert_eq!(report, expected);
        assert!(!report.contains("hunter2"));
    }
}
