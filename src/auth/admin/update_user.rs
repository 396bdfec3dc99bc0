//! Changes what is stored of a user, for an administrator.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::{
    auth::{
        DisplayName, Settings,
        admin::{
            administration::{Administration, AdministrationError},
            permissions::Permission,
            users::update_roles,
        },
        session::end::end_sessions,
    },
    mail::{Message, Reader},
    store::{
        Constraint, StoreError, Tx,
        audit::Event,
        retry_once,
        users::{
            self, FieldChanges, User,
            admin::{self, UserRecord, UserRef},
            email_changes,
        },
        verifications::{self, Purpose},
    },
    types::{Email, Role, UserId},
};

/// Holds what is to change; the rest stays.
#[derive(Debug, Default)]
pub struct UserChange {
    pub name: Option<DisplayName>,
    /// Is the address of a picture; `Some(None)` takes it away.
    pub image: Option<Option<String>>,
    pub email: Option<Email>,
    pub email_verified: Option<bool>,
    /// Holds what the configuration adds to users, also what users may not change themselves.
    pub additional_fields: Map<String, Value>,
}

impl UserChange {
    /// Tells whether nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.image.is_none() && !self.is_of_address() && self.additional_fields.is_empty()
    }

    fn is_of_address(&self) -> bool {
        self.email.is_some() || self.email_verified.is_some()
    }
}

/// Describes why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    #[error("the address has an account already")]
    EmailTaken,
    /// This field, with those that were stored before, makes what upstreams are told too long.
    #[error("{0} makes the headers of additional fields too long")]
    HeadersTooLong(String),
    #[error(transparent)]
    Administration(#[from] AdministrationError),
}

impl From<StoreError> for ChangeUserError {
    fn from(error: StoreError) -> Self {
        Self::Administration(error.into())
    }
}

/// Changes a user, and with `roles` replaces theirs: all of it or nothing. With another address the user's sessions end, as does whatever was mailed to the former one, which is
/// told.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn change_user(
    administration: &Administration,
    settings: &Settings,
    who: &UserRef,
    (change, roles): (&UserChange, Option<&[Role]>),
    now: OffsetDateTime,
) -> Result<UserRecord, ChangeUserError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let target = administration.find_target(&mut transaction, who, Permission::UserUpdate).await?;
        if let Some(roles) = roles {
            administration.require_allowed(&mut transaction, Permission::UserSetRole).await?;
            update_roles(administration, &mut transaction, &target, roles.to_vec(), now).await?;
        }
        let user = target.user;
        if change.is_of_address() {
            administration.require_allowed(&mut transaction, Permission::UserSetEmail).await?;
            // Administrators change their own with `change-email`, which proves the new one.
            administration.require_other(&user.id, Permission::UserSetEmail)?;
            change_address(administration, settings, &mut transaction, (&user, change), now).await?;
        }
        let name = change.name.as_ref().map(DisplayName::as_str);
        let image = change.image.as_ref().map(Option::as_deref);
        let fields = FieldChanges { removed: Vec::new(), set: change.additional_fields.clone() };
        let stored = users::update_profile(&mut transaction, &user.id, name, image, &fields, now).await?;
        let stored = stored.ok_or(AdministrationError::UnknownUser)?;
        if let Some(name) = settings.user_fields.too_long_for_headers(&stored, &fields.set) {
            return Err(ChangeUserError::HeadersTooLong(name.to_owned()));
        }
        if !change.is_empty() {
            administration.record(&mut transaction, Event::UserChanged, Some(&user.id), changed(change), now).await?;
        }
        let record = find(&mut transaction, &user.id).await?;
        transaction.commit().await?;
        Ok(record)
    })
    .await
}

async fn find(transaction: &mut Tx, id: &UserId) -> Result<UserRecord, AdministrationError> {
    admin::find(transaction, &UserRef::Id(id.clone())).await?.ok_or(AdministrationError::UnknownUser)
}

/// Names what was changed, for the audit log, which holds no values.
fn changed(change: &UserChange) -> Value {
    let named = [
        ("name", change.name.is_some()),
        ("image", change.image.is_some()),
        ("email", change.email.is_some()),
        ("emailVerified", change.email_verified.is_some()),
    ];
    let named = named.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name);
    let fields: Vec<&str> = named.chain(change.additional_fields.keys().map(String::as_str)).collect();
    json!({ "fields": fields })
}

async fn change_address(
    administration: &Administration,
    settings: &Settings,
    transaction: &mut Tx,
    (user, change): (&User, &UserChange),
    now: OffsetDateTime,
) -> Result<(), ChangeUserError> {
    let email = change.email.as_ref().unwrap_or(&user.email);
    let is_verified = change.email_verified.unwrap_or(*email == user.email && user.email_verified);
    match admin::update_address(transaction, &user.id, email, is_verified, now).await {
        Err(StoreError::Conflict(Constraint::UserEmail)) => return Err(ChangeUserError::EmailTaken),
        updated => updated?,
    }
    if *email == user.email {
        return Ok(());
    }
    if email_changes::is_reserved_for_other(transaction, email, &user.id).await? {
        return Err(ChangeUserError::EmailTaken);
    }
    end_sessions(transaction, &user.id, None, now).await?;
    verifications::delete_of_user(transaction, &user.id, &Purpose::ALL).await?;
    let message = Message::EmailChanged { name: user.name.clone(), link: settings.public_url.join("/") };
    administration
        .outbox
        .enqueue(transaction, &user.email, (&message, Reader::absent(&user.id, &settings.languages)), now)
        .await?;
    Ok(())
}
