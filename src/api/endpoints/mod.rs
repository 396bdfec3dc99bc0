//! One file a noun; each handler reads, calls one flow, and answers.

pub(crate) mod key_set;
pub(crate) mod oauth;
pub(crate) mod pages;
pub(crate) mod password_reset;
pub(crate) mod passwords;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod user;
pub(crate) mod verification;

use std::time::Duration;

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::{
    api::{Problem, extract::caller::Caller, respond::cookie::set_device},
    auth::{Auth, DeviceCookie},
};

/// Every answer to a request for a mail takes this long at least, whether or not one was written (MAIL-07).
const LEAST_TIME: Duration = Duration::from_millis(250);

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
struct Success {
    success: bool,
}

/// It was done, or there was nothing to do and nobody is told.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    status: bool,
}

/// Does what may or may not write a mail, in the same time either way.
async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let done = Instant::now() + LEAST_TIME;
    let result = work.await;
    tokio::time::sleep_until(done).await;
    result
}

/// Writes down why something could not be read, for pages that tell it in words of their own.
fn logged<T>(read: Result<T, Problem>, caller: &Caller) -> Result<T, Problem> {
    read.inspect_err(|problem| problem.log(Some(&caller.client.request_id)))
}

/// Lets a browser that the account knows be known with its new password too.
fn renew_device(headers: &mut HeaderMap, auth: &Auth, device: Option<&DeviceCookie>) {
    if let Some(device) = device {
        set_device(headers, &auth.settings, &device.seal(&auth.devices));
    }
}

/// 200 with a JSON body.
fn json<T: Serialize>(body: &T) -> Response {
    let body = serde_json::to_vec(body).expect("a tree of texts and booleans serialises");
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An empty redirect. The target was re-serialised by the URL parser, so it is visible ASCII.
fn redirect(status: StatusCode, target: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, location(target));
    response
}

fn location(target: &str) -> HeaderValue {
    HeaderValue::from_str(target).expect("a serialised URL is visible ASCII")
}
