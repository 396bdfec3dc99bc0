//! Changes what people may change about themselves without proving anything.

use serde_json::{Map, Value};

use crate::{
    auth::{
        DisplayName, Flow, FlowError, FoundSession, Image, UsernameChange, UsernameTaken,
        account::{picture::limit_pictures, username::set_username},
        audit::record::record,
        session::find::still_signed_in,
    },
    language::Language,
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once,
        users::{self, FieldChanges, usernames},
    },
};

/// Holds what is to change; the rest stays. Nothing else of a request is read (FAIL-08).
#[derive(Debug)]
pub struct UpdateUser {
    pub name: Option<DisplayName>,
    /// `Some(None)` takes it away.
    pub image: Option<Option<Image>>,
    /// Holds the fields that users set themselves, the name that they sign in with among them.
    pub additional_fields: Map<String, Value>,
    pub username: UsernameChange,
    /// `Some(None)` forgets it: then what a request asks for counts.
    pub language: Option<Option<Language>>,
}

/// Describes why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserError {
    /// This field, with those that were stored before, makes what upstreams are told too long.
    #[error("{0} makes the headers of additional fields too long")]
    HeadersTooLong(String),
    #[error(transparent)]
    UsernameTaken(#[from] UsernameTaken),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for UpdateUserError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Changes the user. The next request of any of their sessions shows it.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn update_user(flow: Flow<'_>, input: &UpdateUser, current: &FoundSession) -> Result<(), UpdateUserError> {
    let user = &current.user.id;
    let name = input.name.as_ref().map(DisplayName::as_str);
    let picture = input.image.as_ref().and_then(|image| image.as_ref()?.picture());
    let image = input.image.as_ref().map(|image| image.as_ref().map(|image| image.address(&flow.auth.settings)));
    let fields = FieldChanges { removed: Vec::new(), set: input.additional_fields.clone() };
    if picture.is_some() {
        limit_pictures(flow, Some(user)).await?;
    }
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let image = image.as_ref().map(Option::as_deref);
        let stored = users::update_profile(&mut transaction, user, name, image, &fields, flow.now).await?;
        let stored = stored.ok_or(StoreError::UserGone)?;
        if let Some(name) = flow.auth.settings.user_fields.too_long_for_headers(&stored, &fields.set) {
            return Err(UpdateUserError::HeadersTooLong(name.to_owned()));
        }
        match &input.username {
            UsernameChange::Keep => {}
            UsernameChange::Remove => usernames::delete_of_user(&mut transaction, user).await?,
            UsernameChange::Set(name) => set_username(flow, &mut transaction, user, name).await??,
        }
        if let Some(language) = input.language {
            users::languages::update(&mut transaction, user, language.map(Language::code)).await?;
        }
        if let Some(picture) = picture {
            picture.store(flow, &mut transaction, user).await?;
        }
        record(flow, &mut transaction, (Event::UserUpdated, Outcome::Success), Some(user)).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
