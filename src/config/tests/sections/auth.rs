//! Tests `auth:`.

use crate::{
    auth::RateClass,
    config::tests::{MINIMAL, assert_errors, compiled, errors, sections::assert_overridden},
    types::{AuthMethod, Blocklist, SecondFactor},
};

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
        (
            "AUTHGATE_AUTH__TRUSTED_ORIGINS",
            "[\"https://*.bücher.example\"]",
            "auth.trusted_origins[0]: an internationalised name is written in its ASCII form: https://*.xn--bcher-kva.example",
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
        (
            "AUTHGATE_AUTH__SIGN_UP__ALLOWED_EMAIL_DOMAINS",
            "example.com,@example.org",
            "auth.sign_up.allowed_email_domains[1]: a domain is written like example.com, or *.example.com",
        ),
        ("AUTHGATE_AUTH__SIGN_UP__MODE", "maybe", "auth.sign_up.mode: "),
        ("AUTHGATE_AUTH__PASSWORD__MIN_LENGTH", "7", "auth.password.min_length: must be 8 to 64"),
        ("AUTHGATE_AUTH__PASSWORD__MAX_LENGTH", "63", "auth.password.max_length: must be 64 to 1024"),
        ("AUTHGATE_AUTH__PASSWORD__BLOCKLIST", "all", "auth.password.blocklist: "),
        ("AUTHGATE_AUTH__PASSWORD_RESET__EXPIRES_IN", "soon", "auth.password_reset.expires_in: a duration"),
        ("AUTHGATE_AUTH__USER__AVATARS__MAX_SIZE", "1023B", "auth.user.avatars.max_size: must be 1KiB to 1MiB"),
        ("AUTHGATE_AUTH__USER__AVATARS__MAX_SIZE", "2MiB", "auth.user.avatars.max_size: must be 1KiB to 1MiB"),
        ("AUTHGATE_AUTH__USER__AVATARS__MAX_SIZE", "big", "auth.user.avatars.max_size: a size is"),
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
        ("{ cookie_name: sid, cookie_prefix: secure }", "__Secure-sid"),
        ("{ cookie_name: sid, cookie_prefix: host }", "__Host-sid"),
        ("{ cookie_name: better-auth.session_token, cookie_prefix: none }", "better-auth.session_token"),
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
fn cookies_of_better_auth_are_known_where_their_secret_is() {
    let known = |text: &str| {
        let config = compiled(&format!("{MINIMAL}\nauth: {{ better_auth: {text} }}"), &[]);
        config.unwrap_or_else(|errors| panic!("{errors}")).proxy.cookie.better_auth
    };
    assert!(compiled(MINIMAL, &[]).is_ok_and(|config| config.proxy.cookie.better_auth.is_none()));
    let usual = known("{ secret: { env: OTHER_SECRET } }").unwrap();
    assert!(usual.is_session_token(b"__Secure-better-auth.session_token"));
    // Signed with the second one, and as short as the app had it.
    let many =
        known("{ secret: [{ env: OTHER_SECRET }, { env: SMTP_PASSWORD }], cookie_prefix: shop, cookie_name: sid }")
            .unwrap();
    assert!(many.is_session_token(b"sid") && many.contains(b"shop.session_data"));
    let signed = b"gFQ5u3KubakKeuW4DkCSgCULxCgeUevv.VFL4b7AZ5yDezUH3zUk2J2sBAwtr/dLhnzie6jrkyFY=";
    assert!(many.signed_token(signed).is_some() && usual.signed_token(signed).is_none());
    assert_errors(&[
        (
            "auth: { better_auth: {} }",
            &[
                "gateway.yaml:1:9: auth.better_auth.secret: missing; write secret: { env: BETTER_AUTH_SECRET }, what the app signed its cookies with",
            ],
        ),
        (
            "auth: { better_auth: { secret: [] } }",
            &[
                "gateway.yaml:1:24: auth.better_auth.secret: needs at least one secret: what the app signed its cookies with",
            ],
        ),
        (
            "auth: { better_auth: { secret: { env: OTHER_SECRET }, cookie_prefix: __Secure-a, cookie_name: a b } }",
            &[
                "gateway.yaml:1:70: auth.better_auth.cookie_prefix: cookies are found with __Secure- before the name and without; leave it out; found \"__Secure-a\"",
                "gateway.yaml:1:95: auth.better_auth.cookie_name: a cookie name is 1 to 64 letters, digits or !#$%&'*+-.^_`|~; found \"a b\"",
            ],
        ),
    ]);
}

#[test]
fn the_session_cookie_has_a_name_of_its_own() {
    for (name, message) in [
        ("authgate_oauth", "the cookie of sign-ins through others"),
        ("authgate_sign_up", "the cookie of sign-ups"),
        ("authgate_two_factor", "a cookie of second factors"),
        ("Authgate_Trusted_Device", "a cookie of second factors"),
        ("Authgate_Multi-1", "the cookies that keep several sessions"),
        ("authgate_passkey", "the cookie of passkeys"),
        ("authgate_admin_session", "the cookie of administrators"),
        ("authgate_form", "the cookie of forms"),
        ("authgate_language", "the cookie of languages"),
    ] {
        let message = format!("auth.session.cookie_name: the name is taken by {message}");
        assert_overridden(&[("AUTHGATE_AUTH__SESSION__COOKIE_NAME", name, &message)]);
    }
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
        (
            "auth: { social: { magic-link: { type: oidc, issuer: \"https://x.example\", client_id: a, client_secret: { env: OTHER_SECRET } } } }",
            &["gateway.yaml:1:19: auth.social.magic-link: the name is taken by another way to sign in; choose another"],
        ),
    ]);
}

