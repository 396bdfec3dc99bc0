//! Ending a session at its owner's wish.

use time::OffsetDateTime;

use crate::{
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, sessions,
    },
    types::SessionToken,
};

use super::{Auth, Client, journal::record};

/// Ends the session that the token opens, if any.
pub async fn sign_out(
    auth: &Auth,
    token: &SessionToken,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        if let Some((_, user)) = sessions::delete_by_token(&mut transaction, &token.hash()).await? {
            record(&mut transaction, (Event::SignOut, Outcome::Success), Some(&user), client, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}
