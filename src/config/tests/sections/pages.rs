//! Tests `pages:`.

use crate::config::tests::{MINIMAL, compiled, sections::assert_overridden};

#[test]
fn pages() {
    assert_overridden(&[
        ("AUTHGATE_PAGES__AUTH_PATH", "/", "pages.auth_path: a path like /auth"),
        ("AUTHGATE_PAGES__AUTH_PATH", "/a/", "pages.auth_path: a path like /auth"),
        ("AUTHGATE_PAGES__AUTH_PATH", "/a/{id}", "pages.auth_path: a path like /auth"),
        ("AUTHGATE_PAGES__ACCOUNT_PATH", "/auth/account", "pages.account_path: /auth/account and auth_path (/auth)"),
        (
            "AUTHGATE_PAGES__ADMIN__PATH",
            "/account",
            "pages.admin.path: /account and account_path (/account) may not lie",
        ),
        ("AUTHGATE_PAGES__ADMIN__PATH", "/account/x", "pages.admin.path: /account/x and account_path (/account)"),
        ("AUTHGATE_PAGES__ADMIN__PATH", "/api", "pages.admin.path: /api and auth.base_path (/api/auth) may not lie"),
        ("AUTHGATE_PAGES__ADMIN__PATH", "/auth", "pages.admin.path: /auth lies among the pages of auth_path (/auth)"),
        ("AUTHGATE_PAGES__ADMIN__PATH", "/auth/sign-in", "pages.admin.path: /auth/sign-in lies among the pages of"),
        ("AUTHGATE_PAGES__NAME", " ", "pages.name: a name of 1 to 60 characters on one line"),
        ("AUTHGATE_PAGES__ACCENT", "blue", "pages.accent: a colour like \"#1d4ed8\""),
        ("AUTHGATE_PAGES__ACCENT", "#ffff00", "pages.accent: #ffff00 has a contrast of 1.1 to white"),
        ("AUTHGATE_PAGES__LOGO_FILE", "no-such-file.svg", "pages.logo_file: no-such-file.svg cannot be read"),
        ("AUTHGATE_PAGES__LINKS__TERMS", "//evil.example", "pages.links.terms: a path like /terms"),
        ("AUTHGATE_PAGES__LINKS__HOME", "javascript:alert(1)", "pages.links.home: a path like /terms"),
        ("AUTHGATE_PAGES__LANGUAGES", "en,ge", "pages.languages[1]: unknown language"),
        ("AUTHGATE_PAGES__LANGUAGES", "en,en", "pages.languages[1]: en stands here twice"),
    ]);
}

#[test]
fn pages_are_there_unless_somebody_has_their_own() {
    let routed = |path: &str, more: &str| {
        let route = format!("{{ name: r, match: {{ path: \"{path}\" }}, upstream: a, access: public }}");
        format!("{MINIMAL}upstreams: {{ a: {{ servers: [\"http://127.0.0.1:1\"] }} }}\nroutes: [{route}]\n{more}")
    };
    let own = "auth: { sign_in_page: /sign-in }";
    for (text, is_enabled) in [
        (MINIMAL.to_owned(), true),
        (format!("{MINIMAL}{own}"), false),
        (format!("{MINIMAL}pages: {{ enabled: true }}\n{own}"), true),
        (routed("/**", ""), true),
        (routed("/auth/**", ""), false),
        (routed("/account/{id}", ""), false),
        (routed("/accounts", ""), true),
        (routed("/auth/**", "pages: { enabled: true }"), true),
        (routed("/auth/**", "pages: { auth_path: /id }"), true),
        (format!("{MINIMAL}auth: {{ base_path: /auth }}"), false),
    ] {
        assert_eq!(compiled(&text, &[]).unwrap().pages.is_enabled, is_enabled, "{text}");
    }
    let overlapping = format!("{MINIMAL}auth: {{ base_path: /auth }}\npages: {{ enabled: true }}");
    let errors = crate::config::tests::errors(&overlapping, &[]);
    assert!(errors[0].contains("pages.auth_path: /auth and auth.base_path (/auth) may not lie within"), "{errors:?}");
    let page = |text: &str| compiled(text, &[]).unwrap().proxy.sign_in_page.map(|page| (page.page, page.parameter));
    assert_eq!(page(MINIMAL), Some(("/auth/sign-in".to_owned(), "redirect")));
    assert_eq!(page(&format!("{MINIMAL}{own}")), Some(("/sign-in".to_owned(), "callbackURL")));
    assert_eq!(page(&routed("/auth/**", "")), None);
}

#[test]
fn invitations_lead_to_the_page_that_signs_people_up() {
    let page = |more: &str| {
        let config = compiled(&format!("{MINIMAL}{more}"), &[]).unwrap();
        config.auth.organizations.unwrap().sign_up_page.map(|page| page.as_str().to_owned())
    };
    let built_in = Some("/auth/sign-up?redirect=/account/organizations".to_owned());
    assert_eq!(page("auth: { organizations: { enabled: true } }"), built_in);
    assert_eq!(page("auth: { organizations: { enabled: true }, sign_up: { mode: closed } }"), None);
    assert_eq!(page("auth: { organizations: { enabled: true }, sign_in_page: /sign-in }"), None);
    let own = "auth: { organizations: { enabled: true, sign_up_page: /join } }";
    assert_eq!(page(own), Some("/join".to_owned()));
}

#[test]
fn a_name_comes_from_the_sender_of_mail() {
    let name = |text: &str| compiled(text, &[]).unwrap().pages.name;
    assert_eq!(name(MINIMAL), "App");
    assert_eq!(name(&MINIMAL.replace("App <no-reply@example.com>", "no-reply@example.com")), "app.example.com");
    assert_eq!(name(&format!("{MINIMAL}pages: {{ name: \" Acme \" }}")), "Acme");
}

#[test]
fn pages_of_administrators_come_with_what_they_call() {
    let admin = |more: &str| {
        let config = compiled(&format!("{MINIMAL}{more}"), &[]).unwrap();
        (config.auth.admin.is_some(), config.pages.admin.map(|admin| admin.path))
    };
    assert_eq!(admin(""), (false, None));
    assert_eq!(admin("auth: { admin: { enabled: true } }"), (true, Some("/auth/admin".to_owned())));
    assert_eq!(admin("pages: { admin: { path: /staff } }"), (true, Some("/staff".to_owned())));
    let text = format!("{MINIMAL}pages: {{ admin: {{ path: /staff }} }}\nauth: {{ admin: {{ enabled: false }} }}");
    let errors = crate::config::tests::errors(&text, &[]);
    assert!(errors[0].contains("pages.admin: these pages need auth.admin"), "{errors:?}");
}
