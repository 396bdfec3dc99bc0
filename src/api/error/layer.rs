//! Is the outermost layer: errors become responses here, once, with the request's id, and every response gets the
//! headers that hold for the whole auth API.

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};

use crate::api::{Problem, RequestContext, extract::caller::HeadOnly};

/// Carries the problem to the error layer, which alone knows the request's id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Responds to what is not in the route table: a 404 with nothing in it (contract §1).
pub(crate) async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Writes the problem that a handler returned, and the headers of every response.
pub(crate) async fn error_layer(mut request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestContext>().map(|context| context.request_id.clone());
    let is_head = request.method() == Method::HEAD;
    if is_head {
        // The handler of GET responds; where it would change anything, it looks at the mark (MAIL-08). The body is left
        // out where the response is written, which so knows its length.
        *request.method_mut() = Method::GET;
        request.extensions_mut().insert(HeadOnly);
    }
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        problem.log(request_id.as_ref());
        let (_, headers, body) = problem.parts(request_id.as_ref());
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(headers);
        *response.body_mut() = Body::from(body);
    }
    let headers = response.headers_mut();
    // It would name the methods of a path that is said not to exist.
    headers.remove(header::ALLOW);
    if is_head {
        headers.remove(header::SET_COOKIE);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