#[test]
fn no_provider_has_a_name_of_our_own() {
    let taken_by = |name: &str| match name {
        "credential" => "passwords",
        _ if AuthMethod::NAMES.contains(&name) => "another way to sign in",
        _ => "a second factor",
    };
    let factors = SecondFactor::ALL.map(SecondFactor::as_str);
    for name in AuthMethod::NAMES.into_iter().chain(factors).chain(["credential"]) {
        let provider = "type: oidc, issuer: \"https://x.example\", client_id: a, client_secret: { env: OTHER_SECRET }";
        let text = format!("auth: {{ social: {{ {name}: {{ {provider} }} }} }}{MINIMAL}");
        let message =
            format!("gateway.yaml:1:19: auth.social.{name}: the name is taken by {}; choose another", taken_by(name));
        assert_eq!(errors(&text, &[]), [message]);
    }
}

#[test]
fn an_empty_secret_of_a_provider_is_a_mistake() {
    let text =
        format!("auth: {{ social: {{ github: {{ client_id: a, client_secret: {{ env: EMPTY }} }} }} }}{MINIMAL}");
    for empty in ["", " "] {
        assert_eq!(
            errors(&text, &[("EMPTY", empty)]),
            ["gateway.yaml:1:58: auth.social.github.client_secret: is empty; it is what the provider gave"]
        );
    }
}

#[test]
fn a_sign_in_page_that_needs_a_session_itself_is_a_mistake() {
    let api = "upstreams: { api: { servers: [\"http://127.0.0.1:1\"] } }\n";
    let route = |path: &str, keys: &str| {
        format!("- {{ name: r{}, match: {{ path: \"{path}\" }}, upstream: api, {keys} }}\n", path.len())
    };
    let required = route("/**", "access: required");
    for (page, routes, is_circular) in [
        ("/sign-in", required.clone(), true),
        ("/sign-in?x=/public", required.clone(), true),
        ("/%73ign-in", required.clone(), true),
        ("https://app.example.com/sign-in", required.clone(), true),
        ("/sign-in", route("/**", "access: required, on_unauthenticated: reject"), false),
        ("/sign-in", route("/sign-in", "access: public") + &required, false),
        ("/sign-in", route("/sign-in", "access: optional") + &required, false),
        ("/sign-in", route("/app/**", "access: required"), false),
        ("https://www.example.com/sign-in", required.clone(), false),
    ] {
        let text = format!("{api}routes:\n{routes}{MINIMAL}");
        let origins = ("AUTHGATE_AUTH__TRUSTED_ORIGINS", "https://www.example.com");
        let lines = errors(&text, &[("AUTHGATE_AUTH__SIGN_IN_PAGE", page), origins]);
        assert_eq!(lines.len(), usize::from(is_circular), "{page} {routes}: {lines:#?}");
        assert!(lines.iter().all(|line| line.contains("auth.sign_in_page: the route \"r")), "{lines:#?}");
    }
    // Where some have to prove more, they find an optional page closed.
    for (access, is_closed) in [("optional", true), ("optional, on_unauthenticated: reject", true), ("public", false)] {
        let text = format!("{api}routes:\n{}{MINIMAL}", route("/sign-in", &format!("access: {access}")));
        let roles = ("AUTHGATE_AUTH__TWO_FACTOR__REQUIRED_FOR_ROLES", "[admin]");
        let lines = errors(&text, &[("AUTHGATE_AUTH__SIGN_IN_PAGE", "/sign-in"), roles]);
        assert_eq!(lines.len(), usize::from(is_closed), "{access}: {lines:#?}");
        assert!(lines.iter().all(|line| line.contains("auth.two_factor.required_for_roles")), "{lines:#?}");
    }
}

