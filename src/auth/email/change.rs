//! Gives an account another address: asked for by its owner, allowed from the old address where the session was not
//! proved lately, and proved by a mail to the new address (MAIL-12, MAIL-15).

use crate::{
    auth::{
        Auth, CallbackUrl, Flow, FlowError, FoundSession, RateClass, VerifyEmailError,
        audit::record::record,
        email::link::{MailedLink, callback_of, link_to, queue_link, queue_notice, whole_minutes},
        limit_user,
        limits::mails::MailLimit,
        session::find::{is_live, still_signed_in},
    },
    mail::Message,
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        retry_once,
        users::{self, User, email_changes},
        verifications::{self, EmailChange, Payload, PendingEmailChange, Purpose, Spent},
    },
    types::{Email, MailToken, SessionId},
};

/// Describes why no change was requested.
#[derive(Debug, thiserror::Error)]
pub enum ChangeEmailError {
    #[error("it is the account's address already")]
    SameEmail,
    #[error("the address is of a domain that accounts may not have")]
    EmailDomain,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for ChangeEmailError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Describes a change that was requested: the payload of its mailed tokens.
#[derive(Debug)]
pub(crate) struct RequestedChange {
    pub(crate) from: Email,
    pub(crate) to: Email,
    /// Is the session that asked; it goes on when the change takes effect, which it does only while the session is
    /// live.
    pub(crate) session: SessionId,
    callback_url: Option<CallbackUrl>,
}

impl RequestedChange {
    fn payload(&self) -> Payload {
        Payload::EmailChange(EmailChange {
            from: self.from.clone(),
            to: self.to.clone(),
            session_id: self.session.clone(),
            callback_url: self.callback_url.as_ref().map(|target| target.as_str().to_owned()),
        })
    }

    /// Reads what a spent token was for. `None` for a payload that no flow wrote.
    pub(crate) fn read(auth: &Auth, spent: &Spent) -> Option<Self> {
        let Some(Payload::EmailChange(change)) = &spent.payload else { return None };
        Some(Self {
            from: change.from.clone(),
            to: change.to.clone(),
            session: change.session_id.clone(),
            callback_url: callback_of(auth, spent.payload.as_ref()),
        })
    }
}

/// Queues the mail that leads on. From a session that was proved lately that is the one which proves the new address,
/// beside a notice to the old one. Whoever merely holds an older session may be a thief of its cookie, so the old
/// address is asked first. It stays in force until the new one is proved.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn change_email(
    flow: Flow<'_>,
    new: &Email,
    callback_url: Option<&CallbackUrl>,
    current: &FoundSession,
) -> Result<(), ChangeEmailError> {
    let user = &current.user;
    if user.email == *new {
        return Err(ChangeEmailError::SameEmail);
    }
    if !flow.auth.settings.sign_up.allows_address(new) {
        return Err(ChangeEmailError::EmailDomain);
    }
    // The request is counted alone: nothing is guessed here, so there is no success that would clear it.
    let _ = limit_user(flow, RateClass::ChangeEmail, &user.id).await?;
    let change = RequestedChange {
        from: user.email.clone(),
        to: new.clone(),
        session: current.session.id.clone(),
        callback_url: callback_url.cloned(),
    };
    retry_once(|| queue_next_mail(flow, &change, current)).await
}

async fn queue_next_mail(
    flow: Flow<'_>,
    change: &RequestedChange,
    current: &FoundSession,
) -> Result<(), ChangeEmailError> {
    let user = &current.user;
    let mut transaction = flow.auth.db.begin().await?;
    still_signed_in(&mut transaction, current).await?;
    let outcome = if current.is_proved_lately(&flow.auth.settings.session, flow.now) {
        queue_proof(flow, &mut transaction, user, change).await?
    } else {
        queue_consent(flow, &mut transaction, user, change).await?
    };
    record(flow, &mut transaction, (Event::EmailChangeRequested, outcome), Some(&user.id)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns the change that whoever asks is still to prove. One to an address that has an account looks the same.
pub async fn find_pending_email_change(
    flow: Flow<'_>,
    current: &FoundSession,
) -> Result<Option<PendingEmailChange>, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    verifications::find_email_change(&mut connection, &current.user.id, flow.now).await
}

/// Spends the token that was mailed to the old address, and queues the mail to the new one. Of several requests with
/// one token, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn consent_to_email_change(flow: Flow<'_>, token: &MailToken) -> Result<(), VerifyEmailError> {
    retry_once(|| spend_consent(flow, token)).await
}

