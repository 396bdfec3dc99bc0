//! Mistakes of meaning, section by section.

use super::{MINIMAL, assert_errors, compiled, errors};
use crate::{auth::RateClass, types::Blocklist};

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

const API: &str = "upstreams: { api: { servers: [\"http://127.0.0.1:8000\"] } }\n";

#[test]
fn upstreams() {
    for (server, expected) in [
        (
            "unix:run/app.sock",
            "a socket is an absolute path of at most 100 bytes; a server is written like http://127.0.0.1:8000, https://api.internal or unix:/run/app.sock; found \"unix:run/app.sock\"",
        ),
        (
            "http://127.0.0.1:1/x",
            "a server is written like http://127.0.0.1:8000, https://api.internal or unix:/run/app.sock; found \"http://127.0.0.1:1/x\"",
        ),
        (
            "http://u:p@127.0.0.1:1",
            "a server is written like http://127.0.0.1:8000, https://api.internal or unix:/run/app.sock",
        ),
        (
            "127.0.0.1:1",
            "a server is written like http://127.0.0.1:8000, https://api.internal or unix:/run/app.sock; found \"127.0.0.1:1\"",
        ),
        (
            "http://127.0.0.1",
            "the port is missing; a server is written like http://127.0.0.1:8000; found \"http://127.0.0.1\"",
        ),
    ] {
        let text = format!("upstreams: {{ api: {{ servers: [\"{server}\"] }} }}{MINIMAL}");
        assert_eq!(
            errors(&text, &[]),
            [format!("gateway.yaml:1:31: upstreams.api.servers[0]: {expected}")],
            "{server}"
        );
    }
    assert_errors(&[
        (
            "upstreams: { A: { servers: [\"http://127.0.0.1:1\"] } }",
            &["gateway.yaml:1:14: upstreams.A: an upstream's name is 1 to 64 characters out of a-z 0-9 _ -"],
        ),
        (
            "upstreams: { a: {} }",
            &[
                "gateway.yaml:1:14: upstreams.a.servers: missing; write at least one, for example servers: [\"http://127.0.0.1:8000\"]",
            ],
        ),
        (
            "upstreams: { a: { servers: [\"http://127.0.0.1:1\"], timeouts: { read: 60 }, health_check: {} } }",
            &[
                "gateway.yaml:1:70: upstreams.a.timeouts.read: a duration is a number with ms, s, m, h or d, for example 15m or 1h30m; found \"60\"",
                "gateway.yaml:1:76: upstreams.a.health_check.path: missing; write health_check: { path: /health, interval: 5s }",
            ],
        ),
        (
            "upstreams: { a: { servers: [\"http://127.0.0.1:1\"], tls: { ca_file: no-such.pem, key_file: k } } }",
            &[
                "gateway.yaml:1:52: upstreams.a.tls: is for https:// servers, and there is none",
                "gateway.yaml:1:52: upstreams.a.tls.cert_file: missing; write the key's certificate",
                "gateway.yaml:1:68: upstreams.a.tls.ca_file: \"no-such.pem\" cannot be read: No such file or directory (os error 2)",
            ],
        ),
    ]);
    let unresolved =
        errors(&format!("upstreams: {{ a: {{ servers: [\"http://no-such-host.invalid:1\"] }} }}{MINIMAL}"), &[]);
    assert!(unresolved[0].contains("the host \"no-such-host.invalid\" cannot be resolved: "), "{unresolved:?}");
}

