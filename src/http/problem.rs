//! Every error as an answer: status, stable code, public text. The only error-to-HTTP mapping there is, free of the
//! web framework, since the proxy refuses with it too.

use std::{borrow::Cow, error::Error, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{
        Busy, ChangeEmailError, ChangePasswordError, Constraint, DeleteUserError, InvalidCallbackUrl, LimitError,
        ResetPasswordError, SendVerificationError, SetPasswordError, SignInError, SignUpError, StoreError,
        UnlinkAccountError, VerifyEmailError, VerifyPasswordError,
    },
    types::{PasswordError, RequestId},
};

use super::OriginRefusal;

/// What better-auth calls it; the standard name goes with it (contract §7).
const X_RETRY_AFTER: HeaderName = HeaderName::from_static("x-retry-after");
/// Seconds after which trying again makes sense.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// RFC 9457's fields, and `code` and `message` as the better-auth client knows them.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// For the log, never for the client.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// Why a request was refused: RFC 9457, and `code` and `message` as the better-auth client knows them.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProblemBody<'a> {
    r#type: String,
    title: &'a str,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Stable, in upper snake case.
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<&'a str>,
}

impl Problem {
    /// Any status with a code in upper snake case and a text for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), cause: None }
    }

    /// 400
    #[must_use]
    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401: no session, or a credential that opens none.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: what is asked for needs a session that was opened a short while ago (SESS-09, contract §1.2).
    #[must_use]
    pub fn session_not_fresh() -> Self {
        Self::new(StatusCode::FORBIDDEN, "SESSION_NOT_FRESH", "Session is not fresh")
    }

    /// 413
    #[must_use]
    pub fn payload_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "Request body too large")
    }

    /// 415
    #[must_use]
    pub fn unsupported_media_type(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// 500, with the cause for the log.
    #[must_use]
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal server error").with_cause(cause)
    }

    /// 503: a decision needs the database, and it does not answer.
    #[must_use]
    pub fn service_unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "Service unavailable, try again shortly")
            .with_header(header::RETRY_AFTER, RETRY_AFTER)
    }

    /// 400 in the contract's form: every complaint names its place.
    #[must_use]
    pub fn validation(complaints: &[String]) -> Self {
        Self::bad_request("VALIDATION_ERROR", complaints.join("; "))
    }

    /// With a header of its own.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn with_cause(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Writes the cause down, once, where the answer is made. Answers without a cause need no line of their own.
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

    /// The whole answer; the body names the request.
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
            request_id: request_id.map(RequestId::as_str),
        };
        (self.status, headers, serde_json::to_vec(&body).expect("a tree of texts serialises").into())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => Self::service_unavailable().with_cause(error),
            // Flows turn the conflicts they foresee into answers of their own.
            StoreError::Conflict(Constraint::UserEmail | Constraint::ProviderAccount) | StoreError::Statement(_) => {
                Self::internal(error)
            }
        }
    }
}

/// Not the database's `SERVICE_UNAVAILABLE`: sessions and the traffic are fine, only passwords have to wait.
impl From<Busy> for Problem {
    fn from(Busy: Busy) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_BUSY", "Too many sign-ins at once, try again shortly")
            .with_header(header::RETRY_AFTER, RETRY_AFTER)
    }
}

impl From<LimitError> for Problem {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::RateLimited { retry_after } => {
                let seconds = HeaderValue::from(retry_after.as_secs().max(1));
                let message = "Too many requests. Please try again later.";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", message)
                    .with_header(header::RETRY_AFTER, seconds.clone())
                    .with_header(X_RETRY_AFTER, seconds)
            }
            LimitError::Store(error) => error.into(),
        }
    }
}

