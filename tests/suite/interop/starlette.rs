//! The decision on a path against a real router behind it (PATH-01): whatever a target looks like, Starlette never runs
//! a handler that the gateway's rule for that target does not open.

use std::process::Command;

use serde_json::json;

use crate::generators::targets::{Random, handpicked, handpicked_literals, literals, target};
use crate::harness::{
    RawConnection, TestGateway, free_port,
    process::Process,
    python::{environment, serve},
};

/// Generated targets of a run. The time that they take is spent in Python.
const TARGETS: usize = 3000;
/// Connections that send them side by side.
const CONNECTIONS: usize = 8;

struct App {
    port: u16,
    _process: Process,
}

impl App {
    async fn start() -> Self {
        let port = free_port();
        let python = environment("test-venv", "examples/fastapi/requirements.txt").join("bin/python");
        let mut command = Command::new(python);
        command
            .args(["-m", "uvicorn", "routing_app:app", "--host", "127.0.0.1", "--log-level", "critical", "--port"])
            .arg(port.to_string());
        Self { port, _process: serve(command, port, "tests/suite/interop").await }
    }

    async fn gateway(&self) -> TestGateway {
        let route = |name: &str, path: &str, access: &str| json!({ "name": name, "match": { "path": path }, "upstream": "api", "access": access });
        let admin = |name: &str, path: &str| {
            let mut route = route(name, path, "required");
            route["roles"] = json!(["admin"]);
            route
        };
        // Written as itself or escaped, by turns, where the configuration allows both.
        let mut routes: Vec<_> = literals()
            .enumerate()
            .map(|(at, character)| {
                let plain = at % 2 == 0 && ![' ', '#', '?', '%', '*', '{', '}'].contains(&character);
                let code = u32::from(character);
                let name = if plain { format!("x{character}y") } else { format!("x%{code:02x}y") };
                admin(&format!("literal-{at}"), &format!("/lit/{name}/**"))
            })
            .collect();
        routes.extend([
            route("literals", "/lit/**", "public"),
            admin("purge", "/v1/things%3Apurge"),
            route("things", "/v1/*", "public"),
            admin("at-admin", "/@admin/**"),
            admin("public-admin", "/public/admin/**"),
            route("docs-internal", "/docs/internal/**", "required"),
            route("public", "/public/**", "public"),
            route("docs", "/docs/**", "public"),
            route("assets", "/assets/*", "public"),
            route("preview", "/items/{id}/preview", "public"),
            route("open", "/files/open/**", "public"),
            route("health", "/health", "public"),
            admin("admin", "/admin/**"),
            route("app", "/**", "required"),
        ]);
        let servers = [format!("http://127.0.0.1:{}", self.port)];
        TestGateway::with(json!({ "upstreams": { "api": { "servers": servers } }, "routes": routes })).await
    }
}

/// Tells which handler a target came to, and the path that it saw; `None` where none ran.
type Ran = Option<(String, String)>;

/// Sends each target as it is and tells what ran, in their order.
async fn send_all(targets: &[String], port: u16, lines: &str) -> Vec<Ran> {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let share = targets.len().div_ceil(CONNECTIONS);
    let shares = targets.chunks(share).map(|targets| async move {
        let mut raw = RawConnection::open(address).await;
        let mut ran = Vec::with_capacity(targets.len());
        for target in targets {
            let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n{lines}\r\n");
            let mut response = raw.send(&request).await.response().await;
            if response.is_none() {
                // The refusal before ended the connection.
                raw = RawConnection::open(address).await;
                response = raw.send(&request).await.response().await;
            }
            let response = response.unwrap_or_else(|| panic!("no answer to {target:?}"));
            let path = String::from_utf8_lossy(&response.body).into_owned();
            ran.push(response.field("X-Handler").map(|handler| (handler.to_owned(), path)));
        }
        ran
    });
    futures_util::future::join_all(shares).await.concat()
}

fn all_targets(seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    handpicked().into_iter().chain(handpicked_literals()).chain((0..TARGETS).map(|_| target(&mut random))).collect()
}

/// The same targets in every run, and new ones.
fn seeds() -> [u64; 2] {
    let random = uuid::Uuid::now_v7().as_u128();
    [0x5eed, u64::try_from(random & u128::from(u64::MAX)).unwrap()]
}

