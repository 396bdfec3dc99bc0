//! `POST /request-password-reset` and `POST /reset-password`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NEW, RESET_TOKENS, hashes, request_reset, reset, reset_token, sign_in, token_of};
use crate::harness::{
    PASSWORD, TestGateway,
    client::{AUTH, expect_problem, set_cookies},
    sha256_hex,
};

#[tokio::test]
async fn a_mailed_token_sets_a_new_password_once() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let token = reset_token(&gw, &email, 2).await;
    let row: String = sqlx::query_scalar("select v::text from auth.verifications v")
        .fetch_one(&mut gw.db.connect().await)
        .await
        .unwrap();
    assert!(!row.contains(&token) && row.contains(&sha256_hex(token.as_bytes())), "{row}");
    let lifetime = "select extract(epoch from expires_at - created_at)::bigint from auth.verifications";
    assert_eq!(gw.db.count(lifetime).await, 60 * 60);
    let response = reset(&gw, &token, NEW).await;
    assert_eq!(response.status(), 200);
    assert!(set_cookies(response.headers()).is_empty(), "a reset signs nobody in");
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true }));
    assert_eq!(sign_in(&gw.anonymous(), &email, PASSWORD).await, 401);
    assert_eq!(sign_in(&gw.anonymous(), &email, NEW).await, 200);
    expect_problem(reset(&gw, &token, "yet another phrase").await, 400, "INVALID_TOKEN").await;
    assert_eq!(sign_in(&gw.anonymous(), &email, NEW).await, 200);
}

#[tokio::test]
async fn the_owner_is_told_and_the_audit_log_knows() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let token = reset_token(&gw, &email, 2).await;
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
    let mail = gw.mail.nth_to(&email, 3).await;
    assert!(mail.subject.contains("password") && mail.subject.contains("changed"), "{}", mail.subject);
    assert!(!mail.raw.contains(NEW) && !mail.raw.contains(&token));
    let page = gw.anonymous().get(mail.link().path()).send().await.unwrap();
    assert_eq!(page.status(), 200, "the link leads to where a new one can be set");
    for event in ["password_reset_requested", "password_reset"] {
        let row = sqlx::query_scalar::<_, i64>(
            "select count(*) from auth.audit_events where event = $1 and outcome = 'success' and user_id is not null",
        );
        assert_eq!(row.bind(event).fetch_one(&mut gw.db.connect().await).await.unwrap(), 1, "{event}");
    }
}

#[tokio::test]
async fn the_token_may_come_in_the_query() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let token = reset_token(&gw, &email, 2).await;
    let path = format!("/reset-password?token={token}");
    assert_eq!(gw.anonymous().auth(&path, &json!({ "newPassword": NEW })).await.status(), 200);
}

#[tokio::test]
async fn every_address_gets_the_same_answer_in_the_same_time() {
    let gw = TestGateway::start().await;
    gw.verified_user("verified").await;
    gw.sign_up("pending").await;
    gw.verified_user("banned").await;
    gw.insert_user("social", &[]).await;
    gw.db.execute("update auth.users set banned_at = now() where email = 'banned@example.com'").await;
    let mut answers = Vec::new();
    for name in ["verified", "pending", "social", "banned", "nobody"] {
        let began = Instant::now();
        let body = json!({ "email": format!("{name}@example.com") });
        let response = gw.anonymous().auth("/request-password-reset", &body).await;
        let mut names: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((response.status().as_u16(), names, response.text().await.unwrap()));
        assert!(began.elapsed() >= Duration::from_millis(250), "{name}: {:?}", began.elapsed());
    }
    assert_eq!(answers[0].0, 200);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    for (name, mails) in [("verified", 2), ("pending", 2), ("social", 1), ("banned", 1), ("nobody", 0)] {
        assert_eq!(gw.mail.all_to(&format!("{name}@example.com")).len(), mails, "{name}");
    }
}

