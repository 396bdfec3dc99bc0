//! Somebody is here already.

use serde_json::{Value, json};

use super::{ADA, Moving};

#[tokio::test]
async fn whoever_is_here_already_is_left_out_joined_or_ends_the_import() {
    for (choice, verified, left_out, merged) in
        [("skip", true, 2, 0), ("merge", true, 1, 1), ("merge", false, 2, 0), ("fail", true, 0, 0)]
    {
        let moving = Moving::new(json!({})).await;
        let here = moving.gw.insert_user("ada", &[]).await;
        if !verified {
            moving.gw.db.execute("update auth.users set email_verified = false").await;
        }
        let run = moving.run(&["--on-clash", choice, "--json"]);
        if choice == "fail" {
            run.assert_refused(1, "ada@example.com has an account here already (EMAIL_TAKEN)");
            assert_eq!(moving.value("select count(*) from auth.users").await["count"], 1);
            continue;
        }
        let counts = run.json()["counts"].take();
        let of = &counts["user"];
        assert_eq!(
            (&of["left_out"], &of["merged"]),
            (&json!(left_out), &json!(merged)),
            "{choice} {verified}: {counts:#}"
        );
        let linked = moving
            .value(&format!(
                "select count(*) from auth.accounts where provider_id = 'google' and user_id = '{}'",
                here.id
            ))
            .await;
        assert_eq!(linked["count"], merged, "{choice}");
        let kept = moving.value(&format!("select name from auth.users where id = '{}'", here.id)).await;
        assert_eq!(kept["name"], "ada", "nobody's own data is overwritten");
        let signed_in = moving.value("select count(*) from auth.sessions where id = 's1'").await;
        assert_eq!(signed_in["count"], merged, "{choice}");
        let codes: Vec<Value> = moving.report().iter().map(|line| line["code"].clone()).collect();
        let code = match (choice, verified) {
            ("skip", _) => "EMAIL_TAKEN",
            ("merge", false) => "EMAIL_TAKEN_UNVERIFIED",
            _ => continue,
        };
        assert!(codes.contains(&json!(code)) && codes.contains(&json!("USER_NOT_HERE")), "{codes:?}");
    }
}

/// An id says who somebody is only at its origin.
#[tokio::test]
async fn somebody_elses_id_is_not_taken_over() {
    let moving = Moving::new(json!({})).await;
    let other = format!(
        "insert into auth.users (id, email, name, created_at, updated_at) values ('{ADA}', 'other@example.com', 'Other', now(), now())"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(other)).execute(&mut moving.gw.db.connect().await).await.unwrap();
    let counts = moving.import(&[]);
    assert_eq!(counts["user"]["imported"], 3, "{counts:#}");
    let ada = moving.value("select id from auth.users where email = 'ada@example.com'").await;
    assert_ne!(ada["id"], ADA);
    let owned = moving
        .value("select array_agg(distinct user_id) = array[(select id from auth.users where email = 'ada@example.com')] as is_hers
                from auth.sessions")
        .await;
    assert_eq!(owned["is_hers"], true, "what is hers went to her new id");
    let untouched = moving.value(&format!("select count(*) from auth.accounts where user_id = '{ADA}'")).await;
    assert_eq!(untouched["count"], 0);
}
