//! Answers at the two endpoints where GitHub tells who somebody is.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};

use crate::dev::provider::{endpoint::Endpoint, grants::ProviderUser, responses::json_response};

pub(super) async fn user(State(endpoint): State<Endpoint>, headers: HeaderMap) -> Response {
    tell(&endpoint, &headers, |user| {
        let [a, b, c, d, ..] = user.digest();
        let login = user.email.split('@').next().unwrap_or_default();
        // An address that is not public is not here.
        json!({ "id": u32::from_be_bytes([a, b, c, d]), "login": login, "name": user.name, "email": null })
    })
}

pub(super) async fn emails(State(endpoint): State<Endpoint>, headers: HeaderMap) -> Response {
    tell(
        &endpoint,
        &headers,
        |user| json!([{ "email": user.email, "primary": true, "verified": user.is_verified, "visibility": "private" }]),
    )
}

fn tell(endpoint: &Endpoint, headers: &HeaderMap, what: impl FnOnce(&ProviderUser) -> Value) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match token.and_then(|token| endpoint.provider.grants.user(token)) {
        Some(user) => json_response(StatusCode::OK, &what(&user)),
        None => json_response(StatusCode::UNAUTHORIZED, &json!({ "message": "Bad credentials" })),
    }
}
