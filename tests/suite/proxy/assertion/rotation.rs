//! A new secret takes over while assertions of the old one still verify.

use serde_json::json;

use super::{assertion, key_id, keys, verified};
use crate::harness::{TestGateway, gateway::SECRET};

const NEW_SECRET: &str = "another-suite-secret-another-suite-secret-987654";

#[tokio::test]
async fn replicas_sign_with_one_key() {
    let gw = super::gateway().await;
    let replica = TestGateway::with(json!({ "identity": { "assertion": {} } })).await;
    assert_eq!(keys(&gw).await, keys(&replica).await);
}

#[tokio::test]
async fn the_first_secret_signs_and_all_are_published() {
    let secrets = json!([{ "env": "FIRST_SECRET" }, { "env": "AUTHGATE_SECRET" }]);
    let mut gw = super::gateway().await;
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!(alice.status("/items").await, 200);
    let old = assertion(&gw).unwrap();
    let old_keys = keys(&gw).await;

    let path = gw.directory.path().join("gateway.yaml");
    let mut config: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    config["secret"] = secrets;
    std::fs::write(&path, config.to_string()).unwrap();
    gw.restart(|command| {
        command.env("FIRST_SECRET", NEW_SECRET).env("AUTHGATE_SECRET", SECRET);
    })
    .await;

    let keys = keys(&gw).await;
    assert_eq!(keys.len(), 4, "two secrets, and a key of each for the tokens that clients ask for");
    assert!(verified(&old, &keys).is_some(), "what was signed before the change still verifies");
    assert_eq!(alice.status("/items").await, 200);
    let new = assertion(&gw).unwrap();
    assert!(verified(&new, &keys).is_some());
    assert_eq!(
        (key_id(&new), key_id(&old)),
        (keys[2]["kid"].as_str().unwrap().into(), keys[3]["kid"].as_str().unwrap().into())
    );
    assert!(verified(&new, &old_keys).is_none(), "who kept the old set asks again");
}
