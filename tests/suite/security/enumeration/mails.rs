//! Asking for a mail: whether one is written is seen in the mailbox alone.

use serde_json::json;

use super::{ACCOUNTS, ROUNDS, assert_alike, gateway, post, timed};

const KINDS: [&str; 5] = ["verified", "pending", "banned", "social", "unknown"];

#[tokio::test]
async fn requests_for_mail_are_answered_alike_and_as_slowly() {
    let gw = gateway().await;
    for n in 0..ACCOUNTS {
        for kind in ["verified", "pending", "banned"] {
            gw.sign_up(&format!("{kind}-{n}")).await;
        }
        gw.insert_user(&format!("social-{n}"), &[]).await;
    }
    gw.db.execute("update auth.users set email_verified = true where email not like 'pending-%'").await;
    gw.db.execute("update auth.users set banned_at = now() where email like 'banned-%'").await;
    let client = gw.anonymous();
    for path in ["/send-verification-email", "/request-password-reset"] {
        let mut times = KINDS.map(|kind| (kind, Vec::new()));
        let mut answers = Vec::new();
        for round in 0..ROUNDS {
            // At the same time, as each takes a quarter of a second by design.
            let asked = KINDS.map(|kind| {
                let body = json!({ "email": format!("{kind}-{}@example.com", round % ACCOUNTS) });
                tokio::spawn(timed(post(&client, path, round, &body)))
            });
            for ((_, times), asked) in times.iter_mut().zip(asked) {
                let (answer, time) = asked.await.unwrap();
                times.push(time);
                answers.push(answer);
            }
        }
        assert_eq!(answers[0].status, 200, "{}", answers[0].body);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{path}: {answers:?}");
        assert_alike(&times);
    }
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox where failed_at is null").await;
    for n in 0..ACCOUNTS {
        assert!(gw.mail.all_to(&format!("pending-{n}@example.com")).len() > 1, "mails were written all the same");
        assert!(gw.mail.all_to(&format!("unknown-{n}@example.com")).is_empty());
    }
}
