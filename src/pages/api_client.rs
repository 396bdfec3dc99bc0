//! Calls the auth API in this process, on behalf of the browser that asks for a page.

use axum::{
    Router,
    body::{Body, Bytes},
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use crate::pages::{error::PageError, problem::Problem};

/// Holds what the API responded.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// Is the body as it came, which is no JSON where a table was asked for.
    pub(crate) bytes: Bytes,
    /// Is where the next page of a table goes on.
    pub(crate) next_cursor: Option<String>,
    /// Says, in seconds, when to come again.
    pub(crate) retry_after: Option<u64>,
    pub(crate) cookies: Vec<HeaderValue>,
}

impl Reply {
    /// Returns the body of a success, or the problem.
    pub(crate) fn ok(self) -> Result<Value, Problem> {
        if self.status.is_success() || self.status.is_redirection() { Ok(self.body) } else { Err(self.problem()) }
    }

    /// Does the same for a body of a known form. Any other form is a defect of ours.
    pub(crate) fn parse<T: DeserializeOwned>(self) -> Result<T, PageError> {
        let body = self.ok().map_err(PageError::Problem)?;
        serde_json::from_value(body).map_err(|error| {
            tracing::error!(error = %error, "a page could not read what the auth API responded");
            PageError::Internal
        })
    }

    fn problem(self) -> Problem {
        let text = |key: &str| self.body[key].as_str().unwrap_or_default().to_owned();
        let fields = self.body["fields"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Problem {
            status: self.status,
            code: text("code"),
            message: text("message"),
            fields: fields.map(str::to_owned).collect(),
            retry_after: self.retry_after,
        }
    }
}

/// Calls the API. The browser's headers go along, so that limits, records and sessions are those of its own requests; the
/// origin is the gateway's, since the page's form was checked already.
pub(crate) async fn call(
    router: &Router,
    (method, target): (Method, &str),
    body: Option<&Value>,
    (headers, extensions, origin): (&HeaderMap, &Extensions, &str),
) -> Result<Reply, PageError> {
    let text = body.map(Value::to_string).unwrap_or_default();
    let mut request = Request::new(Body::from(text));
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().map_err(|_| PageError::NotFound)?;
    *request.extensions_mut() = extensions.clone();
    for name in [header::COOKIE, header::USER_AGENT, header::ACCEPT_LANGUAGE] {
        for value in headers.get_all(&name) {
            request.headers_mut().append(&name, value.clone());
        }
    }
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let origin = HeaderValue::from_str(origin).map_err(|_| PageError::Internal)?;
    request.headers_mut().insert(header::ORIGIN, origin);
    if body.is_some() {
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|_| PageError::Internal)?.to_bytes();
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let reply = Reply {
        status: parts.status,
        retry_after: text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok()),
        cookies: parts.headers.get_all(header::SET_COOKIE).iter().cloned().collect(),
        next_cursor: text(HeaderName::from_static("x-next-cursor")).map(str::to_owned),
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        bytes,
    };
    if reply.status.is_server_error() {
        return Err(PageError::Unavailable { retry_after: reply.retry_after });
    }
    Ok(reply)
}
