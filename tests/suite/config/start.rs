//! What keeps a gateway from starting, told in one line; migrations; the health check of containers.

use std::net::{SocketAddr, TcpListener};

use serde_json::json;
use sqlx::Connection;

use super::Workplace;
use crate::harness::{Client, Database, TestGateway, eventually, free_port, gateway::SECRET, process::Process};

const APPLIED: &str = "select count(*) from auth.schema_migrations";

fn with_database(database: &Database) -> Workplace {
    Workplace { database_url: database.url(), ..Workplace::new(&json!({})) }
}

#[test]
fn a_database_that_is_not_there_is_one_line() {
    let workplace = Workplace::new(&json!({}));
    for command in ["serve", "migrate"] {
        let ended = workplace.run(&[command, "--config", "gateway.yaml"]);
        ended.assert_one_line(1, "database");
        assert!(!ended.all().contains("hidden-database-password"), "{ended:?}");
    }
}

#[test]
fn a_database_without_the_tls_that_was_asked_for_is_one_line() {
    let database = Database::empty();
    let url = format!("{}?sslmode=verify-full", database.url());
    let ended =
        Workplace { database_url: url, ..Workplace::new(&json!({})) }.run(&["serve", "--config", "gateway.yaml"]);
    ended.assert_one_line(1, "sslrootcert=FILE");
}

#[test]
fn a_secret_that_is_not_there_is_one_line() {
    let output = Workplace::new(&json!({}))
        .command(&["serve", "--config", "gateway.yaml"])
        .env_remove("AUTHGATE_SECRET")
        .output()
        .unwrap();
    let ended = super::Ended::of(output);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("AUTHGATE_SECRET"), "{ended:?}");
}

#[test]
fn a_port_in_use_is_one_line() {
    let database = Database::migrated();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let public =
        Workplace { database_url: database.url(), ..Workplace::new(&json!({ "server": { "listen": [address] } })) };
    let ops =
        Workplace { database_url: database.url(), ..Workplace::new(&json!({ "server": { "ops_listen": address } })) };
    for workplace in [public, ops] {
        let ended = workplace.run(&["serve", "--config", "gateway.yaml"]);
        ended.assert_one_line(1, &address);
        assert!(ended.stderr.contains("in use"), "{ended:?}");
    }
}

#[test]
fn serving_from_an_old_schema_is_refused_and_says_what_to_do() {
    let database = Database::empty();
    let ended = with_database(&database).run(&["serve", "--config", "gateway.yaml"]);
    ended.assert_one_line(1, "authgate migrate");
    let newest_missing = Database::migrated();
    crate::harness::blocking(async {
        let newest = "delete from auth.schema_migrations
                      where version = (select max(version) from auth.schema_migrations)";
        assert_eq!(newest_missing.execute(newest).await, 1);
    });
    let ended = with_database(&newest_missing).run(&["serve", "--config", "gateway.yaml"]);
    ended.assert_one_line(1, "authgate migrate");
}

#[tokio::test]
async fn migrating_twice_applies_once_and_keeps_to_its_schema() {
    let database = Database::empty();
    let workplace = with_database(&database);
    let first = workplace.run(&["migrate", "--config", "gateway.yaml"]);
    assert_eq!(first.code, 0, "{first:?}");
    let applied = database.count(APPLIED).await;
    assert!(applied >= 2);
    let second = workplace.run(&["migrate", "--config", "gateway.yaml"]);
    assert_eq!(second.code, 0, "{second:?}");
    assert_eq!(database.count(APPLIED).await, applied);
    let elsewhere = "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = 'public'";
    assert_eq!(database.count(elsewhere).await, 0, "`public` is the backend's");
}

#[tokio::test]
async fn replicas_may_migrate_at_the_same_time() {
    let database = Database::empty();
    let workplaces: Vec<Workplace> = (0..4).map(|_| with_database(&database)).collect();
    let mut processes: Vec<Process> = workplaces
        .iter()
        .map(|workplace| Process::spawn(workplace.command(&["migrate", "--config", "gateway.yaml"])))
        .collect();
    for process in &mut processes {
        let status = process.ended().await;
        assert!(status.success(), "{}", process.output());
    }
}

