//! Tests mistakes of meaning, section by section.

pub(crate) mod auth;
pub(crate) mod auth_features;
pub(crate) mod pages;
pub(crate) mod routes;

use crate::config::tests::{MINIMAL, assert_errors, compiled, errors};

/// Changes the minimal configuration by one key and expects one line that begins like this.
fn assert_overridden(table: &[(&str, &str, &str)]) {
    for (variable, value, expected) in table {
        let lines = errors(MINIMAL, &[(variable, value)]);
        let begins = format!("environment variable {variable}: {expected}");
        assert!(lines.len() == 1 && lines[0].starts_with(&begins), "{variable}={value}: {lines:#?}");
    }
}

#[test]
fn server() {
    for (server, expected) in [
        (
            "{ public_url: \"https://a.example/x\" }",
            "gateway.yaml:2:23: server.public_url: an origin has no path, query, fragment or user name; found \"https://a.example/x\"",
        ),
        (
            "{ public_url: \"http://a.example\" }",
            "gateway.yaml:2:23: server.public_url: plain http is for loopback only, since passwords and cookies could be read on the way; use https (or, knowing that, set server.insecure_public_url: true); found \"http://a.example\"",
        ),
        (
            "{ public_url: \"https://a.example\", listen: [8080] }",
            "gateway.yaml:2:53: server.listen[0]: an address is an IP address with a port, for example 127.0.0.1:8080 or [::]:8080; found \"8080\"",
        ),
        (
            "{ public_url: \"https://a.example\", ops_listen: \"127.0.0.1:8080\" }",
            "gateway.yaml:2:56: server.ops_listen: 127.0.0.1:8080 is a public listener too; metrics and health need an address of their own",
        ),
        (
            "{ public_url: \"https://a.example\", trusted_proxies: [\"::/0\"] }",
            "gateway.yaml:2:62: server.trusted_proxies[0]: trusting every address lets any client forge its own; list your proxies' networks; found \"::/0\"",
        ),
        (
            "{ public_url: \"https://a.example\", trusted_proxies: [nginx] }",
            "gateway.yaml:2:62: server.trusted_proxies[0]: a proxy is an IP address or a CIDR, for example 10.0.0.0/8; found \"nginx\"",
        ),
        (
            "{ public_url: \"https://a.example\", hosts: [\"http://b\"] }",
            "gateway.yaml:2:52: server.hosts[0]: a host is a name or address with an optional port, for example app.example.com; found \"http://b\"",
        ),
        (
            "{ public_url: \"https://bücher.example\" }",
            "gateway.yaml:2:23: server.public_url: an internationalised name is written in its ASCII form: https://xn--bcher-kva.example; found \"https://bücher.example\"",
        ),
        (
            "{ public_url: \"https://a.example\", hosts: [\"Bücher.example:8443\"] }",
            "gateway.yaml:2:52: server.hosts[0]: an internationalised name is written in its ASCII form: xn--bcher-kva.example; found \"Bücher.example:8443\"",
        ),
        (
            "{ public_url: \"https://a.example\", hosts: [A.example] }",
            "gateway.yaml:2:52: server.hosts[0]: a.example is accepted already; leave it out",
        ),
    ] {
        let text = MINIMAL.replace("{ public_url: \"https://app.example.com\" }", server);
        assert_eq!(errors(&text, &[]), [expected], "{server}");
    }
    let tls = "{ public_url: \"https://a.example\", tls: { cert_file: a, key_file: b } }";
    assert_eq!(
        errors(&MINIMAL.replace("{ public_url: \"https://app.example.com\" }", tls), &[]),
        [
            "gateway.yaml:2:62: server.tls.cert_file: \"a\" cannot be read: No such file or directory (os error 2)",
            "gateway.yaml:2:75: server.tls.key_file: \"b\" cannot be read: No such file or directory (os error 2)",
        ]
    );
    for url in ["http://localhost:8080", "http://127.0.0.9", "http://[::1]:80", "https://a.example:8443"] {
        assert!(compiled(MINIMAL, &[("AUTHGATE_SERVER__PUBLIC_URL", url)]).is_ok(), "{url}");
    }
    let insecure =
        [("AUTHGATE_SERVER__PUBLIC_URL", "http://a.example"), ("AUTHGATE_SERVER__INSECURE_PUBLIC_URL", "true")];
    assert!(compiled(MINIMAL, &insecure).is_ok());
}

