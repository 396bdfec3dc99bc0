//! Tests `check --print`.

use std::{collections::BTreeSet, path::Path};

use crate::config::{
    Config,
    compile::compile,
    load::print_compiled,
    print::print,
    source::{
        decode::decode,
        document::{Kind, Node, parse},
        environment::resolve_references,
        report::Report,
    },
    tests::{DATABASE_URL, MINIMAL, SECRET, compiled, documentation::key_paths, environment},
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

/// Writes a configuration without its own print-out, which tells what is written from what is a default.
fn without_text(config: Config) -> String {
    format!("{:#?}", Config { printed: String::new(), ..config })
}

#[test]
fn what_is_printed_compiles_to_the_same() {
    let text = include_str!("../../../gateway.yaml");
    let printed = print_compiled("gateway.yaml", text, &environment(&[])).unwrap_or_else(|errors| panic!("{errors}"));
    let before = compiled(text, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    let after = compiled(&printed, &[]).unwrap_or_else(|errors| panic!("{errors}\n{printed}"));
    assert_eq!(without_text(before), without_text(after));
    let again = print_compiled("gateway.yaml", &printed, &environment(&[])).unwrap_or_else(|errors| panic!("{errors}"));
    let unwritten: Vec<&str> = again.lines().filter(|line| line.contains("# default")).collect();
    assert_eq!(unwritten, ["    domain: null  # default"], "{again}");
}

/// Returns the annotated example with the keys that it shows in comments.
fn whole_example() -> String {
    let uncommented = |line: &str| {
        let (margin, comment) = line.split_once("# ")?;
        let (key, _) = comment.trim_start().split_once(':')?;
        let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        (is_key && margin.trim().is_empty()).then(|| format!("{margin}{comment}"))
    };
    let lines = include_str!("../../../gateway.yaml").lines();
    lines.map(|line| uncommented(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

/// Collects the paths of all keys, and of list items without their number.
fn keys(node: &Node, path: &str, paths: &mut BTreeSet<String>) {
    match &node.kind {
        Kind::Map(entries) => {
            for entry in entries.iter().filter(|entry| !entry.value.is_null()) {
                let path = format!("{path}.{}", entry.key).trim_start_matches('.').to_owned();
                keys(&entry.value, &path, paths);
                paths.insert(path);
            }
        }
        Kind::List(items) => items.iter().for_each(|item| keys(item, &format!("{path}[]"), paths)),
        Kind::Scalar { .. } | Kind::Invalid => {}
    }
}

#[test]
fn every_key_is_printed_where_it_is_written() {
    let mut written = BTreeSet::new();
    let further = [
        "auth: { session: { check: { mode: cached, max_staleness: 1s }, domain: example.com } }\n",
        "identity: { assertion: { algorithm: HS256, key: { env: SHARED_KEY } } }\n",
        "routes: [{ name: a, match: { path: /a }, upstream: b, access: public, timeouts: { write: 1s } }]\n",
    ];
    let directory = MINIMAL.replace("console: true", "directory: mail");
    let texts = further.map(|more| format!("{MINIMAL}{more}")).into_iter().chain([whole_example(), directory]);
    let variables = environment(&[
        ("DATABASE_DIRECT_URL", DATABASE_URL),
        ("GOOGLE_CLIENT_SECRET", "provider-hunter4"),
        ("GITHUB_CLIENT_SECRET", "provider-hunter4"),
        ("ACME_SECRET", "provider-hunter4"),
        ("APPLE_KEY", "provider-hunter4"),
        ("BETTER_AUTH_SECRET", "what-the-app-signed-with-hunter4"),
        ("SHARED_KEY", "what-backends-share-0123456789-hunter4"),
    ]);
    for text in texts {
        let text = text.replace("{ file: apple.p8 }", "{ env: APPLE_KEY }");
        let mut tree = parse(&text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
        resolve_references(&mut tree, &variables, Path::new(""));
        // The values may be wrong, as the files that the example names are not here.
        let mut report = Report::new(&tree);
        compile(decode(&tree, &mut report).unwrap(), Path::new(""), &mut report);
        let printed = print(&report.into_effective(), &tree);
        let (mut here, mut shown) = (BTreeSet::new(), BTreeSet::new());
        keys(&tree, "", &mut here);
        keys(&parse(&printed).unwrap_or_else(|errors| panic!("{errors:?}\n{printed}")), "", &mut shown);
        let missing: Vec<&String> = here.difference(&shown).collect();
        assert!(missing.is_empty(), "compiling does not record {missing:#?}\n{printed}");
        assert!(!printed.contains("hunter") && !printed.contains(SECRET), "{printed}");
        written.extend(here);
    }
    let is_written = |key: &String| {
        let is_same = |(name, found): (&str, &str)| name == found || name == "NAME";
        let steps = |path: &str| path.matches('.').count();
        written.iter().any(|path| steps(path) == steps(key) && key.split('.').zip(path.split('.')).all(is_same))
    };
    let unwritten: Vec<String> = key_paths().into_iter().filter(|key| !is_written(key)).collect();
    assert!(unwritten.is_empty(), "no example of this test writes {unwritten:#?}");
}

#[test]
fn providers_are_printed_and_compile_to_the_same() {
    let social = "auth: { social: { google: { client_id: [a, b], client_secret: { env: SMTP_PASSWORD }, hd: \"*\" }, acme: { type: oidc, issuer: \"https://id.example.com\", client_id: c, client_secret: { env: SMTP_PASSWORD }, scopes: [openid], store_tokens: true } } }";
    let text = format!("{MINIMAL}{social}\n");
    let printed = print_compiled("gateway.yaml", &text, &environment(&[])).unwrap_or_else(|errors| panic!("{errors}"));
    for line in [
        "      client_secret: { env: SMTP_PASSWORD }  # set",
        "      issuer: \"https://accounts.google.com\"  # default",
        "      client_id: [\"a\", \"b\"]",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
    }
    let after = compiled(&printed, &[]).unwrap_or_else(|errors| panic!("{errors}\n{printed}"));
    assert_eq!(without_text(compiled(&text, &[]).unwrap()), without_text(after));
}

/// Shows all that a configuration of four lines stands for.
#[test]
#[expect(clippy::too_many_lines, reason = "it is the print-out")]
fn the_defaults_are_printed_whole() {
    let variables = environment(&[("AUTHGATE_SERVER__THREADS", "2")]);
    let printed = print_compiled("gateway.yaml", MINIMAL, &variables).unwrap_or_else(|errors| panic!("{errors}"));
    insta::assert_snapshot!(printed, @r##"
    server:
      listen: ["127.0.0.1:8080"]  # default
      insecure_public_url: false  # default
      public_url: "https://app.example.com"
      ops_listen: "127.0.0.1:9090"  # default
      threads: 2  # overridden by AUTHGATE_SERVER__THREADS
      max_requests: 20000  # default
      max_unread: 512MiB  # default
      redirect_listen: []  # default
      proxy_protocol: false  # default
      trusted_proxies: []  # default
      hosts: []  # default
      hsts: true  # default
    database:
      url: { env: DATABASE_URL }  # set
      pooler: none  # default
      max_connections: 16  # default
    secret: { env: AUTHGATE_SECRET }  # set
    upstreams: {}  # default
    routes: []  # default
    identity:
      headers: x-user  # default
    auth:
      base_path: "/api/auth"  # default
      trusted_origins: []  # default
      session:
        absolute: 30d  # default
        expires_in: 7d  # default
        refresh_after: 1d  # default
        fresh_age: 1d  # default
        check:
          mode: database  # default
        cookie_name: authgate_session  # default
        same_site: lax  # default
        domain: null  # default
        cookie_prefix: auto  # default
      jwt:
        expires_in: 15m  # default
      password:
        min_length: 8  # default
        max_length: 128  # default
        blocklist: builtin  # default
      email_verification:
        required: true  # default
        expires_in: 15m  # default
        auto_sign_in: false  # default
      sign_up:
        mode: open  # default
        allowed_email_domains: []  # default
      password_reset:
        expires_in: 1h  # default
      delete_user:
        mailed_confirmation: false  # default
      notifications:
        new_device: true  # default
      rate_limits:
        sign_in:
          limit: 10  # default
          window: 15m  # default
        sign_in_address:
          limit: 30  # default
          window: 1m  # default
        sign_up:
          limit: 300  # default
          window: 1h  # default
        social_sign_in:
          limit: 100  # default
          window: 10m  # default
        verify_email:
          limit: 100  # default
          window: 10m  # default
        send_verification:
          limit: 100  # default
          window: 10m  # default
        password_reset_request:
          limit: 100  # default
          window: 10m  # default
        password_reset:
          limit: 100  # default
          window: 10m  # default
        change_password:
          limit: 10  # default
          window: 15m  # default
        verify_password:
          limit: 10  # default
          window: 15m  # default
        two_factor:
          limit: 10  # default
          window: 15m  # default
        change_email:
          limit: 10  # default
          window: 15m  # default
        delete_user:
          limit: 10  # default
          window: 15m  # default
        verify_token:
          limit: 600  # default
          window: 1m  # default
        avatar:
          limit: 20  # default
          window: 1h  # default
        username_check:
          limit: 300  # default
          window: 10m  # default
        email_code:
          limit: 10  # default
          window: 15m  # default
        passkey:
          limit: 300  # default
          window: 10m  # default
        organization:
          limit: 20  # default
          window: 1h  # default
        invitation:
          limit: 100  # default
          window: 1h  # default
        export_data:
          limit: 10  # default
          window: 1h  # default
      admin:
        enabled: false  # default
        roles:
          admin: ["user:*", "session:*", "audit:*", "organization:*", "mail:*", "health:*"]  # default
        impersonation:
          enabled: false  # default
          expires_in: 1h  # default
        set_passwords: false  # default
      two_factor:
        enabled: true  # default
        mailed_code: true  # default
        trust_device: 30d  # default
        issuer: "app.example.com"  # default
        required_for_roles: []  # default
      passkeys:
        enabled: true  # default
        rp_id: "app.example.com"  # default
        rp_name: "app.example.com"  # default
      user:
        avatars:
          max_size: 256KiB  # default
        additional_fields: {}  # default
      username:
        enabled: false  # default
        min_length: 3  # default
        max_length: 30  # default
        reserved: []  # default
      email_otp:
        enabled: false  # default
        length: 6  # default
        expires_in: 5m  # default
        attempts: 3  # default
      magic_link:
        enabled: false  # default
        expires_in: 5m  # default
      multi_session:
        enabled: false  # default
        max: 5  # default
      organizations:
        enabled: false  # default
        creation: anyone  # default
        max_per_user: 5  # default
        max_members: 100  # default
        max_invitations: 100  # default
        invitation_expires_in: 2d  # default
        teams:
          enabled: false  # default
          max_per_organization: 20  # default
          max_members: 100  # default
      api_keys:
        enabled: false  # default
        header: x-api-key  # default
        prefix: ag_  # default
        max_per_user: 20  # default
        rate_limit:
          enabled: true  # default
          limit: 1000  # default
          window: 1m  # default
        permissions: []  # default
      last_login_method:
        enabled: false  # default
    pages:
      auth_path: "/auth"  # default
      account_path: "/account"  # default
      enabled: true  # default
      accent: "#1d4ed8"  # default
      languages: ["en"]  # default
    mail:
      from: "App <no-reply@example.com>"
      transport:
        console: true
    retention:
      audit_events: 90d  # default
      failed_mail: 30d  # default
    log:
      format: json  # default
      level: info  # default
    "##);
}
