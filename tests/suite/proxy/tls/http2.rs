//! HTTP/2 from clients: the same rules, and bounds of its own (DOS-04).

use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::{self, SendRequest};
use http::{Method, Request, StatusCode, Version};
use serde_json::json;
use tokio::{net::TcpListener, time::timeout};

use super::Secured;
use crate::harness::eventually;

pub(crate) async fn http2(secured: &Secured) -> SendRequest<Bytes> {
    let stream = secured.connect(b"h2").await.unwrap();
    let (requests, connection) = client::handshake(stream).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    requests.ready().await.unwrap()
}

pub(crate) fn get(secured: &Secured, path: &str, fields: &[(&str, &str)]) -> Request<()> {
    let uri = format!("https://{}{path}", secured.gw.host());
    let mut builder = Request::builder().method(Method::GET).uri(uri).version(Version::HTTP_2);
    for (name, value) in fields {
        builder = builder.header(*name, *value);
    }
    builder.body(()).unwrap()
}

pub(crate) async fn status(requests: &mut SendRequest<Bytes>, request: Request<()>) -> StatusCode {
    requests.send_request(request, true).unwrap().0.await.unwrap().status()
}

#[tokio::test]
async fn requests_are_checked_and_forwarded_as_http_1() {
    let secured = Secured::start(json!({})).await;
    let alice = secured.gw.insert_user("alice", &[]).await;
    let mut requests = http2(&secured).await;
    assert_eq!(status(&mut requests, get(&secured, "/items", &[])).await, 401);
    // Browsers send each cookie in a field of its own (RFC 9113 §8.2.3).
    let cookie = format!("{}={}", secured.gw.cookie_name(), alice.token);
    let fields = [("cookie", "theme=dark"), ("cookie", cookie.as_str()), ("cookie", "a=b"), ("x-user-id", "forged")];
    assert_eq!(status(&mut requests, get(&secured, "/items?q", &fields)).await, 200);
    let seen = secured.gw.upstream.received("/items").await;
    assert_eq!((seen.target(), seen.field("x-user-id")), ("/items?q", Some(alice.id.as_str())));
    assert_eq!((seen.field("cookie"), seen.field("host")), (Some("theme=dark; a=b"), Some(secured.gw.host())));
    assert_eq!(status(&mut requests, get(&secured, "/api/auth/ok", &[])).await, 200, "the auth API too");
}

