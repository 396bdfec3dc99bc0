//! `check`, `schema`, usage.

use std::fs;

use serde_json::{Value, json};

use super::Workplace;
use crate::harness::{gateway::SECRET, mmdb::mmdb};

#[test]
fn a_good_configuration_is_0() {
    let ended = Workplace::new(&json!({})).run(&["check", "--config", "gateway.yaml"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn a_route_below_the_built_in_pages_is_told() {
    let route = json!({ "name": "own", "match": { "path": "/account/x" }, "upstream": "api", "access": "public" });
    let changes = json!({ "routes": [route], "pages": { "enabled": true } });
    let ended = Workplace::new(&changes).run(&["check", "--config", "gateway.yaml"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.starts_with("warning: the route \"own\" (/account/x) is reached by nothing"), "{ended:?}");
}

#[test]
fn a_logo_that_mails_do_not_show_is_told() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    for (file, content, warning) in [
        ("logo.svg", &b"<svg/>"[..], "warning: pages.logo_file stands on pages alone: mails show a PNG or JPEG\n"),
        ("logo.png", PNG, ""),
    ] {
        let workplace = Workplace::new(&json!({ "pages": { "logo_file": file } }));
        fs::write(workplace.directory.path().join(file), content).unwrap();
        let ended = workplace.run(&["check", "--config", "gateway.yaml"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, warning), "{file}");
    }
}

#[test]
fn no_additional_field_is_called_like_a_field_of_the_forms() {
    for name in ["back", "current", "form_token", "formToken", "others", "password", "Proof", "remember", "terms"] {
        let changes = json!({ "auth": { "user": { "additional_fields": { name: {} } } } });
        let ended = Workplace::new(&changes).run(&["check", "--config", "gateway.yaml"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        let told = format!("auth.user.additional_fields.{name}: {name} is taken: ");
        let (place, _) = ended.stderr.split_once(&told).unwrap_or_else(|| panic!("{ended:?}"));
        assert!(place.contains("gateway.yaml:"), "{ended:?}");
    }
}

#[test]
fn the_annotated_example_is_good() {
    let example = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/gateway.yaml")).unwrap();
    let workplace = Workplace::with_text(&example);
    let mut command = workplace.command(&["check", "--config", "gateway.yaml"]);
    for after in example.split("env: ").skip(1) {
        let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !["DATABASE_URL", "AUTHGATE_SECRET"].contains(&name.as_str()) {
            command.env(name, "postgres://a-value-for-whatever-is-asked-for@127.0.0.1/x");
        }
    }
    let ended = super::Ended::of(command.output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn a_database_of_places_is_read_from_beside_the_file_and_no_other_kind_is_taken() {
    let workplace = Workplace::new(&json!({ "geoip": { "database": "places.mmdb" } }));
    let check = |file: &[u8]| {
        let folder = workplace.directory.path();
        fs::write(folder.join("places.mmdb"), file).unwrap();
        let mut command = workplace.command(&["check", "--config"]);
        super::Ended::of(command.arg(folder.join("gateway.yaml")).current_dir("/").output().unwrap())
    };
    for kind in ["GeoLite2-City", "DBIP-City-Lite", "GeoIP2-Enterprise", "GeoLite2-Country"] {
        assert_eq!(check(&mmdb(kind, &[])).code, 0, "{kind}");
    }
    check(&mmdb("GeoLite2-ASN", &[])).assert_one_line(2, "geoip.database: \"places.mmdb\" is a database of the type");
    check(b"<!doctype html>").assert_one_line(2, "geoip.database: \"places.mmdb\" is no MaxMind database");
}

#[test]
fn all_mistakes_are_told_at_once_with_their_places() {
    let text = "\
server:
  listen: [\"127.0.0.1:8080\"]
  public_url: \"ftp://app.example.com\"
  ops_listen: \"127.0.0.1:9090\"
database:
  url: { env: DATABASE_URL }
  max_connections: many
secret: { env: AUTHGATE_SECRET }
upstreams:
  api:
    servers: [\"http://127.0.0.1:8000\"]
routes:
  - name: first
    match: { path: \"/a/**\" }
    upstream: api
  - name: second
    match: { path: \"/b/../c\" }
    upstream: nowhere
    access: everybody
mail:
  from: \"App <no-reply@example.com>\"
  transport: { console: true }
";
    let ended = Workplace::with_text(text).run(&["check", "--config", "gateway.yaml"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let lines: Vec<&str> = ended.stderr.lines().collect();
    for (line, words) in [
        (3, &["public_url"][..]),
        (7, &["max_connections"]),
        (13, &["access"]),
        (17, &["path"]),
        (18, &["nowhere", "api"]),
        (19, &["everybody", "public", "optional", "required"]),
    ] {
        let place = format!("gateway.yaml:{line}");
        let matching: Vec<&&str> = lines.iter().filter(|text| text.contains(&place)).collect();
        let told = matching.iter().any(|text| words.iter().all(|word| text.contains(word)));
        // A missing key is told at the entry that lacks it, on whichever of its lines.
        let told =
            told || (line == 13 && lines.iter().any(|text| text.contains("routes[0]") && text.contains("access")));
        assert!(told, "line {line}: {words:?} in\n{}", ended.stderr);
    }
}

#[test]
fn single_mistakes_are_named() {
    let route = |changes: Value| {
        let mut route = json!({ "name": "a", "match": { "path": "/a" }, "upstream": "api", "access": "public" });
        crate::harness::gateway::merge(&mut route, &changes);
        route
    };
    let oidc = |issuer: &str| {
        let provider = json!({ "type": "oidc", "issuer": issuer, "client_id": "x", "client_secret": { "env": "AUTHGATE_SECRET" } });
        json!({ "auth": { "social": { "acme": provider } } })
    };
    let mut faults = Vec::new();
    for (changes, needle) in [
        (json!({ "server": { "public_url": null } }), "public_url"),
        (json!({ "server": { "public_url": "http://app.example.com" } }), "public_url"),
        (json!({ "server": { "public_url": "https://app.example.com/path" } }), "public_url"),
        (json!({ "server": { "listen": [] } }), "listen"),
        (json!({ "server": { "listen": ["localhost"] } }), "listen"),
        (json!({ "server": { "trusted_proxies": ["10.0.0.0/99"] } }), "trusted_proxies"),
        (json!({ "database": null }), "database"),
        (json!({ "database": { "url": "postgres://in-clear@localhost/x" } }), "database.url"),
        (json!({ "secret": "in-clear-in-clear-in-clear-in-clear-in-clear" }), "secret"),
        (json!({ "secret": { "env": "NOT_SET_ANYWHERE" } }), "NOT_SET_ANYWHERE"),
        (json!({ "secret": { "env": null, "file": "missing.secret" } }), "missing.secret"),
        (json!({ "upstreams": { "api": { "servers": [] } } }), "servers"),
        (json!({ "upstreams": { "api": { "servers": ["127.0.0.1:8000"] } } }), "servers"),
        (json!({ "upstreams": { "api": { "timeouts": { "read": "soon" } } } }), "timeouts.read"),
        (json!({ "routes": [route(json!({ "access": null }))] }), "access"),
        (json!({ "routes": [route(json!({ "upstream": "apy" }))] }), "api"),
        (json!({ "routes": [route(json!({})), route(json!({ "match": { "path": "/b" } }))] }), "name"),
        (json!({ "routes": [route(json!({})), route(json!({ "name": "b" }))] }), "never"),
        (json!({ "routes": [route(json!({ "match": { "path": "/a/**/b" } }))] }), "**"),
        (json!({ "routes": [route(json!({ "match": { "methods": ["FETCH"] } }))] }), "FETCH"),
        (json!({ "routes": [route(json!({ "roles": ["admin"] }))] }), "roles"),
        (json!({ "routes": [route(json!({ "access": "required", "roles": ["a,b"] }))] }), "roles"),
        (json!({ "routes": [route(json!({ "max_body": "much" }))] }), "max_body"),
        (json!({ "auth": { "session": { "same_site": "none" } } }), "same_site"),
        (json!({ "auth": { "trusted_origins": ["www.example.com"] } }), "trusted_origins"),
        (json!({ "auth": { "password": { "min_length": 4 } } }), "min_length"),
        (json!({ "auth": { "base_path": "api" } }), "base_path"),
        (json!({ "mail": null }), "mail"),
        (json!({ "mail": { "from": "nobody" } }), "mail.from"),
        (json!({ "mail": { "from": "App <a@b\u{fc}cher.example>" } }), "xn--bcher-kva.example"),
        (json!({ "server": { "public_url": "https://b\u{fc}cher.example" } }), "xn--bcher-kva.example"),
        (json!({ "server": { "hosts": ["b\u{fc}cher.example"] } }), "xn--bcher-kva.example"),
        (json!({ "auth": { "trusted_origins": ["https://b\u{fc}cher.example"] } }), "xn--bcher-kva.example"),
        (json!({ "auth": { "sign_in_page": "/items" } }), "sign_in_page"),
        (
            json!({ "auth": { "social": { "github": { "client_id": "x", "client_secret": { "env": "EMPTY" } } } } }),
            "is empty",
        ),
        (oidc("https://login.example/.well-known/openid-configuration"), "what stands before it"),
        (oidc("https://login.example/{tenantid}/v2.0"), "placeholder"),
        (json!({ "mail": { "transport": { "smtp": "smtp://localhost:25" } } }), "transport"),
        (json!({ "log": { "levle": "info" } }), "level"),
    ] {
        let workplace = Workplace::new(&changes);
        let mut command = workplace.command(&["check", "--config", "gateway.yaml"]);
        command.env("EMPTY", "");
        if changes.get("secret").is_some() {
            // It would stand for the whole key.
            command.env_remove("AUTHGATE_SECRET");
        }
        let ended = super::Ended::of(command.output().unwrap());
        let is_told = ended.code == 2 && ended.stderr.contains(needle);
        if !is_told || ended.all().contains("panicked") || ended.all().contains("in-clear-in-clear") {
            faults.push(format!("{changes} ({needle:?}): {ended:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn text_that_is_no_configuration_is_2_with_a_place() {
    for text in ["", "just text", "server: [", "a: 1\na: 2", "\t- x", "server:\n  listen: 'x\n", "- 1\n- 2", "\u{0}"] {
        let ended = Workplace::with_text(text).run(&["check", "--config", "gateway.yaml"]);
        assert_eq!(ended.code, 2, "{text:?}: {ended:?}");
        assert!(ended.stderr.contains("gateway.yaml"), "{text:?}: {ended:?}");
        assert!(!ended.all().contains("panicked"), "{text:?}: {ended:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let workplace = Workplace::new(&json!({}));
    for command in ["check", "serve", "migrate"] {
        let ended = workplace.run(&[command, "--config", "missing.yaml"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains("missing.yaml") && ended.stderr.lines().count() <= 2, "{ended:?}");
    }
}

#[test]
fn print_shows_every_effective_value_and_no_secret() {
    let ended = Workplace::new(&json!({})).run(&["check", "--print", "--config", "gateway.yaml"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for word in ["public_url", "authgate_session", "expires_in", "max_connections", "/admin/**", "no-reply@example.com"]
    {
        assert!(ended.stdout.contains(word), "{word} in {}", ended.stdout);
    }
    for secret in [SECRET, "hidden-database-password"] {
        assert!(!ended.all().contains(secret), "{ended:?}");
    }
}

#[test]
fn the_environment_overrides_keys() {
    let workplace = Workplace::new(&json!({}));
    let run = |name: &str, value: &str| {
        let output = workplace.command(&["check", "--print", "--config", "gateway.yaml"]).env(name, value).output();
        super::Ended::of(output.unwrap())
    };
    let ended = run("AUTHGATE_DATABASE__MAX_CONNECTIONS", "13");
    assert!(ended.code == 0 && ended.stdout.contains("13"), "{ended:?}");
    let ended = run("AUTHGATE_SERVER__PUBLIC_URL", "https://other.example.com");
    assert!(ended.code == 0 && ended.stdout.contains("https://other.example.com"), "{ended:?}");
    let ended = run("AUTHGATE_DATABASE__MAX_CONNECTIONS", "many");
    assert!(ended.code == 2 && ended.stderr.contains("AUTHGATE_DATABASE__MAX_CONNECTIONS"), "{ended:?}");
    let ended = run("AUTHGATE_SERVER__LISTNE", "127.0.0.1:1");
    assert!(ended.code == 2 && ended.stderr.contains("AUTHGATE_SERVER__LISTNE"), "{ended:?}");
}

#[test]
fn the_environment_names_the_file() {
    let workplace = Workplace::new(&json!({}));
    let mut command = workplace.command(&["check"]);
    let output =
        command.current_dir("/").env("AUTHGATE_CONFIG", workplace.directory.path().join("gateway.yaml")).output();
    let ended = super::Ended::of(output.unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn secrets_are_long_and_not_defaults() {
    let workplace = Workplace::new(&json!({}));
    for secret in ["", "short", &"x".repeat(31), "changemechangemechangemechangeme"] {
        let output = workplace.command(&["check", "--config", "gateway.yaml"]).env("AUTHGATE_SECRET", secret).output();
        let ended = super::Ended::of(output.unwrap());
        assert_eq!(ended.code, 2, "{secret:?}: {ended:?}");
        assert!(ended.stderr.contains("secret") || ended.stderr.contains("AUTHGATE_SECRET"), "{ended:?}");
        assert!(secret.is_empty() || !ended.all().contains(secret), "{ended:?}");
    }
}

#[test]
fn the_schema_is_json_and_knows_every_section() {
    let ended = Workplace::new(&json!({})).run(&["schema"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let schema: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    for section in ["server", "database", "secret", "upstreams", "routes", "identity", "auth", "mail", "geoip", "log"] {
        assert!(schema["properties"][section].is_object(), "{section}: {}", schema["properties"]);
    }
}

#[test]
fn usage_mistakes_are_2() {
    let workplace = Workplace::new(&json!({}));
    for arguments in [&["frobnicate"][..], &["serve", "--nope"], &["check", "--config"], &[]] {
        let ended = workplace.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--version"][..], &["--help"], &["serve", "--help"]] {
        assert_eq!(workplace.run(arguments).code, 0, "{arguments:?}");
    }
}

#[test]
fn an_unknown_parameter_of_the_database_url_is_named_and_no_value_is() {
    for (parameter, named) in [("sslpassword=hidden", "sslpassword"), ("Password=hidden", "Password")] {
        let workplace = Workplace::new(&json!({}));
        let mut command = workplace.command(&["check"]);
        command.env("DATABASE_URL", format!("postgres://app@db.example.com/auth?{parameter}"));
        let ended = super::Ended::of(command.output().unwrap());
        ended.assert_one_line(2, &format!("database.url: the URL has the unknown parameter {named};"));
        assert!(!format!("{ended:?}").contains("hidden"), "{ended:?}");
    }
}

#[test]
fn no_piece_of_a_password_is_shown_where_it_breaks_the_url() {
    for url in ["postgres://app:1?S3cret@h/db", "postgres://app:1#S3cret@h/db", "postgres://app:1/S3cret@h/db"] {
        for command in ["check", "serve", "migrate"] {
            let workplace = Workplace::new(&json!({}));
            let mut command = workplace.command(&[command]);
            command.env("DATABASE_URL", url);
            let ended = super::Ended::of(command.output().unwrap());
            assert_eq!(ended.code, 2, "{url}: {ended:?}");
            assert!(!format!("{ended:?}").contains("S3cret"), "{url}: {ended:?}");
        }
    }
}
