//! Origins that a script of `tests/moving_in` makes: databases and files as people have them.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::{
    api::two_factor::{App, Browser},
    cli::admin::{Ended, run},
    harness::{Database, TestGateway, gateway::command, python::environment},
};

/// Everybody's password there, unless the manifest says otherwise.
pub(super) const PASSWORD: &str = "a walk along the river";

/// Runs a script, and returns who it says is there now.
pub(super) fn people(script: &str, arguments: &[&str]) -> Value {
    let python = environment("moving-in", "tests/moving_in/requirements.txt").join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moving_in").join(script);
    let output =
        Command::new(python).env("PYTHONDONTWRITEBYTECODE", "1").arg(&script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}:\n{}", script.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["people"].take()
}

/// A gateway, and the database of an origin beside it.
pub(super) struct Origin {
    pub(super) gw: TestGateway,
    pub(super) database: Database,
    kind: &'static str,
}

impl Origin {
    pub(super) async fn new(kind: &'static str, config: Value) -> Self {
        Self { database: Database::empty(), gw: TestGateway::with(config).await, kind }
    }

    /// Lets a script fill the database.
    pub(super) fn filled_by(&self, script: &str) -> Value {
        people(script, &[&self.database.url()])
    }

    /// Changes the database of the origin.
    pub(super) async fn at_origin(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.database.connect().await).await.expect(sql);
    }

    pub(super) fn run(&self, further: &[&str]) -> Ended {
        let command = command(&self.gw.db.url(), self.gw.directory.path());
        run(command, &[&["import", self.kind, "--from", &self.database.url()], further].concat(), "")
    }

    /// Imports the origin and returns the counts.
    pub(super) fn import(&self, further: &[&str]) -> Value {
        self.run(&[&["--json"], further].concat()).json()["counts"].take()
    }

    pub(super) async fn value(&self, sql: &str) -> Value {
        super::value(&mut self.gw.db.connect().await, sql).await
    }
}

/// Asserts how many of each kind came, and how many did not.
pub(super) fn assert_counts(counts: &Value, expected: &[(&str, u64, u64)]) {
    let of = |kind: &str, what: &str| counts[kind][what].as_u64().unwrap_or_default();
    let found: Vec<_> = expected.iter().map(|(kind, ..)| (*kind, of(kind, "imported"), of(kind, "left_out"))).collect();
    assert_eq!(found, expected, "{counts:#}");
}

/// Returns what the report tells, as code and place.
pub(super) fn told(gw: &TestGateway) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(gw.directory.path().join("authgate-import.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    lines.filter(|line| line["effect"] != "summary").map(|line| (text(&line, "code"), text(&line, "at"))).collect()
}

/// Asserts that everything that is told is told of these places.
pub(super) fn assert_told(gw: &TestGateway, expected: &[(&str, &str)]) {
    let mut expected: Vec<_> = expected.iter().map(|(code, at)| ((*code).to_owned(), (*at).to_owned())).collect();
    let mut told = told(gw);
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

/// Asserts that somebody signs in with the password that they had.
pub(super) async fn assert_signs_in(gw: &TestGateway, email: &str, password: &str) {
    let mut browser = Browser::new(gw);
    browser.ok("/sign-in/email", json!({ "email": email, "password": password })).await;
    assert!(browser.is_signed_in().await, "{email}");
    let wrong = browser.auth("/sign-in/email", json!({ "email": email, "password": format!("{password}!") })).await;
    assert_eq!(wrong.status(), 401, "{email}");
}

/// Returns the status of a sign-in that is refused.
pub(super) async fn refusal(gw: &TestGateway, email: &str, password: &str) -> u16 {
    let body = json!({ "email": email, "password": password });
    gw.anonymous().auth("/sign-in/email", &body).await.status().as_u16()
}

/// Asserts that nothing but a ban keeps somebody with [`PASSWORD`] out. No answer tells of bans.
pub(super) async fn assert_is_banned(gw: &TestGateway, email: &str) {
    assert_eq!(refusal(gw, email, PASSWORD).await, 401, "{email}");
    gw.cli_json(&["users", "unban", email]);
    assert_signs_in(gw, email, PASSWORD).await;
}

/// Asserts that somebody signs in with the app that they had.
pub(super) async fn assert_signs_in_with_app(gw: &TestGateway, email: &str, secret: &str) {
    let app = App::from_answer(&json!({ "totpURI": format!("otpauth://totp/x?secret={secret}") }));
    let mut browser = Browser::new(gw);
    let answer = browser.ok("/sign-in/email", json!({ "email": email, "password": PASSWORD })).await;
    assert_eq!(answer["twoFactorRedirect"], true, "{answer}");
    browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    assert!(browser.is_signed_in().await, "{email}");
}

/// Asserts that somebody whose second factor did not come is asked for a mailed code.
pub(super) async fn assert_is_mailed_codes(gw: &TestGateway, email: &str) {
    let mut browser = Browser::new(gw);
    let answer = browser.ok("/sign-in/email", json!({ "email": email, "password": PASSWORD })).await;
    assert_eq!(
        (&answer["twoFactorRedirect"], &answer["twoFactorMethods"]),
        (&json!(true), &json!(["otp"])),
        "{answer}"
    );
    assert!(!browser.is_signed_in().await, "{email}");
}

/// Everything about people, but for ids and times that are made anew each time.
pub(super) async fn digest(gw: &TestGateway) -> Value {
    let sql = "
        select
            (select jsonb_agg(jsonb_build_array(id, email, email_verified, name, image, roles, ban_reason, additional_fields,
                created_at) order by id) from auth.users) as users,
            (select jsonb_agg(jsonb_build_array(user_id, provider_id, account_id, password_hash, created_at)
                order by user_id, provider_id) from auth.accounts) as accounts";
    let sql = AssertSqlSafe(format!("select to_jsonb(d) from ({sql}) d"));
    sqlx::query_scalar(sql).fetch_one(&mut gw.db.connect().await).await.unwrap()
}
