//! Sliding sessions: extended by use, at most once an interval, never past their absolute end (SESS-05, SESS-06).

use reqwest::Response;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{
    Reply, TestGateway,
    client::{AUTH, set_cookies},
};

/// Makes it as if everybody had last come two days ago.
const TWO_DAYS_AGO: &str = "update auth.sessions set created_at = now() - interval '3 days',
    updated_at = now() - interval '2 days', last_seen_at = now() - interval '2 days',
    expires_at = now() + interval '5 days', absolute_expires_at = now() + interval '27 days'";
const LIVES_SEVEN_DAYS: &str =
    "select count(*) from auth.sessions where expires_at > now() + interval '6 days 23 hours'";
const LIVES_FIVE_DAYS: &str = "select count(*) from auth.sessions where expires_at < now() + interval '5 days'";
const SEEN_NOW: &str = "select count(*) from auth.sessions where last_seen_at > now() - interval '1 minute'";

fn renewed_cookie(gw: &TestGateway, response: &Response) -> Option<String> {
    let prefix = format!("{}=", gw.cookie_name());
    set_cookies(response.headers()).into_iter().find(|cookie| cookie.starts_with(&prefix))
}

#[tokio::test]
async fn a_proxied_request_extends_its_session_and_renews_the_cookie_once() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    let first = alice.get("/items").send().await.unwrap();
    let cookie = renewed_cookie(&gw, &first).expect("the cookie is renewed");
    assert!(cookie.starts_with(&format!("{}={}; Max-Age=604800; ", gw.cookie_name(), alice.token)), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    gw.eventually_counts(1, LIVES_SEVEN_DAYS).await;
    assert_eq!(gw.db.count(SEEN_NOW).await, 1);
    let second = alice.get("/items").send().await.unwrap();
    assert_eq!((second.status().as_u16(), renewed_cookie(&gw, &second)), (200, None));
    // The token stays, so that nobody is signed out by a request that was under way.
    assert_eq!(alice.status("/items").await, 200);
}

#[tokio::test]
async fn requests_at_once_at_the_time_of_renewal_all_pass() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    let mut requests = JoinSet::new();
    for n in 0..50 {
        let client = (*alice).clone();
        let path = if n % 5 == 0 { format!("{AUTH}/get-session") } else { "/items".to_owned() };
        requests.spawn(async move {
            let response = client.get(&path).send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap() != "null")
        });
    }
    while let Some(answer) = requests.join_next().await {
        assert_eq!(answer.unwrap(), (200, true));
    }
    gw.eventually_counts(1, LIVES_SEVEN_DAYS).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
}

#[tokio::test]
async fn get_session_extends_shows_and_renews() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    let url = format!("{AUTH}/get-session");
    let untouched = alice.get(&format!("{url}?disableRefresh=true")).send().await.unwrap();
    assert_eq!(renewed_cookie(&gw, &untouched), None);
    assert_eq!(gw.db.count(LIVES_FIVE_DAYS).await, 1);
    let before = untouched.json::<serde_json::Value>().await.unwrap()["session"]["expiresAt"].clone();

    let renewed = alice.get(&url).send().await.unwrap();
    let cookie = renewed_cookie(&gw, &renewed).expect("the cookie is renewed");
    assert!(cookie.contains("Max-Age=604"), "{cookie}");
    assert_eq!(renewed.headers()["set-auth-token"], alice.token.as_str());
    let session = renewed.json::<serde_json::Value>().await.unwrap()["session"].clone();
    assert!(session["expiresAt"].as_str() > before.as_str(), "{session} after {before}");
    assert_eq!(session["token"], alice.token.as_str());
    assert_eq!(gw.db.count(LIVES_SEVEN_DAYS).await, 1);
    let again = alice.get(&url).send().await.unwrap();
    assert_eq!(renewed_cookie(&gw, &again), None);
}

#[tokio::test]
async fn bearers_are_extended_without_a_cookie() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    let response = alice.bearer().get("/items").send().await.unwrap();
    assert_eq!(renewed_cookie(&gw, &response), None);
    gw.eventually_counts(1, LIVES_SEVEN_DAYS).await;
}

#[tokio::test]
async fn nothing_lives_past_its_absolute_end() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    gw.db
        .execute(
            "update auth.sessions set expires_at = now() + interval '1 hour',
                absolute_expires_at = now() + interval '2 hours'",
        )
        .await;
    let response = alice.get("/items").send().await.unwrap();
    let cookie = renewed_cookie(&gw, &response).expect("the cookie is renewed");
    let lifetime: u32 = cookie.split("Max-Age=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    assert!((7_100..=7_200).contains(&lifetime), "{cookie}");
    gw.eventually_counts(1, "select count(*) from auth.sessions where expires_at = absolute_expires_at").await;
    gw.db.execute("update auth.sessions set updated_at = now() - interval '2 days'").await;
    let response = alice.get("/items").send().await.unwrap();
    assert_eq!((response.status().as_u16(), renewed_cookie(&gw, &response)), (200, None));
}

