//! Ends a session at its owner's wish.

use crate::{
    auth::{Flow, audit::record::record},
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, sessions, users,
    },
    types::{SessionKey, SessionToken},
};

/// Ends the session that the token opens, if any.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_out(flow: Flow<'_>, token: &SessionToken) -> Result<(), StoreError> {
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        // Anything that the session asked for at this moment is over before it ends, or is refused.
        let found = sessions::find_active(&mut transaction, &SessionKey::Token(token.hash())).await?;
        let mut client = flow.client.clone();
        if let Some((session, user)) = &found {
            client = client.acting_in(session);
            users::find_locked(&mut transaction, &user.id).await?;
        }
        let flow = Flow { client: &client, ..flow };
        if let Some((_, user)) = sessions::delete_by_token(&mut transaction, &token.hash()).await? {
            record(flow, &mut transaction, (Event::SignOut, Outcome::Success), Some(&user)).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}
