//! Tests mistakes in the parts of `auth` that are switched on: ways in, second factors, keys, administration.

use crate::{
    auth::{AdminSettings, admin::Permission},
    config::tests::{MINIMAL, assert_errors, compiled, errors, sections::assert_overridden},
    language::Language,
};

#[test]
fn further_ways_in() {
    assert_overridden(&[
        ("AUTHGATE_AUTH__MAGIC_LINK__EXPIRES_IN", "1s", "auth.magic_link.expires_in: must be 1m to 1h"),
        ("AUTHGATE_AUTH__MULTI_SESSION__MAX", "1", "auth.multi_session.max: must be 2 to 10"),
        ("AUTHGATE_AUTH__ORGANIZATIONS__MAX_MEMBERS", "0", "auth.organizations.max_members: must be 1 to 100000"),
        (
            "AUTHGATE_AUTH__ORGANIZATIONS__TEAMS__MAX_MEMBERS",
            "0",
            "auth.organizations.teams.max_members: must be 1 to 100000",
        ),
        (
            "AUTHGATE_AUTH__ORGANIZATIONS__INVITATION_EXPIRES_IN",
            "31d",
            "auth.organizations.invitation_expires_in: must be 1h to 30d",
        ),
        (
            "AUTHGATE_AUTH__ORGANIZATIONS__SIGN_UP_PAGE",
            "https://evil.example/x",
            "auth.organizations.sign_up_page: must be a path like /sign-up, or a URL of a trusted origin",
        ),
        ("AUTHGATE_AUTH__EMAIL_OTP__LENGTH", "4", "auth.email_otp.length: must be 6 to 10"),
        ("AUTHGATE_AUTH__EMAIL_OTP__EXPIRES_IN", "2h", "auth.email_otp.expires_in: must be 1m to 1h"),
        ("AUTHGATE_AUTH__EMAIL_OTP__ATTEMPTS", "0", "auth.email_otp.attempts: must be 1 to 10"),
        ("AUTHGATE_AUTH__USERNAME__MAX_LENGTH", "65", "auth.username.max_length: "),
        ("AUTHGATE_AUTH__USERNAME__MIN_LENGTH", "0", "auth.username.min_length: "),
        (
            "AUTHGATE_AUTH__USERNAME__MAX_LENGTH",
            "2",
            "auth.username.max_length: must be at least min_length, which is 3",
        ),
        ("AUTHGATE_AUTH__USERNAME__RESERVED", "[\"a b\"]", "auth.username.reserved[0]: a name holds"),
    ]);
}

#[test]
fn languages() {
    assert_overridden(&[
        ("AUTHGATE_PAGES__LANGUAGES", "[]", "pages.languages: at least one language is offered"),
        ("AUTHGATE_PAGES__LANGUAGES", "[en, xx]", "pages.languages[1]: unknown language"),
        ("AUTHGATE_PAGES__LANGUAGES", "[de, de]", "pages.languages[1]: de stands here twice"),
    ]);
    let offered = compiled(MINIMAL, &[("AUTHGATE_PAGES__LANGUAGES", "[de, en]")]).unwrap().auth.languages;
    assert_eq!(offered.iter().map(Language::code).collect::<Vec<_>>(), ["de", "en"]);
    let text = "auth: { user: { additional_fields: { language: { type: string } } } }\npages: { languages: [de, en] }";
    let found = errors(&format!("{text}\n{MINIMAL}"), &[]);
    assert!(found.iter().any(|error| error.contains("additional_fields.language: the name is taken")), "{found:?}");
}

#[test]
fn two_factor() {
    assert_overridden(&[
        ("AUTHGATE_AUTH__TWO_FACTOR__TRUST_DEVICE", "31d", "auth.two_factor.trust_device: must be at most 30d"),
        (
            "AUTHGATE_AUTH__TWO_FACTOR__ISSUER",
            &"x".repeat(65),
            "auth.two_factor.issuer: must be a line of 1 to 64 characters",
        ),
    ]);
    let never = compiled(MINIMAL, &[("AUTHGATE_AUTH__TWO_FACTOR__TRUST_DEVICE", "0s")]);
    assert!(never.is_ok_and(|config| config.auth.two_factor.trust_device.is_zero()));
}

