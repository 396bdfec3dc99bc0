//! Lets an administrator act in a user's place for a while, and end that (ADMIN-02). The session says whose power it is
//! wherever it is looked at, proves nothing of the user, and ends with the session that it was opened from.

use http::HeaderMap;
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        Client, Flow, FoundSession, Settings,
        admin::{
            administration::{Administration, AdministrationError},
            permissions::Permission,
        },
        audit::record::record,
        session::find::{find_session, still_signed_in},
    },
    sessions::{CookieSettings, credential::cookies},
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once,
        sessions::{self, Session, impersonation},
        users::{User, admin::UserRef},
    },
    types::{AuthMethod, SessionId, SessionKey, SessionToken},
};

/// Limits the sessions in others' places that an administrator has at a time; the oldest end.
const MAX_IMPERSONATIONS: i64 = 5;

/// Describes why nobody is impersonated.
#[derive(Debug, thiserror::Error)]
pub enum ImpersonationError {
    #[error("the user is an administrator")]
    IsAdministrator,
    #[error("the user is banned")]
    Banned,
    #[error(transparent)]
    Administration(#[from] AdministrationError),
}

impl From<StoreError> for ImpersonationError {
    fn from(error: StoreError) -> Self {
        Self::Administration(error.into())
    }
}

/// Holds a session in a user's place, with the only copy of its token.
#[derive(Debug)]
pub struct Impersonation {
    pub token: SessionToken,
    pub session: Session,
    pub user: User,
}

/// Opens a session in the place of a user. It lasts an hour at most, is never extended, and never longer than the
/// administrator's own.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn impersonate(
    administration: &Administration,
    settings: &Settings,
    (client, current): (&Client, &FoundSession),
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<Impersonation, ImpersonationError> {
    let not_allowed = || AdministrationError::NotAllowed(Permission::UserImpersonate);
    let rules = settings.admin.as_ref().ok_or_else(not_allowed)?;
    let lasts = rules.impersonation.ok_or_else(not_allowed)?;
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let record = administration.find_target(&mut transaction, who, Permission::UserImpersonate).await?;
        administration.require_other(&record.user.id, Permission::UserImpersonate)?;
        if !rules.permissions_of(&record.user.roles).is_empty() {
            match administration.require_allowed(&mut transaction, Permission::UserImpersonateAdmins).await {
                Err(AdministrationError::NotAllowed(_)) => return Err(ImpersonationError::IsAdministrator),
                allowed => allowed?,
            }
        }
        if record.ban.in_force().is_some() {
            return Err(ImpersonationError::Banned);
        }
        let expires_at = (now + lasts).min(current.session.expires_at);
        let token = SessionToken::generate();
        let session = Session {
            id: SessionId::generate(),
            user_id: record.user.id.clone(),
            remember: false,
            ip_address: client.ip.to_string(),
            user_agent: client.user_agent.clone(),
            created_at: now,
            updated_at: now,
            expires_at,
            absolute_expires_at: expires_at,
            // The user has proved nothing, so that whatever asks for a proof refuses.
            proved_at: Some(OffsetDateTime::UNIX_EPOCH),
            auth_method: AuthMethod::Impersonation.as_str().to_owned(),
            second_factor: None,
            trusted_device_id: None,
            impersonated_by: Some(current.user.id.clone()),
            organization: None,
            active_team: None,
        };
        impersonation::insert(&mut transaction, &session, &token.hash(), &current.session.id).await?;
        impersonation::delete_all_but_newest(&mut transaction, &current.user.id, MAX_IMPERSONATIONS).await?;
        let detail = json!({ "session_id": session.id, "expires_at": expires_at.unix_timestamp() });
        let event = Event::ImpersonationStarted;
        administration.record(&mut transaction, event, Some(&session.user_id), detail, now).await?;
        transaction.commit().await?;
        Ok(Impersonation { token, session, user: record.user })
    })
    .await
}

/// Describes the session that an administrator comes back to.
#[derive(Debug)]
pub struct OwnSessionRestored {
    pub found: FoundSession,
    /// Is the token that opens it, where the browser kept it.
    pub token: Option<SessionToken>,
}

/// Ends a session in a user's place. Returns the administrator's own; `None` where that is over too.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn stop_impersonating(
    flow: Flow<'_>,
    current: &FoundSession,
    kept: Option<&SessionToken>,
) -> Result<Option<OwnSessionRestored>, StoreError> {
    let user = &current.user.id;
    let origin = impersonation::find_origin(&mut *flow.auth.db.acquire().await?, &current.session.id).await?;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        sessions::delete_of_user(&mut transaction, user, Some(&current.session.id), None).await?;
        record(flow, &mut transaction, (Event::ImpersonationStopped, Outcome::Success), Some(user)).await?;
        transaction.commit().await?;
        Ok::<_, StoreError>(())
    })
    .await?;
    let Some(origin) = origin else { return Ok(None) };
    let mut connection = flow.auth.db.acquire().await?;
    let found = sessions::find_active(&mut connection, &SessionKey::Id(origin)).await?;
    drop(connection);
    let Some((session, user)) = found else { return Ok(None) };
    let token = find_kept(flow, kept).await?.filter(|(_, kept)| kept.session.id == session.id).map(|(token, _)| token);
    Ok(Some(OwnSessionRestored { found: FoundSession { session, user }, token }))
}

/// Returns to the session that a browser kept for an administrator while one in a user's place ended by itself.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn return_to_own_session(
    flow: Flow<'_>,
    kept: Option<&SessionToken>,
) -> Result<Option<OwnSessionRestored>, StoreError> {
    let found = find_kept(flow, kept).await?;
    Ok(found.map(|(token, found)| OwnSessionRestored { found, token: Some(token) }))
}

async fn find_kept(
    flow: Flow<'_>,
    kept: Option<&SessionToken>,
) -> Result<Option<(SessionToken, FoundSession)>, StoreError> {
    let Some(token) = kept else { return Ok(None) };
    let found = find_session(flow.auth, token).await?;
    Ok(found.filter(|found| found.session.impersonated_by.is_none()).map(|found| (token.clone(), found)))
}

/// Returns the token that a browser keeps of an administrator's own session. Two of them are none.
#[must_use]
pub fn presented_admin_session(headers: &HeaderMap, settings: &CookieSettings) -> Option<SessionToken> {
    let mut values = cookies(headers, settings.admin_session_name());
    let first = values.next()?;
    let is_one = values.all(|other| other == first);
    settings.token(first).filter(|_| is_one)
}
