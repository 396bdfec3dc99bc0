//! Routes ask what a session has proved beside being live: `require:`, and `auth.two_factor.required_for_roles`.

mod responses;
mod roles;
mod told;

use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    api::two_factor::{App, Browser, enable, forget_codes, newest_code, with_app},
    harness::{Client, PASSWORD, TestGateway, client::AUTH, eventually},
};

const FRONTEND: &str = "https://www.example.com";
/// Lets all sessions have been opened and proved a while ago.
const AGE: &str = "update auth.sessions set created_at = created_at - interval '11 minutes',
    proved_at = coalesce(proved_at, created_at) - interval '11 minutes'";
const SETUP: Option<&str> = Some("two_factor_setup");
const TWO_FACTOR: Option<&str> = Some("two_factor");
const REAUTHENTICATE: Option<&str> = Some("reauthenticate");

/// Routes that ask for a second factor, for a recent proof, and for both.
fn config() -> Value {
    let route = |name: &str, require: Value| {
        json!({
            "name": name, "match": { "path": format!("/{name}/**") }, "upstream": "api", "access": "required",
            "require": require,
        })
    };
    json!({
        "auth": { "trusted_origins": [FRONTEND], "sign_in_page": "/public/sign-in" },
        "routes": [
            { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
            { "name": "optional", "match": { "path": "/optional/**" }, "upstream": "api", "access": "optional" },
            route("money", json!({ "two_factor": true })),
            route("keys", json!({ "max_age": "10m" })),
            route("both", json!({ "two_factor": true, "max_age": "10m" })),
            { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" },
        ],
    })
}

fn cached() -> Value {
    let mut config = config();
    config["auth"]["session"] = json!({ "check": { "mode": "cached", "max_staleness": "800ms" } });
    config
}

/// Returns `None` for a request that passes, or what has to be done first.
async fn missing(client: &Client, path: &str) -> Option<String> {
    read(client.get(path).send().await.unwrap()).await
}

async fn read(response: Response) -> Option<String> {
    let status = response.status();
    let text = response.text().await.unwrap();
    if status == 200 {
        return None;
    }
    assert_eq!(status, 403, "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    let step_up = body["stepUp"].as_str().unwrap_or_else(|| panic!("no stepUp in {body}")).to_owned();
    let is_age = step_up == "reauthenticate";
    assert_eq!(body["code"], if is_age { "REAUTHENTICATION_REQUIRED" } else { "TWO_FACTOR_REQUIRED" }, "{body}");
    Some(step_up)
}

#[tokio::test]
async fn a_second_factor_counts_where_it_was_proved_in_the_session() {
    let gw = TestGateway::with(config()).await;
    let replica = gw.replica_with(config()).await;
    let both = async |browser: &Browser, path: &str, expected: Option<&str>| {
        for gateway in [&gw, &replica] {
            assert_eq!(missing(&browser.client().at(gateway), path).await.as_deref(), expected, "{path}");
        }
    };
    let email = gw.verified_user("ada").await;
    let mut plain = Browser::new(&gw);
    plain.sign_in(&email).await;
    both(&plain, "/items", None).await;
    both(&plain, "/money", SETUP).await;
    gw.upstream.forget();
    // Setting one up proves it.
    let (browser, app) = enable(&gw, &email).await;
    both(&browser, "/money", None).await;
    // So does a sign-in with one.
    let mut trusted = Browser::new(&gw);
    trusted.begin_sign_in(&email).await;
    trusted.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0), "trustDevice": true })).await;
    both(&trusted, "/money", None).await;
    // A browser that was spared the code has not proved one, until it does.
    trusted.ok("/sign-out", json!({})).await;
    trusted.sign_in(&email).await;
    both(&trusted, "/items", None).await;
    both(&trusted, "/money", TWO_FACTOR).await;
    forget_codes(&gw).await;
    trusted.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    both(&trusted, "/money", None).await;
}

#[tokio::test]
async fn a_passkey_that_verified_its_user_is_two_factors_and_what_nobody_knows_is_none() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    for (sql, expected) in [
        ("update auth.sessions set auth_method = 'passkey', second_factor = 'passkey'", None),
        ("update auth.sessions set second_factor = null", SETUP),
        ("update auth.sessions set second_factor = 'sms'", SETUP),
        ("update auth.users set two_factor_enabled = true", TWO_FACTOR),
    ] {
        gw.db.execute(sql).await;
        assert_eq!(missing(&alice, "/money").await.as_deref(), expected, "{sql}");
    }
}

