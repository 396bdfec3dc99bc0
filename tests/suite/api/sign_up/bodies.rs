//! Bodies that are refused, and the ones that look odd and are right.

use http::Method;
use serde_json::{Value, json};

use super::USERS;
use crate::harness::{
    PASSWORD, Problem, TestGateway,
    client::{AUTH, expect_problem},
    problem,
};

async fn refused(gw: &TestGateway, body: &Value) -> Problem {
    problem(gw.anonymous().auth("/sign-up/email", body).await).await
}

fn with(changes: &Value) -> Value {
    let mut body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD });
    crate::harness::gateway::merge(&mut body, changes);
    body
}

#[tokio::test]
async fn fields_that_are_missing_or_of_another_type_are_all_named() {
    let gw = TestGateway::start().await;
    for (changes, paths) in [
        (json!({ "name": null }), &["body.name"][..]),
        (json!({ "email": null }), &["body.email"]),
        (json!({ "password": null }), &["body.password"]),
        (json!({ "name": null, "password": null }), &["body.name", "body.password"]),
        (json!({ "name": 7 }), &["body.name"]),
        (json!({ "email": ["alice@example.com"] }), &["body.email"]),
        (json!({ "email": { "$ne": "" } }), &["body.email"]),
        (json!({ "password": 12_345_678 }), &["body.password"]),
        (json!({ "rememberMe": "yes" }), &["body.rememberMe"]),
        (json!({ "image": 7 }), &["body.image"]),
    ] {
        let refused = refused(&gw, &with(&changes)).await;
        assert_eq!((refused.status, refused.code.as_str()), (400, "VALIDATION_ERROR"), "{changes}");
        for path in paths {
            assert!(refused.message.contains(&format!("[{path}]")), "{changes}: {}", refused.message);
        }
    }
    assert_eq!(gw.db.count(USERS).await, 0);
}

#[tokio::test]
async fn addresses_that_are_none_are_refused_and_mailed_to_nobody() {
    let gw = TestGateway::start().await;
    for email in [
        "",
        "alice",
        "@example.com",
        "alice@",
        "alice@localhost",
        " alice@example.com",
        "alice@example.com ",
        "a@b@example.com",
        "alice@example.com\r\nBcc: bob@example.com",
        "alice@example.com,bob@example.com",
        "<alice@example.com>",
        "Alice <alice@example.com>",
        "alice@example.com\u{0}",
        "a..b@example.com",
        "v\u{131}ctim@example.com",
        "alice@\u{ff25}xample.com",
        &format!("{}@example.com", "a".repeat(65)),
        &format!("a@{}.com", "a".repeat(260)),
    ] {
        let refused = refused(&gw, &with(&json!({ "email": email }))).await;
        assert_eq!((refused.status, refused.code.as_str()), (400, "INVALID_EMAIL"), "{email:?}");
    }
    assert_eq!(gw.db.count(USERS).await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.mail_outbox").await, 0);
    assert!(gw.mail.all().is_empty());
}

#[tokio::test]
async fn passwords_are_long_enough_and_not_endless() {
    let gw = TestGateway::start().await;
    let emoji = "\u{1f600}";
    for (password, code) in [
        (String::new(), "PASSWORD_TOO_SHORT"),
        ("1234567".to_owned(), "PASSWORD_TOO_SHORT"),
        ("p\u{e4}ssw\u{f6}r".to_owned(), "PASSWORD_TOO_SHORT"),
        // Code points count, not the UTF-16 units of which there are eight here (PASS-01).
        (emoji.repeat(4), "PASSWORD_TOO_SHORT"),
        ("a".repeat(129), "PASSWORD_TOO_LONG"),
        ("a".repeat(20_000), "PASSWORD_TOO_LONG"),
    ] {
        let refused = refused(&gw, &with(&json!({ "password": password }))).await;
        assert_eq!((refused.status, refused.code.as_str()), (400, code), "{} bytes", password.len());
        assert!(!refused.message.contains(&password) || password.is_empty());
    }
    assert_eq!(gw.db.count(USERS).await, 0);
    for (n, password) in [
        "x7#kQ2!p".to_owned(),
        "correct horse battery staple".to_owned(),
        "  leading and trailing  ".to_owned(),
        ('\u{1f600}'..).take(9).collect(),
        "\u{4eca}\u{665a}\u{6211}\u{4eec}\u{53bb}\u{6e38}\u{6cf3}\u{5427}".to_owned(),
        PASSWORD.chars().cycle().take(128).collect(),
    ]
    .iter()
    .enumerate()
    {
        let body = with(&json!({ "email": format!("user{n}@example.com"), "password": password }));
        assert_eq!(gw.anonymous().auth("/sign-up/email", &body).await.status(), 200, "{password}");
    }
}

#[tokio::test]
async fn the_configured_length_counts() {
    let gw = TestGateway::with(json!({ "auth": { "password": { "min_length": 15, "max_length": 64 } } })).await;
    for (password, code) in [("fourteen chars".to_owned(), "PASSWORD_TOO_SHORT"), ("a".repeat(65), "PASSWORD_TOO_LONG")]
    {
        assert_eq!(refused(&gw, &with(&json!({ "password": password }))).await.code, code);
    }
    assert_eq!(gw.anonymous().auth("/sign-up/email", &with(&json!({}))).await.status(), 200);
}

#[tokio::test]
async fn an_empty_name_and_an_image_are_fine() {
    let gw = TestGateway::start().await;
    let body = with(&json!({ "name": "", "image": "https://example.com/a.png" }));
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["user"]["name"], &answer["user"]["image"]), (&json!(""), &json!("https://example.com/a.png")));
}

