//! An open connection ends with its session, on every replica (WS-05).

mod access;

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::harness::{Reply, TestGateway, User, eventually, measured, websocket::Socket};

/// Far more than the second that is promised: machines are busy.
const PATIENCE: Duration = Duration::from_secs(8);

async fn open_socket(gw: &TestGateway, user: &User) -> Socket {
    gw.upstream.reply("/ws/echo", Reply::WebSocket);
    let bearer = format!("Bearer {}", user.token);
    let mut socket = gw.websocket("/ws/echo", &[("Authorization", &bearer), ("Origin", gw.origin())]).await.unwrap();
    socket.send("hello").await;
    assert_eq!(socket.text().await.as_deref(), Some(user.id.as_str()));
    assert_eq!(socket.text().await.as_deref(), Some("hello"));
    socket
}

async fn assert_closed(mut socket: Socket, what: &str) {
    let began = Instant::now();
    let code = tokio::time::timeout(PATIENCE, socket.closed()).await.expect(what);
    assert_eq!(code, Some(4401), "{what}");
    measured(&format!("{what}: socket closed"), began.elapsed());
}

async fn assert_open(socket: &mut Socket) {
    socket.send("still there").await;
    assert_eq!(socket.text().await.as_deref(), Some("still there"));
}

#[tokio::test]
async fn sockets_end_with_a_sign_out_on_every_replica_and_no_others_do() {
    let gw = TestGateway::start().await;
    let replica = gw.replica().await;
    let alice = gw.insert_user("alice", &[]).await;
    let mut elsewhere = alice.clone();
    elsewhere.token = gw.insert_session(&alice.id).await;
    let bob = gw.insert_user("bob", &[]).await;
    let (here, there) = (open_socket(&gw, &alice).await, open_socket(&replica, &alice).await);
    let mut others = [open_socket(&gw, &elsewhere).await, open_socket(&replica, &bob).await];
    assert_eq!(alice.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    assert_closed(here, "sign-out").await;
    assert_closed(there, "sign-out on another replica").await;
    for other in &mut others {
        assert_open(other).await;
    }
    let ended = "authgate_connections_ended_total{kind=\"websocket\"}";
    assert_eq!((gw.metric(ended).await.to_string(), replica.metric(ended).await.to_string()), ("1".into(), "1".into()));
    eventually("the log", async || {
        let line = gw.log().into_iter().find(|line| line["error"] == "SESSION_ENDED")?;
        assert_eq!(
            (&line["path"], &line["status"], &line["user.id"]),
            (&json!("/ws/echo"), &json!(101), &json!(alice.id))
        );
        Some(())
    })
    .await;
}

#[tokio::test]
async fn sockets_end_however_the_session_does() {
    let gw = TestGateway::start().await;
    for (what, sql) in [
        ("deletion by hand", "delete from auth.sessions"),
        ("a ban", "update auth.users set banned_at = now()"),
        ("deletion of the user", "delete from auth.users"),
        ("an earlier end", "update auth.sessions set expires_at = now()"),
    ] {
        let user = gw.insert_user(&what.replace(' ', "-"), &[]).await;
        let socket = open_socket(&gw, &user).await;
        gw.db.execute(sql).await;
        assert_closed(socket, what).await;
        gw.db.execute("update auth.users set banned_at = null").await;
    }
}

#[tokio::test]
async fn sockets_end_when_the_time_of_their_session_is_over() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("alice", &[]).await;
    gw.db.execute("update auth.sessions set expires_at = now() + interval '2 seconds'").await;
    let socket = open_socket(&gw, &user).await;
    assert_closed(socket, "expiry").await;
}

#[tokio::test]
async fn a_session_that_is_extended_keeps_its_sockets() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("alice", &[]).await;
    gw.db.execute("update auth.sessions set expires_at = now() + interval '2 seconds'").await;
    let mut socket = open_socket(&gw, &user).await;
    gw.db.execute("update auth.sessions set expires_at = now() + interval '1 hour'").await;
    gw.db.execute("update auth.users set name = 'other'").await;
    // What is to be shown is that nothing happens at the former end.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_open(&mut socket).await;
}

#[tokio::test]
async fn streams_and_long_downloads_end_too() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("alice", &[]).await;
    let events = gw.upstream.stream("/events", "text/event-stream");
    let mut stream = user.get("/events").send().await.unwrap();
    events.send(b"data: 1\n\n".to_vec()).unwrap();
    assert_eq!(stream.chunk().await.unwrap().unwrap(), "data: 1\n\n");
    gw.upstream.reply("/download", Reply::Bytes(10_000_000_000));
    let mut download = user.get("/download").send().await.unwrap();
    assert!(download.chunk().await.unwrap().is_some());
    let public = gw.upstream.stream("/public/events", "text/event-stream");
    let mut open = user.get("/public/events").send().await.unwrap();
    assert_eq!(user.post("/api/auth/sign-out").send().await.unwrap().status(), 200);
    let began = Instant::now();
    let ended = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("the stream ends");
    assert!(ended.is_err(), "cut, and not passed off as complete");
    measured("sign-out: stream closed", began.elapsed());
    let rest = async { while let Ok(Some(_)) = download.chunk().await {} };
    tokio::time::timeout(PATIENCE, rest).await.expect("the download ends");
    public.send(b"data: 2\n\n".to_vec()).unwrap();
    assert_eq!(open.chunk().await.unwrap().unwrap(), "data: 2\n\n", "what needs no session goes on");
}

#[tokio::test]
async fn what_ended_while_nobody_listened_ends_afterwards() {
    let gw = TestGateway::start().await;
    let user = gw.insert_user("alice", &[]).await;
    let socket = open_socket(&gw, &user).await;
    let connected = "authgate_notifications_connected";
    eventually("notifications", async || (gw.metric(connected).await > 0.5).then_some(())).await;
    let mut connection = gw.db.connect().await;
    let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
    // The listener is gone when this is committed.
    sqlx::query("delete from auth.sessions").execute(&mut *transaction).await.unwrap();
    let ended = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'authgate notifications'";
    assert_eq!(gw.db.execute(ended).await, 1);
    transaction.commit().await.unwrap();
    assert_closed(socket, "a lost listener").await;
}

#[tokio::test]
async fn a_session_that_ended_before_the_answer_began_gets_no_stream() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let servers = [format!("http://{}", listener.local_addr().unwrap())];
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers } } })).await;
    let user = gw.insert_user("alice", &[]).await;
    let client = (*user).clone();
    let late = tokio::spawn(async move { client.get("/late").send().await });
    let (mut upstream, _) = listener.accept().await.unwrap();
    assert!(upstream.read(&mut [0; 4096]).await.unwrap() > 0);
    gw.db.execute("delete from auth.sessions").await;
    upstream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").await.unwrap();
    let cut = async {
        if let Ok(mut response) = late.await.unwrap() {
            while let Ok(Some(_)) = response.chunk().await {}
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("it is looked at once more when its answer begins");
}
