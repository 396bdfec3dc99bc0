//! Mails are counted by who receives them (MAIL-13, MAIL-14), also of many requests at once, and strangers cannot use up
//! an owner's way out (BRUTE-10).

use reqwest::Response;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{address, behind_a_proxy, right};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, set_cookies},
};

const RESETS: &str = "select count(*) from auth.verifications where purpose = 'reset-password'";

async fn ask_from(client: &Client, n: usize, path: &str, body: &Value) -> Response {
    let request = client.post(&format!("{AUTH}{path}")).header("X-Forwarded-For", address(n));
    let response = request.json(body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}: excess is silently accepted");
    response
}

/// Mails to an address, once none waits any more.
async fn mails_to(gw: &TestGateway, email: &str) -> usize {
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    gw.mail.all_to(email).len()
}

/// Rows and live links of the user with the most of each.
async fn most(gw: &TestGateway, purpose: &str) -> (i64, i64) {
    sqlx::query_as(
        "select max(all_rows), max(live) from (
             select count(*) as all_rows, count(*) filter (where expires_at > now()) as live
             from auth.verifications where purpose = $1 group by user_id) per_user",
    )
    .bind(purpose)
    .fetch_one(&mut gw.db.connect().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn many_requests_at_once_leave_three_mails_and_one_live_link() {
    let gw = TestGateway::start().await;
    for n in 0..4 {
        gw.insert_user(&format!("user{n}"), &[]).await;
    }
    gw.sign_up("pending").await;
    let mut tasks = JoinSet::new();
    let mut ask = |path: &'static str, body: Value| {
        let client = gw.anonymous();
        tasks.spawn(async move { client.auth(path, &body).await.status().as_u16() });
    };
    for n in 0..80 {
        ask("/request-password-reset", json!({ "email": format!("user{}@example.com", n % 4) }));
    }
    for n in 0..20 {
        ask("/send-verification-email", json!({ "email": "pending@example.com" }));
        // Few of these, since each takes a turn at hashing.
        for email in ["pending@example.com", "user0@example.com"].iter().filter(|_| n % 4 == 0) {
            ask("/sign-up/email", json!({ "name": "x", "email": email, "password": "some other phrase" }));
        }
    }
    let statuses = tasks.join_all().await;
    // Some are shed because of the hurry.
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    for purpose in ["reset-password", "verify-email"] {
        assert_eq!(most(&gw, purpose).await, (3, 1), "{purpose}");
    }
    let (told, live) = most(&gw, "account-exists").await;
    assert!(told <= 3 && live == 1, "{told} {live}");
    assert_eq!(gw.db.count(RESETS).await, 4 * 3);
}

#[tokio::test]
async fn the_link_that_was_written_last_wins_whatever_the_clocks_say() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let body = json!({ "email": alice.email });
    gw.anonymous().auth("/request-password-reset", &body).await;
    // It was written by a replica whose clock is a minute ahead.
    gw.db
        .execute(
            "update auth.verifications
             set created_at = created_at + interval '1 minute', expires_at = expires_at + interval '1 minute'",
        )
        .await;
    gw.anonymous().auth("/request-password-reset", &body).await;
    assert_eq!(most(&gw, "reset-password").await, (2, 1));
}

#[tokio::test]
async fn a_bystander_is_not_bombed_by_many_accounts() {
    let gw = TestGateway::start().await;
    let mut tasks = JoinSet::new();
    for n in 0..4 {
        let user = gw.insert_user(&format!("user{n}"), &[]).await;
        for _ in 0..3 {
            let user = user.clone();
            let body = json!({ "newEmail": "bystander@example.org" });
            tasks.spawn(async move { user.auth("/change-email", &body).await.status().as_u16() });
        }
    }
    assert_eq!(tasks.join_all().await, [200; 12]);
    assert_eq!(mails_to(&gw, "bystander@example.org").await, 3);
    let notices = gw.mail.all().len() - 3;
    assert_eq!(notices, 3, "what nobody gets is told to nobody");
}

