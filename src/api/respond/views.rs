//! Shows users and sessions as JSON (contract §1.1).

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    auth::{Account, Device, DeviceKind, Location, OwnSession, OwnTrustedDevice, Session, Settings, User},
    types::{AccountId, Email, OrganizationId, SessionId, SessionToken, TeamId, TrustedDeviceId, UserFields, UserId},
};

/// Shows a user as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView<'a> {
    #[schema(value_type = String)]
    id: &'a UserId,
    pub(super) name: &'a str,
    #[schema(value_type = String, format = Email)]
    email: &'a Email,
    email_verified: bool,
    #[schema(required)]
    pub(super) image: Option<&'a str>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// Lists the roles, separated by commas.
    pub(super) role: String,
    /// Tells whether a sign-in takes a second factor.
    two_factor_enabled: bool,
    #[serde(flatten)]
    #[schema(ignore)]
    pub(super) additional_fields: Map<String, Value>,
}

impl<'a> UserView<'a> {
    /// Shows a user with what the configuration adds to users.
    pub(crate) fn new(user: &'a User, fields: &UserFields) -> Self {
        let mut additional_fields = fields.shown(&user.additional_fields);
        if fields.has_language() {
            additional_fields.insert("language".to_owned(), user.language.as_deref().into());
        }
        Self {
            id: &user.id,
            name: &user.name,
            email: &user.email,
            email_verified: user.email_verified,
            image: user.image.as_deref(),
            created_at: wire_time(user.created_at),
            updated_at: wire_time(user.updated_at),
            role: user.roles.join(","),
            two_factor_enabled: user.two_factor_enabled,
            additional_fields,
        }
    }
}

/// Shows a browser that is spared the second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = TrustedDevice)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrustedDeviceView {
    #[schema(value_type = String)]
    id: TrustedDeviceId,
    /// Names browser and system.
    device: String,
    ip_address: String,
    user_agent: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_used_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// Tells whether the session that asks comes from it.
    current: bool,
}

impl From<&OwnTrustedDevice> for TrustedDeviceView {
    fn from(own: &OwnTrustedDevice) -> Self {
        Self {
            id: own.id.clone(),
            device: own.device.label(),
            ip_address: own.ip_address.clone(),
            user_agent: own.user_agent.clone(),
            created_at: wire_time(own.created_at),
            last_used_at: wire_time(own.last_used_at),
            expires_at: wire_time(own.expires_at),
            current: own.is_current,
        }
    }
}

/// Shows a way to sign in; never with tokens or hashes (DATA-03).
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountView<'a> {
    #[schema(value_type = String)]
    id: &'a AccountId,
    /// Is `credential` for a password.
    provider_id: &'a str,
    /// Is the user's id at the provider.
    account_id: &'a str,
    #[schema(value_type = String)]
    user_id: &'a UserId,
    scopes: &'a [String],
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl<'a> From<&'a Account> for AccountView<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            id: &account.id,
            provider_id: &account.provider_id,
            account_id: &account.account_id,
            user_id: &account.user_id,
            scopes: &account.scopes,
            created_at: wire_time(account.created_at),
            updated_at: wire_time(account.updated_at),
        }
    }
}

/// Shows its owner's own session: with the token, which the caller just presented.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView<'a> {
    #[schema(value_type = String)]
    id: &'a SessionId,
    token: &'a str,
    #[schema(value_type = String)]
    user_id: &'a UserId,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    ip_address: &'a str,
    user_agent: &'a str,
    /// Is the organization that it works in, or `null`; it is there only with `auth.organizations`.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(
        clippy::option_option,
        reason = "it is absent where organizations are off, and null where none is active"
    )]
    active_organization_id: Option<Option<&'a OrganizationId>>,
    /// Is the team that it works in, or `null`; it is there only with `auth.organizations.teams`.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "it is absent where teams are off, and null where none is active")]
    active_team_id: Option<Option<&'a TeamId>>,
    /// Is the administrator who acts in the user's place; it is not there otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, nullable = false, required = false)]
    impersonated_by: Option<&'a UserId>,
}

