//! Serves `GET /jwks`: the keys that verify what clients and upstreams are told of somebody's identity.

use axum::{Extension, body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

/// Holds the key set, serialised once.
#[derive(Debug, Clone)]
pub(crate) struct KeySet(pub(crate) Bytes);

/// Is a JSON Web Key Set (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(as = JsonWebKeySet)]
struct Keys {
    keys: Vec<Key>,
}

/// Is a key on Ed25519 (RFC 8037), or on P-256 (RFC 7518).
#[derive(Serialize, ToSchema)]
#[schema(as = JsonWebKey)]
struct Key {
    kty: String,
    crv: String,
    alg: String,
    r#use: String,
    /// Is RFC 7638's thumbprint.
    kid: String,
    x: String,
    /// Is the second coordinate of a key on P-256.
    #[schema(nullable = false)]
    y: Option<String>,
}

/// Serve the keys that verify JSON Web Tokens of sessions, and identity assertions
///
/// Read it again when a token names a key that is not in it.
#[utoipa::path(get, path = "/jwks", tag = "Service",
    responses((status = 200, description = "A JSON Web Key Set", body = Keys)))]
pub(crate) async fn jwks(Extension(KeySet(json)): Extension<KeySet>) -> Response {
    let mut response = Response::new(Body::from(json));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // It is for anybody's cache, and for less time than a rotation takes.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