#[tokio::test]
async fn no_handler_runs_that_the_rule_does_not_open() {
    let app = App::start().await;
    let gw = app.gateway().await;
    let port = gw.address.port();
    let alice = gw.insert_user("alice", &[]).await;
    let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
    for seed in seeds() {
        let targets = all_targets(seed);
        for (who, lines, may) in [("a stranger", "", &["public"][..]), ("alice", &cookie, &["public", "protected"])] {
            let ran = send_all(&targets, port, lines).await;
            let forwarded = targets.iter().zip(&ran).filter_map(|(target, ran)| Some((target, ran.as_ref()?)));
            let mut counts = std::collections::BTreeMap::<&str, usize>::new();
            for (target, (handler, seen)) in forwarded {
                *counts.entry(handler).or_default() += 1;
                assert!(
                    may.contains(&handler.as_str()),
                    "{who} ran a handler that is {handler} by {target:?}, seen as {seen:?} (seed {seed:#x})"
                );
                let is_canonical = seen.starts_with('/')
                    && !["//", "/../", "/./"].iter().any(|odd| seen.contains(odd))
                    && has_one_spelling(seen);
                assert!(is_canonical, "{target:?} arrived as {seen:?} (seed {seed:#x})");
            }
            // Every kind that may be reached was reached, or the test shows nothing.
            for kind in may {
                assert!(counts.get(kind).is_some_and(|&count| count > 100), "{who}: {counts:?} (seed {seed:#x})");
            }
        }
    }
}

fn may_stand_as_itself(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(character)
}

/// Tells whether nothing is escaped that could stand as itself, no separator is, and everything else is.
fn has_one_spelling(path: &str) -> bool {
    let (first, escapes) = path.split_once('%').map_or((path, ""), |(first, escapes)| (first, escapes));
    let are_plain = |text: &str| text.chars().all(|c| may_stand_as_itself(c) || c == '/');
    let is_needed = |code: &str| {
        u8::from_str_radix(code, 16).is_ok_and(|code| !may_stand_as_itself(code.into()) && !b"/\\".contains(&code))
    };
    let is_escape = |text: &str| {
        text.split_at_checked(2)
            .is_some_and(|(code, rest)| is_needed(code) && code == code.to_uppercase() && are_plain(rest))
    };
    are_plain(first) && (escapes.is_empty() || escapes.split('%').all(is_escape))
}

/// Decodes as a gateway does it that takes nothing but letters, digits and `-._~` for a character with two spellings.
fn unreserved_decoded(path: &str) -> String {
    let mut pieces = path.split('%');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let code = piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()).map(char::from);
        match code.filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c)) {
            Some(character) => format!("{text}{character}{}", &piece[2..]),
            None => format!("{text}%{piece}"),
        }
    })
}

/// The rules of the gateway above, matched on some text. Not what the gateway does.
fn is_public(path: &str) -> bool {
    let segments: Vec<&str> = path.trim_start_matches('/').trim_end_matches('/').split('/').collect();
    match segments[..] {
        ["public", "admin", ..] | ["docs", "internal", ..] | ["v1", "things:purge"] => false,
        ["lit", name, ..] => !literals().any(|character| name == format!("x{character}y")),
        ["lit" | "health"]
        | ["v1" | "assets", _]
        | ["public" | "docs", ..]
        | ["files", "open", ..]
        | ["items", _, "preview"] => true,
        _ => false,
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Reads it as a browser or a file system does.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty() && *segment != ".") {
        if segment == ".." {
            kept.pop();
        } else {
            kept.push(segment);
        }
    }
    format!("/{}", kept.join("/"))
}

/// Tells whether some gateway would let strangers have a target.
type Reading<'a> = &'a dyn Fn(&str) -> bool;

/// That the test above could fail: each of these mistakes of a gateway would open a handler by one of the targets.
#[tokio::test]
async fn every_naive_reading_of_a_path_is_fooled_by_some_target() {
    let app = App::start().await;
    let targets = all_targets(seeds()[0]);
    let ran = send_all(&targets, app.port, "").await;
    let path_of = |target: &str| target.split(['?', '#']).next().unwrap_or_default().to_owned();
    let mistakes: [(&str, Reading<'_>); 8] = [
        ("matching the text as sent", &|target| is_public(&path_of(target))),
        ("unescaping unreserved characters only", &|target| is_public(&unreserved_decoded(&path_of(target)))),
        ("ignoring case", &|target| is_public(&path_of(target).to_lowercase())),
        ("decoding twice", &|target| is_public(&decoded(&decoded(&path_of(target))))),
        ("resolving dot segments", &|target| is_public(&without_dots(&decoded(&path_of(target))))),
        ("collapsing slashes", &|target| is_public(&decoded(&path_of(target)).replace("//", "/"))),
        ("prefixes without segments", &|target| {
            ["/public", "/health", "/docs"].iter().any(|p| decoded(&path_of(target)).starts_with(p))
        }),
        ("looking for a rule anywhere in the target", &|target| target.contains("/public/")),
    ];
    for (mistake, is_open) in mistakes {
        let fooled = targets
            .iter()
            .zip(&ran)
            .find(|(target, ran)| is_open(target) && ran.as_ref().is_some_and(|(handler, _)| handler != "public"));
        assert!(fooled.is_some(), "{mistake} is fooled by none of the targets");
    }
}