#[test]
fn database() {
    assert_overridden(&[
        ("AUTHGATE_DATABASE__URL", "mysql://a/b", "database.url: a database URL is written like postgres://"),
        ("AUTHGATE_DATABASE__URL", "postgres://a:b c@[x/b", "database.url: a database URL is written like postgres://"),
        (
            "AUTHGATE_DATABASE__URL",
            "postgres://a@h/b?Password=x",
            "database.url: the URL has the unknown parameter Password",
        ),
        ("AUTHGATE_DATABASE__URL", "postgres://a@h/b?sslmode=x", "database.url: sslmode is one of disable, allow"),
        ("AUTHGATE_DATABASE__DIRECT_URL", "postgres://a@h,i/b", "database.direct_url: a database URL names one host"),
        ("AUTHGATE_DATABASE__MAX_CONNECTIONS", "0", "database.max_connections: must be 1 to 1000"),
        (
            "AUTHGATE_DATABASE__POOLER",
            "session",
            "database.pooler: found the value of environment variable AUTHGATE_DATABASE__POOLER; valid: none, transaction",
        ),
    ]);
    let lines = errors(MINIMAL, &[("AUTHGATE_DATABASE__POOLER", "transaction")]);
    let expected = "database.direct_url: missing; write direct_url: { env: DATABASE_DIRECT_URL }, past the pooler";
    assert!(lines.len() == 1 && lines[0].ends_with(expected), "{lines:#?}");
}

#[test]
fn mail() {
    for (transport, expected) in [
        (
            "{}",
            "gateway.yaml:5:45: mail.transport: missing; write one of { smtp: \"smtps://user@host:465\", password: { env: SMTP_PASSWORD } }, { directory: ./mail } or { console: true }",
        ),
        (
            "{ console: true, directory: x }",
            "gateway.yaml:5:45: mail.transport: mail leaves one way: exactly one of smtp, directory and console",
        ),
        ("{ console: false }", "gateway.yaml:5:67: mail.transport.console: is true or left out"),
        (
            "{ smtp: \"smtps://u:hunter2@h:465\" }",
            "gateway.yaml:5:64: mail.transport.smtp: a secret is not written into the file; leave the password out of the URL and write password: { env: SMTP_PASSWORD } beside it",
        ),
        (
            "{ smtp: \"http://h\" }",
            "gateway.yaml:5:64: mail.transport.smtp: an SMTP URL is written like smtps://user@host:465 or smtp://user@host:587?tls=required",
        ),
        (
            "{ smtp: \"smtps://u@h:465\" }",
            "gateway.yaml:5:45: mail.transport.password: missing; write password: { env: SMTP_PASSWORD }, since the URL names a user",
        ),
        (
            "{ smtp: \"smtps://h:465\", password: { env: SMTP_PASSWORD } }",
            "gateway.yaml:5:64: mail.transport.smtp: a password needs a user: smtps://user@host:465",
        ),
        (
            "{ smtp: \"smtp://u@h:587\", password: { env: SMTP_PASSWORD } }",
            "gateway.yaml:5:64: mail.transport.smtp: would send the password readable; use smtps:// or smtp://…?tls=required",
        ),
        (
            "{ smtp: \"smtp://h?tls=maybe\" }",
            "gateway.yaml:5:64: mail.transport.smtp: after an smtp:// host may come ?tls=required (STARTTLS) and nothing else",
        ),
    ] {
        assert_eq!(errors(&MINIMAL.replace("{ console: true }", transport), &[]), [expected], "{transport}");
    }
    for transport in [
        "{ smtp: \"smtps://u@h:465\", password: { env: SMTP_PASSWORD } }",
        "{ smtp: \"smtp://u@h:587?tls=required\", password: { env: SMTP_PASSWORD } }",
        "{ smtp: \"smtp://127.0.0.1:1025\" }",
        "{ directory: ./mail }",
    ] {
        assert_eq!(errors(&MINIMAL.replace("{ console: true }", transport), &[]), [""; 0], "{transport}");
    }
    assert_overridden(&[
        ("AUTHGATE_MAIL__FROM", "nobody", "mail.from: a sender is written like"),
        (
            "AUTHGATE_MAIL__FROM",
            "App <no-reply@bücher.example>",
            "mail.from: an internationalised name is written in its ASCII form: xn--bcher-kva.example",
        ),
        ("AUTHGATE_MAIL__FROM", "App <jürgen@a.example>", "mail.from: what stands before the @ is ASCII"),
    ]);
    assert!(compiled(MINIMAL, &[("AUTHGATE_MAIL__FROM", "Bücher <a@xn--bcher-kva.example>")]).is_ok());
    let smtp = MINIMAL.replace("{ console: true }", "{ smtp: \"smtps://u@h:465\", password: { env: SMTP_PASSWORD } }");
    assert_eq!(errors(&smtp, &[("SMTP_PASSWORD", "")]), ["gateway.yaml:5:93: mail.transport.password: is empty"]);
}