#[test]
fn administration_is_off_unless_it_is_configured() {
    let admin = |text: &str| {
        compiled(&format!("{MINIMAL}\n{text}"), &[]).unwrap_or_else(|errors| panic!("{errors}")).auth.admin
    };
    assert_eq!(admin(""), None);
    assert_eq!(admin("auth: { admin: { enabled: true } }"), Some(AdminSettings::default()));
    let roles = "auth: { admin: { enabled: true, roles: { support: [user:list, session:*], root: [user:*, \
                 user:impersonate-admins] }, impersonation: { enabled: true, expires_in: 10m }, set_passwords: true } }";
    let found = admin(roles).unwrap();
    let of = |role: &str| found.permissions_of(&[role.to_owned()]);
    assert!(of("support").contains(Permission::SessionRevoke) && !of("support").contains(Permission::UserBan));
    assert!(of("root").contains(Permission::UserImpersonateAdmins) && of("root").contains(Permission::UserSetPassword));
    assert!(of("admin").is_empty(), "what is written takes the place of the default");
    assert_eq!(found.impersonation, Some(std::time::Duration::from_mins(10)));
    assert_errors(&[
        (
            "auth: { admin: { roles: { support: [user:lst] } } }",
            &[
                "gateway.yaml:1:37: auth.admin.roles.support[0]: unknown permission; did you mean \"user:list\"? valid: user:*, \
               session:*, audit:*, organization:*, mail:*, health:*, user:create, user:list, user:get, user:update, user:set-role, user:ban, user:delete, \
               user:set-email, user:set-password, user:impersonate, user:impersonate-admins, session:list, session:revoke, \
               session:delete, audit:list, organization:list, mail:read, mail:retry, health:read",
            ],
        ),
        (
            "auth: { admin: { roles: { Support: [] }, impersonation: { expires_in: 2h } } }",
            &[
                "gateway.yaml:1:27: auth.admin.roles.Support: a role is 1 to 64 characters out of a-z 0-9 _ : -",
                "gateway.yaml:1:71: auth.admin.impersonation.expires_in: must be 1m to 1h; found \"2h\"",
            ],
        ),
    ]);
}

#[test]
fn passkeys() {
    let (rp_id, rp_name) = ("AUTHGATE_AUTH__PASSKEYS__RP_ID", "AUTHGATE_AUTH__PASSKEYS__RP_NAME");
    let elsewhere =
        "auth.passkeys.rp_id: must be the host of server.public_url, app.example.com, or a domain that it is in";
    assert_overridden(&[
        (rp_id, "other.example.com", elsewhere),
        (rp_id, "notexample.com", elsewhere),
        (rp_id, "ample.com", elsewhere),
        (rp_id, "com", elsewhere),
        (rp_id, "https://example.com", elsewhere),
        (rp_name, &"x".repeat(65), "auth.passkeys.rp_name: must be a line of 1 to 64 characters"),
    ]);
    let compiled_for = |text: &str, overrides: &[(&str, &str)]| {
        compiled(text, overrides).unwrap_or_else(|errors| panic!("{errors}")).auth.passkeys
    };
    let rp_id_of = |overrides: &[(&str, &str)]| compiled_for(MINIMAL, overrides).map(|passkeys| passkeys.rp_id);
    assert_eq!(rp_id_of(&[]).as_deref(), Some("app.example.com"));
    assert_eq!(rp_id_of(&[(rp_id, "example.com")]).as_deref(), Some("example.com"));
    assert_eq!(rp_id_of(&[("AUTHGATE_AUTH__PASSKEYS__ENABLED", "false")]), None);
    // Browsers make passkeys for names alone.
    let by_number = MINIMAL.replace("https://app.example.com", "http://127.0.0.1:8080");
    assert_eq!(compiled_for(&by_number, &[]), None);
    let found = errors(&by_number, &[("AUTHGATE_AUTH__PASSKEYS__ENABLED", "true")]);
    assert!(found.iter().any(|line| line.contains("auth.passkeys.enabled: needs a domain name")), "{found:?}");
}

#[test]
fn api_keys() {
    assert_overridden(&[
        (
            "AUTHGATE_AUTH__API_KEYS__PREFIX",
            "a b",
            "auth.api_keys.prefix: must be 1 to 32 characters out of A-Z a-z 0-9 _ -",
        ),
        (
            "AUTHGATE_AUTH__API_KEYS__HEADER",
            "Authorization",
            "auth.api_keys.header: authorization has a meaning already; take X-API-Key or one of your own",
        ),
        ("AUTHGATE_AUTH__API_KEYS__MAX_PER_USER", "0", "auth.api_keys.max_per_user: must be 1 to 1000"),
        (
            "AUTHGATE_AUTH__API_KEYS__EXPIRES_IN",
            "1h",
            "auth.api_keys.expires_in: must be 1d to 365d; leave it out for keys that last",
        ),
        ("AUTHGATE_AUTH__API_KEYS__RATE_LIMIT__WINDOW", "1ms", "auth.api_keys.rate_limit.window: must be 1s to 366d"),
    ]);
    let compiled_for =
        |overrides: &[(&str, &str)]| compiled(MINIMAL, overrides).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(compiled_for(&[]).proxy.api_key_header, None);
    let on = compiled_for(&[("AUTHGATE_AUTH__API_KEYS__ENABLED", "true")]);
    assert_eq!(on.auth.api_keys, Some(crate::auth::ApiKeySettings::default()));
    assert_eq!(on.proxy.api_key_header, Some(http::HeaderName::from_static("x-api-key")));
}

#[test]
fn roles_that_need_a_second_factor_can_have_one() {
    assert_errors(&[
        (
            "auth: { two_factor: { enabled: false, required_for_roles: [admin] } }",
            &[
                "gateway.yaml:1:39: auth.two_factor.required_for_roles: needs two_factor.enabled: true, or users of these \
                 roles could not come in",
            ],
        ),
        (
            "auth: { two_factor: { required_for_roles: [admin, \"The Admins\"] } }",
            &[
                "gateway.yaml:1:51: auth.two_factor.required_for_roles[1]: a role is 1 to 64 characters out of a-z 0-9 _ : \
                 -; found \"The Admins\"",
            ],
        ),
    ]);
}
