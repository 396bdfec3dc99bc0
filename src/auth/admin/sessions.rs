//! Lets operators see and end sessions of users.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        admin::{Administration, AdministrationError, users::find_locked},
        audit::record::record_operator,
        session::end::{end_sessions, withdraw_requests},
    },
    store::{
        audit::Event,
        retry_once,
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
    let person = admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
    let sessions = admin::list_sessions(&mut connection, &person.user.id).await?;
    Ok((person.user.id, sessions))
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
        let holder = admin::find_holder_for_update(&mut transaction, id).await?;
        let user_id = holder.ok_or(AdministrationError::UnknownSession)?;
        if !admin::delete_session(&mut transaction, id).await? {
            return Err(AdministrationError::UnknownSession);
        }
        withdraw_requests(&mut transaction, &user_id, now).await?;
        let by = (administration.operator.as_str(), json!({ "session_id": id }));
        record_operator(&mut transaction, Event::SessionRevoked, &user_id, by, now).await?;
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
        let user_id = find_locked(&mut transaction, who).await?.user.id;
        let sessions_ended = end_sessions(&mut transaction, &user_id, None, now).await?;
        let by = (administration.operator.as_str(), json!({ "sessions": sessions_ended }));
        record_operator(&mut transaction, Event::SessionsRevoked, &user_id, by, now).await?;
        transaction.commit().await?;
        Ok(SessionRevocation { user_id, sessions_ended })
    })
    .await
}