#[tokio::test]
async fn mail_goes_to_the_stored_address_alone() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    request_reset(&gw, "ALICE@Example.com").await;
    assert_eq!(gw.mail.nth_to(&email, 2).await.to, [email.as_str()]);
    for typed in ["alıce@example.com", "ａlice@example.com", "alice@example.com,eve@example.com", "a\r\nBcc: b@c.test"]
    {
        let response = gw.anonymous().auth("/request-password-reset", &json!({ "email": typed })).await;
        expect_problem(response, 400, "INVALID_EMAIL").await;
    }
    let response =
        gw.anonymous().auth("/request-password-reset", &json!({ "email": [email, "eve@example.com"] })).await;
    expect_problem(response, 400, "VALIDATION_ERROR").await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all().len(), 2);
}

#[tokio::test]
async fn nothing_of_the_request_gets_into_the_link() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let request = || gw.anonymous().post(&format!("{AUTH}/request-password-reset")).json(&json!({ "email": email }));
    for (name, value) in
        [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example"), ("X-Forwarded-Proto", "gopher")]
    {
        assert_eq!(request().header(name, value).send().await.unwrap().status(), 200, "{name}");
    }
    let refused = request().header("Host", "evil.example").send().await.unwrap();
    assert!(refused.status().is_client_error(), "{}", refused.status());
    for n in 2..=4 {
        let mail = gw.mail.nth_to(&email, n).await;
        assert!(mail.link().as_str().starts_with(&format!("{}{AUTH}/reset-password/", gw.origin())), "{}", mail.text);
        assert!(!mail.raw.contains("evil"), "{}", mail.raw);
    }
}

#[tokio::test]
async fn an_address_is_not_bombed() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    for _ in 0..6 {
        request_reset(&gw, &email).await;
    }
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    assert_eq!(gw.mail.all_to(&email).len(), 1 + 3);
    let token = token_of(gw.mail.all_to(&email).last().unwrap());
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200, "the last one sent still works");
}

#[tokio::test]
async fn only_a_live_reset_token_sets_a_password() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    gw.sign_up("bob").await;
    let verification = gw.mail.to("bob@example.com").await.token();
    let old = reset_token(&gw, &email, 2).await;
    let body = |token: Value| json!({ "newPassword": NEW, "token": token, "email": email, "userId": "x" });
    for token in [json!(verification), json!("A".repeat(43)), json!("short"), json!("")] {
        let response = gw.anonymous().auth("/reset-password", &body(token.clone())).await;
        expect_problem(response, 400, "INVALID_TOKEN").await;
    }
    let without = gw.anonymous().auth("/reset-password", &json!({ "newPassword": NEW, "email": email })).await;
    expect_problem(without, 400, "INVALID_TOKEN").await;
    let wrong = gw.anonymous().auth("/reset-password", &body(json!([old]))).await;
    expect_problem(wrong, 400, "VALIDATION_ERROR").await;
    expect_problem(gw.anonymous().auth("/reset-password", &json!({})).await, 400, "VALIDATION_ERROR").await;
    gw.db
        .execute("update auth.verifications set expires_at = now() - interval '1 ms' where purpose = 'reset-password'")
        .await;
    expect_problem(reset(&gw, &old, NEW).await, 400, "INVALID_TOKEN").await;
    assert_eq!(sign_in(&gw.anonymous(), &email, PASSWORD).await, 200);
    assert_eq!(gw.confirm_token(&verification).await.status(), 200, "the verification was not spent");
}

#[tokio::test]
async fn a_reset_token_proves_no_address() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    gw.mail.to(&email).await;
    let token = reset_token(&gw, &email, 2).await;
    let api = gw.anonymous().get(&format!("{AUTH}/verify-email?token={token}")).send().await.unwrap();
    expect_problem(api, 401, "INVALID_TOKEN").await;
    assert!(gw.confirm_token(&token).await.status().as_u16() >= 400);
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.users where email_verified").await, 0);
    assert_eq!(sign_in(&gw.anonymous(), &email, NEW).await, 403, "the address is still to be verified");
}