#[test]
fn routes() {
    let route = |keys: &str| format!("{API}routes:\n- {{ {keys} }}{MINIMAL}");
    for (keys, expected) in [
        (
            "name: a, match: { path: /a }, upstream: api",
            "gateway.yaml:3:3: routes[0].access: missing; write access: public, optional or required; there is no default, so that nothing is open by accident",
        ),
        (
            "name: _a, match: { path: /a }, upstream: api, access: public",
            "gateway.yaml:3:11: routes[0].name: a name is 1 to 64 characters out of a-z 0-9 _ - and does not begin with _; found \"_a\"",
        ),
        (
            "name: a, match: { path: a }, upstream: api, access: public",
            "gateway.yaml:3:29: routes[0].match.path: the path does not begin with /; found \"a\"",
        ),
        (
            "name: a, match: { path: /api/auth/x }, upstream: api, access: public",
            "gateway.yaml:3:29: routes[0].match.path: AuthGate itself answers below auth.base_path (/api/auth); this route is never used; found \"/api/auth/x\"",
        ),
        (
            "name: a, match: { path: /a, methods: [get] }, upstream: api, access: public",
            "gateway.yaml:3:43: routes[0].match.methods[0]: unknown method \"get\"; did you mean \"GET\"? valid: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        ),
        (
            "name: a, match: { path: /a, methods: [HEAD] }, upstream: api, access: public",
            "gateway.yaml:3:43: routes[0].match.methods[0]: GET covers HEAD; write GET",
        ),
        (
            "name: a, match: { path: /a, methods: [TRACE] }, upstream: api, access: public",
            "gateway.yaml:3:43: routes[0].match.methods[0]: TRACE is never forwarded",
        ),
        (
            "name: a, match: { path: /a, methods: [] }, upstream: api, access: public",
            "gateway.yaml:3:33: routes[0].match.methods: an empty list would match nothing; leave methods out to match every method",
        ),
        (
            "name: a, match: { path: /a, hosts: [App.example.com] }, upstream: api, access: public",
            "gateway.yaml:3:41: routes[0].match.hosts[0]: a host is a lower-case name without scheme, port and path, for example app.example.com; found \"App.example.com\"",
        ),
        (
            "name: a, match: { path: /a, hosts: [ap.example.com] }, upstream: api, access: public",
            "gateway.yaml:3:41: routes[0].match.hosts[0]: \"ap.example.com\" is neither public_url's host nor in server.hosts; did you mean \"app.example.com\"? accepted: app.example.com",
        ),
        (
            "name: a, match: { path: /a }, upstream: apo, access: public",
            "gateway.yaml:3:45: routes[0].upstream: unknown upstream \"apo\"; did you mean \"api\"? configured: api",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, roles: [x]",
            "gateway.yaml:3:66: routes[0].roles: roles need access: required; this route would let everybody in",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, roles: []",
            "gateway.yaml:3:68: routes[0].roles: an empty list would let nobody in; leave roles out to let every user in",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, roles: [Admin]",
            "gateway.yaml:3:76: routes[0].roles[0]: a role is 1 to 64 characters out of a-z 0-9 _ : -; found \"Admin\"",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, rate_limit: { per: user }",
            "gateway.yaml:3:66: routes[0].rate_limit.limit: missing; write rate_limit: { per: user, limit: 600, window: 1m }",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, rate_limit: { per: user, limit: 0 }",
            "gateway.yaml:3:98: routes[0].rate_limit.limit: must be at least 1; found \"0\"",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, rate_limit: { per: user, limit: 5000, window: 1s }",
            "gateway.yaml:3:112: routes[0].rate_limit.window: is too short: at most 1000 requests a second can be counted; found \"1s\"",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, rate_limit: { per: user, limit: 5, window: 2d }",
            "gateway.yaml:3:109: routes[0].rate_limit.window: must be at most 24h; found \"2d\"",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, rate_limit: { per: host, limit: 5 }",
            "gateway.yaml:3:85: routes[0].rate_limit.per: found \"host\"; valid: user, client, address",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: public, max_body: 50 potatoes",
            "gateway.yaml:3:76: routes[0].max_body: a size is a number of bytes with B, KiB, MiB or GiB, for example 50MiB; found \"50 potatoes\"",
        ),
    ] {
        assert_eq!(errors(&route(keys), &[]), [expected], "{keys}");
    }
    let config = compiled(
        &route("name: a, match: { path: /a, methods: [GET, HEAD] }, upstream: api, access: public, max_body: 50MiB"),
        &[],
    )
    .unwrap();
    let first = config.routes.iter().next().unwrap();
    assert_eq!((first.methods.as_slice(), first.max_body), ([http::Method::GET].as_slice(), Some(50 * 1024 * 1024)));
}

#[test]
fn routes_among_each_other() {
    let two = |first: &str, second: &str| {
        let rest = "upstream: api, access: required";
        format!(
            "{API}routes:\n- {{ name: a, match: {first}, {rest} }}\n- {{ name: b, match: {second}, {rest} }}{MINIMAL}"
        )
    };
    for (first, second, is_shadowed) in [
        ("{ path: /** }", "{ path: /a }", true),
        ("{ path: /a }", "{ path: /** }", false),
        ("{ path: /**, methods: [GET] }", "{ path: /a }", false),
        ("{ path: /** }", "{ path: /a, methods: [GET] }", true),
        ("{ path: /**, methods: [GET, POST] }", "{ path: /a, methods: [GET] }", true),
        ("{ path: /**, hosts: [app.example.com] }", "{ path: /a }", false),
        ("{ path: /** }", "{ path: /a, hosts: [app.example.com] }", true),
    ] {
        let expected = "gateway.yaml:4:14: routes[1].match: route \"b\" can never match: \"a\" at 3:11 comes first and \
                        covers all it would match; put this one before it";
        let expected: &[&str] = if is_shadowed { &[expected] } else { &[] };
        assert_eq!(errors(&two(first, second), &[]), expected, "{first} {second}");
    }
    let twice = two("{ path: /a }", "{ path: /b }").replace("name: b", "name: a");
    assert_eq!(
        errors(&twice, &[]),
        ["gateway.yaml:4:11: routes[1].name: a route of this name is at 3:11 already; found \"a\""]
    );
    let alone = format!("routes: [{{ name: a, match: {{ path: /a }}, upstream: api, access: public }}]{MINIMAL}");
    assert_eq!(
        errors(&alone, &[]),
        ["gateway.yaml:1:1: upstreams: missing; write upstreams: { api: { servers: [\"http://127.0.0.1:8000\"] } }"]
    );
}

#[test]
fn auth() {
    assert_overridden(&[
        ("AUTHGATE_AUTH__BASE_PATH", "/", "auth.base_path: a path like /api/auth"),
        ("AUTHGATE_AUTH__BASE_PATH", "/a/../b", "auth.base_path: a path like /api/auth"),
        ("AUTHGATE_AUTH__BASE_PATH", "/a/", "auth.base_path: a path like /api/auth"),
        (
            "AUTHGATE_AUTH__SIGN_IN_PAGE",
            "https://evil.example/x",
            "auth.sign_in_page: https://evil.example is not a trusted origin; list it in auth.trusted_origins",
        ),
        ("AUTHGATE_AUTH__SIGN_IN_PAGE", "//evil.example", "auth.sign_in_page: a path on the gateway"),
        ("AUTHGATE_AUTH__SIGN_IN_PAGE", "javascript:alert(1)", "auth.sign_in_page: a path on the gateway"),
        ("AUTHGATE_AUTH__TRUSTED_ORIGINS", "https://a.example/x", "auth.trusted_origins[0]: an origin has no path"),
        (
            "AUTHGATE_AUTH__SESSION__EXPIRES_IN",
            "31d",
            "auth.session.expires_in: must be at most session.absolute, which is 30days",
        ),
        ("AUTHGATE_AUTH__SESSION__EXPIRES_IN", "0s", "auth.session.expires_in: must be longer than nothing"),
        (
            "AUTHGATE_AUTH__SESSION__REFRESH_AFTER",
            "7d",
            "auth.session.refresh_after: must be shorter than session.expires_in, which is 7days",
        ),
        ("AUTHGATE_AUTH__SESSION__COOKIE_NAME", "a b", "auth.session.cookie_name: a cookie name is"),
        (
            "AUTHGATE_AUTH__SESSION__COOKIE_NAME",
            "__Host-x",
            "auth.session.cookie_name: the prefix is put before the name",
        ),
        (
            "AUTHGATE_AUTH__SESSION__COOKIE_NAME",
            "authgate_device",
            "auth.session.cookie_name: the name is taken by the cookie that tells devices apart",
        ),
        ("AUTHGATE_AUTH__SESSION__DOMAIN", ".example.com", "auth.session.domain: must be public_url's host"),
        ("AUTHGATE_AUTH__SESSION__DOMAIN", "other.com", "auth.session.domain: must be public_url's host"),
        ("AUTHGATE_AUTH__SESSION__DOMAIN", "com", "auth.session.domain: must be public_url's host"),
        ("AUTHGATE_AUTH__SESSION__DOMAIN", "ple.com", "auth.session.domain: must be public_url's host"),
        ("AUTHGATE_AUTH__SESSION__CHECK__MODE", "sometimes", "auth.session.check.mode: "),
        (
            "AUTHGATE_AUTH__SESSION__CHECK__MAX_STALENESS",
            "1s",
            "auth.session.check.max_staleness: has a meaning with mode: cached only",
        ),
        ("AUTHGATE_AUTH__PASSWORD__MIN_LENGTH", "7", "auth.password.min_length: must be 8 to 64"),
        ("AUTHGATE_AUTH__PASSWORD__MAX_LENGTH", "63", "auth.password.max_length: must be 64 to 1024"),
        ("AUTHGATE_AUTH__PASSWORD__BLOCKLIST", "all", "auth.password.blocklist: "),
        ("AUTHGATE_AUTH__PASSWORD_RESET__EXPIRES_IN", "soon", "auth.password_reset.expires_in: a duration"),
        (
            "AUTHGATE_AUTH__RATE_LIMITS",
            "{ sign_in: { limit: 0 } }",
            "auth.rate_limits.sign_in.limit: must be 1 to 1000000",
        ),
        (
            "AUTHGATE_AUTH__RATE_LIMITS",
            "{ sign_in: { window: 2d } }",
            "auth.rate_limits.sign_in.window: must be 1s to 1d",
        ),
        (
            "AUTHGATE_AUTH__RATE_LIMITS",
            "{ sign-in: { limit: 1, window: 1m } }",
            "auth.rate_limits.sign-in: unknown endpoint; did you mean \"sign_in\"?",
        ),
        (
            "AUTHGATE_AUTH__SOCIAL",
            "{ googel: { client_id: a } }",
            "auth.social.googel: unknown provider; did you mean \"google\"?",
        ),
    ]);
    for (session, name) in [
        ("{}", "__Host-authgate_session"),
        ("{ domain: example.com }", "__Secure-authgate_session"),
        ("{ domain: app.example.com, cookie_name: sid }", "__Secure-sid"),
    ] {
        let config = compiled(MINIMAL, &[("AUTHGATE_AUTH__SESSION", session)]).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(config.proxy.cookie.name, name);
    }
    let local = MINIMAL.replace("https://app.example.com", "http://localhost:8080");
    for session in ["{ same_site: none }", "{ domain: localhost }"] {
        assert_eq!(errors(&local, &[("AUTHGATE_AUTH__SESSION", session)]).len(), 1, "{session}");
    }
    assert!(compiled(MINIMAL, &[("AUTHGATE_AUTH__SESSION", "{ absolute: 1h }")]).is_ok());
}

#[test]
fn social_is_checked_for_its_shape() {
    assert_errors(&[
        (
            "auth: { social: { apple: { client_id: a, client_secret: { env: OTHER_SECRET } } } }",
            &[
                "gateway.yaml:1:19: auth.social.apple.team_id: missing; write team_id: as the provider gave it",
                "gateway.yaml:1:19: auth.social.apple.key_id: missing; write key_id: as the provider gave it",
                "gateway.yaml:1:19: auth.social.apple.private_key: missing; write private_key: as the provider gave it",
                "gateway.yaml:1:42: auth.social.apple.client_secret: has no meaning for apple; leave it out",
            ],
        ),
        (
            "auth: { social: { acme: { type: oidc, issuer: \"http://x\", client_id: a, client_secret: s } } }",
            &[
                "gateway.yaml:1:47: auth.social.acme.issuer: an issuer is an https URL, or an http URL of this machine; found \"http://x\"",
                "gateway.yaml:1:88: auth.social.acme.client_secret: a secret is not written into the file; write { env: ACME_CLIENT_SECRET } or { file: PATH }",
            ],
        ),
        (
            "auth: { social: { github: { client_id: a, client_secret: { env: OTHER_SECRET }, hd: x } } }",
            &["gateway.yaml:1:81: auth.social.github.hd: has no meaning for github; leave it out"],
        ),
        (
            "auth: { social: { apple: { client_id: a, team_id: t, key_id: k, private_key: { env: OTHER_SECRET } } } }",
            &[
                "gateway.yaml:1:78: auth.social.apple.private_key: is not an EC P-256 private key in PEM form, as in the .p8 file from Apple",
            ],
        ),
        (
            "auth: { social: { credential: { type: oidc, issuer: \"https://x.example\", client_id: \"\", client_secret: { env: OTHER_SECRET } } } }",
            &[
                "gateway.yaml:1:19: auth.social.credential: the name is taken by passwords; choose another",
                "gateway.yaml:1:85: auth.social.credential.client_id: as the provider gave it; found \"\"",
            ],
        ),
    ]);
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
    assert_overridden(&[("AUTHGATE_MAIL__FROM", "nobody", "mail.from: a sender is written like")]);
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
                "gateway.yaml:1:34: identity.assertion.header: a header is named by letters, digits and -, for example X-Identity-Assertion; found \"X_Token\"",
                "gateway.yaml:1:53: identity.assertion.audience: an audience is 1 to 255 visible ASCII characters without blanks, for example api; found \"a b\"",
                "gateway.yaml:1:65: identity.assertion.ttl: must be 30s to 5m, in whole seconds: an assertion is valid for that long even after a sign-out; found \"10m\"",
            ],
        ),
        (
            "identity: { assertion: { header: Authorization } }",
            &[
                "gateway.yaml:1:34: identity.assertion.header: authorization has a meaning already; take one of your own; found \"Authorization\"",
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
fn the_blocklist_knows_the_service_and_can_be_left_out() {
    let list = |overrides: &[(&str, &str)]| {
        compiled(MINIMAL, overrides).unwrap_or_else(|errors| panic!("{errors}")).auth.password.blocklist
    };
    let Blocklist::Builtin { words } = list(&[("AUTHGATE_MAIL__FROM", "Acme Portal <a@b.example>")]) else {
        panic!("the list is on by default");
    };
    for word in ["acme", "portal", "acme portal", "app.example.com", "example"] {
        assert!(words.iter().any(|known| known == word), "{word} in {words:?}");
    }
    assert_eq!(list(&[("AUTHGATE_AUTH__PASSWORD__BLOCKLIST", "none")]), Blocklist::None);
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

#[test]
fn the_limit_of_an_address_follows_the_one_of_an_account_upwards() {
    let limit = |overrides: &[(&str, &str)]| {
        let config = compiled(MINIMAL, overrides).unwrap_or_else(|errors| panic!("{errors}"));
        config.auth.rate_limits.get(RateClass::SignInAddress).unwrap().limit
    };
    let account = ("AUTHGATE_AUTH__RATE_LIMITS__SIGN_IN__LIMIT", "1000");
    assert_eq!(limit(&[]), 30);
    assert_eq!(limit(&[account]), 3000);
    assert_eq!(limit(&[("AUTHGATE_AUTH__RATE_LIMITS__SIGN_IN__LIMIT", "2")]), 30);
    assert_eq!(limit(&[account, ("AUTHGATE_AUTH__RATE_LIMITS__SIGN_IN_ADDRESS__LIMIT", "7")]), 7);
}

#[test]
fn assertions_are_for_one_upstream_each_where_nothing_else_is_said() {
    let text = format!(
        "{MINIMAL}upstreams:\n  api: {{ servers: [\"http://127.0.0.1:1\"] }}\n  files: {{ servers: [\"http://127.0.0.1:2\"] }}\n\
         identity: {{ assertion: {{}} }}\n"
    );
    let settings = |overrides: &[(&str, &str)]| {
        let config = compiled(&text, overrides).unwrap_or_else(|errors| panic!("{errors}"));
        config.proxy.assertion.expect("one is configured")
    };
    let defaults = settings(&[]);
    assert_eq!((defaults.header.as_str(), defaults.ttl.as_secs()), ("x-identity-assertion", 60));
    assert_eq!(defaults.audiences, ["api", "files"]);
    let common = ("AUTHGATE_IDENTITY__ASSERTION__AUDIENCE", "all");
    assert_eq!(settings(&[common]).audiences, ["all", "all"]);
    assert_eq!(settings(&[common, ("AUTHGATE_UPSTREAMS__FILES__AUDIENCE", "own")]).audiences, ["all", "own"]);
    assert_eq!(compiled(MINIMAL, &[]).unwrap().proxy.assertion, None);
}
