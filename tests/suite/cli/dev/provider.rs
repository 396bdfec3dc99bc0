//! The pretend provider: social buttons work on a laptop, and nowhere else.

use reqwest::Response;
use serde_json::{Value, json};
use url::{Url, form_urlencoded::Serializer};

use super::{Dev, workplace};
use crate::harness::{
    Client, TestGateway, Upstream,
    client::{AUTH, set_cookies},
};

const PROVIDER: &str = "/__dev/provider";

/// Presses a social button: the provider's page, and the browser that is on its way there.
async fn begin(dev: &Dev, provider: &str) -> (Url, Client) {
    let body = json!({ "provider": provider, "callbackURL": "/in", "errorCallbackURL": "/out" });
    let response = dev.client.auth("/sign-in/social", &body).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    let cookie = set_cookies(response.headers())[0].split(';').next().unwrap().to_owned();
    let answer: Value = response.json().await.unwrap();
    (answer["url"].as_str().unwrap().parse().unwrap(), dev.client.with_cookie(cookie))
}

/// Returns where the buttons of the page lead.
fn action(page: &Url) -> String {
    let ends = ["/authorize", "/login/oauth/authorize", "/auth/authorize"];
    let base = ends.iter().filter_map(|end| page.path().strip_suffix(end)).min_by_key(|base| base.len());
    format!("{}/agree", base.expect("an authorization endpoint"))
}

/// Presses a button of the page: the fields that it holds, and these.
async fn press(dev: &Dev, page: &Url, fields: &[(&str, &str)]) -> Response {
    let query = |name: &str| page.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned());
    let mut body = Serializer::new(String::new());
    for name in ["redirect_uri", "state", "nonce", "code_challenge"] {
        body.append_pair(name, &query(name).unwrap_or_default());
    }
    body.extend_pairs(fields);
    let request = dev.client.post(&action(page));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body.finish());
    request.send().await.unwrap()
}

/// Returns what a form of the page would send.
fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| text.replace("&#34;", "\"").replace("&#38;", "&");
    html.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name.to_owned(), decoded(rest.split_once('"')?.0)))
        })
        .collect()
}

fn path_of(response: &Response) -> String {
    let target: Url = response.headers()["location"].to_str().unwrap().parse().unwrap();
    target[url::Position::BeforePath..].to_owned()
}

const ADA: [(&str, &str); 3] = [("name", "Ada Lovelace"), ("email", "ada@example.com"), ("verified", "on")];

#[tokio::test]
async fn somebody_signs_in_as_ada() {
    let upstream = Upstream::start().await;
    let dev = Dev::start(&upstream, workplace()).await;
    let mut ids = Vec::new();
    for provider in ["google", "dev", "github"] {
        let (page, browser) = begin(&dev, provider).await;
        let shown = dev.client.get(&page[url::Position::BeforePath..]).send().await.unwrap();
        assert_eq!(shown.status(), 200);
        let shown = shown.text().await.unwrap();
        assert!(shown.contains("Ada Lovelace") && !shown.contains("<script"), "{shown}");
        assert!(shown.contains(&format!("Sign in with {provider} as")), "{shown}");
        let agreed = press(&dev, &page, &ADA).await;
        assert_eq!(agreed.status(), 303);
        let back = browser.get(&path_of(&agreed)).send().await.unwrap();
        assert_eq!((back.status().as_u16(), &back.headers()["location"]), (302, &"/in".parse().unwrap()), "{provider}");
        let cookies = set_cookies(back.headers());
        let session = cookies.iter().find(|cookie| cookie.starts_with("authgate_session=")).expect("signed in");
        let session = dev.client.with_cookie(session.split(';').next().unwrap()).session().await;
        let user = &session["user"];
        assert_eq!(
            (&user["email"], &user["emailVerified"], &user["name"]),
            (&json!("ada@example.com"), &json!(true), &json!("Ada Lovelace"))
        );
        ids.push(session["user"]["id"].clone());
        let again = browser.get(&path_of(&agreed)).send().await.unwrap();
        assert!(again.headers()["location"].to_str().unwrap().contains("error="), "a callback works once");
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "one address, one person");

    let (page, browser) = begin(&dev, "dev").await;
    let cancelled = browser.get(&path_of(&press(&dev, &page, &[]).await)).send().await.unwrap();
    assert_eq!(cancelled.headers()["location"], "/out?error=access_denied");
    dev.stop().await;
}

