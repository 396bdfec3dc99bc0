//! Tests mistakes of form: syntax, unknown keys, wrong kinds of values.

use crate::config::tests::{assert_errors, compiled, errors};

#[test]
fn says_where_and_what_else() {
    assert_errors(&[
        (
            "sever: {}",
            &[
                "gateway.yaml:1:1: sever: unknown key; did you mean \"server\"? valid keys here: server, database, secret, upstreams, routes, identity, auth, pages, mail, retention, geoip, log",
            ],
        ),
        (
            "identity:\n  headers: x-usr",
            &[
                "gateway.yaml:2:12: identity.headers: found \"x-usr\"; did you mean \"x-user\"? valid: x-user, remote-user, x-forwarded-user, x-auth-request",
            ],
        ),
        ("identity: 7", &["gateway.yaml:1:11: identity: expected a mapping of keys to values, found text"]),
        ("log: { level: [a] }", &["gateway.yaml:1:8: log.level: expected text, found a list"]),
        (
            "auth: { trusted_origins: x }",
            &["gateway.yaml:1:26: auth.trusted_origins: expected a list, as in [a, b], found text"],
        ),
        (
            "auth: { email_verification: { required: maybe } }",
            &["gateway.yaml:1:41: auth.email_verification.required: expected true or false, found \"maybe\""],
        ),
        (
            "auth: { password: { min_length: 8.5 } }",
            &["gateway.yaml:1:33: auth.password.min_length: expected a whole number, found \"8.5\""],
        ),
        (
            "auth: { session: { expires-in: 1d } }",
            &[
                "gateway.yaml:1:20: auth.session.expires-in: unknown key; did you mean \"expires_in\"? valid keys here: expires_in, refresh_after, absolute, fresh_age, cookie_name, cookie_prefix, same_site, domain, check",
            ],
        ),
        (
            "log: { level: info, level: warn }",
            &["gateway.yaml:1:21: the key \"level\" is written twice; it was first written at 1:8"],
        ),
        (
            "log: { <<: { level: info } }",
            &["gateway.yaml:1:8: merge keys (<<) are not part of YAML 1.2; write the keys out"],
        ),
        (
            "log: !%1bx { level: info }",
            &["gateway.yaml:1:12: the YAML tag !\\u{1b}x has no meaning here; leave it out"],
        ),
        (
            "\"a\\u001b[31m\": 1",
            &[
                "gateway.yaml:1:1: a\\u{1b}[31m: unknown key; valid keys here: server, database, secret, upstreams, routes, identity, auth, pages, mail, retention, geoip, log",
            ],
        ),
        ("log: !x { level: info }", &["gateway.yaml:1:9: the YAML tag !x has no meaning here; leave it out"]),
    ]);
}

#[test]
fn syntax_errors_have_a_position() {
    for (text, begins) in [
        ("server: [", "gateway.yaml:1:9: not valid YAML: "),
        ("a: b: c", "gateway.yaml:1:5: not valid YAML: "),
        ("a: *nothing", "gateway.yaml:1:4: not valid YAML: "),
        ("a: 1\n---\nb: 2", "gateway.yaml:2:1: a second YAML document begins here"),
    ] {
        let lines = errors(text, &[]);
        assert!(lines.len() == 1 && lines[0].starts_with(begins), "{text:?}: {lines:?}");
    }
}

#[test]
fn aliases_work_and_are_bounded() {
    let text = format!("log: {{ format: &f text }}\n{}", crate::config::tests::MINIMAL);
    assert!(compiled(&text, &[]).is_ok());
    let level = |level: usize| format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(10));
    let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned() + &(1..9).map(level).collect::<String>();
    assert!(errors(&bomb, &[])[0].ends_with("the document is too large"));
    assert!(errors(&format!("{}{}", "[".repeat(100), "]".repeat(100)), &[])[0].ends_with("nested too deeply"));
}

#[test]
fn a_reported_value_is_not_reported_again_for_its_absence() {
    assert_errors(&[(
        "upstreams: { api: { servers: 7 } }\nroutes: [{ name: [], match: { path: \"/**\" }, upstream: api, access: x }, 5]\n",
        &[
            "gateway.yaml:1:30: upstreams.api.servers: expected a list, as in [a, b], found text",
            "gateway.yaml:2:12: routes[0].name: expected text, found a list",
            "gateway.yaml:2:69: routes[0].access: found \"x\"; valid: public, optional, required",
            "gateway.yaml:2:74: routes[1]: expected a mapping of keys to values, found text",
        ],
    )]);
}
