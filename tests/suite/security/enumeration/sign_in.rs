//! Signing in with an address and a wrong password.

use serde_json::json;

use super::{ACCOUNTS, ROUNDS, assert_alike, assert_hashed, gateway, post, timed};
use crate::harness::TestGateway;

/// Four accounts of every kind but the last, which has none.
const KINDS: [&str; 5] = ["verified", "pending", "banned", "social", "unknown"];

async fn with_accounts() -> TestGateway {
    let gw = gateway().await;
    for n in 0..ACCOUNTS {
        for kind in ["verified", "pending", "banned"] {
            gw.sign_up(&format!("{kind}-{n}")).await;
        }
        gw.insert_user(&format!("social-{n}"), &[]).await;
    }
    gw.db.execute("update auth.users set email_verified = true where email not like 'pending-%'").await;
    gw.db.execute("update auth.users set banned_at = now() where email like 'banned-%'").await;
    gw
}

#[tokio::test]
async fn measured_wrong_passwords_tell_nothing_about_the_account() {
    let gw = with_accounts().await;
    let hashed = gw.metric("authgate_password_hashing_duration_seconds_count").await;
    let client = gw.anonymous();
    let mut times = KINDS.map(|kind| (kind, Vec::new()));
    let mut answers = Vec::new();
    for round in 0..ROUNDS {
        for (kind, times) in &mut times {
            let email = format!("{kind}-{}@example.com", round % ACCOUNTS);
            let body = json!({ "email": email, "password": "violet tractor ninety seven" });
            let (answer, time) = timed(post(&client, "/sign-in/email", round, &body)).await;
            times.push(time);
            answers.push((email, answer));
        }
    }
    let (_, expected) = answers[0].clone();
    assert_eq!(expected.status, 401);
    assert!(expected.body.contains("\"INVALID_EMAIL_OR_PASSWORD\""), "{}", expected.body);
    for (email, answer) in answers {
        assert_eq!(answer, expected, "{email}");
    }
    assert_hashed(&gw, hashed, ROUNDS * KINDS.len()).await;
    assert_alike(&times);
}

/// A ban is no secret to who knows the password, but it must not tell that the password is right.
#[tokio::test]
async fn the_right_password_of_a_banned_account_is_answered_like_a_wrong_one() {
    let gw = with_accounts().await;
    let client = gw.anonymous();
    let mut answers = Vec::new();
    for (kind, password) in [
        ("banned", crate::harness::PASSWORD),
        ("banned", "violet tractor ninety seven"),
        ("unknown", crate::harness::PASSWORD),
    ] {
        let body = json!({ "email": format!("{kind}-0@example.com"), "password": password });
        answers.push(timed(post(&client, "/sign-in/email", 0, &body)).await.0);
    }
    assert_eq!(answers[0].status, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}
