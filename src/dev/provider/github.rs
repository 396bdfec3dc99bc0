//! Answers at the two endpoints where GitHub tells who somebody is.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};

use crate::dev::provider::{endpoint::Endpoint, grants::Person, responses::json_response};

pub(super) async fn user(State(endpoint): State<Endpoint>, headers: HeaderMap) -> Response {
    tell(&endpoint, &headers, |person| {
        let [a, b, c, d, ..] = person.digest();
        let login = person.email.split('@').next().unwrap_or_default();
        // An address that is not public is not here.
        json!({ "id": u32::from_be_bytes([a, b, c, d]), "login": login, "name": person.name, "email": null })
    })
}

pub(super) async fn emails(State(endpoint): State<Endpoint>, headers: HeaderMap) -> Response {
    tell(
        &endpoint,
        &headers,
        |person| json!([{ "email": person.email, "primary": true, "verified": person.is_verified, "visibility": "private" }]),
    )
}

fn tell(endpoint: &Endpoint, headers: &HeaderMap, what: impl FnOnce(&Person) -> Value) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match token.and_then(|token| endpoint.provider.grants.person(token)) {
        Some(person) => json_response(StatusCode::OK, &what(&person)),
        None => json_response(StatusCode::UNAUTHORIZED, &json!({ "message": "Bad credentials" })),
    }
}