impl From<SignUpError> for Problem {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::EmailTaken => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
                "User already exists. Use another email.",
            ),
            SignUpError::Busy(busy) => busy.into(),
            SignUpError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::BadCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password")
            }
            SignInError::EmailNotVerified => {
                Self::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified")
            }
            SignInError::Limit(error) => error.into(),
            SignInError::Busy(busy) => busy.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<SendVerificationError> for Problem {
    fn from(error: SendVerificationError) -> Self {
        match error {
            SendVerificationError::EmailMismatch => Self::bad_request("EMAIL_MISMATCH", "Email mismatch"),
            SendVerificationError::AlreadyVerified => {
                Self::bad_request("EMAIL_ALREADY_VERIFIED", "Email is already verified")
            }
            SendVerificationError::Store(error) => error.into(),
        }
    }
}

impl From<VerifyEmailError> for Problem {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            // Who has the address now is nobody's business.
            VerifyEmailError::Invalid | VerifyEmailError::EmailTaken => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "Invalid token")
            }
            VerifyEmailError::Expired => Self::new(StatusCode::UNAUTHORIZED, "TOKEN_EXPIRED", "Token expired"),
            VerifyEmailError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeEmailError> for Problem {
    fn from(error: ChangeEmailError) -> Self {
        match error {
            ChangeEmailError::SameEmail => Self::bad_request("EMAIL_IS_THE_SAME", "Email is the same"),
            ChangeEmailError::Limit(error) => error.into(),
            ChangeEmailError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteUserError> for Problem {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::NoPassword => {
                Self::bad_request("CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
            }
            DeleteUserError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            DeleteUserError::InvalidToken => Self::new(StatusCode::NOT_FOUND, "INVALID_TOKEN", "Invalid token"),
            DeleteUserError::NotFresh => {
                Self::bad_request("SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
            }
            DeleteUserError::Limit(error) => error.into(),
            DeleteUserError::Busy(busy) => busy.into(),
            DeleteUserError::Store(error) => error.into(),
        }
    }
}

impl From<UnlinkAccountError> for Problem {
    fn from(error: UnlinkAccountError) -> Self {
        match error {
            UnlinkAccountError::LastAccount => {
                Self::bad_request("FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account")
            }
            UnlinkAccountError::UnknownAccount => Self::bad_request("ACCOUNT_NOT_FOUND", "Account not found"),
            UnlinkAccountError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::TooShort => Self::bad_request("PASSWORD_TOO_SHORT", "Password too short"),
            PasswordError::TooLong => Self::bad_request("PASSWORD_TOO_LONG", "Password too long"),
            PasswordError::TooCommon => Self::bad_request(
                "PASSWORD_TOO_COMMON",
                "Password too easy to guess: it is common, or made of words of your address or of this site. Choose \
                 another, for example several words that have nothing to do with each other",
            ),
        }
    }
}

/// Not the 401 of a verification link (contract §3.4).
impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::InvalidToken => Self::bad_request("INVALID_TOKEN", "Invalid token"),
            ResetPasswordError::Password(error) => error.into(),
            ResetPasswordError::Busy(busy) => busy.into(),
            ResetPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::NoPassword => {
                Self::bad_request("CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
            }
            ChangePasswordError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            ChangePasswordError::Limit(error) => error.into(),
            ChangePasswordError::Busy(busy) => busy.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<SetPasswordError> for Problem {
    fn from(error: SetPasswordError) -> Self {
        match error {
            SetPasswordError::AlreadySet => {
                Self::bad_request("PASSWORD_ALREADY_SET", "User already has a password set")
            }
            SetPasswordError::Busy(busy) => busy.into(),
            SetPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<VerifyPasswordError> for Problem {
    fn from(error: VerifyPasswordError) -> Self {
        match error {
            VerifyPasswordError::WrongPassword => Self::bad_request("INVALID_PASSWORD", "Invalid password"),
            VerifyPasswordError::Limit(error) => error.into(),
            VerifyPasswordError::Busy(busy) => busy.into(),
            VerifyPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<InvalidCallbackUrl> for Problem {
    fn from(InvalidCallbackUrl: InvalidCallbackUrl) -> Self {
        Self::new(StatusCode::FORBIDDEN, "INVALID_CALLBACK_URL", "Invalid callbackURL")
    }
}

impl From<OriginRefusal> for Problem {
    fn from(refusal: OriginRefusal) -> Self {
        let (code, message) = match refusal {
            OriginRefusal::MissingOrNull => ("MISSING_OR_NULL_ORIGIN", "Missing or null Origin"),
            OriginRefusal::Untrusted => ("INVALID_ORIGIN", "Invalid origin"),
            OriginRefusal::CrossSiteNavigation => (
                "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
                "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
            ),
        };
        Self::new(StatusCode::FORBIDDEN, code, message)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_name_code_and_request_and_nothing_inside() {
        let unavailable = StoreError::Unavailable(sqlx::Error::PoolTimedOut);
        let defect = StoreError::Statement(sqlx::Error::ColumnNotFound("password_hash".into()));
        for (problem, status, code) in [
            (Problem::from(unavailable), 503, "SERVICE_UNAVAILABLE"),
            (Problem::from(defect), 500, "INTERNAL_SERVER_ERROR"),
            (Problem::from(Busy), 503, "SERVICE_BUSY"),
            (Problem::from(SignInError::BadCredentials), 401, "INVALID_EMAIL_OR_PASSWORD"),
            (Problem::from(SignInError::EmailNotVerified), 403, "EMAIL_NOT_VERIFIED"),
            (Problem::from(SignUpError::EmailTaken), 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"),
            (Problem::from(VerifyEmailError::Expired), 401, "TOKEN_EXPIRED"),
            (Problem::from(ChangeEmailError::SameEmail), 400, "EMAIL_IS_THE_SAME"),
            (Problem::from(DeleteUserError::InvalidToken), 404, "INVALID_TOKEN"),
            (Problem::from(DeleteUserError::NotFresh), 400, "SESSION_EXPIRED"),
            (Problem::from(UnlinkAccountError::LastAccount), 400, "FAILED_TO_UNLINK_LAST_ACCOUNT"),
            (Problem::from(ResetPasswordError::InvalidToken), 400, "INVALID_TOKEN"),
            (Problem::from(PasswordError::TooCommon), 400, "PASSWORD_TOO_COMMON"),
            (Problem::from(ChangePasswordError::NoPassword), 400, "CREDENTIAL_ACCOUNT_NOT_FOUND"),
            (Problem::from(SetPasswordError::AlreadySet), 400, "PASSWORD_ALREADY_SET"),
            (Problem::from(VerifyPasswordError::WrongPassword), 400, "INVALID_PASSWORD"),
            (Problem::from(InvalidCallbackUrl), 403, "INVALID_CALLBACK_URL"),
            (Problem::from(OriginRefusal::MissingOrNull), 403, "MISSING_OR_NULL_ORIGIN"),
            (Problem::unauthorized(), 401, "UNAUTHORIZED"),
            (Problem::from(LimitError::RateLimited { retry_after: Duration::from_secs(7) }), 429, "TOO_MANY_REQUESTS"),
        ] {
            let id = RequestId::generate();
            let (answered, headers, body) = problem.parts(Some(&id));
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(answered.as_u16(), status, "{code}");
            assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)));
            assert_eq!(body["requestId"], id.as_str());
            assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{code}");
            assert!(!body.to_string().contains("password_hash"), "{body}");
            assert!(headers.contains(&(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))));
            let retry = headers.iter().any(|(name, _)| name == header::RETRY_AFTER);
            assert_eq!(retry, [429, 503].contains(&status), "{code}");
        }
    }

    #[test]
    fn the_body_has_these_keys() {
        let (_, headers, body) = Problem::unauthorized().parts(None);
        let expected = json!({
            "type": "urn:authgate:problem:unauthorized",
            "title": "Unauthorized",
            "status": 401,
            "code": "UNAUTHORIZED",
            "message": "Unauthorized",
        });
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), expected);
        assert!(headers.contains(&(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))));
    }
}
