//! Serves what sets up and changes a second factor: `POST /two-factor/enable`, `/get-totp-uri`, `/disable` and
//! `/generate-backup-codes`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{body::JsonBody, fields::Fields, signed_in::SignedIn},
        respond::{
            cookie::{clear_trusted_devices, replace_token},
            json::{Status, json_response},
            qr_code::qr_code_url,
        },
    },
    auth::{self, Auth, EnableMethod, Enabling, TwoFactorError, TwoFactorSettings, enable_two_factor},
    sessions::credential::Presented,
    types::{BackupCode, Password},
};

/// Is the body of `POST /two-factor/enable`.
#[derive(ToSchema)]
pub(crate) struct EnableBody<'a> {
    /// May be left out by who has none; the session has to have been opened or proved within ten minutes then.
    #[schema(required = false, format = Password)]
    password: Option<&'a str>,
    /// Is `totp` or `otp`.
    #[schema(required = false, default = "totp")]
    method: Option<&'a str>,
    /// Names the site in the app; the default is the configured name.
    #[schema(required = false, max_length = 64)]
    issuer: Option<&'a str>,
}

impl<'a> EnableBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            password: fields.optional_string("password"),
            method: fields.optional_string("method"),
            issuer: fields.optional_string("issuer"),
        };
        if parsed.method.is_some_and(|method| !matches!(method, "totp" | "otp")) {
            fields.complain("method", "Invalid option: expected one of \"totp\"|\"otp\"");
        }
        let is_name = |name: &str| {
            (1..=TwoFactorSettings::MAX_ISSUER).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        if parsed.issuer.is_some_and(|issuer| !is_name(issuer)) {
            fields.complain("issuer", "Invalid input: expected a line of 1 to 64 characters");
        }
        fields.finish()?;
        Ok(parsed)
    }
}

/// Is the body of the others.
#[derive(ToSchema)]
pub(crate) struct TwoFactorPasswordBody<'a> {
    /// May be left out by who has none; the session has to have been opened or proved within ten minutes then.
    #[schema(required = false, format = Password)]
    password: Option<&'a str>,
}

impl<'a> TwoFactorPasswordBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { password: fields.optional_string("password") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Reads the password out of a body that holds nothing else.
fn typed_password(auth: &Auth, body: Option<&Value>) -> Result<Option<Password>, Problem> {
    password(auth, TwoFactorPasswordBody::parse(body)?.password)
}

/// A second factor was set up; it comes into force with the first code.
#[derive(Serialize, ToSchema)]
#[schema(as = EnableAnswer)]
#[serde(rename_all = "camelCase")]
struct EnableView {
    method: &'static str,
    /// Is what apps read out of a QR code.
    #[serde(rename = "totpURI", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    totp_uri: Option<String>,
    /// Is a picture of it, as the `data:` address of an SVG; it is not there where it would be too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    qr_code: Option<String>,
    /// Are shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    backup_codes: Option<Vec<String>>,
}

/// Set up a second factor
///
/// It comes into force with the first `verify-totp` (or `verify-otp`) in the same session.
#[utoipa::path(post, path = "/two-factor/enable", tag = "Two-factor", request_body = EnableBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Set up", body = EnableView),
        (status = 400, description = "`INVALID_PASSWORD`, `TOTP_ALREADY_ENABLED`, `OTP_NOT_CONFIGURED`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, without a password", body = ProblemBody<'_>),
    ))]
pub(crate) async fn enable(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = EnableBody::parse(body.as_ref())?;
    let password = password(&auth, body.password)?;
    let method = match body.method {
        Some("otp") => EnableMethod::Otp,
        _ => EnableMethod::Totp { issuer: body.issuer },
    };
    let view = match enable_two_factor(caller.flow(&auth), &found, password.as_ref(), method).await? {
        Enabling::Totp { uri, backup_codes } => {
            let (qr_code, backup_codes) = (qr_code_url(&uri), Some(shown(&backup_codes)));
            EnableView { method: "totp", totp_uri: Some(uri.to_string()), qr_code, backup_codes }
        }
        Enabling::Otp => EnableView { method: "otp", totp_uri: None, qr_code: None, backup_codes: None },
    };
    Ok(json_response(&view))
}

/// Is the address of a secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TotpUri<'a> {
    #[serde(rename = "totpURI")]
    totp_uri: &'a str,
    /// Is a picture of it, as the `data:` address of an SVG; it is not there where it would be too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    qr_code: Option<String>,
}

/// Get the address of a secret once more
///
/// It is shown until the first code is proved: a secret that is in force is never shown again.
#[utoipa::path(post, path = "/two-factor/get-totp-uri", tag = "Two-factor", request_body = TwoFactorPasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The address", body = TotpUri<'_>),
        (status = 400, description = "`INVALID_PASSWORD`, `TOTP_NOT_ENABLED`, `TOTP_ALREADY_ENABLED`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn totp_uri(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let password = typed_password(&auth, body.as_ref())?;
    let uri: Zeroizing<String> = auth::pending_totp_uri(caller.flow(&auth), &found, password.as_ref()).await?;
    Ok(json_response(&TotpUri { totp_uri: &uri, qr_code: qr_code_url(&uri) }))
}

/// Disable the second factor
///
/// The session has to have proved it. All other sessions end, and no browser is trusted any more.
#[utoipa::path(post, path = "/two-factor/disable", tag = "Two-factor", request_body = TwoFactorPasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Disabled", body = Status),
        (status = 400, description = "`INVALID_PASSWORD`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`TWO_FACTOR_REQUIRED`: prove it in this session first", body = ProblemBody<'_>),
    ))]
pub(crate) async fn disable(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let password = typed_password(&auth, body.as_ref())?;
    let renews = matches!(caller.presented, Presented::Cookie(_));
    let renewed = auth::disable_two_factor(caller.flow(&auth), &found, password.as_ref(), renews).await?;
    let mut response = json_response(&Status { status: true });
    if let Some(token) = renewed {
        replace_token(response.headers_mut(), caller.flow(&auth), &token, &found.session);
    }
    clear_trusted_devices(response.headers_mut(), &auth.settings);
    Ok(response)
}

/// Are the backup codes that replace all others.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BackupCodes {
    status: bool,
    backup_codes: Vec<String>,
}

/// Replace the backup codes
///
/// The session has to have proved the second factor. All other sessions end, and no browser is trusted any more.
#[utoipa::path(post, path = "/two-factor/generate-backup-codes", tag = "Two-factor",
    request_body = TwoFactorPasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The codes, shown once", body = BackupCodes),
        (status = 400, description = "`INVALID_PASSWORD`, `TWO_FACTOR_NOT_ENABLED`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`TWO_FACTOR_REQUIRED`: prove it in this session first", body = ProblemBody<'_>),
    ))]
pub(crate) async fn generate_backup_codes(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let password = typed_password(&auth, body.as_ref())?;
    let codes = auth::replace_backup_codes(caller.flow(&auth), &found, password.as_ref()).await?;
    Ok(json_response(&BackupCodes { status: true, backup_codes: shown(&codes) }))
}

fn shown(codes: &[BackupCode]) -> Vec<String> {
    codes.iter().map(|code| code.expose().to_string()).collect()
}

fn password(auth: &Auth, text: Option<&str>) -> Result<Option<Password>, Problem> {
    let read = text.map(|text| Password::attempt(text, &auth.settings.password)).transpose();
    read.map_err(|_| TwoFactorError::WrongPassword.into())
}
