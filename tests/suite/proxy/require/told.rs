//! How backends learn what a session was opened with and what was proved in it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::config;
use crate::harness::{Client, TestGateway, client::AUTH};

/// The `amr` claim of a new JSON Web Token.
async fn amr(client: &Client) -> Value {
    let answer: Value = client.get(&format!("{AUTH}/token")).send().await.unwrap().json().await.unwrap();
    let claims = answer["token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["amr"].clone()
}

#[tokio::test]
async fn the_header_and_the_claim_say_how_a_session_was_proved() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let session = |method: &str, factor: &str| {
        format!("update auth.sessions set auth_method = '{method}', second_factor = nullif('{factor}', '')")
    };
    for (method, factor, header, expected) in [
        ("password", "", "password", json!(["pwd"])),
        ("password", "totp", "password,totp", json!(["pwd", "otp", "mfa"])),
        ("password", "otp", "password,otp", json!(["pwd", "otp", "mfa"])),
        ("password", "backup-code", "password,backup-code", json!(["pwd", "otp", "mfa"])),
        ("password", "trusted-device", "password,trusted-device", json!(["pwd"])),
        ("magic-link", "", "magic-link", json!(["email"])),
        ("email-otp", "", "email-otp", json!(["otp"])),
        ("acme", "totp", "acme,totp", json!(["fed", "otp", "mfa"])),
        ("passkey", "passkey", "passkey", json!(["pop", "mfa"])),
        // A method that no gateway wrote is told so that no backend misreads it.
        ("zo\u{eb}", "sms", "zo%C3%AB", json!(["fed"])),
    ] {
        let mut connection = gw.db.connect().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(session(method, factor))).execute(&mut connection).await.unwrap();
        for client in [&*alice, &alice.bearer()] {
            for path in ["/items", "/optional/x"] {
                assert_eq!(client.get(path).header("X-Auth-Method", "passkey").send().await.unwrap().status(), 200);
                let seen = gw.upstream.last();
                let values: Vec<&str> = seen
                    .fields
                    .iter()
                    .filter(|(name, _)| name.eq_ignore_ascii_case("x-auth-method"))
                    .map(|(_, value)| value.as_str())
                    .collect();
                assert_eq!(values, [header], "{method}, {factor}");
            }
        }
        assert_eq!(amr(&alice).await, expected, "{method}, {factor}");
    }
}

#[tokio::test]
async fn nobody_is_said_to_have_proved_anything_where_nobody_is_known() {
    let gw = TestGateway::with(config()).await;
    let alice = gw.insert_user("alice", &[]).await;
    for (client, path) in [(&gw.anonymous(), "/optional/x"), (&gw.anonymous(), "/public/x"), (&*alice, "/public/x")] {
        for name in ["X-Auth-Method", "x_auth_method", "X.Auth.Method", "X-Auth_Method"] {
            assert_eq!(client.get(path).header(name, "password,totp").send().await.unwrap().status(), 200);
            let seen = gw.upstream.last();
            assert!(!seen.fields.iter().any(|(_, value)| value == "password,totp"), "{name} on {path}");
        }
    }
}
