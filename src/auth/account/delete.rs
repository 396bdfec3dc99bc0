//! The end of an account at its owner's wish (DATA-01).

use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        Attempt, Auth, Busy, CallbackUrl, Client, FoundSession, LimitError, RateClass, Verified,
        account::close::close_account,
        audit::record::record,
        email::link::{MailedLink, link_to, queue_link, whole_minutes},
        forget_failures, limit_user,
        limits::{concurrency::acquire_turn, mails::MailLimit},
        session::find::still_signed_in,
    },
    mail::Message,
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, sessions,
        users::{self, User, accounts, admin, email_changes},
        verifications::{self, Purpose},
    },
    types::{AccountId, MailToken, Password, PasswordHash, UserId},
};

/// How long a link that confirms a deletion works.
const LINK_EXPIRES_IN: std::time::Duration = std::time::Duration::from_hours(24);

/// This is what somebody shows for the deletion of their account; with one of them, no session has to be proved lately.
#[derive(Debug)]
pub struct DeleteUser {
    pub password: Option<Password>,
    /// A mailed one.
    pub token: Option<MailToken>,
    /// Where the link leads that may be mailed.
    pub callback_url: Option<CallbackUrl>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    Deleted,
    /// It takes the link as well.
    LinkMailed,
}

/// Why the account stays.
#[derive(Debug, thiserror::Error)]
pub enum DeleteUserError {
    #[error("the account has no password")]
    NoPassword,
    #[error("the password is another")]
    WrongPassword,
    /// Never made by us, of another purpose or user, used, or too old.
    #[error("the token deletes nothing")]
    InvalidToken,
    #[error("the session is too old")]
    NotFresh,
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deletes the account of whoever asks, or mails the link that does. A password is held against the account's wherever
/// one is given.
pub async fn delete_user(
    auth: &Auth,
    input: &DeleteUser,
    asking: &FoundSession,
    client: &Client,
    now: OffsetDateTime,
) -> Result<Deletion, DeleteUserError> {
    let user = &asking.user;
    let proved = match &input.password {
        Some(password) => Some(prove(auth, password, &user.id, client, now).await?),
        None => None,
    };
    if input.token.is_none() && auth.settings.mailed_deletion {
        mail_link(auth, input.callback_url.as_ref(), proved.as_ref(), asking, client, now).await?;
        return Ok(Deletion::LinkMailed);
    }
    if proved.is_none() && input.token.is_none() && !asking.is_proved_lately(&auth.settings.session, now) {
        refuse(auth, Outcome::SessionNotFresh, Some(&user.id), client, now).await?;
        return Err(DeleteUserError::NotFresh);
    }
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        match still_signed_in(&mut transaction, asking).await {
            // By another request, a moment ago.
            Err(StoreError::UserGone) => return Ok(Deletion::Deleted),
            asked => asked?,
        }
        if let Some(token) = &input.token
            && !spend(&mut transaction, token, &user.id, now).await?
        {
            transaction.rollback().await.map_err(StoreError::from)?;
            refuse(auth, Outcome::InvalidToken, Some(&user.id), client, now).await?;
            return Err(DeleteUserError::InvalidToken);
        }
        if let Some(Proved { account, hash, .. }) = &proved
            && accounts::find_unchanged_for_share(&mut transaction, account, hash).await?.is_none()
        {
            return Err(DeleteUserError::WrongPassword);
        }
        end(auth, &mut transaction, user, client, now).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        auth.outbox.wake();
        Ok(Deletion::Deleted)
    })
    .await
}

/// Deletes the account that a mailed token belongs to: for the page behind the link, which knows nobody. Of several
/// requests with one token, one succeeds.
pub async fn confirm_deletion(
    auth: &Auth,
    token: &MailToken,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), DeleteUserError> {
    let mut connection = auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::DeleteUser, &token.hash(), now).await?;
    drop(connection);
    let Some(user) = found else {
        refuse(auth, Outcome::InvalidToken, None, client, now).await?;
        return Err(DeleteUserError::InvalidToken);
    };
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        users::find_locked(&mut transaction, &user.id).await?;
        if !spend(&mut transaction, token, &user.id, now).await? {
            transaction.rollback().await.map_err(StoreError::from)?;
            refuse(auth, Outcome::InvalidToken, Some(&user.id), client, now).await?;
            return Err(DeleteUserError::InvalidToken);
        }
        end(auth, &mut transaction, &user, client, now).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        auth.outbox.wake();
        Ok(())
    })
    .await
}

