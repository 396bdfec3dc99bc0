//! Whose account an identity opens (contract §10, OAUTH-06, OAUTH-09).

use serde_json::{Value, json};

use super::{arrive, assert_refused, begin_at, cookie_of, gateway_with, location, signed_in, visit, walk};
use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
    idp::Idp,
};

#[tokio::test]
async fn an_address_that_both_sides_proved_links() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let ada = gw.signed_up_user("ada").await;
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/in", "nobody new");
    assert_eq!(signed_in(&gw, &response).session().await["user"]["id"], ada.id.as_str());
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'account_linked'").await, 1);
    gw.sign_in(&ada.email).await;
    let own: Vec<Value> = ada.get(&format!("{AUTH}/list-accounts")).send().await.unwrap().json().await.unwrap();
    assert_eq!((own.len(), &own[1]["providerId"], &own[1]["accountId"]), (2, &json!("acme"), &json!("ada-1")));
    assert_eq!(own[1]["scopes"], json!(["openid", "email", "profile"]));
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_vouch_for_opens_nothing() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for verified in [json!(false), json!(null), json!("yes"), json!(1)] {
        idp.claim(&json!({ "email_verified": verified }));
        // The same for an address that has an account and for one that has none.
        assert_refused(&gw, &walk(&gw).await, "email_not_verified").await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    gw.verified_user("ada").await;
    assert_refused(&gw, &walk(&gw).await, "email_not_verified").await;
}

/// The pre-registration attack: somebody signs up with an address that is not theirs and waits for its owner.
#[tokio::test]
async fn who_signed_up_with_anothers_address_keeps_nothing_of_it() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    gw.sign_up("ada").await;
    let mail = gw.mail.to("ada@example.com").await;
    // Even a session, by whatever way.
    let id: String =
        sqlx::query_scalar("select id from auth.users").fetch_one(&mut gw.db.connect().await).await.unwrap();
    let attacker = gw.anonymous().with_bearer(&gw.insert_session(&id).await);
    let response = walk(&gw).await;
    let ada = signed_in(&gw, &response);
    let user = ada.session().await["user"].clone();
    assert_eq!((&user["emailVerified"], &user["name"]), (&json!(true), &json!("Ada Lovelace")));
    assert_eq!(attacker.session().await, Value::Null);
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    expect_problem(gw.anonymous().auth("/sign-in/email", &body).await, 401, "INVALID_EMAIL_OR_PASSWORD").await;
    assert!(gw.confirm(&mail).await.status().is_client_error(), "the mailed link is void");
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 1);
}

#[tokio::test]
async fn without_mandatory_proof_an_unproved_account_stays_whose_it_is() {
    let idp = Idp::start().await;
    let auth = json!({ "social": { "acme": idp.config() }, "email_verification": { "required": false } });
    let gw = TestGateway::with(json!({ "auth": auth })).await;
    gw.sign_up("ada").await;
    let response = walk(&gw).await;
    assert_eq!(location(&response), "/out?error=account_not_linked");
    assert!(cookie_of(&response, gw.cookie_name()).is_none());
    let page = gw.anonymous().get(&format!("{AUTH}/error?error=account_not_linked")).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Sign in to it in the way you did before"));
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_account() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let all = [walk(&gw), walk(&gw), walk(&gw), walk(&gw)];
    for response in futures_util::future::join_all(all).await {
        assert!(cookie_of(&response, gw.cookie_name()).is_some(), "{}", location(&response));
    }
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
}

const TARGETS: fn() -> Value = || json!({ "callbackURL": "/in", "errorCallbackURL": "/out" });

/// Links as a browser with these cookies on the way back.
async fn link(gw: &TestGateway, client: &Client, session: &str) -> String {
    let begun = begin_at(client, "/link-social", "acme", TARGETS()).await;
    let cookies = format!("{}; {}={session}", begun.cookie, gw.cookie_name());
    location(&arrive(gw, &visit(&begun).await, &cookies).await).to_owned()
}

