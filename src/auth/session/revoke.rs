//! Ends sessions at their owner's wish, from another one. The next request of an ended session is refused.

use crate::{
    auth::{
        Flow, FoundSession,
        audit::record::record,
        session::{
            end::{end_sessions, withdraw_requests},
            find::still_signed_in,
        },
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, sessions,
        two_factor::trusted_devices,
    },
    types::SessionId,
};

/// Tells which sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoke {
    All,
    /// Ends all but the one that asks.
    Others,
}

/// Ends one session of whoever asks: the one that `handle` names in their list, or that it opens, as frontends may pass
/// the token that they know from `get-session`. Anything else is nobody's business and ends nothing (SESS-07). What
/// sessions of the user asked for by mail is withdrawn. Whether it was the one that asks.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn revoke_session(flow: Flow<'_>, current: &FoundSession, handle: &str) -> Result<bool, StoreError> {
    let id: Option<SessionId> = handle.parse().ok();
    let token = flow.auth.settings.cookie.token(handle.as_bytes()).map(|token| token.hash());
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let ended = sessions::delete_of_user(&mut transaction, user, id.as_ref(), token.as_ref()).await?;
        withdraw_requests(&mut transaction, user, flow.now).await?;
        if let Some((_, trusted_device)) = &ended {
            // The browser is no longer its owner's, or they would not end its session.
            if let Some(device) = trusted_device {
                trusted_devices::delete(&mut transaction, user, device).await?;
            }
            record(flow, &mut transaction, (Event::SessionRevoked, Outcome::Success), Some(user)).await?;
        }
        transaction.commit().await?;
        Ok(ended.is_some_and(|(id, _)| id == current.session.id))
    })
    .await
}

/// Ends several sessions of whoever asks, and withdraws what sessions of theirs asked for by mail.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn revoke_sessions(flow: Flow<'_>, current: &FoundSession, which: Revoke) -> Result<(), StoreError> {
    let keep = match which {
        Revoke::All => None,
        Revoke::Others => Some(&current.session.id),
    };
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        if end_sessions(&mut transaction, user, keep, flow.now).await? > 0 {
            record(flow, &mut transaction, (Event::SessionsRevoked, Outcome::Success), Some(user)).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}
