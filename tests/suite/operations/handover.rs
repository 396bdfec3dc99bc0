//! A new process takes over under load, and no request is lost.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{net::TcpStream, task::JoinSet};

use crate::harness::{RawConnection, TestGateway, eventually};

/// The processes that said they had started, in their order.
fn started(gw: &TestGateway) -> Vec<i32> {
    let lines = gw.log().into_iter().filter(|line| line["event"] == "started");
    lines.map(|line| i32::try_from(line["pid"].as_i64().unwrap()).unwrap()).collect()
}

/// Ends a process that is not our child, when the test does.
struct Ends(i32);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0), Signal::SIGKILL);
    }
}

/// Asks until told to stop, over kept connections; the number of answers. Every request that was sent is answered.
async fn ask(address: SocketAddr, request: Vec<u8>, stop: Arc<AtomicBool>, answers: Arc<AtomicUsize>) {
    let mut connection = RawConnection::open(address).await;
    while !stop.load(Ordering::Relaxed) {
        let response = connection.send(&request).await.response().await.expect("a request was lost");
        assert_eq!(response.status, 200);
        answers.fetch_add(1, Ordering::Relaxed);
        if response.field("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            connection = RawConnection::open(address).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_process_takes_over_under_load_and_no_request_is_lost() {
    let mut gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut load = JoinSet::new();
    for n in 0..16 {
        let cookie = format!("Cookie: {}={}\r\n", gw.cookie_name(), alice.token);
        let request = if n % 2 == 0 { gw.get_bytes("/items", &cookie) } else { gw.get_bytes("/public/x", "") };
        load.spawn(ask(gw.address, request, Arc::clone(&stop), Arc::clone(&answers)));
    }
    eventually("some load", async || (answers.load(Ordering::Relaxed) > 200).then_some(())).await;
    gw.process.signal(Signal::SIGUSR2);
    assert_eq!(gw.process.ended_by_itself().await.code(), Some(0), "{}", gw.process.output());
    let successor = Ends(*started(&gw).last().unwrap());
    assert_ne!(u32::try_from(successor.0).unwrap(), gw.process.id());
    let before = answers.load(Ordering::Relaxed);
    eventually("load on the new one", async || (answers.load(Ordering::Relaxed) > before + 200).then_some(())).await;
    stop.store(true, Ordering::Relaxed);
    load.join_all().await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(gw.operator().status("/readyz").await, 200);
    kill(Pid::from_raw(successor.0), Signal::SIGTERM).unwrap();
    let address = gw.address;
    eventually("the end", async || TcpStream::connect(address).await.is_err().then_some(())).await;
}

#[tokio::test]
async fn a_new_process_that_fails_leaves_the_old_one_in_place() {
    let gw = TestGateway::start().await;
    std::fs::write(gw.directory.path().join("gateway.yaml"), "routes: nonsense").unwrap();
    gw.process.signal(Signal::SIGUSR2);
    eventually("the failure", async || gw.log().iter().any(|line| line["event"] == "upgrade_failed").then_some(()))
        .await;
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
    assert_eq!(gw.operator().status("/readyz").await, 200);
    assert_eq!(started(&gw).len(), 1);
}