#[tokio::test]
async fn each_way_to_prove_who_one_is_renews_the_proof_on_every_replica() {
    let gw = TestGateway::with(config()).await;
    let replica = gw.replica_with(config()).await;
    let (mut browser, app, email) = with_app(&gw, "ada").await;
    let is_closed = async |browser: &Browser| {
        let here = missing(&browser.client(), "/both").await;
        let there = missing(&browser.client().at(&replica), "/keys").await;
        assert_eq!(here, there);
        here.is_some_and(|step_up| Some(step_up.as_str()) == REAUTHENTICATE)
    };
    assert!(!is_closed(&browser).await, "a session that was just opened");
    for what in ["password", "totp", "mailed code", "backup code"] {
        gw.db.execute(AGE).await;
        assert!(is_closed(&browser).await, "{what}: proved eleven minutes ago");
        let (path, wrong, right) = match what {
            "password" => ("/verify-password", json!({ "password": "not it" }), json!({ "password": PASSWORD })),
            "totp" => {
                let (wrong, right) = (json!({ "code": app.wrong_code() }), json!({ "code": app.code_of(0) }));
                ("/two-factor/verify-totp", wrong, right)
            }
            "mailed code" => {
                browser.ok("/two-factor/send-otp", json!({})).await;
                let code = newest_code(&gw, &email, 1).await;
                let wrong = if code == "000000" { "000001" } else { "000000" };
                ("/two-factor/verify-otp", json!({ "code": wrong }), json!({ "code": code }))
            }
            _ => {
                let wrong = json!({ "code": "aaaaaaaaaaaaaaaaaaaaaaaa" });
                ("/two-factor/verify-backup-code", wrong, json!({ "code": app.backup_codes[0] }))
            }
        };
        assert_ne!(browser.auth(path, wrong).await.status(), 200, "{what}");
        assert!(is_closed(&browser).await, "{what}: what is wrong proves nothing");
        browser.ok(path, right).await;
        assert!(!is_closed(&browser).await, "{what}");
    }
    gw.db.execute(AGE).await;
    assert!(is_closed(&browser).await);
    forget_codes(&gw).await;
    browser.begin_sign_in(&email).await;
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    assert!(!is_closed(&browser).await, "a new sign-in");
}

#[tokio::test]
async fn an_app_that_was_chosen_in_the_session_proves_nothing_of_who_holds_it() {
    let mut config = config();
    config["routes"][2]["require"]["max_age"] = json!("1m");
    let gw = TestGateway::with(config).await;
    // There is no password to ask for.
    let alice = gw.insert_user("alice", &[]).await;
    let set_up = alice.auth("/two-factor/enable", &json!({})).await;
    assert_eq!(set_up.status(), 200);
    let app = App::from_answer(&set_up.json().await.unwrap());
    gw.db
        .execute("update auth.sessions set created_at = created_at - interval '5 minutes', proved_at = created_at - interval '5 minutes'")
        .await;
    let client = alice.bearer();
    assert_eq!(client.auth("/two-factor/verify-totp", &json!({ "code": app.code_of(0) })).await.status(), 200);
    assert_eq!(missing(&client, "/money").await.as_deref(), REAUTHENTICATE);
    assert_eq!(client.auth("/two-factor/disable", &json!({})).await.status(), 200);
    assert_eq!(missing(&client, "/money").await.as_deref(), SETUP);
    gw.db.execute("update auth.sessions set second_factor = 'totp'").await;
    gw.db.execute("update auth.users set two_factor_enabled = true").await;
    assert_eq!(missing(&client, "/money").await.as_deref(), REAUTHENTICATE, "disabling it proved nothing either");
}

#[tokio::test]
async fn use_alone_renews_no_proof() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    gw.db.execute(AGE).await;
    // It is due to be extended, and was not seen for a while.
    gw.db
        .execute(
            "update auth.sessions set updated_at = now() - interval '2 days', expires_at = now() + interval '5 days',
                 last_seen_at = now() - interval '2 days'",
        )
        .await;
    assert_eq!(missing(&alice, "/items").await, None);
    gw.eventually_counts(1, "select count(*) from auth.sessions where updated_at > now() - interval '1 hour'").await;
    assert_eq!(missing(&alice, "/keys").await.as_deref(), REAUTHENTICATE);
    let response = alice.get(&format!("{AUTH}/get-session")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(missing(&alice, "/keys").await.as_deref(), REAUTHENTICATE);
}

#[tokio::test]
async fn a_remembered_check_knows_what_was_proved_and_learns_of_changes() {
    let gw = TestGateway::with(cached()).await;
    let replica = gw.replica_with(cached()).await;
    let email = gw.verified_user("ada").await;
    let alice = gw.sign_in(&email).await;
    let clients = [(*alice).clone(), alice.at(&replica)];
    let from_memory = async |path: &str, expected: Option<&str>| {
        for (client, gateway) in clients.iter().zip([&gw, &replica]) {
            eventually("an answer from memory", async || {
                let before = gateway.metric("authgate_session_checks_cached_total").await;
                let found = missing(client, path).await;
                let is_remembered = gateway.metric("authgate_session_checks_cached_total").await > before;
                (is_remembered && found.as_deref() == expected).then_some(())
            })
            .await;
        }
    };
    from_memory("/keys", None).await;
    from_memory("/money", SETUP).await;
    gw.db.execute("update auth.users set two_factor_enabled = true").await;
    from_memory("/money", TWO_FACTOR).await;
    gw.db.execute("update auth.sessions set second_factor = 'totp'").await;
    from_memory("/money", None).await;
    gw.db.execute(AGE).await;
    from_memory("/keys", REAUTHENTICATE).await;
    assert_eq!(alice.auth("/verify-password", &json!({ "password": PASSWORD })).await.status(), 200);
    from_memory("/keys", None).await;
}

#[tokio::test]
async fn one_look_up_decides() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let checks = "authgate_session_check_duration_seconds_count";
    for (path, expected) in [("/money", SETUP), ("/keys", None), ("/both", SETUP)] {
        let before = gw.metric(checks).await;
        assert_eq!(missing(&alice, path).await.as_deref(), expected);
        assert!((gw.metric(checks).await - before - 1.0).abs() < f64::EPSILON, "{path}");
    }
    assert!(gw.upstream.requests().len() == 1, "what was refused got no further");
}
