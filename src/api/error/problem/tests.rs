//! Tests the shape of a response, and what each error becomes.

use std::time::Duration;

use serde_json::json;

use crate::{
    api::{OriginRejection, error::problem::*},
    auth::{
        Busy, ChangeEmailError, ChangePasswordError, DeleteUserError, FlowError, InvalidCallbackUrl,
        ResetPasswordError, SetPasswordError, SignInError, SignUpError, StoreError, UnlinkAccountError,
        VerifyEmailError, VerifyPasswordError,
    },
    types::PasswordError,
};

#[test]
fn bodies_name_code_and_request_and_nothing_inside() {
    let unavailable = StoreError::Unavailable(sqlx::Error::PoolTimedOut);
    let defect = StoreError::Statement(sqlx::Error::ColumnNotFound("password_hash".into()));
    for (problem, status, code) in [
        (Problem::from(unavailable), 503, "SERVICE_UNAVAILABLE"),
        (Problem::from(defect), 500, "INTERNAL_SERVER_ERROR"),
        (Problem::from(FlowError::Busy(Busy)), 503, "SERVICE_BUSY"),
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
        (Problem::from(OriginRejection::MissingOrNull), 403, "MISSING_OR_NULL_ORIGIN"),
        (Problem::unauthorized(), 401, "UNAUTHORIZED"),
        (Problem::from(FlowError::RateLimited { retry_after: Duration::from_secs(7) }), 429, "TOO_MANY_REQUESTS"),
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
