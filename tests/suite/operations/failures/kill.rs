//! `kill -9` and SIGTERM under load: what was acknowledged is true afterwards, and nothing else was let through.

use std::{collections::HashSet, sync::Arc, time::Instant};

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::harness::{Client, PASSWORD, TestGateway, eventually, measured};

/// Signs up until told to stop or until the gateway is gone; returns the addresses that were acknowledged.
async fn sign_ups(client: Client, worker: usize, first_ones: Arc<Semaphore>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let email = format!("load-{worker}-{n}@example.com");
        let body = json!({ "name": "x", "email": email, "password": PASSWORD });
        match client.post("/api/auth/sign-up/email").json(&body).send().await {
            Ok(response) if response.status() == 200 => acknowledged.push(email),
            // Shed because of the hurry.
            Ok(response) => assert!([429, 503].contains(&response.status().as_u16()), "{}", response.status()),
            Err(_) => break,
        }
        first_ones.add_permits(1);
    }
    acknowledged
}

async fn assert_every_mail_leaves(gw: &TestGateway, acknowledged: &[String]) {
    for email in acknowledged {
        assert!(gw.confirm(&gw.mail.to(email).await).await.status().as_u16() < 400, "{email}");
    }
}

async fn end_under_sign_ups(end: impl AsyncFnOnce(&mut TestGateway)) {
    let mut gw =
        TestGateway::with(json!({ "auth": { "rate_limits": { "sign_up": { "limit": 10000, "window": "1h" } } } }))
            .await;
    let answered = Arc::new(Semaphore::new(0));
    let mut load = JoinSet::new();
    for worker in 0..4 {
        load.spawn(sign_ups(gw.anonymous(), worker, Arc::clone(&answered)));
    }
    let _ = answered.acquire_many(8).await.unwrap();
    end(&mut gw).await;
    let acknowledged: Vec<String> = load.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() >= 4, "{acknowledged:?}");
    let began = Instant::now();
    gw.kill_and_restart().await;
    measured("from the restart to readiness", began.elapsed());
    // What the last process had taken to send is sent again when its lease is over.
    gw.db.execute("update auth.mail_outbox set next_attempt_at = now()").await;
    assert_every_mail_leaves(&gw, &acknowledged).await;
}

#[tokio::test]
async fn sign_ups_acknowledged_before_a_kill_are_there_after_it() {
    end_under_sign_ups(async |gw| gw.process.kill()).await;
}

#[tokio::test]
async fn sign_ups_acknowledged_before_sigterm_are_there_after_it() {
    end_under_sign_ups(async |gw| {
        gw.process.signal(Signal::SIGTERM);
        assert_eq!(gw.process.ended().await.code(), Some(0), "{}", gw.process.output());
    })
    .await;
}

#[tokio::test]
async fn sessions_ended_before_a_kill_stay_ended() {
    let mut gw = TestGateway::start().await;
    let mut users = Vec::new();
    for n in 0..20 {
        users.push(gw.insert_user(&format!("user-{n}"), &[]).await);
    }
    let mut load = JoinSet::new();
    for user in &users {
        let (client, token) = ((**user).clone(), user.token.clone());
        load.spawn(async move {
            let answer = client.post("/api/auth/sign-out").send().await;
            answer.is_ok_and(|response| response.status() == 200).then_some(token)
        });
    }
    let first = load.join_next().await.unwrap().unwrap();
    gw.process.kill();
    let ended: HashSet<String> = load.join_all().await.into_iter().chain([first]).flatten().collect();
    assert!(!ended.is_empty());
    gw.kill_and_restart().await;
    for user in users {
        let expected: &[u16] = if ended.contains(&user.token) { &[401] } else { &[200, 401] };
        let status = user.bearer().status("/items").await;
        assert!(expected.contains(&status), "{status}");
    }
}

#[tokio::test]
async fn sigterm_under_load_breaks_off_no_answer() {
    let mut gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let answered = Arc::new(Semaphore::new(0));
    let mut load = JoinSet::new();
    for _ in 0..16 {
        let (client, answered) = (alice.bearer(), Arc::clone(&answered));
        load.spawn(async move {
            loop {
                match client.get("/items").send().await {
                    Ok(response) => {
                        assert_eq!(response.status(), 200);
                        assert!(response.bytes().await.is_ok(), "an answer that began is finished");
                        answered.add_permits(1);
                    }
                    // Refused connections are what a load balancer reacts to.
                    Err(error) => return error.is_connect() || error.is_request(),
                }
            }
        });
    }
    let _ = answered.acquire_many(200).await.unwrap();
    gw.process.signal(Signal::SIGTERM);
    assert_eq!(gw.process.ended().await.code(), Some(0), "{}", gw.process.output());
    assert!(load.join_all().await.into_iter().all(|refused| refused));
}

#[tokio::test]
async fn a_killed_replica_takes_nothing_from_the_others() {
    let mut gw = TestGateway::start().await;
    let replica = gw.replica().await;
    let alice = gw.signed_up_user("alice").await;
    let there = replica.anonymous().with_bearer(&alice.token);
    assert_eq!(there.status("/items").await, 200);
    gw.process.kill();
    assert_eq!(there.status("/items").await, 200);
    assert_eq!(there.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    gw.kill_and_restart().await;
    assert_eq!(alice.bearer().status("/items").await, 401);
    eventually("readiness", async || (gw.operator().status("/readyz").await == 200).then_some(())).await;
}
