//! Mailed links lead in the end where the page that asked meant, also when a mail program cut the link off.

use reqwest::Response;
use serde_json::{Value, json};
use url::Url;

use super::path_of;
use crate::harness::{Client, PASSWORD, TestGateway, client::AUTH};

const FRONTEND: &str = "https://www.example.com";

async fn gateway() -> TestGateway {
    let auth = json!({ "trusted_origins": [FRONTEND], "delete_user": { "mailed_confirmation": true } });
    TestGateway::with(json!({ "auth": auth })).await
}

/// A call of the auth API by a page of this origin.
async fn ask(client: &Client, origin: Option<&str>, path: &str, body: &Value) -> Response {
    let mut request = client.request(http::Method::POST, &format!("{AUTH}{path}")).json(body);
    if let Some(origin) = origin {
        request = request.header("Origin", origin);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response
}

/// Returns where a mailed link says that it leads.
fn target_of(link: &Url) -> Option<String> {
    link.query_pairs().find(|(key, _)| key == "callbackURL").map(|(_, target)| target.into_owned())
}

/// The link as a mail program shows it that ends links at an `&`.
fn cut_off(link: &Url) -> Url {
    let mut link = link.clone();
    let token = link.query_pairs().find(|(key, _)| key == "token").map(|(_, token)| token.into_owned());
    link.set_query(token.map(|token| format!("token={token}")).as_deref());
    link
}

/// Opens a page and presses its button, as browsers do: every hidden field goes along. Asserts that the page's policy lets
/// the answer lead there.
async fn press(gw: &TestGateway, link: &Url, leads_to: &str, further: &[(&str, &str)]) {
    let page = gw.anonymous().get(&path_of(link)).send().await.unwrap();
    assert_eq!(page.status(), 200, "{link}");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let form_action = policy.split("; ").find_map(|part| part.strip_prefix("form-action ")).unwrap();
    let page = page.text().await.unwrap();
    let hidden = page.split("<input type=\"hidden\" name=\"").skip(1).map(|field| {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
    });
    let further = further.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let form: Vec<(String, String)> = hidden.chain(further).collect();
    let request = gw.anonymous().post(link.path());
    let done = request.header("Sec-Fetch-Site", "same-origin").form(&form).send().await.unwrap();
    assert_eq!(done.status(), 303, "{link}");
    assert_eq!(done.headers()["location"], leads_to, "{link}");
    let origin = leads_to.parse::<Url>().unwrap().origin().ascii_serialization();
    assert_eq!(form_action, format!("'self' {origin}"), "{link}");
}

#[tokio::test]
async fn a_link_that_was_cut_off_leads_where_it_was_mailed_for() {
    let gw = gateway().await;
    let welcome = format!("{FRONTEND}/welcome");
    let body = json!({ "name": "A", "email": "alice@example.com", "password": PASSWORD, "callbackURL": welcome });
    let response = ask(&gw.anonymous(), None, "/sign-up/email", &body).await;
    let link = gw.mail.to("alice@example.com").await.link();
    assert_eq!(target_of(&link).as_deref(), Some(welcome.as_str()));
    drop(response);
    press(&gw, &cut_off(&link), &welcome, &[("password", PASSWORD)]).await;

    let alice = gw.sign_in("alice@example.com").await;
    ask(&alice, Some(FRONTEND), "/change-email", &json!({ "newEmail": "new@example.com", "callbackURL": welcome }))
        .await;
    press(&gw, &cut_off(&gw.mail.to("new@example.com").await.link()), &welcome, &[]).await;

    let before = gw.mail.all_to("new@example.com").len();
    ask(
        &alice,
        Some(FRONTEND),
        "/request-password-reset",
        &json!({ "email": "new@example.com", "redirectTo": welcome }),
    )
    .await;
    let link = gw.mail.nth_to("new@example.com", before + 1).await.link();
    let token = link.path().rsplit('/').next().unwrap();
    let response = gw.anonymous().get(link.path()).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], format!("{welcome}?token={token}"));

    ask(&alice, Some(FRONTEND), "/delete-user", &json!({ "callbackURL": welcome })).await;
    press(&gw, &cut_off(&gw.mail.nth_to("new@example.com", before + 2).await.link()), &welcome, &[]).await;
    assert_eq!(alice.status("/items").await, 401, "the account is closed");
}

#[tokio::test]
async fn a_target_that_is_trusted_no_longer_is_none() {
    let gw = gateway().await;
    let body = json!({ "name": "A", "email": "alice@example.com", "password": PASSWORD, "callbackURL": FRONTEND });
    ask(&gw.anonymous(), None, "/sign-up/email", &body).await;
    let link = cut_off(&gw.mail.to("alice@example.com").await.link());
    let policy = async |gw: &TestGateway| {
        let page = gw.anonymous().get(&path_of(&link)).send().await.unwrap();
        page.headers()["content-security-policy"].to_str().unwrap().to_owned()
    };
    assert!(policy(&gw).await.contains(FRONTEND));
    let other = gw.replica_with(json!({ "auth": { "trusted_origins": ["https://other.example.com"] } })).await;
    assert!(policy(&other).await.contains("form-action 'self';"));
    // Nor is that of a link that works no more.
    gw.db.execute("update auth.verifications set expires_at = now() - interval '1 ms'").await;
    assert!(policy(&gw).await.contains("form-action 'self';"));
}

#[tokio::test]
async fn a_path_leads_to_the_frontend_that_asked() {
    let gw = gateway().await;
    let own = gw.origin().to_owned();
    for (n, (origin, target, expected)) in [
        (Some(FRONTEND), "/in?a=b#c", format!("{FRONTEND}/in?a=b#c")),
        (Some(own.as_str()), "/in", "/in".to_owned()),
        (None, "/in", "/in".to_owned()),
        (Some(FRONTEND), "https://www.example.com/in", format!("{FRONTEND}/in")),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("p{n}@example.com");
        let body = json!({ "name": "P", "email": email, "password": PASSWORD, "callbackURL": target });
        ask(&gw.anonymous(), origin, "/sign-up/email", &body).await;
        assert_eq!(target_of(&gw.mail.to(&email).await.link()), Some(expected.clone()), "sign-up {origin:?}");
        let body = json!({ "email": email, "callbackURL": target });
        ask(&gw.anonymous(), origin, "/send-verification-email", &body).await;
        assert_eq!(target_of(&gw.mail.nth_to(&email, 2).await.link()), Some(expected.clone()), "resend {origin:?}");
        gw.confirm(&gw.mail.nth_to(&email, 2).await).await;

        let body = json!({ "email": email, "redirectTo": target });
        ask(&gw.anonymous(), origin, "/request-password-reset", &body).await;
        assert_eq!(target_of(&gw.mail.nth_to(&email, 3).await.link()), Some(expected), "reset {origin:?}");
    }
}

#[tokio::test]
async fn a_path_never_leads_to_a_page_that_is_not_trusted() {
    let gw = gateway().await;
    for (n, origin) in ["https://evil.example", "null", "https://www.example.com.evil.example"].into_iter().enumerate()
    {
        let email = gw.sign_up(&format!("p{n}")).await;
        // Mails that wait together may come in any order.
        gw.mail.to(&email).await;
        // Nothing is forged without a cookie, so the call is taken; where it leads is ours to say.
        let body = json!({ "email": email, "callbackURL": "/in" });
        ask(&gw.anonymous(), Some(origin), "/send-verification-email", &body).await;
        assert_eq!(target_of(&gw.mail.nth_to(&email, 2).await.link()).as_deref(), Some("/in"), "{origin}");
    }
}
