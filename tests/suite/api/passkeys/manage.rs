//! Listing, renaming and removing passkeys.

use serde_json::{Value, json};

use super::{Browser, signed_in, with_passkey};
use crate::harness::{PASSWORD, TestGateway, authenticator::Ceremony, client::expect_problem};

async fn ids(browser: &Browser) -> Vec<String> {
    let listed: Value = browser.get("/passkey/list-user-passkeys").await.json().await.unwrap();
    listed.as_array().unwrap().iter().map(|passkey| passkey["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_passkey_is_renamed_and_removed_by_its_owner() {
    let gw = TestGateway::start().await;
    let (mut browser, passkey, email) = with_passkey(&gw, "ada").await;
    let id = ids(&browser).await.remove(0);
    let renamed = browser.ok("/passkey/update-passkey", json!({ "id": id, "name": "  Phone " })).await;
    assert_eq!((&renamed["passkey"]["id"], &renamed["passkey"]["name"]), (&json!(id), &json!("Phone")));
    for name in ["", "   ", "a\nb", &"x".repeat(65)] {
        let body = json!({ "id": id, "name": name });
        expect_problem(browser.auth("/passkey/update-passkey", body).await, 400, "VALIDATION_ERROR").await;
    }
    assert_eq!(browser.ok("/passkey/delete-passkey", json!({ "id": id })).await, json!({ "status": true }));
    assert_eq!(ids(&browser).await, Vec::<String>::new());
    gw.mail.about("A passkey of your account at App was removed", &email).await;
    let recorded = "select count(*) from auth.audit_events where event in ('passkey_renamed', 'passkey_removed')";
    assert_eq!(gw.db.count(recorded).await, 2);
    let mut stranger = Browser::new(&gw);
    let options = stranger.sign_in_options().await;
    let response = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
    let refused = stranger.refusal("/passkey/verify-authentication", &response).await;
    assert_eq!(refused, (401, "PASSKEY_NOT_FOUND".to_owned()));
}

/// PKEY-06: nobody else's id is good for anything, nor tells that it is one.
#[tokio::test]
async fn others_passkeys_are_nobodys_business() {
    let gw = TestGateway::start().await;
    let (ada, _, _) = with_passkey(&gw, "ada").await;
    let (mut eve, _) = signed_in(&gw, "eve").await;
    let id = ids(&ada).await.remove(0);
    for id in [id.as_str(), "0190b3c5-7a3b-7c00-8000-000000000000", "no id", ""] {
        let delete = eve.auth("/passkey/delete-passkey", json!({ "id": id })).await;
        expect_problem(delete, 404, "PASSKEY_NOT_FOUND").await;
        let update = eve.auth("/passkey/update-passkey", json!({ "id": id, "name": "Mine" })).await;
        expect_problem(update, 404, "PASSKEY_NOT_FOUND").await;
    }
    assert_eq!(ids(&eve).await, Vec::<String>::new());
    let stranger = Browser::new(&gw);
    expect_problem(stranger.get("/passkey/list-user-passkeys").await, 401, "UNAUTHORIZED").await;
    for path in ["/passkey/delete-passkey", "/passkey/update-passkey"] {
        let body = json!({ "id": id, "name": "Mine" });
        expect_problem(stranger.client().auth(path, &body).await, 401, "UNAUTHORIZED").await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.passkeys where name = 'Laptop'").await, 1);
}

#[tokio::test]
async fn removing_one_takes_a_session_that_was_proved_lately() {
    let gw = TestGateway::start().await;
    let (mut browser, _, _) = with_passkey(&gw, "ada").await;
    let id = ids(&browser).await.remove(0);
    gw.db.execute("update auth.sessions set created_at = created_at - interval '11 minutes'").await;
    let refused = browser.auth("/passkey/delete-passkey", json!({ "id": id })).await;
    expect_problem(refused, 403, "SESSION_NOT_FRESH").await;
    browser.ok("/verify-password", json!({ "password": PASSWORD })).await;
    browser.ok("/passkey/delete-passkey", json!({ "id": id })).await;
}

#[tokio::test]
async fn the_last_way_in_cannot_be_removed() {
    let gw = TestGateway::start().await;
    let (mut browser, _, _) = with_passkey(&gw, "ada").await;
    browser.add_passkey(&gw).await;
    // Beside a passkey the password can go.
    let accounts: Value = browser.get("/list-accounts").await.json().await.unwrap();
    browser.ok("/unlink-account", json!({ "accountId": accounts[0]["id"] })).await;
    let own = ids(&browser).await;
    let requests = own.iter().map(|id| {
        let (client, body) = (browser.client(), json!({ "id": id }));
        tokio::spawn(async move { client.auth("/passkey/delete-passkey", &body).await.status().as_u16() })
    });
    let mut statuses = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        statuses.push(request.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400], "of two at once, the second finds itself with the last");
    let last = ids(&browser).await.remove(0);
    let refused = browser.auth("/passkey/delete-passkey", json!({ "id": last })).await;
    expect_problem(refused, 400, "FAILED_TO_DELETE_LAST_PASSKEY").await;
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 1);
}
