//! One's own account: changed, moved to another address, looked at, deleted.

mod accounts;
mod additional_fields;
mod avatars;
mod change_email;
mod change_email_effects;
mod consent;
mod delete;
mod delete_by_mail;
mod ended_sessions;
mod export;
mod proofs;
mod races;
mod undo;
mod undo_reservation;
mod update;
mod withdrawals;

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Client, TestGateway, client::AUTH, eventually, mail::Mail};

/// Makes every session old enough for sensitive operations to be refused.
const AGE_SESSIONS: &str = "update auth.sessions set created_at = now() - interval '25 hours'";

/// Makes every session too old for what would lock its owner out.
const AGE_ELEVEN_MINUTES: &str = "update auth.sessions set created_at = now() - interval '11 minutes'";

/// Asks for another address, which is always granted.
async fn ask_to_change(client: &Client, new: &str) {
    let response = client.auth("/change-email", &json!({ "newEmail": new })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
}

/// The mail to a new address, after it was asked for.
async fn change_mail(gw: &TestGateway, client: &Client, new: &str) -> Mail {
    let before = gw.mail.all_to(new).len();
    ask_to_change(client, new).await;
    gw.mail.nth_to(new, before + 1).await
}

/// Presses the button of the page that a mailed link leads to, which sends the token to the page's own path.
async fn press(gw: &TestGateway, link: &url::Url) -> Response {
    let request = gw.anonymous().post(link.path()).header("Content-Type", "application/x-www-form-urlencoded");
    request.body(link.query().unwrap_or_default().to_owned()).send().await.unwrap()
}

/// The link of the n-th notice to an address that it was left, which undoes that.
async fn undo_link(gw: &TestGateway, email: &str, n: usize) -> url::Url {
    let notices = async || {
        let notices = gw.mail.all_to(email).into_iter().filter(|mail| mail.subject.contains("was changed"));
        notices.map(|mail| mail.link()).nth(n - 1)
    };
    eventually(&format!("notice {n} of a change to {email}"), notices).await
}

/// Returns what the API makes of a mailed token.
async fn verify(client: &Client, token: &str) -> Response {
    client.get(&format!("{AUTH}/verify-email?token={token}")).send().await.unwrap()
}

/// The address that the session shows.
async fn email_of(client: &Client) -> Value {
    client.session().await["user"]["email"].clone()
}

/// Returns the change that is not proved yet.
async fn pending(client: &Client) -> Value {
    client.get(&format!("{AUTH}/pending-email-change")).send().await.unwrap().json().await.unwrap()
}

/// One more way to sign in; its id.
async fn insert_account(gw: &TestGateway, user_id: &str, provider: &str) -> String {
    let id = format!("account-{}", uuid::Uuid::now_v7());
    sqlx::query(
        "insert into auth.accounts
             (id, user_id, provider_id, account_id, access_token, scopes, created_at, updated_at)
         values ($1, $2, $3, 'subject-of-' || $2, 'sealed', '{email,profile}', now(), now())",
    )
    .bind(&id)
    .bind(user_id)
    .bind(provider)
    .execute(&mut gw.db.connect().await)
    .await
    .expect("an account can be inserted");
    id
}
