//! Creates a user for an operator: the way to the first administrator (ADMIN-03).

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{DisplayName, admin::Administration, audit::record::record_operator},
    store::{
        StoreError,
        audit::Event,
        retry_once,
        users::{
            self, User,
            admin::{self, UserRecord, UserRef},
            credentials,
        },
    },
    types::{AccountId, Email, PasswordHash, Role, UserId},
};

/// Describes the user to create.
#[derive(Debug)]
pub struct NewUser {
    pub email: Email,
    pub name: DisplayName,
    pub roles: Vec<Role>,
    /// The operator vouches for the address.
    pub email_verified: bool,
    /// Without one the user chooses it by a reset.
    pub password: Option<PasswordHash>,
}

/// Describes why no user was created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    #[error("the address has an account already")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn create_user(
    administration: &Administration,
    input: NewUser,
    now: OffsetDateTime,
) -> Result<UserRecord, CreateUserError> {
    let user = User {
        id: UserId::generate(),
        email: input.email,
        email_verified: input.email_verified,
        name: input.name.as_str().to_owned(),
        image: None,
        roles: input.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        additional_fields: serde_json::json!({}),
        two_factor_enabled: false,
        created_at: now,
        updated_at: now,
    };
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        if !users::insert_unless_taken(&mut transaction, &user).await? {
            return Err(CreateUserError::EmailTaken);
        }
        users::update_created_by_operator(&mut transaction, &user.id).await?;
        if !input.roles.is_empty() {
            admin::update_roles(&mut transaction, &user.id, &input.roles, now).await?;
        }
        if let Some(hash) = &input.password {
            credentials::insert(&mut transaction, &AccountId::generate(), &user.id, hash, now).await?;
            credentials::update_proved(&mut transaction, &user.id).await?;
        }
        let roles: Vec<&str> = input.roles.iter().map(Role::as_str).collect();
        let detail = json!({ "roles": roles, "email_verified": input.email_verified });
        record_operator(&mut transaction, Event::UserCreated, &user.id, (&administration.operator, detail), now)
            .await?;
        let person = admin::find(&mut transaction, &UserRef::Id(user.id.clone())).await?;
        transaction.commit().await?;
        // The row was inserted in this very transaction.
        Ok(person.ok_or(StoreError::Statement(sqlx::Error::RowNotFound))?)
    })
    .await
}
