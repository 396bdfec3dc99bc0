//! Exchanges codes for what they stand for: the token endpoints.

use axum::{Extension, extract::State, http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::{
    api::RequestContext,
    dev::provider::{
        endpoint::Endpoint,
        fields::Fields,
        grants::Grant,
        protocol::{CLIENT_ID, CLIENT_SECRET, Protocol},
        responses::json_response,
    },
};

const LIFETIME: Duration = Duration::minutes(5);

pub(super) async fn exchange(
    State(endpoint): State<Endpoint>,
    Extension(context): Extension<RequestContext>,
    body: Bytes,
) -> Response {
    let Endpoint { provider, protocol } = &endpoint;
    let fields = Fields::parse(&body);
    let text = |name| fields.text(name);
    if text("client_id") != CLIENT_ID || !knows_secret(&endpoint, text("client_secret"), context.now) {
        return json_response(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_client" }));
    }
    let shown = URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
    let grant = provider.grants.take(text("code")).filter(|grant| {
        text("grant_type") == "authorization_code"
            && grant.protocol == *protocol
            && grant.redirect_uri == text("redirect_uri")
            && grant.challenge == shown
            && grant.expires_at > context.now
    });
    let Some(grant) = grant else {
        return json_response(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
    };
    let access_token = provider.grants.access_token(grant.user.clone());
    let mut answer = json!({ "access_token": access_token, "token_type": "bearer" });
    if *protocol == Protocol::GitHub {
        answer["scope"] = "read:user,user:email".into();
    } else {
        answer["expires_in"] = LIFETIME.whole_seconds().into();
        answer["id_token"] = provider.key.sign(&claims(&endpoint, &grant, context.now)).into();
    }
    json_response(StatusCode::OK, &answer)
}

fn knows_secret(endpoint: &Endpoint, secret: &str, now: OffsetDateTime) -> bool {
    match endpoint.protocol {
        Protocol::OpenId | Protocol::GitHub => secret == CLIENT_SECRET,
        Protocol::Apple => endpoint.provider.apple.signed(secret, &endpoint.issuer(), now),
    }
}

fn claims(endpoint: &Endpoint, grant: &Grant, now: OffsetDateTime) -> Value {
    let mut claims = json!({
        "iss": endpoint.issuer(),
        "sub": URL_SAFE_NO_PAD.encode(grant.user.digest()),
        "aud": CLIENT_ID,
        "iat": now.unix_timestamp(),
        "exp": (now + LIFETIME).unix_timestamp(),
        "email": grant.user.email,
        "email_verified": grant.user.is_verified,
    });
    if endpoint.protocol == Protocol::OpenId {
        claims["name"] = grant.user.name.as_str().into();
    }
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    claims
}