#[test]
fn an_issuer_that_no_document_names_is_seen_at_once() {
    let errors_of = |name: &str, issuer: &str| {
        let kind = if name == "google" { "" } else { "type: oidc, " };
        let social = format!(
            "{{ {name}: {{ {kind}issuer: \"{issuer}\", client_id: a, client_secret: {{ env: OTHER_SECRET }} }} }}"
        );
        errors(MINIMAL, &[("AUTHGATE_AUTH__SOCIAL", &social)])
    };
    for (issuer, part) in [
        ("https://id.example.com/.well-known/openid-configuration", "what stands before it, https://id.example.com"),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", "placeholder"),
        ("https://login.microsoftonline.com/<tenant>/v2.0", "placeholder"),
        ("https://login.microsoftonline.com/common/v2.0", "tokens never name common"),
        ("https://login.microsoftonline.us/organizations/v2.0", "tokens never name organizations"),
        ("https://login.microsoftonline.com/5c1a/v2.0/", "ends without a slash"),
        ("https://acme.eu.auth0.com", "ends with a slash"),
        ("https://sts.windows.net/5c1a", "ends with a slash"),
        ("https://acme.okta.com/", "ends without a slash"),
        ("http://id.example.com", "an https URL, or an http URL of this machine"),
    ] {
        let found = errors_of("acme", issuer);
        assert!(
            found.len() == 1 && found[0].contains("auth.social.acme.issuer") && found[0].contains(part),
            "{found:?}"
        );
    }
    for (name, issuer) in [
        ("acme", "https://acme.eu.auth0.com/"),
        ("acme", "https://login.microsoftonline.com/5c1a/v2.0"),
        ("acme", "https://sts.windows.net/5c1a/"),
        ("acme", "https://acme.okta.com/oauth2/default"),
        ("acme", "https://id.example.com/application/o/app/"),
        ("acme", "http://127.0.0.1:9000"),
        ("google", "https://accounts.google.com"),
    ] {
        assert_eq!(errors_of(name, issuer), Vec::<String>::new(), "{issuer}");
    }
    assert_eq!(errors_of("google", "https://accounts.google.com/").len(), 1);
}

