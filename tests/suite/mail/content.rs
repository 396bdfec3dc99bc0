//! What is in a mail.

use serde_json::json;

use crate::harness::{PASSWORD, TestGateway, client::AUTH, client::expect_problem};

#[tokio::test]
async fn mails_have_both_parts_and_a_link_to_the_public_url() {
    let gw = TestGateway::start().await;
    let email = gw.sign_up("alice").await;
    let mail = gw.mail.to(&email).await;
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("no-reply@example.com", &[email][..]));
    assert!(!mail.subject.is_empty());
    let link = mail.link();
    assert!(link.as_str().starts_with(&format!("{}{AUTH}/", gw.origin())), "{link}");
    assert_eq!(mail.token().len(), 43);
    assert!(mail.text.contains("alice") && mail.text.contains("15 minutes"), "{}", mail.text);
    assert!(mail.html.contains("<html") && mail.html.contains(&mail.token()), "{}", mail.html);
    for name in ["Message-ID:", "Date:", "MIME-Version:", "From: ", "To: "] {
        assert!(mail.raw.lines().any(|line| line.to_lowercase().starts_with(&name.to_lowercase())), "{name}");
    }
    assert!(!mail.html.to_lowercase().contains("<img") && !mail.html.to_lowercase().contains("<script"));
}

#[tokio::test]
async fn nothing_of_a_request_decides_where_a_link_leads() {
    let gw = TestGateway::with(json!({
        "server": { "hosts": ["other.test"], "trusted_proxies": ["127.0.0.0/8"] },
    }))
    .await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD }).to_string();
    let request = format!(
        "POST {AUTH}/sign-up/email HTTP/1.1\r\nHost: other.test\r\nX-Forwarded-Host: evil.example\r\n\
         X-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\nX-Original-Host: evil.example\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 200);
    let mail = gw.mail.to("alice@example.com").await;
    assert!(mail.link().as_str().starts_with(gw.origin()), "{}", mail.link());
    assert!(!mail.raw.contains("evil.example") && !mail.raw.contains("other.test"), "{}", mail.raw);
}

#[tokio::test]
async fn a_forged_host_gets_no_mail_at_all() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD }).to_string();
    let request = format!(
        "POST {AUTH}/sign-up/email HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 421);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
}

#[tokio::test]
async fn names_are_harmless_in_mails() {
    let gw = TestGateway::start().await;
    for (n, name) in [
        "<script>alert(1)</script>",
        "<a href=\"http://evil.example\">click</a>",
        "Alice http://evil.example/ now",
        "www.evil.example",
        "Alice\r\nBcc: victim@example.com",
        "Alice\r\n\r\nhttp://evil.example",
        "\u{202e}evil",
        &"long ".repeat(1000),
    ]
    .iter()
    .enumerate()
    {
        let email = format!("user{n}@example.com");
        let body = json!({ "name": name, "email": email, "password": PASSWORD });
        let response = gw.anonymous().auth("/sign-up/email", &body).await;
        if response.status() == 400 {
            continue;
        }
        assert_eq!(response.status(), 200, "{name:?}");
        let mail = gw.mail.to(&email).await;
        assert_eq!(mail.to, [email.as_str()], "{name:?}");
        assert!(!mail.raw.to_lowercase().contains("bcc:"), "{name:?}: {}", mail.raw);
        assert!(!mail.html.contains("<script") && !mail.html.contains("href=\"http://evil"), "{name:?}: {}", mail.html);
        assert!(
            !mail.text.contains("http://evil.example") && !mail.text.contains("www.evil"),
            "{name:?}: {}",
            mail.text
        );
        assert!(!mail.text.contains('\u{202e}'), "{name:?}");
        assert!(mail.text.len() < 3000, "{name:.20}: {} bytes", mail.text.len());
        assert!(mail.link().as_str().starts_with(gw.origin()), "{name:?}");
    }
}

#[tokio::test]
async fn mail_goes_to_the_stored_address() {
    let gw = TestGateway::start().await;
    let alice = gw.sign_up("alice").await;
    gw.mail.to(&alice).await;
    let body = json!({ "email": "ALICE@EXAMPLE.COM" });
    assert_eq!(gw.anonymous().auth("/send-verification-email", &body).await.status(), 200);
    assert_eq!(gw.mail.nth_to(&alice, 2).await.to, [alice.as_str()]);
    let body = json!({ "email": "al\u{131}ce@example.com" });
    expect_problem(gw.anonymous().auth("/send-verification-email", &body).await, 400, "INVALID_EMAIL").await;
}
