//! Says what an error looks like to a client: status, stable code, public text. It is free of the web framework, since
//! the proxy rejects with it too. The only mapping of errors to it there is lives in the modules below.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, error::Error, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::types::{RequestId, StepUp};

/// Tells after how many seconds trying again makes sense.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// Holds RFC 9457's fields, and `code` and `message` as the better-auth client knows them.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    step_up: Option<StepUp>,
    fields: Vec<String>,
    /// Is for the log, never for the client.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// Says why a request was refused: RFC 9457, and `code` and `message` as the better-auth client knows them.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemBody<'a> {
    r#type: String,
    title: &'a str,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Is stable, in upper snake case.
    code: &'a str,
    message: &'a str,
    /// Says what to do first, with `TWO_FACTOR_REQUIRED` and `REAUTHENTICATION_REQUIRED`: `two_factor_setup` (set a
    /// second factor up), `two_factor` (prove it in this session) or `reauthenticate` (prove once more who you are).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    step_up: Option<&'static str>,
    /// Names the fields of the body or of the query that the problem is about, with `VALIDATION_ERROR` and wherever else the
    /// problem is about some in particular.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(required = false)]
    fields: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<&'a str>,
}

impl Problem {
    /// Creates a problem of any status, with a code in upper snake case and a text for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let (headers, fields) = (Vec::new(), Vec::new());
        Self { status, code, message: message.into(), headers, step_up: None, fields, cause: None }
    }

    /// Creates a 400.
    #[must_use]
    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Creates a 401: no session, or a credential that opens none.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// Creates a 401: it is somebody else's to do.
    #[must_use]
    pub(crate) fn unauthorized_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session")
    }

    /// Creates a 403: what is asked for needs a session that was opened a short while ago (SESS-09, contract §1.2).
    #[must_use]
    pub fn session_not_fresh() -> Self {
        Self::new(StatusCode::FORBIDDEN, "SESSION_NOT_FRESH", "Session is not fresh")
    }

    /// Creates a 403: an administrator acts in the user's place, and what is asked for would last longer (ADMIN-02).
    #[must_use]
    pub fn impersonated() -> Self {
        let message = "This cannot be done in another user's place";
        Self::new(StatusCode::FORBIDDEN, "NOT_ALLOWED_WHILE_IMPERSONATING", message)
    }

    /// Creates a 403: what is asked for needs a session in which more was proved, or a shorter while ago.
    #[must_use]
    pub fn step_up(step_up: StepUp) -> Self {
        let (code, message) = match step_up {
            StepUp::TwoFactorSetup => ("TWO_FACTOR_REQUIRED", "Set up a second factor first"),
            StepUp::TwoFactor => ("TWO_FACTOR_REQUIRED", "Prove a second factor in this session first"),
            StepUp::Reauthenticate => {
                ("REAUTHENTICATION_REQUIRED", "Prove once more who you are: with your password or a code")
            }
        };
        Self { step_up: Some(step_up), ..Self::new(StatusCode::FORBIDDEN, code, message) }
    }

    /// Creates a 400: nobody asked this browser's authenticator, or it took too long, or has answered.
    #[must_use]
    pub(crate) fn passkey_challenge_not_found() -> Self {
        Self::bad_request("CHALLENGE_NOT_FOUND", "Challenge not found")
    }

    /// Creates a 403: accounts have addresses of other domains (`auth.sign_up.allowed_email_domains`).
    #[must_use]
    pub fn email_domain_not_allowed() -> Self {
        let message = "E-mail addresses of this domain are not allowed";
        Self::new(StatusCode::FORBIDDEN, "EMAIL_DOMAIN_NOT_ALLOWED", message)
    }

    /// Creates a 413.
    #[must_use]
    pub fn payload_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "Request body too large")
    }

    /// Creates a 413 for a picture of more bytes than are stored.
    #[must_use]
    pub fn avatar_too_large(max: usize) -> Self {
        let (count, unit) = if max.is_multiple_of(1024) { (max / 1024, "KiB") } else { (max, "bytes") };
        let message = format!("The picture is too large: at most {count} {unit} are stored");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "AVATAR_TOO_LARGE", message)
    }

    /// Creates a 415.
    #[must_use]
    pub fn unsupported_media_type(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// Creates a 500, with the cause for the log.
    #[must_use]
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal server error").with_cause(cause)
    }

    /// Creates a 503: a decision needs the database, which does not respond.
    #[must_use]
    pub fn service_unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "Service unavailable, try again shortly")
            .with_header(header::RETRY_AFTER, RETRY_AFTER)
    }

    /// Creates a 400 in the contract's form: every complaint names its place.
    #[must_use]
    pub fn validation(complaints: &[String]) -> Self {
        Self::bad_request("VALIDATION_ERROR", complaints.join("; "))
    }

    /// Names a field that the problem is about.
    #[must_use]
    pub fn with_field(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !self.fields.contains(&name) {
            self.fields.push(name);
        }
        self
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Replaces the status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Replaces code and message.
    #[must_use]
    pub(crate) fn renamed(mut self, code: &'static str, message: &'static str) -> Self {
        self.code = code;
        self.message = message.into();
        self
    }

    /// Adds what is logged and never sent.
    pub(crate) fn with_cause(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Logs the cause, once, where the response is made. Responses without a cause need no line of their own.
    pub fn log(&self, request_id: Option<&RequestId>) {
        let Some(cause) = &self.cause else { return };
        let mut causes = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            causes.push_str(": ");
            causes.push_str(&inner.to_string());
            source = inner.source();
        }
        let request_id = request_id.map_or("", RequestId::as_str);
        if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(request.id = request_id, error = causes, "a request failed");
        } else {
            tracing::warn!(request.id = request_id, error = causes, code = self.code, "a request was refused");
        }
    }

    /// Returns the whole response; the body names the request.
    ///
    /// # Panics
    /// Never: the body is made of texts and one number.
    #[must_use]
    pub fn parts(&self, request_id: Option<&RequestId>) -> (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes) {
        let mut headers = vec![
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        headers.extend(self.headers.iter().cloned());
        let body = ProblemBody {
            r#type: format!("urn:authgate:problem:{}", self.code.to_ascii_lowercase().replace('_', "-")),
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            message: &self.message,
            step_up: self.step_up.map(StepUp::as_str),
            fields: &self.fields,
            request_id: request_id.map(RequestId::as_str),
        };
        (self.status, headers, serde_json::to_vec(&body).expect("a tree of texts serialises").into())
    }
}
