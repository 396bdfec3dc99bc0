//! Is the one way a session comes into being, whatever proved who it is for.

use std::time::Duration;

use sqlx::PgConnection;

use crate::{
    auth::{
        Flow,
        session::device_sessions::{DeviceSessionCookieChanges, make_room},
    },
    store::{
        StoreError,
        sessions::{self, Session},
    },
    types::{AuthMethod, SecondFactor, SessionId, SessionToken, TrustedDeviceId, UserId},
};

/// Limits the sessions of one user at a time; the oldest end beyond (SESS-05).
const MAX_SESSIONS: i64 = 100;
/// Tells how long a session lasts that the browser is to forget (contract §2.5).
const UNREMEMBERED: Duration = Duration::from_hours(24);

/// Holds a session that was just opened, with the only copy of its token.
#[derive(Debug)]
pub struct NewSession {
    pub token: SessionToken,
    pub session: Session,
    /// Says what becomes of the browser's other sessions.
    pub device_session_cookies: DeviceSessionCookieChanges,
}

/// Describes a session to open.
#[derive(Debug)]
pub(crate) struct OpenSession<'a> {
    pub(crate) method: AuthMethod<'a>,
    pub(crate) second_factor: Option<SecondFactor>,
    /// Is the device that spared its user the second factor, or was trusted with it.
    pub(crate) trusted_device: Option<TrustedDeviceId>,
    pub(crate) remember: bool,
}

impl OpenSession<'_> {
    /// Describes a session of somebody who has proved a password and can have no second factor yet.
    pub(crate) fn with_password(remember: bool) -> Self {
        Self { method: AuthMethod::Password, second_factor: None, trusted_device: None, remember }
    }
}

/// Opens a session with a token of our own making: nothing a client sent is ever adopted (SESS-02). None follows one in
/// which an administrator acts in the user's place: it would not say so any more (ADMIN-02).
pub(crate) async fn open_session(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &UserId,
    opened: &OpenSession<'_>,
) -> Result<NewSession, StoreError> {
    if flow.client.impersonated_by.is_some() {
        return Err(StoreError::SessionEnded);
    }
    let settings = &flow.auth.settings.session;
    let remember = opened.remember;
    let idle = if remember { settings.expires_in } else { UNREMEMBERED.min(settings.expires_in) };
    let absolute_expires_at = flow.now + if remember { settings.absolute } else { idle };
    let token = SessionToken::generate();
    let session = Session {
        id: SessionId::generate(),
        user_id: user.clone(),
        remember,
        ip_address: flow.client.ip.to_string(),
        user_agent: flow.client.user_agent.clone(),
        created_at: flow.now,
        updated_at: flow.now,
        expires_at: absolute_expires_at.min(flow.now + idle),
        absolute_expires_at,
        proved_at: None,
        auth_method: opened.method.as_str().to_owned(),
        second_factor: opened.second_factor,
        organization: None,
        active_team: None,
        trusted_device_id: opened.trusted_device.clone(),
        impersonated_by: None,
    };
    let device_session_cookies = make_room(flow, connection, user).await?;
    sessions::insert(connection, &session, &token.hash()).await?;
    sessions::delete_all_but_newest(connection, user, MAX_SESSIONS).await?;
    Ok(NewSession { token, session, device_session_cookies })
}
