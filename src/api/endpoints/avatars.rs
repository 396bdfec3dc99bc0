//! Serves `GET /avatars/{file}`: pictures of people, for whoever has their address.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    api::{Problem, error::problem::ProblemBody, extract::caller::Caller},
    auth::{Auth, FoundPicture, PictureName, find_picture},
};

/// The address holds the hash of what it names, so that nobody has to ask twice.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A picture that is opened by itself is a document of the origin that people sign in to: it runs and loads nothing.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");

/// Show a picture of somebody
///
/// Public: the `image` of a user who sent a picture is its address. Not found once nobody has it any more, and while the
/// user is banned.
#[utoipa::path(get, path = "/avatars/{file}", tag = "Account", params(("file" = String, Path, description = "SHA-256 and kind")),
    responses(
        (status = 200, description = "The picture, to be kept for ever", content(
            (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif")
        )),
        (status = 304, description = "The client has it"),
        (status = 404, description = "`AVATAR_NOT_FOUND`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn show(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let not_found = || Problem::new(StatusCode::NOT_FOUND, "AVATAR_NOT_FOUND", "There is no such picture");
    let name = PictureName::parse(&file).ok_or_else(not_found)?;
    let tag = format!("\"{}\"", name.hex());
    let found = find_picture(caller.flow(&auth), name, is_known(&headers, &tag)).await?.ok_or_else(not_found)?;
    let mut response = Response::new(Body::empty());
    match found {
        FoundPicture::Content(content) => {
            *response.body_mut() = Body::from(content);
            let media_type = HeaderValue::from_static(name.kind().media_type());
            response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        }
        FoundPicture::Known => *response.status_mut() = StatusCode::NOT_MODIFIED,
    }
    let tag = HeaderValue::try_from(tag).expect("hexadecimal digits are visible ASCII");
    response.headers_mut().extend([
        (header::ETAG, tag),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (CROSS_ORIGIN_RESOURCE_POLICY, CROSS_ORIGIN),
    ]);
    Ok(response)
}

/// Tells whether the client names the picture among those that it has (RFC 9110 §13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag)
}
