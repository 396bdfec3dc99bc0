//! Nothing of a database is lost without a word.

use serde_json::{Value, json};

use super::Moving;

#[tokio::test]
async fn names_that_mean_nothing_and_tables_that_lack_a_column_end_an_import() {
    let moving = Moving::new(json!({})).await;
    for (option, name, expected) in [
        ("--table", "two_factors=x", "--table two_factors=x: the tables of this origin are user, account, twoFactor,"),
        ("--column", "users.email=mail", "--column users.email=mail: the tables of this origin are user, account,"),
        (
            "--column",
            "user.emial=mail",
            "--column user.emial=mail: the columns of user that can be named are id, email,",
        ),
        ("--column", "user.email=mail", "the table \"user\" has no column \"mail\""),
        ("--table", "=people", "say which table it is, for example user=people"),
    ] {
        moving.run(&[option, name]).assert_refused(2, expected);
    }
    moving.at_origin("alter table account rename \"userId\" to owner").await;
    moving.run(&[]).assert_refused(
        2,
        "the table \"account\" has no column \"userId\"; say which it is with --column account.userId=NAME, or leave it \
         out with --without password --without identity",
    );
    assert_eq!(moving.value("select count(*) from auth.users").await["count"], 0);
    let counts = moving.import(&["--without", "password", "--without", "identity", "--dry-run"]);
    assert_eq!((&counts["user"]["imported"], counts.get("password")), (&json!(3), None), "{counts:#}");
    let named = moving.run(&["--column", "ACCOUNT.user_id=owner", "--dry-run", "--json"]).json();
    assert_eq!(named["counts"]["password"]["imported"], 1, "{named:#}");
    assert!(named["notes"][0].as_str().unwrap().contains("has no table for team, teamMember"), "{named:#}");
}

/// Somebody who had a second factor never comes with a password alone.
#[tokio::test]
async fn a_second_factor_that_no_row_proves_becomes_mailed_codes() {
    let moving = Moving::new(json!({})).await;
    moving
        .at_origin(
            "update \"user\" set \"twoFactorEnabled\" = true;
            update \"twoFactor\" set \"backupCodes\" = repeat('ab', 60) where id = 't1'",
        )
        .await;
    let counts = moving.import(&[]);
    assert_eq!(counts["twoFactor"]["imported"], 3, "{counts:#}");
    let factors =
        "select array_agg(u.email || case when f.secret is null then ' by mail' else ' by app' end order by u.email)
            as factors, bool_and(u.two_factor_enabled and f.enabled_at > now() - interval '1 hour') as are_on_since_now
        from auth.two_factors f join auth.users u on u.id = f.user_id";
    assert_eq!(
        moving.value(factors).await,
        json!({
            "factors": ["ada@example.com by mail", "bob@example.com by app", "eve@example.com by mail"],
            "are_on_since_now": true,
        })
    );
    let told = moving.report();
    let told: Vec<(&Value, &Value)> = told.iter().map(|line| (&line["code"], &line["at"])).collect();
    for (code, at) in [
        ("SECOND_FACTOR_UNUSABLE", format!("user {:?}", super::ADA)),
        ("SECOND_FACTOR_UNUSABLE", "user \"auth0|eve\"".to_owned()),
        ("BACKUP_CODES_SEALED", "twoFactor \"t1\"".to_owned()),
    ] {
        assert!(told.contains(&(&json!(code), &json!(at))), "{code} {at}: {told:?}");
    }
}
