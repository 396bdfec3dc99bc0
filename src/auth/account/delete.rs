//! Ends an account at its owner's wish (DATA-01).

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        Attempt, CallbackUrl, Flow, FlowError, FoundSession, RateClass,
        account::close::close_account,
        admin::administration::is_last_administrator,
        audit::record::{record, record_failure},
        email::link::{MailedLink, link_to, queue_link, whole_minutes},
        forget_failures,
        limits::mails::MailLimit,
        organization::last_owner::list_left_ownerless,
        password::proof::{PasswordAttempt, PasswordProof},
        session::find::still_signed_in,
    },
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        retry_once, sessions,
        users::{self, User, admin, credentials, email_changes},
        verifications::{self, Payload, Purpose},
    },
    types::{AccountId, MailToken, Password, PasswordHash, UserId},
};

/// Tells how long a link that confirms a deletion works.
const LINK_EXPIRES_IN: std::time::Duration = std::time::Duration::from_hours(24);

/// Holds what somebody shows for the deletion of their account; with one of them, no session has to be proved lately.
#[derive(Debug)]
pub struct DeleteUser {
    pub password: Option<Password>,
    /// Is a mailed one.
    pub token: Option<MailToken>,
    /// The link that may be mailed leads here.
    pub callback_url: Option<CallbackUrl>,
}

/// Describes what came of a request for a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    Deleted,
    /// It takes the link as well.
    LinkMailed,
}

/// Describes why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUserError {
    #[error("the account has no password")]
    NoPassword,
    #[error("the password is another")]
    WrongPassword,
    /// The token was never made by us, is of another purpose or user, was used, or is too old.
    #[error("the token deletes nothing")]
    InvalidToken,
    #[error("the session is too old")]
    NotFresh,
    /// These organizations, by their slugs, would be without an owner.
    #[error("nobody else owns these organizations: {}", .0.join(", "))]
    LastOwner(Vec<String>),
    /// Nobody would be left to give roles to anybody.
    #[error("the last administrator stays")]
    LastAdministrator,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for DeleteUserError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Deletes the account of whoever asks, or mails the link that does. A password is held against the account's wherever
/// one is given.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn delete_user(
    flow: Flow<'_>,
    input: &DeleteUser,
    current: &FoundSession,
) -> Result<Deletion, DeleteUserError> {
    let user = &current.user;
    let proved = match &input.password {
        Some(password) => Some(prove(flow, password, &user.id).await?),
        None => None,
    };
    if input.token.is_none() && flow.auth.settings.mailed_deletion {
        mail_link(flow, input.callback_url.as_ref(), proved.as_ref(), current).await?;
        return Ok(Deletion::LinkMailed);
    }
    if proved.is_none() && input.token.is_none() && !current.is_proved_lately(&flow.auth.settings.session, flow.now) {
        record_failure(flow, (Event::UserDeleted, Outcome::SessionNotFresh), Some(&user.id)).await?;
        return Err(DeleteUserError::NotFresh);
    }
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        match still_signed_in(&mut transaction, current).await {
            // Another request has deleted it a moment ago.
            Err(StoreError::UserGone) => return Ok(Deletion::Deleted),
            asked => asked?,
        }
        if let Some(token) = &input.token
            && !spend(&mut transaction, token, &user.id, flow.now).await?
        {
            transaction.rollback().await?;
            record_failure(flow, (Event::UserDeleted, Outcome::InvalidToken), Some(&user.id)).await?;
            return Err(DeleteUserError::InvalidToken);
        }
        if let Some(Proved { account, hash, .. }) = &proved
            && credentials::find_unchanged_for_share(&mut transaction, account, hash).await?.is_none()
        {
            return Err(DeleteUserError::WrongPassword);
        }
        end(flow, &mut transaction, user).await?;
        transaction.commit().await?;
        Ok(Deletion::Deleted)
    })
    .await
}

/// Deletes the account that a mailed token belongs to, for the page behind the link, which knows nobody. Of several
/// requests with one token, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn confirm_deletion(flow: Flow<'_>, token: &MailToken) -> Result<(), DeleteUserError> {
    let mut connection = flow.auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::DeleteUser, &token.hash(), flow.now).await?;
    drop(connection);
    let Some(user) = found else {
        record_failure(flow, (Event::UserDeleted, Outcome::InvalidToken), None).await?;
        return Err(DeleteUserError::InvalidToken);
    };
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        users::find_locked(&mut transaction, &user.id).await?;
        if !spend(&mut transaction, token, &user.id, flow.now).await? {
            transaction.rollback().await?;
            record_failure(flow, (Event::UserDeleted, Outcome::InvalidToken), Some(&user.id)).await?;
            return Err(DeleteUserError::InvalidToken);
        }
        end(flow, &mut transaction, &user).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Holds a password that was right, and the row that says so.
