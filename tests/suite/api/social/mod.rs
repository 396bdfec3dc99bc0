//! Signing in through others, against a provider on loopback.

mod apple;
mod github;
mod id_tokens;
mod linking;
mod operator;
mod providers;
mod renewal;
mod sign_in;
mod sign_up_rules;
mod state;
mod token_responses;
mod tokens;
mod trouble;
mod userinfo;

use std::collections::HashMap;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{
    Client, TestGateway,
    client::{AUTH, builder, set_cookies},
    idp::Idp,
};

/// A gateway with one provider, `acme`.
async fn gateway_with(idp: &Idp) -> TestGateway {
    TestGateway::with(json!({ "auth": { "social": { "acme": idp.config() } } })).await
}

/// A flow at its provider.
struct Begun {
    url: url::Url,
    /// Name and value of the cookie that ties it to the browser.
    cookie: String,
}

impl Begun {
    fn query(&self) -> HashMap<String, String> {
        self.url.query_pairs().into_owned().collect()
    }
}

fn cookie_of(response: &Response, name: &str) -> Option<String> {
    let cookies = set_cookies(response.headers());
    let ours = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}=")))?;
    ours.split(';').next().map(str::to_owned)
}

/// `POST /sign-in/social` with these fields beside the provider.
async fn begin_at(client: &Client, path: &str, provider: &str, further: Value) -> Begun {
    let mut body = further;
    body["provider"] = provider.into();
    let response = client.auth(path, &body).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
    let cookie = cookie_of(&response, "authgate_oauth").expect("the flow is tied to the browser");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["redirect"], true, "{answer}");
    Begun { url: answer["url"].as_str().unwrap().parse().unwrap(), cookie }
}

async fn begin(gw: &TestGateway, further: Value) -> Begun {
    begin_at(&gw.anonymous(), "/sign-in/social", "acme", further).await
}

/// Visits the provider's page, where everybody agrees at once; the path that it leads back to.
async fn visit(begun: &Begun) -> String {
    let client = builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = client.get(begun.url.clone()).send().await.unwrap();
    assert_eq!(response.status(), 302);
    let target: url::Url = response.headers()["location"].to_str().unwrap().parse().unwrap();
    target[url::Position::BeforePath..].to_owned()
}

async fn arrive(gw: &TestGateway, path: &str, cookie: &str) -> Response {
    gw.anonymous().with_cookie(cookie).get(path).send().await.unwrap()
}

/// Tells where an answer leads.
fn location(response: &Response) -> &str {
    assert_eq!(response.status(), 302);
    response.headers()["location"].to_str().unwrap()
}

/// Goes from the button to the answer of the callback.
pub(crate) async fn walk(gw: &TestGateway) -> Response {
    let begun =
        begin(gw, json!({ "callbackURL": "/in", "errorCallbackURL": "/out", "newUserCallbackURL": "/new" })).await;
    let path = visit(&begun).await;
    arrive(gw, &path, &begun.cookie).await
}

/// Nobody signed in, and nothing was made.
async fn assert_refused(gw: &TestGateway, response: &Response, word: &str) {
    assert_eq!(location(response), format!("/out?error={word}"));
    assert!(cookie_of(response, gw.cookie_name()).is_none(), "no session");
    for sql in ["select count(*) from auth.sessions", "select count(*) from auth.accounts where provider_id = 'acme'"] {
        assert_eq!(gw.db.count(sql).await, 0, "{word}: {sql}");
    }
}

/// The client with the session that an answer opened.
fn signed_in(gw: &TestGateway, response: &Response) -> Client {
    gw.anonymous().with_cookie(cookie_of(response, gw.cookie_name()).expect("a session was opened"))
}

/// A callback's path of any provider.
fn callback(provider: &str, query: &str) -> String {
    format!("{AUTH}/callback/{provider}?{query}")
}
