//! Turns the errors of flows with API keys into responses, as [`super::flows`] does with those of the others.

use http::{HeaderValue, StatusCode, header};

use crate::{
    api::error::problem::{Problem, RETRY_AFTER},
    auth::ApiKeyError,
    sessions::QuotaExceeded,
    types::{ApiKeyRejection, StepUp},
};

impl Problem {
    /// Creates a 401: the key opens nothing.
    #[must_use]
    pub fn api_key_rejected(rejection: ApiKeyRejection) -> Self {
        let (code, message) = match rejection {
            ApiKeyRejection::Invalid => ("INVALID_API_KEY", "Invalid API key."),
            ApiKeyRejection::Disabled => ("KEY_DISABLED", "API Key is disabled"),
            ApiKeyRejection::Expired => ("KEY_EXPIRED", "API Key has expired"),
        };
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    /// Creates the response to one use of a key too many. Where none will ever be left, nobody need come back.
    #[must_use]
    pub fn api_key_exceeded(exceeded: QuotaExceeded) -> Self {
        let used_up = |status| Self::new(status, "USAGE_EXCEEDED", "API Key has reached its usage limit");
        let (problem, retry_after) = match exceeded {
            QuotaExceeded::RateLimited { retry_after } => {
                let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "Rate limit exceeded.");
                (problem, Some(retry_after))
            }
            QuotaExceeded::UsedUp { retry_after: Some(retry_after) } => {
                (used_up(StatusCode::TOO_MANY_REQUESTS), Some(retry_after))
            }
            QuotaExceeded::UsedUp { retry_after: None } => (used_up(StatusCode::FORBIDDEN), None),
            QuotaExceeded::Gone => return Self::api_key_rejected(ApiKeyRejection::Invalid),
            QuotaExceeded::Unavailable => {
                let message = "The uses of this API key cannot be counted right now; try again in a moment";
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", message)
                    .with_header(header::RETRY_AFTER, RETRY_AFTER);
            }
        };
        match retry_after {
            // It is rounded up, so that whoever waits that long is let through.
            Some(left) => {
                let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
                problem.with_header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
            }
            None => problem,
        }
    }
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::UnknownKey => Self::new(StatusCode::NOT_FOUND, "KEY_NOT_FOUND", "API Key not found"),
            ApiKeyError::TooMany => {
                Self::bad_request("TOO_MANY_API_KEYS", "Too many API keys: delete one of them first")
            }
            ApiKeyError::NoOrganizations => Self::bad_request(
                "ORGANIZATION_PLUGIN_REQUIRED",
                "There are no organizations here that could have API keys.",
            ),
            ApiKeyError::NotAMember => Self::new(
                StatusCode::FORBIDDEN,
                "USER_NOT_MEMBER_OF_ORGANIZATION",
                "You are not a member of the organization that owns this API key.",
            ),
            ApiKeyError::NotAllowed => Self::new(
                StatusCode::FORBIDDEN,
                "INSUFFICIENT_API_KEY_PERMISSIONS",
                "You do not have permission to perform this action on API keys of this organization.",
            ),
            ApiKeyError::EndsTooSoon => Self::bad_request(
                "EXPIRES_IN_IS_TOO_SMALL",
                "The expiresIn is smaller than the predefined minimum value.",
            ),
            ApiKeyError::EndsTooLate => Self::bad_request(
                "EXPIRES_IN_IS_TOO_LARGE",
                "The expiresIn is larger than the predefined maximum value.",
            ),
            ApiKeyError::SecondFactorNeeded => Self::step_up(StepUp::TwoFactor),
            ApiKeyError::Store(error) => error.into(),
        }
    }
}
