//! Debian's Caddy with `forward_auth`, as examples/forward-auth/Caddyfile has it.

use std::process::Command;

use super::{
    age_sessions,
    front::{Front, guards_the_app},
};
use crate::harness::{Reply, client::set_cookies, eventually};

/// The whole of the example's question in the short form that Caddy has for it.
const SHORT: &str = "forward_auth {authgate} {
    uri /api/auth/forward-auth
    copy_headers X-User-Id X-User-Email X-User-Name X-User-Roles X-Session-Id X-Auth-Method X-Identity-Assertion
}
";

async fn start() -> Front {
    start_with(|text| text).await
}

async fn start_with(change: impl Fn(String) -> String) -> Front {
    Front::start(
        "Caddyfile",
        |text, port, folder| {
            assert!(text.contains("\napp.example.com {"));
            let text = change(text);
            let text = text.replace("\napp.example.com {", &format!("\nhttp://localhost:{port} {{"));
            format!("{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tstorage file_system {folder}/data\n}}\n{text}")
        },
        |file, folder| {
            let mut command = Command::new("caddy");
            command.args(["run", "--adapter", "caddyfile", "--config", file]);
            command.env("HOME", folder).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
            command
        },
    )
    .await
}

#[tokio::test]
async fn it_guards_the_app() {
    guards_the_app(&start().await, &[400]).await;
}

#[tokio::test]
async fn its_short_form_guards_the_app_too() {
    let shortened = |text: String| {
        let (before, question) = text.split_once("\t\treverse_proxy 127").expect("the question is written out");
        let (question, after) = question.split_once("\n\t\t}\n").expect("it has an end");
        let address = question.split(' ').next().expect("an address");
        format!("{before}{}{after}", SHORT.replace("{authgate}", &format!("127{address}")))
    };
    guards_the_app(&start_with(shortened).await, &[400]).await;
}

#[tokio::test]
async fn it_hands_on_sockets_and_renewed_cookies() {
    let front = start().await;
    let gw = &front.gateway;
    front.app.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let authorization = format!("Bearer {}", alice.token);
    let mut socket =
        front.socket("/ws/echo", &[("Authorization", &authorization), ("X-User-Id", "evil")]).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()));
    let origin = gw.origin().to_owned();
    assert_eq!(front.socket("/ws/echo", &[("Origin", &origin)]).await.err().unwrap().status, 401);
    assert_eq!(front.socket("/items", &[("Authorization", &authorization)]).await.err().unwrap().status, 403);

    front.app.reply("/items", Reply::with_fields(&[("Set-Cookie", "theirs=1")], "x"));
    // The use is written down a moment later.
    eventually("an answer without a renewed cookie", async || {
        (set_cookies(alice.get("/items").send().await.unwrap().headers()) == ["theirs=1"]).then_some(())
    })
    .await;
    age_sessions(gw).await;
    let cookies = set_cookies(alice.get("/items").send().await.unwrap().headers());
    assert!(cookies.len() == 2 && cookies.iter().any(|cookie| cookie.contains(&alice.token)), "{cookies:?}");
}

#[tokio::test]
async fn without_the_database_it_lets_nobody_pass() {
    let front = start().await;
    let alice = front.gateway.insert_user("alice", &[]).await;
    front.gateway.db.execute("alter table auth.sessions rename to gone").await;
    assert_eq!(alice.status("/items").await, 503);
    assert!(front.app.requests().is_empty());
}
