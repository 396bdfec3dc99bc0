//! Everything that is stored about somebody, for themselves (DATA-01).

use serde_json::{Value, json};

use crate::harness::{
    TestGateway,
    client::{AUTH, expect_problem},
};

#[tokio::test]
async fn it_is_whole_and_opens_nothing() {
    let settings = json!({ "auth": {
        "rate_limits": { "export_data": { "limit": 2, "window": "1h" } },
        "api_keys": { "enabled": true },
        "organizations": { "enabled": true, "teams": { "enabled": true } },
    } });
    let gw = TestGateway::with(settings).await;
    let (ada, eve) = (gw.signed_up_user("ada").await, gw.signed_up_user("eve").await);
    gw.sign_in(&ada.email).await;
    let key: Value = ada.auth("/api-key/create", &json!({ "name": "nightly" })).await.json().await.unwrap();
    ada.auth("/organization/create", &json!({ "name": "Acme", "slug": "acme" })).await.error_for_status().unwrap();
    let export = async || ada.get(&format!("{AUTH}/export-data")).send().await.unwrap();
    let response = export().await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let text = response.text().await.unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&data["user"]["email"], &data["accounts"][0]["providerId"]), (&json!(ada.email), &json!("credential")));
    assert_eq!(data["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(data["knownDevices"].as_array().unwrap().len(), 1);
    assert_eq!((&data["apiKeys"][0]["name"], &data["organizations"][0]["slug"]), (&json!("nightly"), &json!("acme")));
    assert_eq!(data["teams"][0]["organizationId"], data["organizations"][0]["id"]);
    assert!(!text.contains(key["key"].as_str().unwrap()));
    assert!(data["events"].as_array().unwrap().iter().any(|event| event["event"] == "sign_up"));
    for secret in [ada.token.as_str(), "argon2", "$", &eve.id, &eve.email, "hash"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let recorded = "select count(*) from auth.audit_events where event = 'data_exported' and actor = user_id";
    assert_eq!(gw.db.count(recorded).await, 1);
    assert_eq!(gw.anonymous().get(&format!("{AUTH}/export-data")).send().await.unwrap().status(), 401);
    assert_eq!(export().await.status(), 200);
    expect_problem(export().await, 429, "TOO_MANY_REQUESTS").await;
    gw.db.execute("update auth.sessions set created_at = created_at - interval '25 hours'").await;
    expect_problem(export().await, 403, "SESSION_NOT_FRESH").await;
}
