//! `GET /list-accounts` and `POST /unlink-account` (contract §3.6, §13, DATA-03).

use serde_json::{Value, json};

use super::{AGE_SESSIONS, insert_account};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, assert_date, expect_problem},
};

async fn list(client: &Client) -> Vec<Value> {
    let response = client.get(&format!("{AUTH}/list-accounts")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

#[tokio::test]
async fn the_list_has_the_contracts_keys_and_no_secrets() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let bob = gw.insert_user("bob", &[]).await;
    insert_account(&gw, &bob.id, "github").await;
    let google = insert_account(&gw, &alice.id, "google").await;
    let own = list(&alice).await;
    assert_eq!(own.len(), 2, "{own:?}");
    for account in &own {
        let keys: Vec<&String> = account.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["accountId", "createdAt", "id", "providerId", "scopes", "updatedAt", "userId"]);
        assert_eq!(account["userId"], alice.id.as_str());
        assert_date(&account["createdAt"]);
        assert_date(&account["updatedAt"]);
    }
    assert_eq!((&own[0]["providerId"], &own[0]["accountId"]), (&json!("credential"), &json!(alice.id)));
    assert_eq!(own[0]["scopes"], json!([]));
    assert_eq!((&own[1]["id"], &own[1]["providerId"]), (&json!(google), &json!("google")));
    assert_eq!(own[1]["scopes"], json!(["email", "profile"]));
    let text = format!("{own:?}").to_lowercase();
    assert!(!text.contains("argon2") && !text.contains("sealed") && !text.contains("password"), "{text}");
    let nobody = gw.anonymous().get(&format!("{AUTH}/list-accounts")).send().await.unwrap();
    expect_problem(nobody, 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn one_of_two_can_be_given_up_and_the_last_one_not() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let google = insert_account(&gw, &alice.id, "google").await;
    let unlink = async |body: Value| alice.auth("/unlink-account", &body).await;
    let response = unlink(json!({ "accountId": google })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    assert_eq!(list(&alice).await.len(), 1);
    let audited = "select count(*) from auth.audit_events where event = 'account_unlinked'";
    assert_eq!(gw.db.count(audited).await, 1);
    let credential = list(&alice).await[0]["id"].clone();
    for id in [credential, json!("unknown"), json!(google)] {
        let response = unlink(json!({ "accountId": id })).await;
        expect_problem(response, 400, "FAILED_TO_UNLINK_LAST_ACCOUNT").await;
    }
    assert_eq!(list(&alice).await.len(), 1);
    assert_eq!(gw.sign_in(&alice.email).await.status("/items").await, 200);
}

#[tokio::test]
async fn older_clients_name_the_provider() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    for provider in ["google", "github", "apple"] {
        insert_account(&gw, &alice.id, provider).await;
    }
    let unlink = async |body: Value| alice.auth("/unlink-account", &body).await;
    let other = json!({ "providerId": "google", "accountId": "somebody" });
    expect_problem(unlink(other).await, 400, "ACCOUNT_NOT_FOUND").await;
    expect_problem(unlink(json!({ "providerId": "gitlab" })).await, 400, "ACCOUNT_NOT_FOUND").await;
    let exact = json!({ "providerId": "google", "accountId": format!("subject-of-{}", alice.id) });
    assert_eq!(unlink(exact).await.status(), 200);
    assert_eq!(unlink(json!({ "providerId": "github" })).await.status(), 200);
    let left: Vec<Value> = list(&alice).await.into_iter().map(|account| account["providerId"].clone()).collect();
    assert_eq!(left, [json!("credential"), json!("apple")]);
}

#[tokio::test]
async fn nobody_elses_account_is_touched() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let bob = gw.insert_user("bob", &[]).await;
    insert_account(&gw, &alice.id, "google").await;
    insert_account(&gw, &alice.id, "github").await;
    let of_bob = insert_account(&gw, &bob.id, "google").await;
    insert_account(&gw, &bob.id, "github").await;
    let response = alice.auth("/unlink-account", &json!({ "accountId": of_bob })).await;
    expect_problem(response, 400, "ACCOUNT_NOT_FOUND").await;
    let by_subject = json!({ "providerId": "google", "accountId": format!("subject-of-{}", bob.id) });
    expect_problem(alice.auth("/unlink-account", &by_subject).await, 400, "ACCOUNT_NOT_FOUND").await;
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 4);
}

#[tokio::test]
async fn it_takes_a_fresh_session_and_a_name() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let google = insert_account(&gw, &alice.id, "google").await;
    insert_account(&gw, &alice.id, "github").await;
    for body in [json!({}), json!({ "accountId": 7 }), json!({ "providerId": null }), json!([])] {
        expect_problem(alice.auth("/unlink-account", &body).await, 400, "VALIDATION_ERROR").await;
    }
    gw.db.execute(AGE_SESSIONS).await;
    let body = json!({ "accountId": google });
    expect_problem(alice.auth("/unlink-account", &body).await, 403, "SESSION_NOT_FRESH").await;
    expect_problem(gw.anonymous().auth("/unlink-account", &body).await, 401, "UNAUTHORIZED").await;
    assert_eq!(list(&alice).await.len(), 2, "seeing them takes no fresh session");
}
