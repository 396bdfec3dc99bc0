use serde_json::json;
use url::Url;

use crate::auth::oauth::provider::token_endpoint::*;

fn parsed(status: u16, body: &str) -> Result<Tokens, String> {
    parse_response(StatusCode::from_u16(status).unwrap(), body.as_bytes()).map_err(|error| match error {
        ProviderError::Unavailable { source, .. } => format!("unavailable: {source}"),
        error => error.to_string(),
    })
}

#[test]
fn only_what_is_needed_must_be_right() {
    for (changes, seconds, scopes) in [
        (json!({}), Some(3600), &["openid", "email"][..]),
        (json!({ "token_type": null }), Some(3600), &["openid", "email"]),
        (json!({ "token_type": "bEaReR" }), Some(3600), &["openid", "email"]),
        (json!({ "token_type": 7 }), Some(3600), &["openid", "email"]),
        (json!({ "scope": ["openid", "email"] }), Some(3600), &["openid", "email"]),
        (json!({ "scope": "openid,email" }), Some(3600), &["openid", "email"]),
        (json!({ "scope": ["openid email", 7, null] }), Some(3600), &["openid", "email"]),
        (json!({ "scope": null }), Some(3600), &[]),
        (json!({ "scope": { "a": 1 } }), Some(3600), &[]),
        (json!({ "expires_in": "3599" }), Some(3599), &["openid", "email"]),
        (json!({ "expires_in": " 3599 " }), Some(3599), &["openid", "email"]),
        (json!({ "expires_in": 3599.7 }), Some(3599), &["openid", "email"]),
        (json!({ "expires_in": "3599.7" }), Some(3599), &["openid", "email"]),
        (json!({ "expires_in": -1 }), None, &["openid", "email"]),
        (json!({ "expires_in": "-1" }), None, &["openid", "email"]),
        (json!({ "expires_in": 0 }), None, &["openid", "email"]),
        (json!({ "expires_in": null }), None, &["openid", "email"]),
        (json!({ "expires_in": "never" }), None, &["openid", "email"]),
        (json!({ "expires_in": "" }), None, &["openid", "email"]),
        (json!({ "expires_in": "NaN" }), None, &["openid", "email"]),
        (json!({ "expires_in": "inf" }), None, &["openid", "email"]),
        (json!({ "expires_in": 1e300 }), None, &["openid", "email"]),
        (json!({ "expires_in": u64::MAX }), None, &["openid", "email"]),
        (json!({ "expires_in": [3600] }), None, &["openid", "email"]),
        (json!({ "error": null }), Some(3600), &["openid", "email"]),
        (json!({ "error": "" }), Some(3600), &["openid", "email"]),
        (json!({ "error": false }), Some(3600), &["openid", "email"]),
    ] {
        let mut body = json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": 3600, "scope": "openid email", "x": { "y": [1] },
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let tokens = parsed(200, &body.to_string()).unwrap_or_else(|error| panic!("{changes}: {error}"));
        assert_eq!(tokens.access.as_ref().map(Secret::expose), Some("a"), "{changes}");
        assert_eq!(tokens.expires_in.map(Duration::whole_seconds), seconds, "{changes}");
        assert_eq!(tokens.scopes, scopes, "{changes}");
    }
}

