//! Creates a user for an operator, which is the way to the first administrator (ADMIN-03), or for an administrator.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{
        CallbackUrl, DisplayName, Settings,
        admin::{
            administration::{Administration, AdministrationError},
            permissions::Permission,
        },
        email::link::link_of,
    },
    mail::{Message, Reader},
    store::{
        StoreError, Tx,
        audit::Event,
        retry_once,
        users::{
            self, User,
            admin::{self, UserRecord, UserRef},
            credentials,
        },
        verifications::{self, NewMail, Payload, Purpose},
    },
    types::{AccountId, Email, MailToken, PasswordHash, Role, UserId, VerificationId},
};

/// Describes the user to create.
#[derive(Debug)]
pub struct NewUser {
    pub email: Email,
    pub name: DisplayName,
    pub roles: Vec<Role>,
    /// Is the address of a picture.
    pub image: Option<String>,
    /// Holds what the configuration adds to users.
    pub additional_fields: Map<String, Value>,
    /// The operator vouches for the address.
    pub email_verified: bool,
    /// Without one the user chooses it by a reset, or with the link that they are welcomed with.
    pub password: Option<PasswordHash>,
}

/// Describes the mail that a new user is welcomed with: its link proves the address and asks for a password.
#[derive(Debug)]
pub struct Welcome<'a> {
    pub settings: &'a Settings,
    /// Is where the browser goes from there.
    pub page: Option<&'a CallbackUrl>,
}

/// Says how long such a link works: longer than one that somebody waits for.
const WELCOME_EXPIRES_IN: Duration = Duration::days(7);

/// Describes why no user was created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    #[error("the address has an account already")]
    EmailTaken,
    #[error(transparent)]
    Administration(#[from] AdministrationError),
}

impl From<StoreError> for CreateUserError {
    fn from(error: StoreError) -> Self {
        Self::Administration(error.into())
    }
}

/// Creates a user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn create_user(
    administration: &Administration,
    input: NewUser,
    welcome: Option<&Welcome<'_>>,
    now: OffsetDateTime,
) -> Result<UserRecord, CreateUserError> {
    let user = User {
        id: UserId::generate(),
        email: input.email,
        email_verified: input.email_verified,
        name: input.name.as_str().to_owned(),
        image: input.image,
        roles: input.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        additional_fields: Value::Object(input.additional_fields),
        two_factor_enabled: false,
        language: None,
        created_at: now,
        updated_at: now,
    };
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        administration.require_allowed(&mut transaction, Permission::UserCreate).await?;
        if !user.roles.is_empty() {
            administration.require_allowed(&mut transaction, Permission::UserSetRole).await?;
            administration.require_within_rank(&mut transaction, &user.roles).await?;
        }
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
        if let Some(welcome) = welcome {
            mail_welcome(administration, &mut transaction, &user, welcome, now).await?;
        }
        let roles: Vec<&str> = input.roles.iter().map(Role::as_str).collect();
        let detail = json!({ "roles": roles, "email_verified": input.email_verified, "invited": welcome.is_some() });
        administration.record(&mut transaction, Event::UserCreated, Some(&user.id), detail, now).await?;
        let record = admin::find(&mut transaction, &UserRef::Id(user.id.clone())).await?;
        transaction.commit().await?;
        // The row was inserted in this very transaction.
        Ok(record.ok_or(StoreError::Statement(sqlx::Error::RowNotFound))?)
    })
    .await
}

/// Mails the link of a verification: its page asks for a password, since the account has none, and a newer link that
/// the owner asks for takes its place.
async fn mail_welcome(
    administration: &Administration,
    transaction: &mut Tx,
    user: &User,
    welcome: &Welcome<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let token = MailToken::generate();
    let mail = NewMail {
        id: VerificationId::generate(),
        purpose: Purpose::VerifyEmail,
        hash: Some(*token.hash().as_bytes()),
        user_id: Some(&user.id),
        payload: Payload::link(welcome.page.map(CallbackUrl::as_str)),
        recipient: &user.email,
        asked_by: None,
        created_at: now,
        expires_at: now + WELCOME_EXPIRES_IN,
    };
    verifications::insert_mailed(transaction, &mail).await?;
    let message = Message::Welcome {
        name: user.name.clone(),
        link: link_of(welcome.settings, &format!("/verify-email/confirm?token={}", token.expose()), welcome.page),
        expires_in_minutes: WELCOME_EXPIRES_IN.whole_minutes().unsigned_abs(),
    };
    administration
        .outbox
        .enqueue(transaction, &user.email, (&message, Reader::absent(&user.id, &welcome.settings.languages)), now)
        .await
}
