//! Tests what administrators see beside users: organizations, ways to sign in, and how the gateway is.

use serde_json::json;

use super::{gateway, get, read};
use crate::harness::client::expect_problem;

#[tokio::test]
async fn organizations_ways_to_sign_in_and_health_are_shown() {
    let gw = gateway().await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("ada", &[]).await);
    gw.db
        .execute(
            "insert into auth.organizations (id, name, slug, created_at)
            values ('o1', 'Acme', 'acme', now()), ('o2', 'B', 'b', now())",
        )
        .await;
    gw.db
        .execute(
            "insert into auth.organization_members (id, organization_id, user_id, roles, created_at)
            select 'm1', 'o1', id, '{owner}', now() from auth.users where name = 'ada'",
        )
        .await;
    let first = read(&root, "list-organizations?limit=1").await;
    assert_eq!((&first["organizations"][0]["memberCount"], &first["nextCursor"]), (&json!(1), &json!("o1")));
    let second = read(&root, "list-organizations?limit=1&cursor=o1").await;
    assert_eq!((&second["organizations"][0]["slug"], &second["nextCursor"]), (&json!("b"), &json!(null)));
    assert_eq!(read(&root, "list-organizations?searchValue=ACM").await["organizations"].as_array().unwrap().len(), 1);
    let acme = read(&root, "get-organization?id=acme").await;
    assert_eq!((&acme["members"][0]["userId"], &acme["total"]), (&json!(ada.id), &json!(1)));
    expect_problem(get(&root, "get-organization?id=none").await, 404, "ORGANIZATION_NOT_FOUND").await;

    let methods = read(&root, &format!("list-user-sign-in-methods?id={}", ada.id)).await;
    assert_eq!((&methods["twoFactor"], &methods["backupCodes"]), (&json!(null), &json!(0)));
    assert!(methods["accounts"].is_array() && methods["passkeys"].is_array());
    expect_problem(get(&root, "list-user-sign-in-methods?id=none").await, 404, "USER_NOT_FOUND").await;

    let health = read(&root, "health").await;
    assert_eq!((&health["stoppedTasks"], &health["configuration"]["newest"]), (&json!([]), &json!(true)));
    assert!(health["upstreams"].as_array().unwrap().iter().all(|server| server["up"] == true));
    let text = health["configuration"]["text"].as_str().unwrap();
    assert!(text.contains("public_url") && !text.contains("postgres://"), "{text}");
    let recorded = "select count(distinct event) from auth.audit_events where event in ('organizations_listed', \
                    'organization_viewed', 'user_viewed', 'health_viewed') and actor is not null";
    assert_eq!(gw.db.count(recorded).await, 4);
}
