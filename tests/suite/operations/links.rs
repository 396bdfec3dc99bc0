//! No link of any flow is in what the gateway writes, whoever carries it where (LOG-01, LOG-05).

use reqwest::redirect::Policy;
use serde_json::{Value, json};
use url::{Position, Url};

use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, builder, set_cookies},
    idp::Idp,
};

const NEW_PASSWORD: &str = "a new and longer phrase";

/// Whatever in a link could open something.
fn secrets_of(link: &Url) -> Vec<String> {
    let values = link.query_pairs().map(|(_, value)| value.into_owned());
    let segments = link.path_segments().into_iter().flatten().map(str::to_owned);
    let is_token =
        |text: &String| text.len() >= 20 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    values.chain(segments).filter(is_token).collect()
}

/// Opens a link as browsers, mail scanners, curious people and proxies in front do.
async fn open(gw: &TestGateway, link: &Url) {
    let target = &link[Position::BeforePath..];
    let path = link.path();
    let escaped = path.replacen('a', "%61", 1);
    for target in [
        target.to_owned(),
        format!("{path}/"),
        format!("/{path}"),
        format!("/x/..{path}"),
        format!("{path}%zz"),
        path.replacen("auth", "auth;x", 1),
        path.replacen("auth", "auth%3Bx", 1),
        path.replacen("/auth/", "//auth/", 1),
        path.replacen("api", "API", 1),
        path.replacen("/auth/", "%2fauth%2f", 1),
        escaped.replacen('%', "%25", 1),
        escaped,
        format!("{AUTH}/forward-auth{target}"),
        format!("{AUTH}/forward-auth{}", path.replacen("api", "API", 1)),
        format!("http://{}{target}", gw.host()),
    ] {
        let lines = "Connection: close\r\n";
        gw.raw().await.send(gw.get_bytes(&target, lines)).await.response().await;
    }
    let asked = format!(
        "X-Forwarded-Method: GET\r\nX-Forwarded-Host: {}\r\nX-Forwarded-Uri: {target}\r\nReferer: {link}\r\n",
        gw.host()
    );
    gw.raw().await.send(gw.get_bytes(&format!("{AUTH}/forward-auth"), &asked)).await.response().await;
    gw.anonymous().get("/public/x").header("Referer", link.as_str()).send().await.unwrap();
    gw.anonymous().request(http::Method::HEAD, target).send().await.unwrap();
    gw.anonymous().post(target).header("Origin", "https://evil.example").send().await.unwrap();
}

/// A sign-in at the provider, back and with everything about it that is secret.
async fn walk(gw: &TestGateway, client: &crate::harness::Client) -> Vec<String> {
    let begun = client.auth("/sign-in/social", &json!({ "provider": "acme", "callbackURL": "/public/in" })).await;
    let cookie = set_cookies(begun.headers()).remove(0);
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let url: Url = begun.json::<Value>().await.unwrap()["url"].as_str().unwrap().parse().unwrap();
    let browser = builder().redirect(Policy::none()).build().unwrap();
    let back = browser.get(url.clone()).send().await.unwrap();
    let back: Url = back.headers()["location"].to_str().unwrap().parse().unwrap();
    let target = &back[Position::BeforePath..];
    // Twice: the second time the state is unknown.
    for _ in 0..2 {
        let arrived = gw.anonymous().with_cookie(&cookie).get(target).send().await.unwrap();
        assert_eq!(arrived.status(), 302);
    }
    open(gw, &back).await;
    let code = back.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned();
    let cookie = cookie.split_once('=').unwrap().1.to_owned();
    secrets_of(&url).into_iter().chain(secrets_of(&back)).chain([code, cookie]).collect()
}

