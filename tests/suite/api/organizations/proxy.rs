//! Upstreams are told of the organization that a session works in, and routes ask for roles in it (ORG-01).

use serde_json::{Value, json};

use super::{active, config, done, founded, gateway, joined};
use crate::harness::{
    Reply, TestGateway, User,
    client::{AUTH, claims, expect_problem},
    eventually,
};

const NAMES: [&str; 3] = ["X-Org-Id", "X-Org-Slug", "X-Org-Role"];

const NOTHING: [Vec<String>; 3] = [Vec::new(), Vec::new(), Vec::new()];

/// Returns what the upstream was told with the last request.
fn told(gw: &TestGateway) -> [Vec<String>; 3] {
    let last = gw.upstream.last();
    NAMES.map(|name| last.all(name).into_iter().map(str::to_owned).collect())
}

async fn token(user: &User) -> String {
    let response = user.get(&format!("{AUTH}/token")).send().await.unwrap();
    response.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn upstreams_are_told_the_membership_of_the_moment() {
    let assertion = json!({ "identity": { "assertion": { "audience": "api" } } });
    let gw = gateway(assertion).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    let forged = async |path: &str| {
        let mut request = bob.get(path);
        for name in ["X-Org-Id", "x_org_role", "X-Org-Slug", "X.Org.Role"] {
            request = request.header(name, "owner");
        }
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
    };
    for path in ["/items", "/public/x"] {
        forged(path).await;
        assert_eq!(told(&gw), NOTHING, "{path}: none is active");
    }
    let acme = founded(&ada, "acme").await;
    let member = joined(&ada, &acme, &bob, "member").await;
    forged("/items").await;
    assert_eq!(told(&gw), [vec![acme.clone()], vec!["acme".to_owned()], vec!["member".to_owned()]]);
    let signed = claims(gw.upstream.last().field("X-Identity-Assertion").unwrap());
    assert_eq!(
        (&signed["org_id"], &signed["org_slug"], &signed["org_role"]),
        (&json!(acme), &json!("acme"), &json!("member"))
    );
    let jwt = token(&bob).await;
    assert_eq!((&claims(&jwt)["org_id"], &claims(&jwt)["org_role"]), (&json!(acme), &json!("member")));

    // Roles, the slug and the membership count at the very next request, whatever the token says.
    let refused = bob.get("/manage/x").send().await.unwrap();
    expect_problem(refused, 403, "ORGANIZATION_ROLE_REQUIRED").await;
    done(&ada, "/update-member-role", json!({ "memberId": member, "role": "admin" })).await;
    assert_eq!(bob.status("/manage/x").await, 200);
    done(&ada, "/update", json!({ "data": { "slug": "other" } })).await;
    assert_eq!(gw.anonymous().with_bearer(&jwt).status("/manage/x").await, 200);
    assert_eq!(told(&gw), [vec![acme.clone()], vec!["other".to_owned()], vec!["admin".to_owned()]]);
    assert_eq!(claims(gw.upstream.last().field("X-Identity-Assertion").unwrap())["org_slug"], "other");
    done(&ada, "/remove-member", json!({ "memberIdOrEmail": member })).await;
    assert_eq!(bob.status("/manage/x").await, 403);
    assert_eq!(gw.anonymous().with_bearer(&jwt).status("/manage/x").await, 403);
    assert_eq!((bob.status("/items").await, told(&gw)), (200, NOTHING));
    assert_eq!(claims(&token(&bob).await).get("org_id"), None);

    // A role elsewhere, or in an organization that is not active, is none here.
    founded(&bob, "bobs").await;
    assert_eq!(bob.status("/manage/x").await, 200);
    done(&bob, "/set-active", json!({ "organizationId": null })).await;
    assert_eq!((active(&bob).await, bob.status("/manage/x").await), (Value::Null, 403));
    done(&bob, "/set-active", json!({ "organizationSlug": "bobs" })).await;
    assert_eq!((bob.status("/manage/x").await, &told(&gw)[1]), (200, &vec!["bobs".to_owned()]));
    let denied = gw.metric("authgate_access_denied_total{reason=\"missing_organization_role\"}").await;
    assert_eq!(denied.to_string(), "4");
}

#[tokio::test]
async fn whoever_is_removed_loses_streams_of_routes_that_ask_for_a_role_on_every_replica() {
    let gw = gateway(json!({})).await;
    let replica = gw.replica_with(config(&json!({}))).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    let acme = founded(&ada, "acme").await;
    joined(&ada, &acme, &bob, "admin").await;
    let open = async |gw: &TestGateway, path: &str, user: &User| {
        gw.upstream.reply(path, Reply::WebSocket);
        let bearer = format!("Bearer {}", user.token);
        let mut socket = gw.websocket(path, &[("Authorization", &bearer), ("Origin", gw.origin())]).await.unwrap();
        assert!(socket.text().await.is_some(), "the greeting");
        socket
    };
    let mut here = open(&gw, "/manage/ws", &bob).await;
    let mut there = open(&replica, "/manage/ws", &bob).await;
    let mut others = [open(&gw, "/ws", &bob).await, open(&replica, "/manage/ws", &ada).await];
    done(&ada, "/remove-member", json!({ "memberIdOrEmail": bob.email })).await;
    for socket in [&mut here, &mut there] {
        assert_eq!(socket.closed().await, Some(4401));
    }
    for other in &mut others {
        other.send("still there").await;
        assert_eq!(other.text().await.as_deref(), Some("still there"));
    }
}

#[tokio::test]
async fn a_remembered_check_does_not_outlive_a_change() {
    let cached = json!({ "auth": { "session": { "check": { "mode": "cached", "max_staleness": "5s" } } } });
    let gw = gateway(cached).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    let acme = founded(&ada, "acme").await;
    joined(&ada, &acme, &bob, "admin").await;
    eventually("the cache is trusted", async || {
        assert_eq!(bob.status("/manage/x").await, 200);
        (gw.metric("authgate_session_checks_cached_total").await > 0.0).then_some(())
    })
    .await;
    // Nothing but the notification can tell: each is known long before the entry is too old.
    for (change, path, expected) in [
        ("update auth.organization_members set roles = '{member}' where roles = '{admin}'", "/manage/x", 403),
        ("update auth.organization_members set roles = '{admin}' where roles = '{member}'", "/manage/x", 200),
        ("delete from auth.organization_members where roles = '{admin}'", "/manage/x", 403),
    ] {
        gw.db.execute(change).await;
        let changed = std::time::Instant::now();
        eventually(change, async || (bob.status(path).await == expected).then_some(())).await;
        assert!(changed.elapsed() < std::time::Duration::from_secs(4), "{change}");
    }
    gw.db.execute("update auth.organizations set slug = 'new'").await;
    eventually("the slug", async || {
        assert_eq!(ada.status("/items").await, 200);
        (told(&gw)[1] == ["new"]).then_some(())
    })
    .await;
}