#[tokio::test]
async fn one_links_ones_own_account() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let ada = gw.insert_user("ada", &[]).await;
    assert_eq!(link(&gw, &ada, &ada.token).await, "/in");
    assert_eq!(link(&gw, &ada, &ada.token).await, "/in", "again changes nothing");
    assert_eq!(gw.db.count("select count(*) from auth.accounts where provider_id = 'acme'").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, 1, "linking opens no session");
    // With a bearer token there is no cookie of a session on the way back.
    let begun = begin_at(&ada.bearer(), "/link-social", "acme", TARGETS()).await;
    assert_eq!(location(&arrive(&gw, &visit(&begun).await, &begun.cookie).await), "/in");
}

#[tokio::test]
async fn nobody_links_to_anybody_else() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    assert_eq!(link(&gw, &ada, &bob.token).await, "/out?error=unable_to_link_account", "another's cookie");
    assert_eq!(link(&gw, &bob, &bob.token).await, "/out?error=email_does_not_match");
    idp.claim(&json!({ "email_verified": false }));
    assert_eq!(link(&gw, &ada, &ada.token).await, "/out?error=email_not_verified");
    idp.claim(&json!({ "email_verified": true }));
    let begun = begin_at(&ada, "/link-social", "acme", TARGETS()).await;
    let path = visit(&begun).await;
    gw.db.execute("delete from auth.sessions where user_id in (select id from auth.users where name = 'ada')").await;
    let response = arrive(&gw, &path, &begun.cookie).await;
    assert_eq!(location(&response), "/out?error=unable_to_link_account", "signed out meanwhile");
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 0);

    let ada = gw.anonymous().with_bearer(&gw.insert_session(&ada.id).await);
    let begun = begin_at(&ada, "/link-social", "acme", TARGETS()).await;
    assert_eq!(location(&arrive(&gw, &visit(&begun).await, &begun.cookie).await), "/in");
    idp.claim(&json!({ "email": "bob@example.com" }));
    assert_eq!(link(&gw, &bob, &bob.token).await, "/out?error=account_already_linked_to_different_user");
}

#[tokio::test]
async fn linking_takes_a_fresh_session() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let ada = gw.insert_user("ada", &[]).await;
    let body = json!({ "provider": "acme" });
    expect_problem(gw.anonymous().auth("/link-social", &body).await, 401, "UNAUTHORIZED").await;
    gw.db.execute("update auth.sessions set created_at = now() - interval '25 hours'").await;
    expect_problem(ada.auth("/link-social", &body).await, 403, "SESSION_NOT_FRESH").await;
}

#[tokio::test]
async fn a_provider_that_vouches_later_ends_what_others_put_there() {
    let idp = Idp::start().await;
    let auth = json!({ "social": { "acme": idp.config() }, "email_verification": { "required": false } });
    let gw = TestGateway::with(json!({ "auth": auth })).await;
    idp.claim(&json!({ "email_verified": false }));
    let before = signed_in(&gw, &walk(&gw).await);
    assert_eq!(before.session().await["user"]["emailVerified"], false);
    for provider in ["other", "credential"] {
        let linked =
            "insert into auth.accounts (id, user_id, provider_id, account_id, password_hash, created_at, updated_at)
                      select $1, id, $1, case $1 when 'credential' then id else 'mallory-1' end,
                          case $1 when 'credential' then 'x' end, now(), now() from auth.users";
        sqlx::query(linked).bind(provider).execute(&mut gw.db.connect().await).await.unwrap();
    }
    idp.claim(&json!({ "email_verified": true }));
    let owner = signed_in(&gw, &walk(&gw).await);
    assert_eq!(owner.session().await["user"]["emailVerified"], true);
    assert_eq!(before.session().await, Value::Null);
    let left: Vec<String> = sqlx::query_scalar("select provider_id from auth.accounts")
        .fetch_all(&mut gw.db.connect().await)
        .await
        .unwrap();
    assert_eq!(left, ["acme"]);
}