#[tokio::test]
async fn bodies_that_are_not_json_are_400() {
    let gw = TestGateway::start().await;
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(50_000 / 2), "]".repeat(50_000 / 2));
    let moderately_deep = format!("{{\"x\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    for body in [
        "",
        "{",
        "nonsense",
        "{\"name\":}",
        "{} trailing",
        "{\"name\":\"a\",}",
        "{'name':'a'}",
        "\u{feff}{}x",
        "{\"email\":\"a@example.com\",\"email\":\"b@example.com\",\"name\":\"a\",\"password\":\"correct horse battery\"}",
        deep.as_str(),
        moderately_deep.as_str(),
        "[]",
        "\"text\"",
        "7",
        "null",
    ] {
        let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", "application/json");
        let refused = problem(request.body(body.to_owned()).send().await.unwrap()).await;
        assert_eq!(refused.status, 400, "{body:.60}");
        assert!(["BAD_REQUEST", "VALIDATION_ERROR"].contains(&refused.code.as_str()), "{body:.60}: {}", refused.code);
        if body == "nonsense" {
            assert_eq!(
                (refused.code.as_str(), refused.message.as_str()),
                ("BAD_REQUEST", "Invalid JSON in request body")
            );
        }
    }
    let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", "application/json");
    let response = request.body(&b"{\"name\":\"\xff\"}"[..]).send().await.unwrap();
    assert_eq!(response.status(), 400, "not UTF-8");
    assert_eq!(gw.db.count(USERS).await, 0);
    assert_eq!(gw.metric("authgate_panics_total").await.to_string(), "0");
}

#[tokio::test]
async fn other_content_types_are_415() {
    let gw = TestGateway::start().await;
    let body = with(&json!({})).to_string();
    for content_type in
        ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx", "", "json"]
    {
        let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", content_type);
        expect_problem(request.body(body.clone()).send().await.unwrap(), 415, "UNSUPPORTED_MEDIA_TYPE").await;
    }
    let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).body(body.clone());
    expect_problem(request.send().await.unwrap(), 415, "UNSUPPORTED_MEDIA_TYPE").await;
    let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", "application/json");
    let response = request.header("Content-Encoding", "gzip").body(body.clone()).send().await.unwrap();
    expect_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE").await;
    assert_eq!(gw.db.count(USERS).await, 0);
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", content_type);
        assert_eq!(request.body(body.clone()).send().await.unwrap().status(), 200, "{content_type}");
    }
}

#[tokio::test]
async fn bodies_over_64_kib_are_413_whatever_their_framing() {
    let gw = TestGateway::start().await;
    let body = with(&json!({ "x": "a".repeat(70_000) })).to_string();
    let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", "application/json");
    expect_problem(request.body(body.clone()).send().await.unwrap(), 413, "PAYLOAD_TOO_LARGE").await;
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> = body.as_bytes().chunks(1000).map(|p| Ok(p.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let request = gw.anonymous().post(&format!("{AUTH}/sign-up/email")).header("Content-Type", "application/json");
    expect_problem(request.body(stream).send().await.unwrap(), 413, "PAYLOAD_TOO_LARGE").await;
    assert_eq!(gw.db.count(USERS).await, 0);
}

#[tokio::test]
async fn foreign_callback_urls_are_refused() {
    let gw = TestGateway::start().await;
    for url in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"] {
        let request = with(&json!({ "callbackURL": url }));
        let refused = refused(&gw, &request).await;
        assert_eq!((refused.status, refused.code.as_str()), (403, "INVALID_CALLBACK_URL"), "{url}");
    }
    assert_eq!(gw.db.count(USERS).await, 0);
    for url in [json!(7), json!(["/x"])] {
        assert_eq!(refused(&gw, &with(&json!({ "callbackURL": url }))).await.status, 400, "{url}");
    }
    let request = gw.anonymous().request(Method::POST, &format!("{AUTH}/sign-up/email"));
    let response = request.json(&with(&json!({ "callbackURL": "/welcome?x=1" }))).send().await.unwrap();
    assert_eq!(response.status(), 200);
}
