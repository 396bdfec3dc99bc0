//! Whose account an identity opens (contract §10, OAUTH-06, OAUTH-09).

use serde_json::{Value, json};

use super::{arrive, assert_refused, begin_at, cookie_of, gateway_with, location, signed_in, visit, walk};
use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
    idp::Idp,
    user::sign_up_cookie,
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

/// Selects what there is, whoever it belongs to.
const ALL: &str = "select count(*) from auth.users u left join auth.accounts a on a.user_id = u.id";

/// A provider that vouches for no address.
async fn start_unvouched() -> (Idp, TestGateway) {
    let idp = Idp::start().await;
    idp.claim(&json!({ "email_verified": false }));
    let gw = gateway_with(&idp).await;
    (idp, gw)
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_vouch_for_is_proved_by_mail() {
    for verified in [json!(false), json!(null), json!("yes"), json!(1)] {
        let idp = Idp::start().await;
        idp.claim(&json!({ "email_verified": verified }));
        let gw = gateway_with(&idp).await;
        let response = walk(&gw).await;
        assert_eq!(location(&response), "/out?error=email_not_verified", "{verified}");
        assert!(cookie_of(&response, gw.cookie_name()).is_none(), "no session");
        assert_eq!(gw.db.count("select count(*) from auth.users where not email_verified").await, 1);
        let mail = gw.mail.to("ada@example.com").await;
        let browser = gw.anonymous().with_cookie(sign_up_cookie(&response).expect("the browser keeps the identity"));
        let proved = browser.confirm(&[("token", &mail.token())]).await;
        assert_eq!(proved.status(), 303, "{verified}");
        assert_eq!(proved.headers()["location"], "/in", "where the sign-in was to lead");
        let response = walk(&gw).await;
        assert_eq!(location(&response), "/in", "{verified}");
        let user = signed_in(&gw, &response).session().await["user"].clone();
        assert_eq!((&user["email"], &user["emailVerified"]), (&json!("ada@example.com"), &json!(true)));
    }
}

#[tokio::test]
async fn whoever_proves_it_elsewhere_gets_nothing_of_a_strangers_identity() {
    let (_idp, gw) = start_unvouched().await;
    walk(&gw).await;
    let mail = gw.mail.to("ada@example.com").await;
    let page = gw.anonymous().get(&mail.link().to_string()[gw.origin().len()..]).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("name=\"password\""), "there is no other way in");
    let own = "the owner's own words";
    let proved = gw.anonymous().confirm(&[("token", &mail.token()), ("password", own)]).await;
    assert!(proved.status().as_u16() < 400);
    assert_eq!(gw.db.count("select count(*) from auth.accounts where provider_id = 'acme'").await, 0);
    let body = json!({ "email": "ada@example.com", "password": own });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &body).await.status(), 200);
    assert_eq!(location(&walk(&gw).await), "/out?error=account_not_linked");
}

#[tokio::test]
async fn an_address_that_has_an_account_is_left_alone() {
    let (_idp, gw) = start_unvouched().await;
    gw.sign_up("ada").await;
    let mail = gw.mail.to("ada@example.com").await;
    assert_refused(&gw, &walk(&gw).await, "account_not_linked").await;
    assert!(gw.confirm(&mail).await.status().as_u16() < 400, "the mail that was on its way works");
    let unchanged = "select count(*) from auth.users u join auth.accounts a on a.user_id = u.id
                     where u.name = 'ada' and u.email_verified and a.provider_id = 'credential'";
    for _ in 0..2 {
        assert_refused(&gw, &walk(&gw).await, "account_not_linked").await;
        assert_eq!((gw.db.count(ALL).await, gw.db.count(unchanged).await), (1, 1));
    }
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert_eq!(gw.mail.all_to("ada@example.com").len(), 1, "nobody is told anything");
}

#[tokio::test]
async fn until_the_proof_every_way_in_asks_for_it_and_mails_once() {
    let (idp, gw) = start_unvouched().await;
    let first = walk(&gw).await;
    assert_eq!(location(&walk(&gw).await), "/out?error=email_not_verified");
    let body = json!({ "provider": "acme", "idToken": { "token": idp.id_token(None) } });
    let response = gw.anonymous().auth("/sign-in/social", &body).await;
    let kept = sign_up_cookie(&response);
    expect_problem(response, 403, "EMAIL_NOT_VERIFIED").await;
    let mail = gw.mail.to("ada@example.com").await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to("ada@example.com").len(), 1, "the link that works is not replaced");
    assert_eq!((gw.db.count(ALL).await, gw.db.count("select count(*) from auth.sessions").await), (1, 0));
    assert!(sign_up_cookie(&first).is_some());
    let app = gw.anonymous().with_cookie(kept.expect("an app's web view keeps it too"));
    assert!(app.confirm(&[("token", &mail.token())]).await.status().as_u16() < 400);
    assert_eq!(gw.anonymous().auth("/sign-in/social", &body).await.status(), 200);
}

#[tokio::test]
async fn a_provider_that_vouches_later_needs_no_mail() {
    let (idp, gw) = start_unvouched().await;
    walk(&gw).await;
    let mail = gw.mail.to("ada@example.com").await;
    idp.claim(&json!({ "email_verified": true }));
    assert_eq!(location(&walk(&gw).await), "/in");
    assert!(gw.confirm(&mail).await.status().is_client_error(), "the mailed link is void");
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
async fn a_provider_that_vouches_leaves_no_field_that_a_stranger_filled_in() {
    let idp = Idp::start().await;
    let fields = json!({ "company": {}, "plan": { "default": "free", "input": false } });
    let auth = json!({ "social": { "acme": idp.config() }, "user": { "additional_fields": fields } });
    let gw = TestGateway::with(json!({ "auth": auth })).await;
    let body = json!({ "name": "ada", "email": "ada@example.com", "password": PASSWORD, "company": "evil" });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200);
    gw.db.execute("update auth.users set additional_fields = additional_fields || '{\"plan\": \"pro\"}'").await;
    let user = signed_in(&gw, &walk(&gw).await).session().await["user"].clone();
    assert_eq!((&user["company"], &user["plan"]), (&json!(null), &json!("pro")));
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
