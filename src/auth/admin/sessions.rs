//! Lets operators see and end sessions of users.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        Auth,
        admin::{
            administration::{Administration, AdministrationError},
            permissions::Permission,
        },
        session::{
            end::{end_sessions, withdraw_requests},
            list::{OwnSession, describe},
        },
    },
    store::{
        audit::Event,
        retry_once, sessions,
        users::admin::{self, OpenSession, UserRef},
    },
    types::{SessionId, UserId},
};

/// Describes the sessions that were ended.
#[derive(Debug)]
pub struct SessionRevocation {
    pub user_id: UserId,
    pub sessions_ended: u64,
}

/// Lists a user's live sessions, newest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_sessions(
    administration: &Administration,
    who: &UserRef,
) -> Result<(UserId, Vec<OpenSession>), AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let record = admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
    let sessions = admin::list_sessions(&mut connection, &record.user.id).await?;
    Ok((record.user.id, sessions))
}

/// Lists a user's live sessions with what is known of their devices, newest first, for an administrator.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn view_sessions(
    administration: &Administration,
    auth: &Auth,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<Vec<OwnSession>, AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let record = admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
    let id = &record.user.id;
    let listed = sessions::list_active_of_user(&mut connection, id).await?;
    administration.record(&mut connection, Event::UserSessionsListed, Some(id), json!({}), now).await?;
    Ok(listed.into_iter().map(|listed| describe(auth, listed, None)).collect())
}

/// Ends one session, and withdraws what sessions of its user asked for by mail.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn revoke_session(
    administration: &Administration,
    id: &SessionId,
    now: OffsetDateTime,
) -> Result<SessionRevocation, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let holder = admin::find_holder(&mut transaction, id).await?.ok_or(AdministrationError::UnknownSession)?;
        let holder = UserRef::Id(holder);
        let user_id = administration.find_target(&mut transaction, &holder, Permission::SessionRevoke).await?.user.id;
        if !admin::delete_session(&mut transaction, id).await? {
            return Err(AdministrationError::UnknownSession);
        }
        withdraw_requests(&mut transaction, &user_id, now).await?;
        let detail = json!({ "session_id": id });
        administration.record(&mut transaction, Event::SessionRevoked, Some(&user_id), detail, now).await?;
        transaction.commit().await?;
        Ok(SessionRevocation { user_id, sessions_ended: 1 })
    })
    .await
}

/// Ends every session of a user, and withdraws what they asked for by mail.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn revoke_sessions(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<SessionRevocation, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let user_id = administration.find_target(&mut transaction, who, Permission::SessionRevoke).await?.user.id;
        let sessions_ended = end_sessions(&mut transaction, &user_id, None, now).await?;
        let detail = json!({ "sessions": sessions_ended });
        administration.record(&mut transaction, Event::SessionsRevoked, Some(&user_id), detail, now).await?;
        transaction.commit().await?;
        Ok(SessionRevocation { user_id, sessions_ended })
    })
    .await
}
