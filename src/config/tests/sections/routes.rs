//! Tests `upstreams:`, `routes:` and what upstreams are told of who asks.

use crate::{
    config::tests::{MINIMAL, assert_errors, compiled, errors},
    routing::Requirements,
};

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
            "name: a, match: { path: /a }, upstream: api, access: required, organization_roles: [owner]",
            "gateway.yaml:3:68: routes[0].organization_roles: needs auth.organizations.enabled: true, or nobody could come in",
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

#[test]
fn what_a_route_may_require_of_sessions() {
    for (keys, expected) in [
        (
            "name: a, match: { path: /a }, upstream: api, access: public, require: { two_factor: true }",
            "gateway.yaml:3:66: routes[0].require: needs access: required; this route would let everybody in",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: optional, require: { max_age: 10m }",
            "gateway.yaml:3:68: routes[0].require: needs access: required; this route would let everybody in",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, require: {}",
            "gateway.yaml:3:68: routes[0].require: asks for nothing; write two_factor: true, max_age: 10m, or both",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, require: { two_factor: false }",
            "gateway.yaml:3:68: routes[0].require: asks for nothing; write two_factor: true, max_age: 10m, or both",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, require: { max_age: 59s }",
            "gateway.yaml:3:88: routes[0].require.max_age: must be 1m to 30d; found \"59s\"",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, require: { max_age: 31d }",
            "gateway.yaml:3:88: routes[0].require.max_age: must be 1m to 30d; found \"31d\"",
        ),
        (
            "name: a, match: { path: /a }, upstream: api, access: required, require: { max_age: 10 }",
            "gateway.yaml:3:88: routes[0].require.max_age: a duration is a number with ms, s, m, h or d, for example 15m or 1h30m; found \"10\"",
        ),
    ] {
        let text = format!("{API}routes:\n- {{ {keys} }}{MINIMAL}");
        assert_eq!(errors(&text, &[]), [expected], "{keys}");
    }
}

#[test]
fn a_second_factor_that_nobody_can_set_up_is_asked_of_nobody() {
    let route =
        "name: a, match: { path: /a }, upstream: api, access: required, require: { two_factor: true, maxage: 1h }";
    let text = format!("{API}routes:\n- {{ {route} }}{MINIMAL}");
    let found = errors(&text, &[("AUTHGATE_AUTH__TWO_FACTOR__ENABLED", "false")]);
    for part in [
        "routes[0].require.maxage: unknown key",
        "routes[0].require.two_factor: needs auth.two_factor.enabled: true, or nobody could come in",
    ] {
        assert!(found.iter().any(|error| error.contains(part)), "{part}: {found:?}");
    }
}

#[test]
fn what_sessions_must_have_proved_is_compiled() {
    let route = |name: &str, access: &str| {
        format!("- {{ name: {name}, match: {{ path: /{name} }}, upstream: api, access: {access} }}\n")
    };
    let routes: String = [
        route("a", "required, require: { two_factor: true, max_age: 1m }"),
        route("b", "required, require: { max_age: 30d }"),
        route("c", "optional"),
        route("d", "public"),
    ]
    .concat();
    let text = format!("{API}routes:\n{routes}{}", MINIMAL.trim_start());
    let config = compiled(&text, &[("AUTHGATE_AUTH__TWO_FACTOR__REQUIRED_FOR_ROLES", "[admin]")]);
    let config = config.unwrap_or_else(|errors| panic!("{errors}"));
    let found: Vec<_> = config
        .routes
        .iter()
        .map(|route| {
            let Requirements { two_factor, two_factor_roles, max_age, organization_roles: _, scopes: _ } =
                &route.require;
            (*two_factor, two_factor_roles.join(","), max_age.map(|age| age.as_secs()))
        })
        .collect();
    let admin = || "admin".to_owned();
    let month = 30 * 24 * 60 * 60;
    let expected = [
        (true, admin(), Some(60)),
        (false, admin(), Some(month)),
        (false, admin(), None),
        (false, String::new(), None),
    ];
    assert_eq!(found, expected);
}
