//! The examples of docs/administration.md run as they stand.

use std::{path::Path, process::Command};

use super::run;
use crate::harness::{TestGateway, gateway::SECRET};

const PAGE: &str = include_str!("../../../docs/administration.md");

fn blocks(language: &str) -> String {
    let blocks = PAGE.split("```").skip(1).step_by(2);
    let of_language = blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    of_language.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn every_command_runs() {
    let gw = TestGateway::start().await;
    let binaries = Path::new(env!("CARGO_BIN_EXE_authgate")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell
        .current_dir(gw.directory.path())
        .env("PATH", format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap()))
        .env("DATABASE_URL", gw.db.url())
        .env("AUTHGATE_SECRET", SECRET);
    let script = blocks("sh");
    assert!(script.lines().filter(|line| line.contains("authgate ")).count() >= 10, "{script}");
    let ended = run(shell, &["-ec", &script], "");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    let left = "select count(*) from auth.users where email = 'ada@example.com' and roles = '{admin}'";
    assert_eq!(gw.db.count(left).await, 1);
}
