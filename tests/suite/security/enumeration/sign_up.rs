//! Signing up with an address that has an account already.

use serde_json::{Value, json};

use super::{ACCOUNTS, Answer, ROUNDS, assert_alike, assert_hashed, gateway, post, timed};

/// Returns it without the address and what is new with every account.
fn without_what_is_new(mut answer: Answer) -> Answer {
    let mut body: Value = serde_json::from_str(&answer.body).unwrap();
    for key in ["id", "email", "createdAt", "updatedAt"] {
        let length = body["user"][key].as_str().map(str::len);
        body["user"][key] = if key == "email" { json!(null) } else { json!(length) };
    }
    answer.body = body.to_string();
    answer.headers.retain(|(name, _)| name != "content-length");
    for (_, cookie) in answer.headers.iter_mut().filter(|(name, _)| name == "set-cookie") {
        let (value, attributes) = cookie.split_once(';').unwrap();
        assert!(value.starts_with("authgate_sign_up="), "{value}");
        *cookie = format!("{};{attributes}", value.len());
    }
    answer
}

#[tokio::test]
async fn measured_taken_addresses_look_free() {
    let gw = gateway().await;
    for n in 0..ACCOUNTS {
        gw.sign_up(&format!("verified-{n}")).await;
        gw.sign_up(&format!("pending-{n}")).await;
    }
    gw.db.execute("update auth.users set email_verified = true where email like 'verified-%'").await;
    let hashed = gw.metric("authgate_password_hashing_duration_seconds_count").await;
    let client = gw.anonymous();
    let mut times = ["verified", "pending", "free"].map(|kind| (kind, Vec::new()));
    let mut answers = Vec::new();
    for round in 0..ROUNDS {
        for (kind, times) in &mut times {
            let number = if *kind == "free" { round } else { round % ACCOUNTS };
            let email = format!("{kind}-{number}@example.com");
            let body = json!({ "name": "New", "email": email, "password": "violet tractor ninety seven" });
            let (answer, time) = timed(post(&client, "/sign-up/email", round, &body)).await;
            times.push(time);
            answers.push((email, without_what_is_new(answer)));
        }
    }
    let (_, expected) = answers[0].clone();
    assert_eq!(expected.status, 200);
    for (email, answer) in answers {
        assert_eq!(answer, expected, "{email}");
    }
    assert_hashed(&gw, hashed, ROUNDS * times.len()).await;
    assert_alike(&times);
    let count = i64::try_from(2 * ACCOUNTS + ROUNDS).unwrap();
    assert_eq!(gw.db.count("select count(*) from auth.users").await, count);
}