#[test]
fn a_provider_has_one_client_or_several() {
    let of = |client: &str| {
        let social = format!("{{ google: {{ client_id: {client}, client_secret: {{ env: OTHER_SECRET }} }} }}");
        compiled(MINIMAL, &[("AUTHGATE_AUTH__SOCIAL", &social)]).map(|config| {
            let google = config.auth.social.into_iter().next().unwrap();
            (google.client_id, google.further_client_ids)
        })
    };
    assert_eq!(of("web").unwrap(), ("web".to_owned(), vec![]));
    assert_eq!(of("[web]").unwrap(), ("web".to_owned(), vec![]));
    assert_eq!(of("[web, ios, android]").unwrap(), ("web".to_owned(), vec!["ios".to_owned(), "android".to_owned()]));
    for bad in ["[]", "\"\"", "\" \"", "[web, \"\"]", "[web, web]", "{ a: b }"] {
        assert!(of(bad).is_err(), "{bad}");
    }
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
fn allowed_domains_need_proved_addresses() {
    assert_errors(&[(
        "auth: { email_verification: { required: false }, sign_up: { allowed_email_domains: [example.com] } }",
        &[
            "gateway.yaml:1:61: auth.sign_up.allowed_email_domains: needs email_verification.required: true, or anybody \
           could name an address of such a domain",
        ],
    )]);
}

#[test]
fn additional_fields_are_checked() {
    let path = "auth.user.additional_fields";
    for (field, expected) in [
        ("email: {}", "email: email is taken"),
        ("emailVerified: {}", "emailVerified: emailVerified is taken"),
        ("email_verified: {}", "email_verified: email_verified is taken"),
        ("Role: {}", "Role: Role is taken"),
        ("constructor: {}", "constructor: constructor is taken"),
        ("toString: {}", "toString: toString is taken"),
        ("sub: {}", "sub: sub is taken"),
        ("__proto__: {}", "__proto__: a field is named by"),
        ("1st: {}", "1st: a field is named by"),
        ("a: { type: json }", "a.type: "),
        ("a: { type: number, default: x }", "a.default: is no value of the field's type"),
        ("a: { type: boolean, default: 1 }", "a.default: is no value of the field's type"),
        ("a: { default: [x, y] }", "a.default: is no value of the field's type"),
        ("a: { type: date, default: soon }", "a.default: is no value of the field: expected a date"),
        ("a: { max_length: 2, default: abc }", "a.default: is no value of the field: Too big"),
        ("a: { max_length: 0 }", "a.max_length: must be 1 to 5000"),
        ("a: { max_length: 501, header: X-A }", "a.max_length: must be 1 to 500"),
        ("a: { type: number, max_length: 5 }", "a.max_length: has a meaning with type: string and strings only"),
        ("a: { required: true, input: false }", "a.required: nobody could sign up"),
        ("a: { header: Authorization }", "a.header: a header begins with X-"),
        ("a: { header: X-User_Company }", "a.header: a header begins with X-"),
        ("a: { header: X-User-Id }", "a.header: x-user-id has a meaning already"),
        ("a: { header: X-Forwarded-For }", "a.header: x-forwarded-for has a meaning already"),
        ("a: { header: X-A }, b: { header: x-a }", "b.header: x-a is the header of a already"),
    ] {
        let found = errors(&format!("{MINIMAL}\nauth: {{ user: {{ additional_fields: {{ {field} }} }} }}"), &[]);
        assert!(found.iter().any(|error| error.contains(&format!("{path}.{expected}"))), "{field}: {found:?}");
    }
    let taken = "auth: { user: { additional_fields: { a: { header: X-Proof } } } }\nidentity: { assertion: { header: X-Proof } }";
    let found = errors(&format!("{MINIMAL}\n{taken}"), &[]);
    assert!(found.iter().any(|error| error.contains("a.header: is the header of identity.assertion")), "{found:?}");
    // And with whatever else is wrong, the assertion itself included.
    let others = [("AUTHGATE_SERVER__PUBLIC_URL", "nonsense"), ("AUTHGATE_IDENTITY__ASSERTION__ALGORITHM", "HS256")];
    let found = errors(&format!("{MINIMAL}\n{taken}"), &others);
    for part in ["a.header: is the header of identity.assertion", "server.public_url", "identity.assertion.key"] {
        assert!(found.iter().any(|error| error.contains(part)), "{part}: {found:?}");
    }
}

#[test]
fn what_headers_tell_by_default_is_bounded() {
    let (path, smile) = ("auth.user.additional_fields", "\u{1f600}");
    let fields = |count: usize, length: usize| {
        let field = |n| format!("f{n}: {{ max_length: 500, header: X-F{n}, default: {} }}", smile.repeat(length));
        let fields: Vec<String> = (0..count).map(field).collect();
        errors(&format!("{MINIMAL}\nauth: {{ user: {{ additional_fields: {{ {} }} }} }}", fields.join(", ")), &[])
    };
    assert_eq!(fields(4, 170), Vec::<String>::new());
    for (found, expected) in [
        (fields(1, 171), ".f0.default: is no value of the field: Too big"),
        (fields(5, 170), ": the defaults of fields with headers come to more than 8 KiB"),
    ] {
        assert!(found.len() == 1 && found[0].contains(&format!("{path}{expected}")), "{found:?}");
    }
}
