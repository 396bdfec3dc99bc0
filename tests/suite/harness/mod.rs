//! What the suites stand on: the real binary with a database of its own, an upstream that records, a mailbox, clients.
//!
//! Nothing here knows how the gateway works inside; everything goes through what is seen from outside.

pub(crate) mod authenticator;
pub(crate) mod chaos;
pub(crate) mod client;
pub(crate) mod cluster;
pub(crate) mod gateway;
pub(crate) mod idp;
pub(crate) mod mail;
pub(crate) mod mmdb;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod raw;
pub(crate) mod smtp;
pub(crate) mod tls;
pub(crate) mod upstream;
pub(crate) mod user;
pub(crate) mod websocket;

mod self_test;

use std::{net::TcpListener, thread, time::Duration};

use sha2::{Digest, Sha256};

pub(crate) use client::{Client, Problem, problem};
pub(crate) use cluster::Database;
pub(crate) use gateway::{Setup, TestGateway, merge};
pub(crate) use raw::RawConnection;
pub(crate) use upstream::{Recorded, Reply, Upstream};
pub(crate) use user::{PASSWORD, User};

/// Is how long [`eventually`] waits. It is long, because it costs time only when a test fails anyway.
const DEADLINE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(15);

/// Asks again until there is an answer.
pub(crate) async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(DEADLINE, what, probe).await
}

/// Asks again until there is an answer or the time is over.
pub(crate) async fn eventually_within<T>(
    deadline: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> T {
    let asking = async {
        loop {
            if let Some(answer) = probe().await {
                return answer;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let Ok(answer) = tokio::time::timeout(deadline, asking).await else {
        panic!("waited {deadline:?} in vain for {what}");
    };
    answer
}

/// Runs a future to its end from where nothing can be awaited (`Drop`, `OnceLock`), inside a runtime or outside.
pub(crate) fn blocking<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be built").block_on(future)
    };
    thread::scope(|scope| scope.spawn(run).join().expect("the future does not panic"))
}

/// Prints a figure for docs/reliability.md; seen with `--no-capture`.
#[expect(clippy::print_stdout, reason = "this is what it is for")]
pub(crate) fn measured(what: &str, took: Duration) {
    println!("measured: {what}: {} ms", took.as_millis());
}

/// A port nobody listens on. Below the range from which the system picks ports for outgoing connections, so that none
/// of those takes it before the program that it is meant for.
pub(crate) fn free_port() -> u16 {
    loop {
        let random = uuid::Uuid::now_v7().as_u128().to_le_bytes();
        let port = 10_000 + u16::from_le_bytes([random[0], random[1]]) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
