//! Debian's nginx with `auth_request`, as examples/forward-auth/nginx.conf has it.

use std::process::Command;

use super::{
    age_sessions,
    front::{Front, guards_the_app},
};
use crate::harness::{Reply, client::set_cookies, eventually};

async fn start() -> Front {
    Front::start(
        "nginx.conf",
        |text, port, folder| {
            assert!(text.contains("listen 127.0.0.1:80;") && text.contains("http {"));
            let own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let own = own.map(|name| format!("{name}_temp_path {folder}/{name}; ")).concat();
            let text = text.replace("listen 127.0.0.1:80;", &format!("listen 127.0.0.1:{port};")).replacen(
                "http {",
                &format!("http {{ access_log off; {own}"),
                1,
            );
            format!("daemon off; master_process off; pid {folder}/pid; error_log stderr;\n{text}")
        },
        |file, folder| {
            let mut command = Command::new("nginx");
            // Debian has it where only root's shells look.
            let path = std::env::var("PATH").unwrap_or_default();
            command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"));
            command.args(["-e", "stderr", "-p", folder, "-c", file]);
            command
        },
    )
    .await
}

#[tokio::test]
async fn it_guards_the_app() {
    // Paths that nginx itself takes for an attack get its own 400; the rest is AuthGate's 403.
    guards_the_app(&start().await, &[400, 403]).await;
}

#[tokio::test]
async fn it_hands_on_sockets_and_renewed_cookies() {
    let front = start().await;
    let gw = &front.gateway;
    front.app.reply("/ws/echo", Reply::WebSocket);
    let alice = gw.insert_user("alice", &[]).await;
    let authorization = format!("Bearer {}", alice.token);
    let origin = gw.origin().to_owned();
    let mut socket =
        front.socket("/ws/echo", &[("Authorization", &authorization), ("X-User-Id", "evil")]).await.unwrap();
    assert_eq!(socket.text().await, Some(alice.id.clone()));
    assert_eq!(front.socket("/ws/echo", &[("Origin", &origin)]).await.err().unwrap().status, 401);
    assert_eq!(front.socket("/items", &[("Authorization", &authorization)]).await.err().unwrap().status, 403);

    age_sessions(gw).await;
    front.app.reply("/items", Reply::with_fields(&[("Set-Cookie", "theirs=1")], "x"));
    let cookies = set_cookies(alice.get("/items").send().await.unwrap().headers());
    assert!(cookies.len() == 2 && cookies.iter().any(|cookie| cookie.contains(&alice.token)), "{cookies:?}");
    // The use is written down a moment later.
    eventually("an answer without a renewed cookie", async || {
        (set_cookies(alice.get("/items").send().await.unwrap().headers()) == ["theirs=1"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn without_the_database_it_lets_nobody_pass() {
    let front = start().await;
    let alice = front.gateway.insert_user("alice", &[]).await;
    front.gateway.db.execute("alter table auth.sessions rename to gone").await;
    assert_eq!(alice.status("/items").await, 500, "what nginx makes of a 503");
    assert!(front.app.requests().is_empty());
    assert_eq!(alice.status("/public/x").await, 200);
}
