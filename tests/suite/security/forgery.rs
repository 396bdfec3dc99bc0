//! Other sites' pages can make a visitor's browser send requests to the auth API (CSRF-01, -02, -05). The endpoints are
//! read from the description that the gateway serves, so that a new one is tried too.

use http::Method;
use serde_json::Value;

use crate::harness::{
    Client, TestGateway, User,
    client::{AUTH, expect_problem},
};

/// Paths that answer this method, and whether they take a body.
async fn endpoints(gw: &TestGateway, method: &str) -> Vec<(String, bool)> {
    let response = gw.anonymous().get(&format!("{AUTH}/openapi.json")).send().await.unwrap();
    let document: Value = response.json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    let found: Vec<(String, bool)> = paths
        .iter()
        .filter_map(|(path, item)| Some((path, item.get(method)?)))
        .map(|(path, operation)| (format!("{AUTH}{path}"), operation.get("requestBody").is_some()))
        .map(|(path, has_body)| (path.replace("{token}", &"A".repeat(43)).replace("{provider}", "acme"), has_body))
        .collect();
    assert!(found.len() >= 8, "{found:?}");
    found
}

/// Comes from a provider's page by its nature, and hands its fields on to a GET without looking at anything else.
const FROM_PROVIDERS: &str = "/callback/acme";

/// Everything that an account is made of.
async fn state(gw: &TestGateway) -> String {
    let dump = "select concat_ws(' ',
        (select string_agg(u::text, ' ' order by id) from auth.users u),
        (select string_agg(a::text, ' ' order by id) from auth.accounts a),
        (select string_agg(v::text, ' ' order by id) from auth.verifications v),
        (select string_agg(id, ' ' order by id) from auth.sessions),
        (select count(*) from auth.mail_outbox))";
    sqlx::query_scalar(dump).fetch_one(&mut gw.db.connect().await).await.unwrap()
}

async fn signed_in(gw: &TestGateway) -> User {
    let alice = gw.signed_up_user("alice").await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    alice
}

#[tokio::test]
async fn no_page_of_another_site_gets_past_the_origin_check() {
    let gw = TestGateway::start().await;
    let alice = signed_in(&gw).await;
    let before = state(&gw).await;
    for (path, _) in endpoints(&gw, "post").await.into_iter().filter(|(path, _)| !path.ends_with(FROM_PROVIDERS)) {
        for (name, value) in [
            ("Origin", "https://evil.example"),
            ("Origin", "https://localhost.evil.example"),
            ("Referer", "https://evil.example/form"),
        ] {
            let request = alice.request(Method::POST, &path).header(name, value).json(&serde_json::json!({}));
            expect_problem(request.send().await.unwrap(), 403, "INVALID_ORIGIN").await;
        }
        // A sandboxed frame; a page that hides where it is.
        for site in ["cross-site", "same-site"] {
            let request = alice.request(Method::POST, &path).header("Origin", "null").header("Sec-Fetch-Site", site);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {site}");
            let request = alice.request(Method::POST, &path).header("Sec-Fetch-Site", site);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {site} without an origin");
        }
    }
    assert_eq!(state(&gw).await, before);
}

/// Forms send three content types without asking; none of them is JSON.
#[tokio::test]
async fn bodies_that_a_form_could_send_are_taken_by_our_own_forms_only() {
    let gw = TestGateway::start().await;
    let alice = signed_in(&gw).await;
    let before = state(&gw).await;
    let send = async |client: &Client, path: &str, content_type: &str| {
        let request = client.post(path).header("Content-Type", content_type).body("{\"x\":\"=1\"}");
        request.send().await.unwrap().status().as_u16()
    };
    let mut forms = Vec::new();
    for (path, has_body) in endpoints(&gw, "post").await {
        if !has_body {
            continue;
        }
        assert_eq!(send(&alice, &path, "text/plain").await, 415, "{path}");
        assert_eq!(send(&alice, &path, "multipart/form-data; boundary=x").await, 415, "{path}");
        if send(&alice, &path, "application/x-www-form-urlencoded").await != 415 {
            forms.push(path);
        }
    }
    for path in forms {
        let page = path.rsplit_once('/').map_or("", |(_, last)| last);
        assert!(
            path.ends_with(FROM_PROVIDERS)
                || ["confirm", "resend", "choose", "request", "consent", "undo"].contains(&page),
            "{path} takes forms"
        );
    }
    assert_eq!(state(&gw).await, before);
}

/// A link or an image is enough to make a browser send these, with the cookie.
#[tokio::test]
async fn no_get_acts_on_the_cookie_alone() {
    let gw = TestGateway::start().await;
    let alice = signed_in(&gw).await;
    let before = state(&gw).await;
    for (path, _) in endpoints(&gw, "get").await {
        for query in ["", "?callbackURL=/x", "?token=x&callbackURL=/x"] {
            let request = alice.get(&format!("{path}{query}")).header("Sec-Fetch-Site", "cross-site");
            let response = request.header("Sec-Fetch-Mode", "navigate").send().await.unwrap();
            assert!(response.status().as_u16() < 500, "{path}{query}: {}", response.status());
        }
        let head = alice.request(Method::HEAD, &path).send().await.unwrap();
        assert!(head.status().as_u16() < 500, "{path}: {}", head.status());
    }
    // A GET stores what an authenticator is to sign (contract of the plugin); that opens nothing by itself.
    gw.db.execute("delete from auth.verifications where purpose in ('passkey-registration', 'passkey-sign-in')").await;
    assert_eq!(state(&gw).await, before);
    assert_eq!(alice.status("/items").await, 200);
}
