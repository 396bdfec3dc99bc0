//! What a provider says has to be signed by it, for this gateway, for this sign-in, now (OAUTH-03).

use serde_json::json;
use time::OffsetDateTime;

use super::{assert_refused, gateway_with, location, walk};
use crate::harness::idp::{Idp, Signing};

#[tokio::test]
async fn wrong_claims_sign_nobody_in() {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    let good = json!({ "iss": idp.issuer(), "aud": null, "azp": null, "iat": null, "exp": null, "nonce": null });
    for (claims, word) in [
        (json!({ "iss": "https://evil.example" }), "unable_to_get_user_info"),
        (json!({ "aud": "another-client" }), "unable_to_get_user_info"),
        (json!({ "aud": ["the-gateway", "another-client"] }), "unable_to_get_user_info"),
        (json!({ "azp": "another-client" }), "unable_to_get_user_info"),
        (json!({ "exp": now - 120 }), "unable_to_get_user_info"),
        (json!({ "iat": now + 120 }), "unable_to_get_user_info"),
        (json!({ "exp": "never" }), "unable_to_get_user_info"),
        (json!({ "sub": 7 }), "unable_to_get_user_info"),
        (json!({ "nonce": "of-another-sign-in" }), "nonce_binding_missing"),
    ] {
        idp.claim(&claims);
        assert_refused(&gw, &walk(&gw).await, word).await;
        idp.claim(&good);
        idp.claim(&json!({ "sub": "ada-1" }));
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    assert_eq!(location(&walk(&gw).await), "/new", "and right ones do");
}

#[tokio::test]
async fn forged_signatures_sign_nobody_in() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for signing in [Signing::None, Signing::Hs256, Signing::OtherKey] {
        idp.sign(signing);
        assert_refused(&gw, &walk(&gw).await, "unable_to_get_user_info").await;
    }
    idp.sign(Signing::Right);
    assert_eq!(location(&walk(&gw).await), "/new");
}

#[tokio::test]
async fn keys_are_asked_for_once_and_again_when_they_change() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for _ in 0..3 {
        walk(&gw).await;
    }
    assert_eq!(idp.calls("/jwks").len(), 1);
    assert_eq!(idp.calls("/.well-known/openid-configuration").len(), 1);
    // In the middle of everything the provider signs with another key.
    idp.rotate_key();
    assert_eq!(location(&walk(&gw).await), "/in");
    assert_eq!(idp.calls("/jwks").len(), 2);
    // Once a minute: not every token makes a call.
    idp.rotate_key();
    for _ in 0..3 {
        assert_eq!(location(&walk(&gw).await), "/out?error=unable_to_get_user_info");
    }
    assert_eq!(idp.calls("/jwks").len(), 2);
}

#[tokio::test]
async fn addresses_have_one_at() {
    let idp = Idp::start().await;
    let gw = gateway_with(&idp).await;
    for email in ["ada@evil.example@example.com", "ada", "@example.com", "ada@example.com\r\nBcc: x@example.com"] {
        idp.claim(&json!({ "email": email }));
        assert_refused(&gw, &walk(&gw).await, "email_not_found").await;
    }
}