#[tokio::test]
async fn no_link_of_any_flow_is_written_down() {
    let idp = Idp::start().await;
    let gw = TestGateway::with(json!({
        "server": { "trusted_proxies": ["127.0.0.1"] },
        "auth": {
            "social": { "acme": idp.config() },
            "delete_user": { "mailed_confirmation": true },
        },
        "log": { "level": "debug" },
    }))
    .await;
    let mut secrets = walk(&gw, &gw.anonymous()).await;

    let email = gw.sign_up("alice").await;
    open(&gw, &gw.mail.to(&email).await.link()).await;
    gw.anonymous().auth("/send-verification-email", &json!({ "email": email })).await;
    let again = gw.mail.nth_to(&email, 2).await;
    open(&gw, &again.link()).await;
    assert_eq!(gw.confirm(&again).await.status(), 200);

    gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
    open(&gw, &gw.mail.nth_to(&email, 3).await.link()).await;
    let body = json!({ "email": email, "redirectTo": "/public/new-password" });
    gw.anonymous().auth("/request-password-reset", &body).await;
    let redirecting = gw.mail.nth_to(&email, 4).await.link();
    open(&gw, &redirecting).await;
    let token = redirecting.path_segments().unwrap().next_back().unwrap();
    assert_eq!(redirecting.path(), format!("{AUTH}/reset-password/{token}"), "the token is in the path");
    let body = json!({ "newPassword": NEW_PASSWORD, "token": token });
    assert_eq!(gw.anonymous().auth("/reset-password", &body).await.status(), 200);

    let signed_in = gw.anonymous().auth("/sign-in/email", &json!({ "email": email, "password": NEW_PASSWORD })).await;
    let cookies = set_cookies(signed_in.headers());
    let cookie = cookies.iter().find_map(|cookie| cookie.split(';').next()?.split_once(gw.cookie_name())).unwrap().1;
    let token = cookie.trim_start_matches('=').to_owned();
    let alice = gw.anonymous().with_cookie(format!("{}={token}", gw.cookie_name()));
    assert_eq!(alice.auth("/change-email", &json!({ "newEmail": "new@example.com" })).await.status(), 200);
    open(&gw, &gw.mail.to("new@example.com").await.link()).await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '25 hours'").await;
    assert_eq!(alice.auth("/delete-user", &json!({})).await.status(), 200);
    open(&gw, &gw.mail.about("Delete your account", &email).await.link()).await;

    gw.anonymous().get("/public/last").send().await.unwrap();
    gw.logged("the last line", |line| line["path"] == "/public/last").await;
    let links = gw.mail.all().into_iter().filter(|mail| mail.text.contains("http")).map(|mail| mail.link());
    secrets.extend(links.flat_map(|link| secrets_of(&link)));
    secrets.extend([token, PASSWORD.to_owned(), NEW_PASSWORD.to_owned()]);
    assert!(secrets.len() > 12, "{secrets:?}");
    let audit: Vec<String> = sqlx::query_scalar("select e::text from auth.audit_events e")
        .fetch_all(&mut gw.db.connect().await)
        .await
        .unwrap();
    let written = [gw.process.output(), gw.metrics().await, audit.join("\n")];
    for secret in &secrets {
        let line = written.iter().flat_map(|text| text.lines()).find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "{secret} is written down: {line:?}");
    }
    let template = format!("{AUTH}/reset-password/{{token}}");
    assert!(gw.log().iter().any(|line| line["path"] == template.as_str()), "{template}");
}

#[tokio::test]
async fn the_auth_api_is_logged_by_template_and_others_by_their_path() {
    let gw = TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1"] } })).await;
    for (target, expected) in [
        ("/api/auth/ok", "/api/auth/ok"),
        ("/api/auth/reset-password/A-token-of-ours?callbackURL=%2F", "/api/auth/reset-password/{token}"),
        ("/api/auth/zzz/A-token-of-ours", "/api/auth/{unknown}"),
        ("/api/auth/ok/A-token-of-ours", "/api/auth/{unknown}"),
        ("/%61pi/auth/reset-password/A-token-of-ours", "/api/auth/{unknown}"),
        ("//api/auth/reset-password/A-token-of-ours", "/api/auth/{unknown}"),
        ("/api/auth;x/reset-password/A-token-of-ours", "/api/auth/{unknown}"),
        ("/API/auth/reset-password/A-token-of-ours", "/api/auth/{unknown}"),
        ("/api/auth/forward-auth/items/7", "/api/auth/forward-auth/items/7"),
        (
            "/api/auth/forward-auth/api/auth/reset-password/A-token-of-ours",
            "/api/auth/forward-auth/api/auth/reset-password/{token}",
        ),
        ("/public/things/7;v=1/%3A?x=1", "/public/things/7;v=1/%3A"),
        ("/public/../items", "/public/../items"),
    ] {
        let response = gw.raw().await.send(gw.get_bytes(target, "")).await.response().await.unwrap();
        let id = response.field("X-Request-Id").unwrap().to_owned();
        let line = gw.logged(target, |line| line["request.id"] == id.as_str() && line["event"] == "request").await;
        assert_eq!(line["path"], expected, "{target}");
    }
}
