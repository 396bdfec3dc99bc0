//! What a reset ends (MAIL-05, SESS-08).

use serde_json::json;

use super::{NEW, reset, reset_token, sign_in};
use crate::harness::{TestGateway, client::expect_problem};

#[tokio::test]
async fn every_session_ends_on_every_route() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let phone = gw.sign_in(&alice.email).await;
    let bob = gw.signed_up_user("bob").await;
    assert_eq!(alice.status("/items").await, 200);
    let token = reset_token(&gw, &alice.email, 2).await;
    assert_eq!(alice.status("/items").await, 200, "asking ends nothing");
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
    for client in [(*alice).clone(), (*phone).clone(), phone.bearer()] {
        assert_eq!(client.status("/items").await, 401);
        assert!(client.session().await.is_null());
    }
    assert_eq!(bob.status("/items").await, 200, "somebody else's goes on");
    assert_eq!(sign_in(&gw.anonymous(), &alice.email, NEW).await, 200);
}

#[tokio::test]
async fn the_newest_link_wins() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let first = reset_token(&gw, &email, 2).await;
    let second = reset_token(&gw, &email, 3).await;
    expect_problem(reset(&gw, &first, NEW).await, 400, "INVALID_TOKEN").await;
    assert_eq!(reset(&gw, &second, NEW).await.status(), 200);
}

#[tokio::test]
async fn every_other_pending_link_dies() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    gw.sign_up("bob").await;
    let first = reset_token(&gw, &email, 2).await;
    let second = reset_token(&gw, &email, 3).await;
    // As if the first had not been replaced.
    gw.db.execute("update auth.verifications set expires_at = now() + interval '1 hour'").await;
    for (id, purpose) in [("v1", "change-email"), ("v2", "delete-user")] {
        sqlx::query(
            "insert into auth.verifications (id, purpose, token_hash, user_id, created_at, expires_at)
             select $1, $2, sha256($1::bytea), id, now(), now() + interval '1 hour' from auth.users where email = $3",
        )
        .bind(id)
        .bind(purpose)
        .bind(&email)
        .execute(&mut gw.db.connect().await)
        .await
        .unwrap();
    }
    assert_eq!(reset(&gw, &second, NEW).await.status(), 200);
    expect_problem(reset(&gw, &first, "yet another phrase").await, 400, "INVALID_TOKEN").await;
    assert_eq!(gw.db.count("select count(*) from auth.verifications").await, 1, "bob's verification is left");
    assert_eq!(sign_in(&gw.anonymous(), &email, NEW).await, 200);
}

#[tokio::test]
async fn a_changed_password_ends_reset_links() {
    let gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    let token = reset_token(&gw, &alice.email, 2).await;
    let body = json!({ "newPassword": NEW, "currentPassword": crate::harness::PASSWORD });
    assert_eq!(alice.auth("/change-password", &body).await.status(), 200);
    expect_problem(reset(&gw, &token, "yet another phrase").await, 400, "INVALID_TOKEN").await;
}
