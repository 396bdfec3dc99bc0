//! Makes invitations by an operator, for `auth.sign_up.mode: invitation`.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    auth::{SignUpMode, SignUpSettings, admin::Administration},
    store::{
        StoreError,
        audit::{self, Entry, Event, Outcome},
        retry_once, users, verifications,
    },
    types::{Email, MailToken},
};

/// This is how long an invitation can be used.
const EXPIRES_IN: Duration = Duration::days(7);

/// Holds an invitation that was made.
#[derive(Debug)]
pub struct Invited {
    pub token: MailToken,
    pub expires_at: OffsetDateTime,
}

/// Describes why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    #[error("invitations are for auth.sign_up.mode: invitation")]
    NoInvitations,
    #[error("the address is of a domain that auth.sign_up.allowed_email_domains does not list")]
    EmailDomain,
    #[error("the address has an account already")]
    EmailTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Invites an address. An earlier invitation of it ends.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn invite(
    administration: &Administration,
    rules: &SignUpSettings,
    email: &Email,
    now: OffsetDateTime,
) -> Result<Invited, InviteError> {
    if rules.mode != SignUpMode::Invitation {
        return Err(InviteError::NoInvitations);
    }
    if !rules.allows_address(email) {
        return Err(InviteError::EmailDomain);
    }
    let (token, expires_at) = (MailToken::generate(), now + EXPIRES_IN);
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        // The second of two invitations at once is the one that counts.
        verifications::lock_recipient(&mut transaction, email).await?;
        if users::find_by_email(&mut transaction, email).await?.is_some() {
            return Err(InviteError::EmailTaken);
        }
        verifications::delete_invitations(&mut transaction, email, None, now).await?;
        verifications::insert_invitation(&mut transaction, &token.hash(), email, (now, expires_at)).await?;
        audit::insert(&mut transaction, &entry(administration, Event::UserInvited), now).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await?;
    Ok(Invited { token, expires_at })
}

/// Withdraws the open invitation of an address, and returns whether there was one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn withdraw_invitation(
    administration: &Administration,
    email: &Email,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let was_open = verifications::delete_invitations(&mut transaction, email, None, now).await? > 0;
        if was_open {
            audit::insert(&mut transaction, &entry(administration, Event::InvitationWithdrawn), now).await?;
        }
        transaction.commit().await?;
        Ok(was_open)
    })
    .await
}

/// Returns the entry of the audit log, which names no address.
fn entry(administration: &Administration, event: Event) -> Entry<'_> {
    let cause = administration.cause();
    Entry { event, outcome: Outcome::Success, user_id: None, cause, detail: json!({}) }
}
