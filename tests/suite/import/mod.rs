//! `authgate import`: users from elsewhere, with everything that is theirs.

mod better_auth;
mod better_auth_links;
mod clashes;
mod django;
mod fastapi_users;
mod files;
mod firebase;
mod keycloak;
mod lost;
mod origin;
mod runs;
mod second_runs;
mod supabase;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    cli::admin::{Ended, run},
    harness::{Database, TestGateway, gateway::command},
};

/// The secret that sealed what `better_auth.sql` holds.
const SECRET: &str = "test-secret-test-secret-0123456789abcdef";
const ADA: &str = "adaadaadaadaadaadaadaadaadaadaad";
const BOB: &str = "bobbobbobbobbobbobbobbobbobbobbo";

/// A gateway, and a database of better-auth beside it.
struct Moving {
    gw: TestGateway,
    origin: Database,
}

impl Moving {
    async fn new(config: Value) -> Self {
        let origin = Database::empty();
        let moving = Self { gw: TestGateway::with(config).await, origin };
        moving.at_origin(include_str!("better_auth.sql")).await;
        moving
    }

    /// Changes the origin.
    async fn at_origin(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.origin.connect().await).await.expect(sql);
    }

    /// Runs an import of the origin.
    fn run(&self, further: &[&str]) -> Ended {
        let mut command = command(&self.gw.db.url(), self.gw.directory.path());
        command.env("BETTER_AUTH_SECRET", SECRET);
        run(command, &[&["import", "better-auth", "--from", &self.origin.url()], further].concat(), "")
    }

    /// Imports the origin and returns the counts.
    fn import(&self, further: &[&str]) -> Value {
        // A long one tells on standard error how far it is.
        let Ended { code, stdout, stderr } = self.run(&[&["--json"], further].concat());
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str::<Value>(&stdout).unwrap()["counts"].take()
    }

    async fn value(&self, sql: &str) -> Value {
        value(&mut self.gw.db.connect().await, sql).await
    }

    /// Returns the lines of the report file.
    fn report(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.gw.directory.path().join("authgate-import.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn value(connection: &mut PgConnection, sql: &str) -> Value {
    let sql = format!("select coalesce((select to_jsonb(found) from ({sql}) found), 'null')");
    sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(connection).await.expect(&sql)
}
