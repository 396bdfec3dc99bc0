//! What people change about themselves without proving anything.

use time::OffsetDateTime;

use crate::{
    auth::{Auth, Client, DisplayName, FoundSession, audit::record::record, session::find::still_signed_in},
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, users,
    },
};

/// What is to be different; the rest stays. Nothing else of a request is looked at (FAIL-08).
#[derive(Debug)]
pub struct UpdateUser {
    pub name: Option<DisplayName>,
    /// `Some(None)` takes it away.
    pub image: Option<Option<String>>,
}

/// Changes the user. The next request of any of their sessions shows it.
pub async fn update_user(
    auth: &Auth,
    input: &UpdateUser,
    asking: &FoundSession,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let user = &asking.user.id;
    let name = input.name.as_ref().map(DisplayName::as_str);
    let image = input.image.as_ref().map(Option::as_deref);
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        still_signed_in(&mut transaction, asking).await?;
        if !users::update_profile(&mut transaction, user, name, image, now).await? {
            return Err(StoreError::UserGone);
        }
        record(&mut transaction, (Event::UserUpdated, Outcome::Success), Some(user), client, now).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