#[tokio::test]
async fn who_signs_in_elsewhere_gets_a_password() {
    let gw = TestGateway::start().await;
    let social = gw.insert_user("social", &[]).await;
    let token = reset_token(&gw, &social.email, 1).await;
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
    assert_eq!(sign_in(&gw.anonymous(), &social.email, NEW).await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.accounts where account_id = user_id").await, 1);
}

#[tokio::test]
async fn a_ban_holds_against_a_link_that_is_out() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let token = reset_token(&gw, &email, 2).await;
    gw.db.execute("update auth.users set banned_at = now()").await;
    expect_problem(reset(&gw, &token, NEW).await, 400, "INVALID_TOKEN").await;
}

#[tokio::test]
async fn a_refused_password_leaves_the_token() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("quetzalvonk").await;
    let token = reset_token(&gw, &email, 2).await;
    let before = hashes(&gw).await;
    for (password, code) in [
        ("1234567", "PASSWORD_TOO_SHORT"),
        ("x".repeat(129).as_str(), "PASSWORD_TOO_LONG"),
        ("password123", "PASSWORD_TOO_COMMON"),
        ("Quetzalvonk7", "PASSWORD_TOO_COMMON"),
    ] {
        expect_problem(reset(&gw, &token, password).await, 400, code).await;
    }
    let unknown = "A".repeat(43);
    expect_problem(reset(&gw, &unknown, "1234567").await, 400, "PASSWORD_TOO_SHORT").await;
    for _ in 0..3 {
        expect_problem(reset(&gw, &unknown, NEW).await, 400, "INVALID_TOKEN").await;
    }
    assert_eq!((hashes(&gw).await - before).to_string(), "0", "nothing of this was worth a hash");
    assert_eq!(gw.db.count(RESET_TOKENS).await, 1);
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
}

#[tokio::test]
async fn any_text_is_a_password_as_it_is() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("alice").await;
    let random: String = ('a'..='z').chain('α'..='ω').chain('😀'..='😯').cycle().step_by(7).take(64).collect();
    let spaces = "  correct horse battery staple  ";
    for (n, (chosen, typed, wrong)) in [
        ("pa\u{308}sswo\u{308}rd-a\u{308}hnlich", "pässwörd-ähnlich", "password-ahnlich"),
        (random.as_str(), random.as_str(), &random[..random.len() - 4]),
        (spaces, spaces, spaces.trim()),
    ]
    .into_iter()
    .enumerate()
    {
        let token = reset_token(&gw, &email, 2 + 2 * n).await;
        assert_eq!(reset(&gw, &token, chosen).await.status(), 200, "{chosen}");
        gw.mail.nth_to(&email, 3 + 2 * n).await;
        assert_eq!(sign_in(&gw.anonymous(), &email, typed).await, 200, "{typed}");
        assert_eq!(sign_in(&gw.anonymous(), &email, wrong).await, 401, "{wrong}");
    }
}

#[tokio::test]
async fn a_huge_password_costs_nothing() {
    let gw = TestGateway::start().await;
    let before = hashes(&gw).await;
    for (length, status) in [(1 << 20, 413), (60_000, 400)] {
        let began = Instant::now();
        let response = reset(&gw, &"A".repeat(43), &"x".repeat(length)).await;
        assert_eq!(response.status(), status);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    assert_eq!((hashes(&gw).await - before).to_string(), "0");
}

#[tokio::test]
async fn it_works_while_sign_in_is_throttled_and_ends_that() {
    let limits = json!({ "sign_in": { "limit": 2, "window": "1h" } });
    let gw = TestGateway::with(json!({ "auth": { "rate_limits": limits } })).await;
    let email = gw.verified_user("alice").await;
    for status in [401, 401, 429] {
        assert_eq!(sign_in(&gw.anonymous(), &email, "wrong password").await, status);
    }
    // The owner is told of the failures by a mail of its own.
    request_reset(&gw, &email).await;
    let token = token_of(&gw.mail.about("Set a new password", &email).await);
    assert_eq!(reset(&gw, &token, NEW).await.status(), 200);
    assert_eq!(sign_in(&gw.anonymous(), &email, NEW).await, 200);
}

#[tokio::test]
async fn the_old_name_is_gone() {
    let gw = TestGateway::start().await;
    let response = gw.anonymous().auth("/forget-password", &json!({ "email": "a@example.com" })).await;
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (404, ""));
}