async fn spend_consent(flow: Flow<'_>, token: &MailToken) -> Result<(), VerifyEmailError> {
    let token = token.hash();
    let mut connection = flow.auth.db.acquire().await?;
    let found = verifications::find_user(&mut connection, Purpose::ConsentEmailChange, &token, flow.now).await?;
    let Some(user) = found else {
        let spent = verifications::delete_by_token(&mut connection, Purpose::ConsentEmailChange, &token).await?;
        let is_expired = spent.is_some_and(|spent| spent.expires_at <= flow.now);
        return Err(if is_expired { VerifyEmailError::Expired } else { VerifyEmailError::Invalid });
    };
    drop(connection);
    let mut transaction = flow.auth.db.begin().await?;
    users::find_locked(&mut transaction, &user.id).await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::ConsentEmailChange, &token).await?;
    let spent = spent.filter(|spent| spent.expires_at > flow.now && spent.user_id.as_ref() == Some(&user.id));
    let change = spent.and_then(|spent| RequestedChange::read(flow.auth, &spent)).ok_or(VerifyEmailError::Invalid)?;
    if !is_live(&mut transaction, &change.session, &user.id).await? {
        return Err(VerifyEmailError::Invalid);
    }
    // The account is read again, now that nobody else can change it: what was asked for may be out of date.
    let user = users::find_by_email(&mut transaction, &change.from).await?.filter(|found| found.id == user.id);
    let user = user.ok_or(VerifyEmailError::Invalid)?;
    let outcome = queue_proof(flow, &mut transaction, &user, &change).await?;
    record(flow, &mut transaction, (Event::EmailChangeConsented, outcome), Some(&user.id)).await?;
    transaction.commit().await?;
    Ok(())
}

/// Asks the old address, in the same words whether or not the new one has an account.
async fn queue_consent(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    change: &RequestedChange,
) -> Result<Outcome, StoreError> {
    let expires_in = flow.auth.settings.verification.expires_in;
    let message = |token: &MailToken| Message::ConsentEmailChange {
        name: user.name.clone(),
        new_email: change.to.as_str().to_owned(),
        link: link_to(flow.auth, &format!("/change-email/consent?token={}", token.expose()), None),
        expires_in_minutes: whole_minutes(expires_in),
    };
    let (purpose, payload) = (Purpose::ConsentEmailChange, change.payload());
    let link = MailedLink { purpose, user: &user.id, to: &user.email, payload, expires_in };
    let is_sent = queue_link(flow, transaction, link, MailLimit::usual(flow.now), message).await?;
    Ok(if is_sent { Outcome::ConsentNeeded } else { Outcome::RateLimited })
}

/// Queues the mail that proves the new address, and a notice to the old one. Where the new address has an account or is
/// reserved for one, the notice is all that is sent, and nobody can tell.
async fn queue_proof(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    change: &RequestedChange,
) -> Result<Outcome, StoreError> {
    let is_taken = users::find_by_email(transaction, &change.to).await?.is_some()
        || email_changes::is_reserved_for_other(transaction, &change.to, &user.id).await?;
    let expires_in = flow.auth.settings.verification.expires_in;
    let reset_link = link_to(flow.auth, "/reset-password/request", None);
    let new_email = change.to.as_str().to_owned();
    let notice = Message::EmailChangeRequested { name: user.name.clone(), new_email, reset_link };
    let message = |token: &MailToken| Message::ChangeEmail {
        name: user.name.clone(),
        link: link_to(
            flow.auth,
            &format!("/verify-email/confirm?token={}", token.expose()),
            change.callback_url.as_ref(),
        ),
        expires_in_minutes: whole_minutes(expires_in),
    };
    // The same row is written for a taken address, which no token spends, and the notice is the one mail.
    let (to, limit) =
        (if is_taken { &user.email } else { &change.to }, MailLimit::usual(flow.now).counting(&change.to));
    let link = MailedLink { purpose: Purpose::ChangeEmail, user: &user.id, to, payload: change.payload(), expires_in };
    if is_taken {
        queue_notice(flow, transaction, link, limit, &notice).await?;
        return Ok(Outcome::AccountExists);
    }
    if !queue_link(flow, transaction, link, limit, message).await? {
        return Ok(Outcome::RateLimited);
    }
    flow.auth.outbox.enqueue(transaction, &user.email, (&notice, flow.reader(Some(&user.id))), flow.now).await?;
    Ok(Outcome::Success)
}
