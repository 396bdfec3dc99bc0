//! A mail for a sign-in from a device that is new to the account (BRUTE-08), and where sessions are.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{PASSWORD, TestGateway, client::AUTH, mmdb::mmdb};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.1 Mobile/15E148 Safari/604.1";

async fn sign_in(gw: &TestGateway, email: &str, agent: &str) -> String {
    let request = gw.anonymous().post(&format!("{AUTH}/sign-in/email")).header("User-Agent", agent);
    let response = request.json(&json!({ "email": email, "password": PASSWORD })).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

/// Counts how many such mails were written so far: their rows come with the sign-in's own, whether delivered or not.
async fn notices(gw: &TestGateway, email: &str) -> usize {
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    gw.mail.all_to(email).iter().filter(|mail| mail.subject.starts_with("New sign-in")).count()
}

#[tokio::test]
async fn a_new_device_is_written_about_once() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    sign_in(&gw, &email, FIREFOX).await;
    assert_eq!(notices(&gw, &email).await, 0, "the first sign-in after sign-up is no news");
    for agent in [FIREFOX, NEWER_FIREFOX] {
        sign_in(&gw, &email, agent).await;
        assert_eq!(notices(&gw, &email).await, 0, "a known device, {agent}");
    }
    sign_in(&gw, &email, SAFARI).await;
    assert_eq!(notices(&gw, &email).await, 1);
    sign_in(&gw, &email, SAFARI).await;
    sign_in(&gw, &email, FIREFOX).await;
    assert_eq!(notices(&gw, &email).await, 1, "both are known now");

    let mail = gw.mail.all_to(&email).pop().unwrap();
    for part in ["Safari on iOS", "127.0.0.1", " UTC", gw.origin()] {
        assert!(mail.text.contains(part) && mail.html.contains(part), "{part}: {}", mail.text);
    }
    assert!(!mail.text.contains("token"), "it opens nothing: {}", mail.text);
    let stored = "select count(*) from auth.known_devices where device in ('Firefox on Linux', 'Safari on iOS')";
    assert_eq!(gw.db.count(stored).await, 2);
}

#[tokio::test]
async fn ended_sessions_make_a_device_no_news_again() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    for agent in [FIREFOX, SAFARI] {
        sign_in(&gw, &email, agent).await;
    }
    gw.db.execute("delete from auth.sessions").await;
    sign_in(&gw, &email, SAFARI).await;
    assert_eq!(notices(&gw, &email).await, 1);
}

#[tokio::test]
async fn a_device_unused_for_long_is_news_again_even_where_it_is_the_only_one() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    for (n, agent) in [FIREFOX, SAFARI].into_iter().enumerate() {
        sign_in(&gw, &email, agent).await;
        assert_eq!(notices(&gw, &email).await, 2 * n);
        gw.db.execute("update auth.known_devices set last_seen_at = now() - interval '91 days'").await;
        sign_in(&gw, &email, agent).await;
        assert_eq!(notices(&gw, &email).await, 2 * n + 1);
    }
    assert_eq!(gw.db.count("select count(*) from auth.known_devices").await, 1, "the unused one is forgotten");
}

#[tokio::test]
async fn a_failed_sign_in_is_not_written_about_and_makes_nothing_known() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    sign_in(&gw, &email, FIREFOX).await;
    let request = gw.anonymous().post(&format!("{AUTH}/sign-in/email")).header("User-Agent", SAFARI);
    let response = request.json(&json!({ "email": email, "password": "a wrong password" })).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(gw.db.count("select count(*) from auth.known_devices").await, 1);
    assert_eq!(notices(&gw, &email).await, 0);
}

#[tokio::test]
async fn many_at_once_from_a_new_device_are_one_mail() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    sign_in(&gw, &email, FIREFOX).await;
    tokio::join!(
        sign_in(&gw, &email, SAFARI),
        sign_in(&gw, &email, SAFARI),
        sign_in(&gw, &email, SAFARI),
        sign_in(&gw, &email, SAFARI),
    );
    assert_eq!(notices(&gw, &email).await, 1);
}

#[tokio::test]
async fn the_notice_can_be_turned_off() {
    let gw = TestGateway::with(json!({ "auth": { "notifications": { "new_device": false } } })).await;
    let email = gw.verified_user("alice").await;
    for agent in [FIREFOX, SAFARI] {
        sign_in(&gw, &email, agent).await;
    }
    assert_eq!(notices(&gw, &email).await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.known_devices").await, 0, "what is not needed is not stored");
}

#[tokio::test]
async fn places_come_from_the_operators_database() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cities.mmdb");
    let places =
        [([127, 0, 0, 0], 8, ["Gothenburg", "Sweden", "SE"]), ([203, 0, 113, 0], 25, ["São Paulo", "Brazil", "BR"])];
    std::fs::write(&path, mmdb("GeoLite2-City", &places)).unwrap();
    let gw = TestGateway::with(json!({ "geoip": { "database": path } })).await;
    let email = gw.verified_user("alice").await;
    let token = sign_in(&gw, &email, FIREFOX).await;
    sign_in(&gw, &email, SAFARI).await;
    assert_eq!(notices(&gw, &email).await, 1);
    let mail = gw.mail.all_to(&email).pop().unwrap();
    assert!(mail.text.contains("Gothenburg, Sweden (127.0.0.1)"), "{}", mail.text);

    let alice = gw.anonymous().with_bearer(&token);
    let gothenburg = json!({ "city": "Gothenburg", "country": "Sweden", "countryCode": "SE" });
    let sao_paulo = json!({ "city": "São Paulo", "country": "Brazil", "countryCode": "BR" });
    let mut connection = gw.db.connect().await;
    for (address, location) in [
        ("127.0.0.1", gothenburg),
        ("203.0.113.7", sao_paulo),
        ("203.0.113.200", Value::Null),
        ("2001:db8::1", Value::Null),
        ("", Value::Null),
    ] {
        sqlx::query("update auth.sessions set ip_address = $1").bind(address).execute(&mut connection).await.unwrap();
        let response = alice.get(&format!("{AUTH}/list-sessions")).send().await.unwrap();
        let sessions: Vec<Value> = response.json().await.unwrap();
        assert_eq!(sessions.len(), 2);
        for session in sessions {
            assert_eq!(session["location"], location, "{address}");
        }
    }
}