impl<'a> SessionView<'a> {
    pub(crate) fn new(session: &'a Session, token: &'a SessionToken) -> Self {
        Self::with_handle(session, token.expose())
    }

    /// Shows a session to whoever does not hold its token: the handle stands in its place.
    pub(crate) fn without_token(session: &'a Session) -> Self {
        Self::with_handle(session, session.id.as_str())
    }

    fn with_handle(session: &'a Session, handle: &'a str) -> Self {
        Self {
            id: &session.id,
            token: handle,
            user_id: &session.user_id,
            expires_at: wire_time(session.expires_at),
            created_at: wire_time(session.created_at),
            updated_at: wire_time(session.updated_at),
            ip_address: &session.ip_address,
            user_agent: &session.user_agent,
            active_organization_id: None,
            active_team_id: None,
            impersonated_by: session.impersonated_by.as_ref(),
        }
    }

    /// Shows the organization and the team that it works in too, where there are organizations and teams.
    pub(crate) fn with_organization(self, session: &'a Session, settings: &Settings) -> Self {
        let active = || session.organization.as_ref().map(|organization| &organization.id);
        let organizations = settings.organizations.as_ref();
        Self {
            active_organization_id: organizations.map(|_| active()),
            active_team_id: organizations.and_then(|settings| settings.teams).map(|_| session.active_team.as_ref()),
            ..self
        }
    }
}

/// Shows one of its owner's sessions in a list: `token` is a handle that names it and opens nothing, but for the
/// session that asks, where it is the token that was presented.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnSession)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnSessionView<'a> {
    #[serde(flatten)]
    session: SessionView<'a>,
    /// It is the one that asks.
    current: bool,
    #[schema(format = DateTime)]
    last_seen_at: String,
    device: DeviceView,
    /// Tells where its address is, in English; `null` where the gateway has no database or the database has no entry.
    #[schema(required)]
    location: Option<LocationView<'a>>,
}

impl<'a> OwnSessionView<'a> {
    /// Shows the session that asks with the token that it was asked with: frontends find their own by it.
    pub(crate) fn new(own: &'a OwnSession, token: &'a SessionToken, settings: &Settings) -> Self {
        let view = if own.is_current {
            SessionView::new(&own.session, token)
        } else {
            SessionView::without_token(&own.session)
        };
        Self::with(view, own, own.is_current, settings)
    }

    /// Shows a session to somebody else than its holder, or on paper.
    pub(crate) fn without_token(own: &'a OwnSession, settings: &Settings) -> Self {
        Self::with(SessionView::without_token(&own.session), own, false, settings)
    }

    fn with(view: SessionView<'a>, own: &'a OwnSession, current: bool, settings: &Settings) -> Self {
        Self {
            session: view.with_organization(&own.session, settings),
            current,
            last_seen_at: wire_time(own.last_seen_at),
            device: DeviceView::from(&own.device),
            location: own.location.as_ref().map(LocationView::from),
        }
    }
}

/// Shows what the user agent tells; it is `null` where it does not.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
struct DeviceView {
    #[schema(required)]
    browser: Option<&'static str>,
    #[schema(required)]
    os: Option<&'static str>,
    /// Is `desktop`, `mobile`, `tablet`, `bot` or `other`.
    #[schema(required)]
    kind: Option<&'static str>,
}

impl From<&Device> for DeviceView {
    fn from(device: &Device) -> Self {
        let kind = device.kind.map(|kind| match kind {
            DeviceKind::Desktop => "desktop",
            DeviceKind::Mobile => "mobile",
            DeviceKind::Tablet => "tablet",
            DeviceKind::Bot => "bot",
            DeviceKind::Other => "other",
        });
        Self { browser: device.browser, os: device.os, kind }
    }
}

