//! Upstreams that speak HTTP/2, in clear.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::TestGateway;

/// Answers every request with its `:path` and `x-user-id`, and a trailer.
async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let user = request.headers().get("x-user-id").map_or("nobody", |id| id.to_str().unwrap());
                    let text = format!("{:?} {} {user}", request.version(), request.uri().path());
                    if request.uri().path() == "/public/odd" {
                        let mut head = Response::new(());
                        *head.status_mut() = http::StatusCode::NO_CONTENT;
                        let mut body = respond.send_response(head, false).unwrap();
                        body.send_data(Bytes::from("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), true).unwrap();
                        continue;
                    }
                    let mut body = respond.send_response(Response::new(()), false).unwrap();
                    body.send_data(Bytes::from(text), false).unwrap();
                    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
                    body.send_trailers(trailers).unwrap();
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn an_upstream_is_spoken_to_in_http_2_where_told_so() {
    let servers = [format!("http://{}", server().await)];
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers, "http2": true } } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    let text = alice.get("/items").send().await.unwrap().text().await.unwrap();
    assert_eq!(text, format!("HTTP/2.0 /items {}", alice.id));
    let many = (0..20).map(|_| alice.status("/items"));
    assert_eq!(futures_util::future::join_all(many).await, [200; 20]);
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_its_answer_without_chunks() {
    let servers = [format!("http://{}", server().await)];
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers, "http2": true } } })).await;
    let mut raw = gw.raw().await;
    raw.send(format!("GET /public/x HTTP/1.0\r\nHost: {}\r\nConnection: keep-alive\r\n\r\n", gw.host())).await;
    let response = raw.response().await.unwrap();
    assert_eq!((response.status, response.field("Transfer-Encoding")), (200, None));
    assert_eq!(response.field("Connection"), Some("close"));
    assert_eq!(String::from_utf8_lossy(&response.body), "HTTP/2.0 /public/x nobody");
    assert!(raw.closed().await.is_empty());
}

#[tokio::test]
async fn what_comes_behind_a_response_without_body_is_nobodys_next_response() {
    let servers = [format!("http://{}", server().await)];
    let gw = TestGateway::with(json!({ "upstreams": { "api": { "servers": servers, "http2": true } } })).await;
    let mut raw = gw.raw().await;
    let all = raw.send(gw.get_bytes("/public/odd", "")).await.closed().await;
    let all = String::from_utf8_lossy(&all);
    assert!(all.starts_with("HTTP/1.1 204 ") && !all.contains("evil"), "{all}");
}