struct Proved {
    account: AccountId,
    hash: PasswordHash,
    counted: Attempt,
}

async fn prove(flow: Flow<'_>, password: &Password, user: &UserId) -> Result<Proved, DeleteUserError> {
    let attempt = PasswordAttempt::begin(flow, RateClass::DeleteUser, user).await?;
    match attempt.prove(flow, user, password).await? {
        PasswordProof::Proved { account, hash } => Ok(Proved { account, hash, counted: attempt.into_counted() }),
        PasswordProof::NoPassword => Err(DeleteUserError::NoPassword),
        PasswordProof::WrongPassword => {
            record_failure(flow, (Event::UserDeleted, Outcome::WrongPassword), Some(user)).await?;
            Err(DeleteUserError::WrongPassword)
        }
    }
}

/// Spends the token. Returns true where it was this user's and not too old. Anybody else's is to be rolled back.
async fn spend(
    connection: &mut PgConnection,
    token: &MailToken,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let spent = verifications::delete_by_token(connection, Purpose::DeleteUser, &token.hash()).await?;
    Ok(spent.is_some_and(|spent| spent.expires_at > now && spent.user_id.as_ref() == Some(user)))
}

async fn mail_link(
    flow: Flow<'_>,
    callback_url: Option<&CallbackUrl>,
    proved: Option<&Proved>,
    current: &FoundSession,
) -> Result<(), StoreError> {
    let user = &current.user;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let link = MailedLink {
            purpose: Purpose::DeleteUser,
            user: &user.id,
            to: &user.email,
            payload: Payload::link(callback_url.map(CallbackUrl::as_str)),
            expires_in: LINK_EXPIRES_IN,
        };
        let message = |token: &MailToken| Message::DeleteUser {
            name: user.name.clone(),
            link: link_to(flow.auth, &format!("/delete-user/confirm?token={}", token.expose()), callback_url),
            expires_in_minutes: whole_minutes(LINK_EXPIRES_IN),
        };
        let is_sent = queue_link(flow, &mut transaction, link, MailLimit::usual(flow.now), message).await?;
        let outcome = if is_sent { Outcome::Success } else { Outcome::RateLimited };
        record(flow, &mut transaction, (Event::UserDeletionRequested, outcome), Some(&user.id)).await?;
        if let Some(Proved { counted, .. }) = proved {
            counted.succeeded(&mut transaction).await?;
            sessions::update_proved(&mut transaction, &current.session.id, flow.now).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Ends the account: at once, or, where a former address could still take it back, once that is over (MAIL-15). Whoever
/// else is in an organization is not left there without an owner, and somebody stays who can give roles.
async fn end(flow: Flow<'_>, transaction: &mut Tx, user: &User) -> Result<(), DeleteUserError> {
    if flow.auth.settings.organizations.is_some() {
        let ownerless = list_left_ownerless(transaction, &user.id).await?;
        if !ownerless.is_empty() {
            return Err(DeleteUserError::LastOwner(ownerless));
        }
    }
    if let Some(settings) = &flow.auth.settings.admin
        && is_last_administrator(transaction, settings, user).await?
    {
        return Err(DeleteUserError::LastAdministrator);
    }
    Ok(match email_changes::find_oldest_address(transaction, &user.id, flow.now).await? {
        Some(former) => close_account(flow, transaction, (user, &former)).await,
        None => remove(flow, transaction, user).await,
    }?)
}

/// Removes everything at once but the audit log, which keeps the id and what happened under it. Who takes the address
/// next inherits nothing.
async fn remove(flow: Flow<'_>, transaction: &mut Tx, user: &User) -> Result<(), StoreError> {
    admin::delete_mail(transaction, &user.email).await?;
    forget_failures(transaction, &user.email, &user.id).await?;
    let message = Message::UserDeleted { name: user.name.clone(), link: flow.auth.settings.public_url.join("/") };
    flow.auth.outbox.enqueue(transaction, &user.email, (&message, flow.reader(Some(&user.id))), flow.now).await?;
    // Their language goes with them, so the mail was written before.
    admin::delete(transaction, &user.id).await?;
    record(flow, transaction, (Event::UserDeleted, Outcome::Success), Some(&user.id)).await
}
