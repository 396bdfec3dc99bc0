//! A known address is answered like an unknown one (ENUM-03), and its owner is told.

use serde_json::{Value, json};

use crate::api::sign_up::USERS;
use crate::harness::{PASSWORD, TestGateway, eventually};

/// Status, field names and body with everything that differs from request to request taken out.
async fn shape(response: reqwest::Response) -> (u16, Vec<String>, Value) {
    let status = response.status().as_u16();
    let mut names: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
    names.sort();
    let mut body: Value = response.json().await.unwrap();
    for key in ["id", "createdAt", "updatedAt"] {
        let value = &mut body["user"][key];
        assert!(value.is_string(), "{key}");
        *value = json!(value.as_str().unwrap().len());
    }
    (status, names, body)
}

#[tokio::test]
async fn a_known_address_gets_the_answer_of_a_new_one() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    gw.sign_up("bob").await;
    let sign_up = async |email: &str| {
        let body =
            json!({ "name": "new", "email": email, "password": "another good password", "image": "https://x.test/i" });
        gw.anonymous().auth("/sign-up/email", &body).await
    };
    let (status, names, fresh) = shape(sign_up("carol@example.com").await).await;
    for known in ["alice@example.com", "bob@example.com", "ALICE@Example.com"] {
        let (known_status, known_names, mut answer) = shape(sign_up(known).await).await;
        assert_eq!((known_status, &known_names), (status, &names), "{known}");
        assert_eq!(answer["user"]["email"], known.to_lowercase());
        answer["user"]["email"] = fresh["user"]["email"].clone();
        assert_eq!(answer, fresh, "{known}");
    }
    assert_eq!(gw.db.count(USERS).await, 3);
    let overwritten = "select count(*) from auth.users where name = 'new' and email_verified";
    assert_eq!(gw.db.count(overwritten).await, 0, "a proved account stays as it was");
}

#[tokio::test]
async fn a_made_up_id_is_nobodys_and_changes() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    let mut ids = std::collections::HashSet::from([alice.id.clone()]);
    for _ in 0..3 {
        let answer: Value = gw.anonymous().auth("/sign-up/email", &body).await.json().await.unwrap();
        assert!(ids.insert(answer["user"]["id"].as_str().unwrap().to_owned()));
    }
}

#[tokio::test]
async fn the_owner_of_the_address_is_told_and_nothing_else_happens() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let body = json!({ "name": "<b>mallory</b> http://evil.example", "email": "alice@example.com", "password": "mallory's own words" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    let mail = gw.mail.nth_to("alice@example.com", 2).await;
    assert!(mail.text.contains("already have an account"), "{}", mail.text);
    assert!(!mail.raw.contains("evil.example") && !mail.html.contains("mallory"), "{}", mail.raw);
    assert_eq!(gw.sign_in("alice@example.com").await.id, alice.id, "the old password still works");
    let body = json!({ "email": "alice@example.com", "password": "mallory's own words" });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 401);
}

#[tokio::test]
async fn measured_known_and_unknown_addresses_cost_the_same_work() {
    let gw = TestGateway::start().await;
    gw.verified_user("alice").await;
    let hashes = async || gw.metric("authgate_password_hashing_duration_seconds_count").await;
    for (path, email) in [
        ("/sign-up/email", "alice@example.com"),
        ("/sign-up/email", "new@example.com"),
        ("/sign-in/email", "alice@example.com"),
        ("/sign-in/email", "nobody@example.com"),
    ] {
        let before = hashes().await;
        let body = json!({ "name": "x", "email": email, "password": "some other password" });
        gw.anonymous().auth(path, &body).await;
        // Counted once the answer is out.
        eventually("the hash to be counted", async || (hashes().await > before).then_some(())).await;
        assert_eq!((hashes().await - before).to_string(), "1", "{path} {email}");
    }
}
