//! Many passwords at once: the traffic goes on beside them, in bounded memory (PASS-07).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{TestGateway, client::AUTH};

const SIGN_INS: usize = 100;

#[tokio::test]
async fn measured_a_storm_of_sign_ins_leaves_the_traffic_alone() {
    let changes = json!({ "server": { "trusted_proxies": ["127.0.0.1/32"] } });
    let gw = Arc::new(TestGateway::with(changes).await);
    let alice = gw.insert_user("alice", &[]).await;
    assert_eq!((alice.status("/items").await, gw.anonymous().status("/public/x").await), (200, 200));
    let before = gw.process.resident_peak();
    let mut storm = JoinSet::new();
    for n in 0..SIGN_INS {
        let client = gw.anonymous();
        storm.spawn(async move {
            let body = json!({ "email": format!("nobody-{n}@example.com"), "password": "violet tractor ninety seven" });
            let request =
                client.post(&format!("{AUTH}/sign-in/email")).header("X-Forwarded-For", format!("10.0.0.{n}"));
            request.json(&body).send().await.unwrap().status().as_u16()
        });
    }
    let storm = tokio::spawn(storm.join_all());
    let mut times = Vec::new();
    while !storm.is_finished() {
        for (client, path) in [(&*alice, "/items"), (&gw.anonymous(), "/public/x")] {
            let began = Instant::now();
            assert_eq!(client.status(path).await, 200);
            times.push(began.elapsed());
        }
    }
    assert_eq!(storm.await.unwrap(), [401; SIGN_INS]);
    times.sort();
    let nearly_all = times[times.len() * 95 / 100];
    assert!(times.len() >= 20 && nearly_all < Duration::from_millis(250), "{nearly_all:?} of {}", times.len());
    let grown = gw.process.resident_peak().saturating_sub(before);
    assert!(grown < 128 * 1024 * 1024, "{grown} bytes more for {SIGN_INS} passwords");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashing_threads_leave_the_cores_to_the_traffic() {
    let gw = TestGateway::start().await;
    let nice_of = |name: &str| {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", gw.process.id())).unwrap();
        let stats = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).unwrap());
        // proc(5): the name stands in parentheses, the nice value is the 19th field.
        let found = stats.filter_map(|stat| {
            let (start, rest) = stat.rsplit_once(')')?;
            start.split_once('(')?.1.starts_with(name).then(|| rest.split_whitespace().nth(16).unwrap().to_owned())
        });
        found.collect::<Vec<_>>()
    };
    assert!(!nice_of("hash-").is_empty());
    assert!(nice_of("hash-").iter().all(|nice| nice == "10"), "{:?}", nice_of("hash-"));
    assert!(nice_of("gateway").iter().all(|nice| nice == "0"), "{:?}", nice_of("gateway"));
}