#[tokio::test]
async fn serve_migrates_when_told_to() {
    let database = Database::empty();
    let ports = crate::harness::gateway::Ports::reserve();
    let workplace = Workplace {
        database_url: database.url(),
        ..Workplace::new(&json!({ "server": {
            "listen": [format!("127.0.0.1:{}", ports.public)],
            "public_url": format!("http://localhost:{}", ports.public),
            "ops_listen": format!("127.0.0.1:{}", ports.ops),
        } }))
    };
    let mut process = Process::spawn(workplace.command(&["serve", "--migrate", "--config", "gateway.yaml"]));
    let client = Client::new(&format!("http://127.0.0.1:{}", ports.ops), ports.ops);
    eventually("readiness", async || {
        assert!(process.exited().is_none(), "{}", process.output());
        (client.get("/readyz").send().await.ok()?.status() == 200).then_some(())
    })
    .await;
    assert!(database.count(APPLIED).await >= 2);
}

#[tokio::test]
async fn port_0_is_told_in_the_log() {
    let database = Database::migrated();
    let workplace = Workplace {
        database_url: database.url(),
        ..Workplace::new(&json!({ "server": { "listen": ["127.0.0.1:0"], "ops_listen": "127.0.0.1:0" } }))
    };
    let process = Process::spawn(workplace.command(&["serve", "--config", "gateway.yaml"]));
    let started = eventually("the line that tells of the start", async || {
        process
            .output()
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .find(|line| line.to_string().contains("started"))
    })
    .await;
    let addresses: Vec<SocketAddr> = started
        .to_string()
        .split(['"', '[', ']', ',', ' ', '\\'])
        .filter_map(|word| word.parse().ok())
        .filter(|address: &SocketAddr| address.port() != 0)
        .collect();
    assert_eq!(addresses.len(), 2, "public and operators' address: {started}");
    let answers = async |address: &SocketAddr| {
        Client::new(&format!("http://{address}"), address.port()).get("/readyz").send().await.unwrap().status().as_u16()
    };
    let mut statuses = Vec::new();
    for address in &addresses {
        statuses.push(answers(address).await);
    }
    assert!(statuses.contains(&200), "{statuses:?}");
    assert!(!process.output().contains(SECRET));
}

#[tokio::test]
async fn healthcheck_is_0_when_ready_and_1_otherwise() {
    let gw = TestGateway::start().await;
    let path = gw.directory.path().join("gateway.yaml");
    let run = |path: &std::path::Path| {
        let mut command = crate::harness::gateway::command(&gw.db.url(), gw.directory.path());
        super::Ended::of(command.args(["healthcheck", "--config"]).arg(path).output().unwrap())
    };
    assert_eq!(run(&path).code, 0);
    let nobody_there = Workplace::new(&json!({ "server": { "ops_listen": format!("127.0.0.1:{}", free_port()) } }));
    let ended = run(&nobody_there.directory.path().join("gateway.yaml"));
    assert_eq!(ended.code, 1, "{ended:?}");
}

#[tokio::test]
async fn the_gateway_takes_no_more_connections_than_configured() {
    let gw = TestGateway::with(json!({ "database": { "max_connections": 3 } })).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..12 {
        let client = gw.anonymous();
        tasks.spawn(async move {
            let body =
                json!({ "name": "x", "email": format!("u{n}@example.com"), "password": crate::harness::PASSWORD });
            client.auth("/sign-up/email", &body).await.status().as_u16()
        });
    }
    assert_eq!(tasks.join_all().await, [200; 12]);
    let name = gw.db.url().rsplit('/').next().unwrap().to_owned();
    let mut connection = sqlx::PgConnection::connect(&gw.db.url()).await.unwrap();
    let open: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = $1 and application_name like 'authgate%'",
    )
    .bind(name)
    .fetch_one(&mut connection)
    .await
    .unwrap();
    // The session check's two and one for maintenance come on top of the pool.
    assert!((1..=6).contains(&open), "{open} connections");
}
