//! Serves `GET /export-data`: everything that is stored about whoever asks (DATA-01).

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::signed_in::{FreshlySignedIn, SignedIn},
        respond::{
            api_key_view::ApiKeyView,
            json::json_response,
            organization_view::{OrganizationView, TeamView},
            passkey_view::PasskeyView,
            views::{AccountView, OwnSessionView, UserView, wire_time},
        },
    },
    auth::{
        self, Auth, PersonalData, SecondFactorKind, Settings,
        admin::{AuditEvent, audit_object},
    },
    types::UserId,
};

/// Shows what is stored about somebody. There is nothing in it that opens anything.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonalData)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[schema(format = DateTime)]
    exported_at: String,
    user: UserView<'a>,
    accounts: Vec<ExportedAccount<'a>>,
    sessions: Vec<OwnSessionView<'a>>,
    passkeys: Vec<PasskeyView<'a>>,
    /// Is `null` where there is none.
    #[schema(required)]
    second_factor: Option<SecondFactorView>,
    trusted_devices: Vec<TrustedDeviceEntry<'a>>,
    known_devices: Vec<KnownDeviceView<'a>>,
    former_addresses: Vec<FormerAddressView<'a>>,
    /// Lists the API keys, without the keys themselves.
    api_keys: Vec<ApiKeyView<'a>>,
    organizations: Vec<OrganizationView<'a>>,
    /// Lists the teams that they are in.
    teams: Vec<TeamView<'a>>,
    /// Lists the newest 2000 events of the audit log about the account, newest first.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Value>,
}

/// Shows a way to sign in with what its provider told.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedAccount)]
struct ExportedAccount<'a> {
    #[serde(flatten)]
    account: AccountView<'a>,
    #[schema(required, value_type = Option<Object>)]
    profile: Option<Value>,
}

/// Shows what the second factor is.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedSecondFactor)]
#[serde(rename_all = "camelCase")]
struct SecondFactorView {
    /// Is `totp` or `otp`.
    kind: &'static str,
    backup_codes_left: i64,
}

/// Shows a browser that is spared the second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedTrustedDevice)]
#[serde(rename_all = "camelCase")]
struct TrustedDeviceEntry<'a> {
    ip_address: &'a str,
    user_agent: &'a str,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_used_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Shows a kind of device that somebody signed in from.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedDevice)]
#[serde(rename_all = "camelCase")]
struct KnownDeviceView<'a> {
    device: &'a str,
    #[schema(format = DateTime)]
    last_seen_at: String,
}

/// Shows an address that the account had.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedAddress)]
#[serde(rename_all = "camelCase")]
struct FormerAddressView<'a> {
    email: &'a str,
    #[schema(format = DateTime)]
    changed_at: String,
}

impl<'a> Body<'a> {
    fn new(data: &'a PersonalData, signed_in: &'a SignedIn, settings: &Settings) -> Self {
        let account = |(account, profile): &'a (_, Option<_>)| ExportedAccount {
            account: AccountView::from(account),
            profile: profile.as_ref().and_then(|profile| serde_json::to_value(profile).ok()),
        };
        Self {
            exported_at: wire_time(signed_in.caller.now),
            user: UserView::new(&data.user, &settings.user_fields),
            accounts: data.accounts.iter().map(account).collect(),
            sessions: data.sessions.iter().map(|own| OwnSessionView::without_token(own, settings)).collect(),
            passkeys: data.passkeys.iter().map(PasskeyView::from).collect(),
            second_factor: data.second_factor.map(|(kind, backup_codes_left)| SecondFactorView {
                kind: match kind {
                    SecondFactorKind::AuthenticatorApp => "totp",
                    SecondFactorKind::MailedCode => "otp",
                },
                backup_codes_left,
            }),
            trusted_devices: data
                .trusted_devices
                .iter()
                .map(|device| TrustedDeviceEntry {
                    ip_address: &device.ip_address,
                    user_agent: &device.user_agent,
                    created_at: wire_time(device.created_at),
                    last_used_at: wire_time(device.last_used_at),
                    expires_at: wire_time(device.expires_at),
                })
                .collect(),
            known_devices: data
                .known_devices
                .iter()
                .map(|known| KnownDeviceView { device: &known.device, last_seen_at: wire_time(known.last_seen_at) })
                .collect(),
            former_addresses: data
                .former_addresses
                .iter()
                .map(|former| FormerAddressView {
                    email: former.email.as_str(),
                    changed_at: wire_time(former.changed_at),
                })
                .collect(),
            api_keys: data.api_keys.iter().map(ApiKeyView::from).collect(),
            organizations: data.organizations.iter().map(OrganizationView::from).collect(),
            teams: data.teams.iter().map(TeamView::from).collect(),
            events: data.events.iter().map(|event| own_event(event, &data.user.id)).collect(),
        }
    }
}

/// Shows an event. Of what others did, the address and the browser are theirs (DATA-03).
fn own_event(event: &AuditEvent, user: &UserId) -> Value {
    let mut object = audit_object(event);
    if event.actor.as_deref() != Some(user.as_str()) {
        for key in ["ipAddress", "userAgent", "requestId"] {
            object[key] = Value::Null;
        }
    }
    object
}

/// Get everything that is stored about oneself
///
/// As JSON, without anything that opens something. Needs a session opened or proved within `auth.session.fresh_age`, in
/// which nobody acts in another's place.
#[utoipa::path(get, path = "/export-data", tag = "Account", security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The data", body = Body<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`SESSION_NOT_FRESH`", body = ProblemBody<'_>),
    (status = 429, description = "Too many exports; `Retry-After` says when to come back.", body = ProblemBody<'_>)))]
pub(crate) async fn export(
    State(auth): State<Arc<Auth>>,
    FreshlySignedIn(signed_in): FreshlySignedIn,
) -> Result<Response, Problem> {
    let data = auth::export_data(signed_in.caller.flow(&auth), &signed_in.found).await?;
    let mut response = json_response(&Body::new(&data, &signed_in, &auth.settings));
    let name = HeaderValue::from_static("attachment; filename=\"personal-data.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
