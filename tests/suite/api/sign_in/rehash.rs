//! Hashes of other parameters are replaced when their owner signs in (PASS-05).

use serde_json::json;

use crate::harness::TestGateway;

/// Is the hash of `password`, by the reference implementation with little memory.
const OLD: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const CURRENT: &str = "select count(*) from auth.accounts where password_hash like '$argon2id$v=19$m=19456,t=2,p=1$%'";

#[tokio::test]
async fn an_old_hash_is_replaced_by_the_right_password_only() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let mut connection = gw.db.connect().await;
    sqlx::query("update auth.accounts set password_hash = $1").bind(OLD).execute(&mut connection).await.unwrap();
    let sign_in = async |password: &str| {
        let body = json!({ "email": email, "password": password });
        gw.anonymous().auth("/sign-in/email", &body).await.status().as_u16()
    };
    assert_eq!(sign_in("Password").await, 401);
    assert_eq!(gw.db.count(CURRENT).await, 0);
    assert_eq!(sign_in("password").await, 200);
    assert_eq!(gw.db.count(CURRENT).await, 1);
    assert_eq!((sign_in("password").await, sign_in("Password").await), (200, 401));
}