#[test]
fn the_rest() {
    assert_errors(&[
        (
            "geoip: {}",
            &["gateway.yaml:1:1: geoip.database: missing; write database: GeoLite2-City.mmdb, or leave geoip out"],
        ),
        (
            "geoip: { database: x.mmdb }",
            &["gateway.yaml:1:20: geoip.database: \"x.mmdb\" cannot be read: No such file or directory (os error 2)"],
        ),
        (
            "geoip: { database: Cargo.toml }",
            &[
                "gateway.yaml:1:20: geoip.database: \"Cargo.toml\" is no MaxMind database (.mmdb): invalid database: could not find MaxMind DB metadata in file",
            ],
        ),
        (
            "identity: { assertion: { header: X_Token, audience: \"a b\", ttl: 10m } }",
            &[
                "gateway.yaml:1:34: identity.assertion.header: is Authorization, or a name of letters, digits and -, for example X-Identity-Assertion; found \"X_Token\"",
                "gateway.yaml:1:53: identity.assertion.audience: a name is 1 to 255 visible ASCII characters without blanks, for example api; found \"a b\"",
                "gateway.yaml:1:65: identity.assertion.ttl: must be 30s to 5m, in whole seconds: an assertion is valid for that long even after a sign-out; found \"10m\"",
            ],
        ),
        (
            "identity: { assertion: { header: Cookie } }",
            &[
                "gateway.yaml:1:34: identity.assertion.header: cookie has a meaning already; take one of your own; found \"Cookie\"",
            ],
        ),
        (
            "identity: { assertion: { algorithm: HS256 } }",
            &[
                "gateway.yaml:1:13: identity.assertion.key: missing; write algorithm: HS256, key: { env: BACKEND_JWT_SECRET }, the secret that the backends share",
            ],
        ),
        (
            "identity: { assertion: { algorithm: HS256, key: { env: AUTHGATE_SECRET } } }",
            &[
                "gateway.yaml:1:49: identity.assertion.key: is the gateway's own secret; a backend that had it could sign everybody in",
            ],
        ),
        (
            "identity: { assertion: { algorithm: ES256, key: { env: DATABASE_URL } } }",
            &[
                "gateway.yaml:1:44: identity.assertion.key: needs algorithm: HS256; the keys of the others follow from secret",
            ],
        ),
        (
            "identity: { assertion: { algorithm: RS256 } }",
            &[
                "gateway.yaml:1:37: identity.assertion.algorithm: found \"RS256\"; did you mean \"ES256\"? valid: EdDSA, ES256, HS256",
            ],
        ),
        (
            "auth: { jwt: { expires_in: 2h, audience: \"\" } }",
            &[
                "gateway.yaml:1:28: auth.jwt.expires_in: must be 1s to 1h, in whole seconds: whoever verifies one by the keys alone takes it for that long even after a sign-out; found \"2h\"",
                "gateway.yaml:1:42: auth.jwt.audience: a name is 1 to 255 visible ASCII characters without blanks, for example api; found \"\"",
            ],
        ),
        (
            "upstreams: { api: { servers: [\"http://127.0.0.1:1\"], audience: api } }",
            &[
                "gateway.yaml:1:54: upstreams.api.audience: says for whom assertions are; needs identity.assertion, for example identity: { assertion: {} }",
            ],
        ),
        (
            "log: { level: \"info,authgate=loud\" }",
            &[
                "gateway.yaml:1:15: log.level: a level is error, warn, info, debug, trace or off, or a filter such as \"info,authgate=debug\"; found \"info,authgate=loud\"",
            ],
        ),
    ]);
}

#[test]
fn retention() {
    assert_overridden(&[
        ("AUTHGATE_RETENTION__AUDIT_EVENTS", "23h", "retention.audit_events: must be at least 1d"),
        ("AUTHGATE_RETENTION__AUDIT_EVENTS", "long", "retention.audit_events: a duration is a number"),
        ("AUTHGATE_RETENTION__FAILED_MAIL", "0s", "retention.failed_mail: must be longer than nothing"),
        ("AUTHGATE_RETENTION__SESSIONS", "1d", "retention.sessions: "),
    ]);
    let config = compiled(MINIMAL, &[("AUTHGATE_RETENTION__AUDIT_EVENTS", "1d")]).unwrap();
    assert_eq!(config.retention.audit_events, std::time::Duration::from_hours(24));
}
