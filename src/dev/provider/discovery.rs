//! Describes the `OpenID` provider, and gives the key by which id tokens are verified.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use crate::dev::provider::{endpoint::Endpoint, responses::json_response};

pub(super) async fn describe(State(endpoint): State<Endpoint>) -> Response {
    let issuer = endpoint.issuer();
    json_response(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

pub(super) async fn keys(State(endpoint): State<Endpoint>) -> Response {
    json_response(StatusCode::OK, &json!({ "keys": [endpoint.provider.key.public()] }))
}