#[tokio::test]
async fn a_taken_address_counts_like_a_free_one() {
    let gw = TestGateway::start().await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    gw.insert_user("taken", &[]).await;
    for (n, address) in ["taken@example.com", "free@example.com"].into_iter().enumerate() {
        gw.db.execute("delete from auth.verifications").await;
        for user in [&alice, &alice, &alice, &bob] {
            assert_eq!(user.auth("/change-email", &json!({ "newEmail": address })).await.status(), 200);
        }
        assert_eq!(mails_to(&gw, &alice.email).await, 3 * (n + 1), "{address}");
        assert_eq!(mails_to(&gw, &bob.email).await, 0, "{address}");
    }
}

#[tokio::test]
async fn ten_foreign_requests_leave_the_owners_own_a_mail() {
    let gw = behind_a_proxy(json!({})).await;
    let alice = gw.insert_user("alice", &[]).await;
    let body = json!({ "email": alice.email });
    for _ in 0..10 {
        ask_from(&gw.anonymous(), 1, "/request-password-reset", &body).await;
    }
    assert_eq!(mails_to(&gw, &alice.email).await, 3);
    ask_from(&gw.anonymous(), 2, "/request-password-reset", &body).await;
    assert_eq!(mails_to(&gw, &alice.email).await, 4);
    // The stranger's day is over, the owner's is not.
    gw.db.execute("update auth.verifications set created_at = created_at - interval '2 hours'").await;
    gw.db
        .execute(
            "insert into auth.verifications
                 (id, purpose, token_hash, user_id, created_at, expires_at, recipient_hash, asked_by)
             select 'v' || n, purpose, sha256(n::text::bytea), user_id, created_at, now(), recipient_hash, asked_by
             from auth.verifications v, generate_series(1, 7) n
             where v.id = (select id from auth.verifications order by id limit 1)",
        )
        .await;
    ask_from(&gw.anonymous(), 1, "/request-password-reset", &body).await;
    assert_eq!(mails_to(&gw, &alice.email).await, 4);
    ask_from(&gw.anonymous(), 2, "/request-password-reset", &body).await;
    assert_eq!(mails_to(&gw, &alice.email).await, 5);
}

#[tokio::test]
async fn a_browser_that_was_signed_in_is_never_starved() {
    let gw = behind_a_proxy(json!({})).await;
    let email = gw.verified_user("alice").await;
    let response = gw.anonymous().auth("/sign-in/email", &right(&email)).await;
    let cookies = set_cookies(response.headers());
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("authgate_device=")).unwrap();
    let known = gw.anonymous().with_cookie(cookie.split(';').next().unwrap());
    let body = json!({ "email": email });
    for n in 0..20 {
        ask_from(&gw.anonymous(), n, "/request-password-reset", &body).await;
    }
    assert_eq!(mails_to(&gw, &email).await, 1 + 5, "five in all for strangers");
    ask_from(&known, 1, "/request-password-reset", &body).await;
    assert_eq!(mails_to(&gw, &email).await, 1 + 6);
}

#[tokio::test]
async fn where_no_link_works_any_more_one_is_sent() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let used_up = "insert into auth.verifications (id, purpose, token_hash, user_id, created_at, expires_at)
                   select 'v' || n, 'reset-password', sha256(n::text::bytea), id, now() - interval '2 hours', now()
                   from auth.users, generate_series(1, 30) n";
    assert_eq!(gw.db.execute(used_up).await, 30);
    for _ in 0..3 {
        let asked = gw.anonymous().auth("/request-password-reset", &json!({ "email": alice.email })).await;
        assert_eq!(asked.status(), 200);
    }
    assert_eq!(mails_to(&gw, &alice.email).await, 1, "one an hour");
}

#[tokio::test]
async fn one_kind_does_not_starve_another() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    for n in 0..6 {
        gw.anonymous()
            .auth("/sign-up/email", &json!({ "name": "x", "email": email, "password": "some other phrase" }))
            .await;
        if n > 2 {
            gw.anonymous().auth("/request-password-reset", &json!({ "email": email })).await;
        }
    }
    assert_eq!(mails_to(&gw, &email).await, 1 + 3 + 3);
}