#[test]
fn further_tokens_are_taken_where_they_are_texts() {
    for (value, expected) in [(json!("r"), Some("r")), (json!(""), None), (json!(null), None), (json!(7), None)] {
        let body = json!({ "access_token": "a", "refresh_token": value, "id_token": value });
        let tokens = parsed(201, &body.to_string()).unwrap();
        assert_eq!(tokens.refresh.as_ref().map(Secret::expose), expected, "{value}");
        assert_eq!(tokens.id.as_ref().map(Secret::expose), expected, "{value}");
    }
    let body = json!({ "access_token": "a", "refresh_token_expires_in": "15897600" });
    let tokens = parsed(200, &body.to_string()).unwrap();
    assert_eq!(tokens.refresh_expires_in, Some(Duration::seconds(15_897_600)));
    let only_id = parsed(200, r#"{"id_token":"i","token_type":"Bearer"}"#).unwrap();
    assert!(only_id.access.is_none() && only_id.id.is_some());
}

#[test]
fn forms_and_byte_order_marks_are_read() {
    let tokens =
        parsed(200, "access_token=gho_1%2B2&expires_in=28800&scope=read%3Auser%2Cuser%3Aemail&token_type=bearer\n");
    let tokens = tokens.unwrap();
    assert_eq!(tokens.access.as_ref().map(Secret::expose), Some("gho_1+2"));
    assert_eq!(tokens.expires_in, Some(Duration::hours(8)));
    assert_eq!(tokens.scopes, ["read:user", "user:email"]);
    assert!(parsed(200, "\u{feff}{\"access_token\":\"a\"}").is_ok());
    assert_eq!(
        parsed(200, "error=bad_verification_code&error_description=The+code+passed+is+incorrect").unwrap_err(),
        "the provider refused: bad_verification_code"
    );
}

#[test]
fn refusals_and_outages_are_told_apart() {
    let malformed = "unavailable: the provider's answer is not the JSON that it should be";
    for (status, body, expected) in [
        (
            200,
            r#"{"error":"bad_verification_code","error_description":"The code is incorrect"}"#,
            "the provider refused: bad_verification_code",
        ),
        (200, r#"{"error":"bad_verification_code","access_token":"a"}"#, "the provider refused: bad_verification_code"),
        (200, r#"{"ok":false,"error":"invalid_code"}"#, "the provider refused: invalid_code"),
        (400, r#"{"error":"invalid_grant"}"#, "the provider refused: invalid_grant"),
        (401, r#"{"error":"invalid_client","error_codes":[7000215]}"#, "the provider refused: invalid_client"),
        (
            400,
            r#"{"error":{"type":"OAuthException","code":100,"message":"code abc"}}"#,
            "the provider refused: OAuthException",
        ),
        (400, r#"{"error":{"code":100}}"#, "the provider refused: no error code"),
        (400, r#"{"error":"a\nb c secret@x"}"#, "the provider refused: abcsecretx"),
        (403, r#"{"status":403,"message":"invalid client secret"}"#, "the provider refused: status 403"),
        (401, "", "the provider refused: status 401"),
        (400, "<html>", "the provider refused: status 400"),
        (500, r#"{"error":"invalid_grant"}"#, "the provider refused: invalid_grant"),
        (500, r#"{"error":"unknown"}"#, "unavailable: the provider answered 500"),
        (400, r#"{"error":"temporarily_unavailable"}"#, "unavailable: the provider says that it is not available"),
        (200, r#"{"error":"server_error"}"#, "unavailable: the provider says that it is not available"),
        (429, "{}", "unavailable: the provider answered 429"),
        (503, "", "unavailable: the provider answered 503"),
        (302, "{}", "unavailable: the provider answered 302"),
        (200, "", malformed),
        (200, "<html>it works", malformed),
        (200, "[]", malformed),
        (200, "{}", malformed),
        (200, r#"{"access_token":7}"#, malformed),
        (200, r#"{"access_token":""}"#, malformed),
        (200, "\u{0}", malformed),
    ] {
        assert_eq!(parsed(status, body).unwrap_err(), expected, "{status} {body}");
    }
}

#[test]
fn the_request_carries_the_secret_where_the_provider_takes_it() {
    let endpoints = |takes_secret_in_body| Endpoints {
        authorization: Url::parse("https://id.example/authorize").unwrap(),
        token: Url::parse("https://id.example/token").unwrap(),
        keys: None,
        userinfo: None,
        response_issuer: String::new(),
        sends_issuer: false,
        takes_secret_in_body,
    };
    let secret = Secret::new("s:+&".to_owned());
    let client = ClientCredentials { id: "a b", secret: &secret };
    let grant = [("grant_type", "refresh_token"), ("refresh_token", "r&x=1")];
    let request = build_request(&endpoints(true), &client, &grant).unwrap();
    assert!(!request.headers().contains_key(header::AUTHORIZATION));
    assert_eq!(
        std::str::from_utf8(request.body()).unwrap(),
        "grant_type=refresh_token&refresh_token=r%26x%3D1&client_id=a+b&client_secret=s%3A%2B%26"
    );
    let request = build_request(&endpoints(false), &client, &grant).unwrap();
    let header = request.headers()[header::AUTHORIZATION].to_str().unwrap();
    let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
    assert_eq!(std::str::from_utf8(&pair).unwrap(), "a+b:s%3A%2B%26");
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), "grant_type=refresh_token&refresh_token=r%26x%3D1");
}