/// Shows a place.
#[derive(Serialize, ToSchema)]
#[schema(as = Location)]
#[serde(rename_all = "camelCase")]
struct LocationView<'a> {
    #[schema(required)]
    city: Option<&'a str>,
    #[schema(required)]
    country: Option<&'a str>,
    /// Is the code of ISO 3166-1, two letters.
    #[schema(required)]
    country_code: Option<&'a str>,
}

impl<'a> From<&'a Location> for LocationView<'a> {
    fn from(location: &'a Location) -> Self {
        Self {
            city: location.city.as_deref(),
            country: location.country.as_deref(),
            country_code: location.country_code.as_deref(),
        }
    }
}

/// Writes a time as `2026-11-27T19:15:31.330Z`. The client reads the fraction as whole milliseconds, so there are three
/// digits, always (contract §0.1, trap 1).
pub(crate) fn wire_time(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    let (date, (hour, minute, second, milli)) = (time.date(), time.time().as_hms_milli());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_have_three_digits_and_z() {
        for (time, expected) in [
            (datetime!(2026-11-27 19:15:31.330_999 UTC), "2026-11-27T19:15:31.330Z"),
            (datetime!(2026-01-02 03:04:05 UTC), "2026-01-02T03:04:05.000Z"),
            (datetime!(2026-01-02 03:04:05.007 +02:00), "2026-01-02T01:04:05.007Z"),
        ] {
            assert_eq!(wire_time(time), expected);
        }
    }

    #[test]
    fn objects_have_the_keys_of_the_contract() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let user = User {
            id: "u1".parse().unwrap(),
            email: "a@example.com".parse().unwrap(),
            email_verified: false,
            name: "A".into(),
            image: None,
            roles: vec!["admin".into(), "ops".into()],
            additional_fields: json!({ "unknown": 1 }),
            two_factor_enabled: false,
            language: None,
            created_at: now,
            updated_at: now,
        };
        let text = "2026-01-02T03:04:05.000Z";
        let expected = json!({
            "id": "u1", "name": "A", "email": "a@example.com", "emailVerified": false, "image": null,
            "createdAt": text, "updatedAt": text, "role": "admin,ops", "twoFactorEnabled": false,
        });
        let view = UserView::new(&user, &UserFields::default());
        assert_eq!(serde_json::to_value(view).unwrap(), expected);
        let view = UserView::new(&user, &UserFields::default().with_language());
        assert_eq!(serde_json::to_value(view).unwrap()["language"], json!(null));
        let account = Account {
            id: "a1".parse().unwrap(),
            user_id: "u1".parse().unwrap(),
            provider_id: "credential".into(),
            account_id: "u1".into(),
            scopes: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let expected = json!({
            "id": "a1", "providerId": "credential", "accountId": "u1", "userId": "u1", "scopes": [],
            "createdAt": text, "updatedAt": text,
        });
        assert_eq!(serde_json::to_value(AccountView::from(&account)).unwrap(), expected);
        let session = Session {
            id: "s1".parse().unwrap(),
            user_id: "u1".parse().unwrap(),
            remember: true,
            ip_address: "192.0.2.1".into(),
            user_agent: String::new(),
            created_at: now,
            updated_at: now,
            expires_at: now,
            absolute_expires_at: now,
            proved_at: None,
            auth_method: "password".into(),
            second_factor: None,
            trusted_device_id: None,
            organization: None,
            active_team: None,
            impersonated_by: None,
        };
        let token = SessionToken::generate();
        let expected = json!({
            "id": "s1", "token": token.expose(), "userId": "u1", "expiresAt": text, "createdAt": text,
            "updatedAt": text, "ipAddress": "192.0.2.1", "userAgent": "",
        });
        assert_eq!(serde_json::to_value(SessionView::new(&session, &token)).unwrap(), expected);
    }
}