#[tokio::test]
async fn apple_sends_a_form_with_the_name_and_takes_secrets_that_its_key_signed() {
    let upstream = Upstream::start().await;
    let dev = Dev::start(&upstream, workplace()).await;
    let (page, browser) = begin(&dev, "apple").await;
    let agreed = press(&dev, &page, &ADA).await;
    assert_eq!(agreed.status(), 200);
    let policy = agreed.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let html = agreed.text().await.unwrap();
    assert!(policy.contains("script-src 'sha256-") && html.contains("<script>"), "{policy}\n{html}");
    assert!(
        html.contains(&format!("action=\"{}{AUTH}/callback/apple\"", page.origin().ascii_serialization())),
        "{html}"
    );
    let form = Serializer::new(String::new()).extend_pairs(hidden_fields(&html)).finish();
    let posted = dev.client.post(&format!("{AUTH}/callback/apple"));
    let posted = posted.header("Content-Type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    let back = browser.get(posted.headers()["location"].to_str().unwrap()).send().await.unwrap();
    assert_eq!(back.headers()["location"], "/in");
    let cookies = set_cookies(back.headers());
    let session = cookies.iter().find(|cookie| cookie.starts_with("authgate_session=")).expect("signed in");
    let session = dev.client.with_cookie(session.split(';').next().unwrap()).session().await;
    assert_eq!(session["user"]["name"], "Ada Lovelace");

    let (page, browser) = begin(&dev, "apple").await;
    let html = press(&dev, &page, &[]).await.text().await.unwrap();
    let query = Serializer::new(String::new()).extend_pairs(hidden_fields(&html)).finish();
    let cancelled = browser.get(&format!("{AUTH}/callback/apple?{query}")).send().await.unwrap();
    assert_eq!(cancelled.headers()["location"], "/out?error=user_cancelled_authorize");

    for secret in ["pretend", "", "a.b.c"] {
        let body = Serializer::new(String::new())
            .extend_pairs([("client_id", "authgate-dev"), ("client_secret", secret), ("code", "made up")])
            .extend_pairs([("grant_type", "authorization_code"), ("code_verifier", "x")])
            .finish();
        let request = dev.client.post(&format!("{PROVIDER}/apple/auth/token"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(request.send().await.unwrap().status(), 401, "{secret:?}");
    }
    for path in ["/user", "/user/emails"] {
        let request = dev.client.get(&format!("{PROVIDER}/github/api/v3{path}"));
        assert_eq!(request.bearer_auth("guessed").send().await.unwrap().status(), 401, "{path}");
    }
    dev.stop().await;
}

#[tokio::test]
async fn it_sends_nobody_elsewhere_and_gives_nothing_for_a_made_up_code() {
    let upstream = Upstream::start().await;
    let dev = Dev::start(&upstream, workplace()).await;
    let (page, _) = begin(&dev, "dev").await;
    for target in ["https://evil.example/api/auth/callback/dev", "http://localhost:1/api/auth/callback/dev", "/x", ""] {
        let pairs: Vec<_> = page.query_pairs().into_owned().collect();
        let mut page = page.clone();
        let replaced = pairs.iter().map(|(name, value)| (name, if name == "redirect_uri" { target } else { value }));
        page.query_pairs_mut().clear().extend_pairs(replaced);
        assert_eq!(dev.client.status(&page[url::Position::BeforePath..]).await, 400, "{target}");
        assert_eq!(press(&dev, &page, &ADA).await.status(), 400, "{target}");
    }
    for (secret, status) in [("pretend", 400), ("guessed", 401)] {
        let body = Serializer::new(String::new())
            .extend_pairs([("client_id", "authgate-dev"), ("client_secret", secret), ("code", "made up")])
            .extend_pairs([("grant_type", "authorization_code"), ("code_verifier", "x")])
            .finish();
        let request = dev.client.post(&format!("{PROVIDER}/token"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    dev.stop().await;
}

#[tokio::test]
async fn serve_has_none() {
    let gw = TestGateway::start().await;
    for path in [
        "/.well-known/openid-configuration",
        "/authorize",
        "/token",
        "/jwks",
        "/github/login/oauth/authorize",
        "/github/api/v3/user",
        "/apple/auth/authorize",
        "/apple/auth/keys",
    ] {
        assert_eq!(gw.anonymous().status(&format!("{PROVIDER}{path}")).await, 401, "{path}");
    }
    let body = json!({ "provider": "google", "callbackURL": "/in" });
    assert_eq!(gw.anonymous().auth("/sign-in/social", &body).await.status(), 404);
    assert_eq!(gw.anonymous().status(&format!("{AUTH}/callback/google")).await, 302);
}