#[tokio::test]
async fn what_http_1_refuses_is_refused_here_too() {
    let secured = Secured::start(json!({})).await;
    let mut requests = http2(&secured).await;
    let many: Vec<(String, String)> = (0..120).map(|n| (format!("x-{n}"), String::new())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for (path, fields, expected) in [
        ("/public/../items", &[][..], 400),
        ("/public/%2e%2e/items", &[], 400),
        ("/public/x", &[("host", "evil.example")], 400),
        ("/public/x", &many, 431),
        ("/public/x", &[("expect", "a-miracle")], 417),
        ("/public/x", &[("expect", "100-continue"), ("expect", "100-continue")], 417),
        ("/api/auth;x/ok", &[], 404),
    ] {
        assert_eq!(status(&mut requests, get(&secured, path, fields)).await, expected, "{path} {fields:?}");
    }
    let mut elsewhere = get(&secured, "/public/x", &[]);
    *elsewhere.uri_mut() = "https://evil.example/public/x".parse().unwrap();
    assert_eq!(status(&mut requests, elsewhere).await, 421);
    let connect = Request::builder().method(Method::CONNECT).uri("evil.example:443").body(()).unwrap();
    let refused = requests.send_request(connect, true).unwrap().0.await;
    assert!(refused.is_err_and(|error| error.is_reset()) || secured.gw.upstream.requests().is_empty());
    assert!(secured.gw.upstream.requests().is_empty());
    assert_eq!(status(&mut requests, get(&secured, "/public/x", &[])).await, 200, "the connection lives on");
}

#[tokio::test]
async fn requests_of_one_connection_run_side_by_side() {
    let secured = Secured::start(json!({})).await;
    let held = secured.gw.upstream.hold("/public/slow");
    let mut requests = http2(&secured).await;
    let slow = requests.send_request(get(&secured, "/public/slow", &[]), true).unwrap().0;
    secured.gw.upstream.received("/public/slow").await;
    assert_eq!(status(&mut requests, get(&secured, "/public/quick", &[])).await, 200);
    held.add_permits(1);
    assert_eq!(slow.await.unwrap().status(), 200);
}

#[tokio::test]
async fn whoever_resets_request_after_request_is_disconnected() {
    let secured = Secured::start(json!({})).await;
    secured.gw.upstream.reply("/public/never", crate::harness::Reply::Never);
    let mut requests = http2(&secured).await;
    let mut is_cut = false;
    for _ in 0..20_000 {
        if requests.clone().ready().await.is_err() {
            is_cut = true;
            break;
        }
        let Ok((_, mut stream)) = requests.send_request(get(&secured, "/public/never", &[]), true) else {
            is_cut = true;
            break;
        };
        stream.send_reset(h2::Reason::CANCEL);
    }
    let others = http2(&secured).await;
    assert_eq!(status(&mut others.clone(), get(&secured, "/public/x", &[])).await, 200, "nobody else notices");
    eventually("the requests to be over", async || {
        (is_cut || secured.gw.metric("authgate_requests_in_flight").await < 1.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_header_list_beyond_its_bound_is_refused() {
    let secured = Secured::start(json!({})).await;
    let mut requests = http2(&secured).await;
    let large = "x".repeat(40 * 1024);
    let answer = requests.send_request(get(&secured, "/public/x", &[("x-large", &large)]), true).unwrap().0.await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 431));
    assert!(secured.gw.upstream.requests().is_empty());
}

/// Answers with a message and its trailers, as gRPC does.
async fn grpc_server() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    tokio::spawn(async move {
                        let user = request.headers()["x-user-id"].clone();
                        let mut received = request.into_body();
                        let mut echo = respond.send_response(http::Response::new(()), false).unwrap();
                        while let Some(Ok(message)) = received.data().await {
                            let _ = received.flow_control().release_capacity(message.len());
                            echo.send_data(message, false).unwrap();
                        }
                        let trailers = [("grpc-status", "0".parse().unwrap()), ("x-saw-user", user)];
                        let trailers = trailers.map(|(name, value)| (http::HeaderName::from_static(name), value));
                        echo.send_trailers(trailers.into_iter().collect()).unwrap();
                    });
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn grpc_passes_with_its_trailers() {
    let servers = [format!("http://{}", grpc_server().await)];
    let secured = Secured::start(json!({ "upstreams": { "api": { "servers": servers, "http2": true } } })).await;
    let alice = secured.gw.insert_user("alice", &[]).await;
    let mut requests = http2(&secured).await;
    let bearer = format!("Bearer {}", alice.token);
    let fields = [("authorization", bearer.as_str()), ("te", "trailers"), ("content-type", "application/grpc")];
    let mut request = get(&secured, "/items.Service/Echo", &fields);
    *request.method_mut() = Method::POST;
    let (response, mut body) = requests.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(b"one"), false).unwrap();
    let mut answer = response.await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.body_mut().data().await.unwrap().unwrap(), "one", "before the request has ended");
    body.send_data(Bytes::from_static(b"two"), true).unwrap();
    assert_eq!(answer.body_mut().data().await.unwrap().unwrap(), "two");
    let trailers = answer.body_mut().trailers().await.unwrap().unwrap();
    assert_eq!(
        (&trailers["grpc-status"], &trailers["x-saw-user"]),
        (&"0".parse().unwrap(), &alice.id.parse().unwrap())
    );
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_more_ends_after_a_minute() {
    let secured = Secured::start(json!({})).await;
    let stream = secured.connect(b"h2").await.unwrap();
    let (requests, connection) = client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(async move { drop(connection.await) });
    let mut requests = requests.ready().await.unwrap();
    assert_eq!(status(&mut requests, get(&secured, "/public/x", &[])).await, 200);
    let began = Instant::now();
    timeout(Duration::from_secs(90), connection).await.expect("it is let go").unwrap();
    // A busy machine is late, and never early.
    assert!((59..85).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    drop(requests);
}