#[tokio::test]
async fn a_session_that_the_browser_forgets_is_never_extended() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    gw.db.execute("update auth.sessions set remember = false").await;
    for path in ["/items".to_owned(), format!("{AUTH}/get-session")] {
        let response = alice.get(&path).send().await.unwrap();
        assert_eq!((response.status().as_u16(), renewed_cookie(&gw, &response)), (200, None), "{path}");
    }
    gw.eventually_counts(1, SEEN_NOW).await;
    assert_eq!(gw.db.count(LIVES_FIVE_DAYS).await, 1);
}

#[tokio::test]
async fn an_ended_session_is_not_brought_back_by_its_last_request() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    let hold = gw.upstream.hold("/slow");
    let slow = {
        let client = (*alice).clone();
        tokio::spawn(async move { client.get("/slow").send().await.unwrap().status().as_u16() })
    };
    gw.upstream.received("/slow").await;
    assert_eq!(alice.auth("/sign-out", &json!({})).await.status(), 200);
    hold.add_permits(1);
    assert_eq!(slow.await.unwrap(), 200);
    // Notes are written in order, so bob's comes after alice's.
    assert_eq!(bob.status("/items").await, 200);
    gw.eventually_counts(1, LIVES_SEVEN_DAYS).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1);
    assert_eq!(alice.status("/items").await, 401);
}

#[tokio::test]
async fn an_answer_for_shared_caches_carries_nobodys_cookie() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(TWO_DAYS_AGO).await;
    gw.upstream.reply("/logo", Reply::with_fields(&[("Cache-Control", "public, max-age=60")], "logo"));
    let response = alice.get("/logo").send().await.unwrap();
    assert_eq!((response.status().as_u16(), renewed_cookie(&gw, &response)), (200, None));
    let response = alice.get("/items").send().await.unwrap();
    assert!(renewed_cookie(&gw, &response).is_some());
}

#[tokio::test]
async fn an_answer_with_a_renewed_cookie_is_for_no_shared_cache() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (fields, expected) in [
        (&[][..], "private"),
        (&[("Cache-Control", "max-age=600")], "private, max-age=600"),
        (&[("Cache-Control", "max-age=600, immutable")], "private, max-age=600, immutable"),
        (
            &[("Cache-Control", "max-age=600"), ("Cache-Control", "must-revalidate")],
            "private, max-age=600, must-revalidate",
        ),
        (&[("Cache-Control", "private=\"x-a\", max-age=600")], "private, max-age=600"),
        (&[("Cache-Control", "no-store, must-understand")], "no-store"),
        (&[("Cache-Control", "no-cache")], "private, no-cache"),
        (&[("Expires", "Thu, 01 Jan 2099 00:00:00 GMT")], "private"),
        (&[("Surrogate-Control", "max-age=600"), ("X-Accel-Expires", "600")], "private"),
        (&[("CDN-Cache-Control", "max-age=600"), ("Cloudflare-CDN-Cache-Control", "max-age=600")], "private"),
    ] {
        gw.db.execute(TWO_DAYS_AGO).await;
        gw.upstream.reply("/asset", Reply::with_fields(fields, "asset"));
        let response = alice.get("/asset").send().await.unwrap();
        assert!(renewed_cookie(&gw, &response).is_some(), "{fields:?}");
        let said: Vec<_> = response.headers().get_all("Cache-Control").iter().collect();
        assert_eq!(said, [expected], "{fields:?}");
        for name in ["Surrogate-Control", "X-Accel-Expires", "CDN-Cache-Control", "Cloudflare-CDN-Cache-Control"] {
            assert!(!response.headers().contains_key(name), "{name} for {fields:?}");
        }
        gw.eventually_counts(1, LIVES_SEVEN_DAYS).await;
        let plain = alice.get("/asset").send().await.unwrap();
        let is_as_sent =
            fields.iter().all(|(name, value)| plain.headers().get_all(*name).iter().any(|sent| sent == *value));
        assert!(is_as_sent, "without a cookie the upstream's word stands: {fields:?} became {:?}", plain.headers());
    }
}

#[tokio::test]
async fn use_is_written_down_without_an_extension_too() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute("update auth.sessions set last_seen_at = now() - interval '6 minutes'").await;
    let response = alice.get("/items").send().await.unwrap();
    assert_eq!(renewed_cookie(&gw, &response), None);
    gw.eventually_counts(1, SEEN_NOW).await;
}