/// A password that was right, and the row that says so.
struct Proved {
    account: AccountId,
    hash: PasswordHash,
    counted: Attempt,
}

async fn prove(
    auth: &Auth,
    password: &Password,
    user: &UserId,
    client: &Client,
    now: OffsetDateTime,
) -> Result<Proved, DeleteUserError> {
    let turn = acquire_turn(auth, client).await?;
    let counted = limit_user(auth, RateClass::DeleteUser, user, client, now).await?;
    let Some((account, hash)) = accounts::find_credential(&mut *auth.db.acquire().await?, user).await? else {
        counted.was_not_tried(&mut *auth.db.acquire().await?).await?;
        return Err(DeleteUserError::NoPassword);
    };
    match auth.hasher.verify(&turn, password.clone(), Some(hash.clone())).await {
        Ok(Verified::Match { .. }) => Ok(Proved { account, hash, counted }),
        Ok(Verified::Mismatch) => {
            refuse(auth, Outcome::WrongPassword, Some(user), client, now).await?;
            Err(DeleteUserError::WrongPassword)
        }
        Err(busy) => {
            counted.was_not_tried(&mut *auth.db.acquire().await?).await?;
            Err(busy.into())
        }
    }
}

/// True where the token was this user's and not too old. Anybody else's is to be rolled back.
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
    auth: &Auth,
    callback_url: Option<&CallbackUrl>,
    proved: Option<&Proved>,
    asking: &FoundSession,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let user = &asking.user;
    retry_once(|| async {
        let mut transaction = auth.db.begin().await?;
        still_signed_in(&mut transaction, asking).await?;
        let link = MailedLink {
            purpose: Purpose::DeleteUser,
            user: &user.id,
            to: &user.email,
            payload: json!({ "callbackURL": callback_url.map(CallbackUrl::as_str) }),
            expires_in: LINK_EXPIRES_IN,
        };
        let message = |token: &MailToken| Message::DeleteUser {
            name: user.name.clone(),
            link: link_to(auth, &format!("/delete-user/confirm?token={}", token.expose()), callback_url),
            expires_in_minutes: whole_minutes(LINK_EXPIRES_IN),
        };
        let is_sent = queue_link(auth, &mut transaction, link, MailLimit::usual(now), message, now).await?;
        let outcome = if is_sent { Outcome::Success } else { Outcome::Refused };
        record(&mut transaction, (Event::UserDeletionRequested, outcome), Some(&user.id), client, now).await?;
        if let Some(Proved { counted, .. }) = proved {
            counted.succeeded(&mut transaction).await?;
            sessions::update_proved(&mut transaction, &asking.session.id, now).await?;
        }
        transaction.commit().await?;
        auth.outbox.wake();
        Ok(())
    })
    .await
}

/// Ends the account: at once, or, where a former address could still take it back, once that is over (MAIL-15).
async fn end(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    match email_changes::find_oldest_address(connection, &user.id, now).await? {
        Some(former) => close_account(auth, connection, (user, &former), client, now).await,
        None => remove(auth, connection, user, client, now).await,
    }
}

/// Everything goes at once but the journal, which keeps the id and what happened under it. Who takes the address next
/// inherits nothing.
async fn remove(
    auth: &Auth,
    connection: &mut PgConnection,
    user: &User,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    admin::delete_mail(connection, &user.email).await?;
    forget_failures(connection, &user.email, &user.id).await?;
    admin::delete(connection, &user.id).await?;
    let message = Message::UserDeleted { name: user.name.clone(), link: auth.settings.public_url.join("/") };
    auth.outbox.enqueue(connection, &user.email, &message, now).await?;
    record(connection, (Event::UserDeleted, Outcome::Success), Some(&user.id), client, now).await
}

async fn refuse(
    auth: &Auth,
    outcome: Outcome,
    user: Option<&UserId>,
    client: &Client,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let mut connection = auth.db.acquire().await?;
    record(&mut connection, (Event::UserDeleted, outcome), user, client, now).await
}
