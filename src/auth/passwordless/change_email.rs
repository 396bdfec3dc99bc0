//! Gives an account another address with mailed codes. What holds for links holds for them (MAIL-12, MAIL-15): a session
//! that was not proved lately needs a code of the old address first, and the old address is told and can undo the change.

use crate::{
    auth::{
        Flow, FoundSession, RateClass,
        audit::record::record,
        email::{confirm_change::apply, link::link_to},
        limit_user,
        limits::mails::MailLimit,
        passwordless::{
            code::{CodeMail, queue_code},
            error::PasswordlessError,
            try_code::{RightCode, Trier, try_code},
        },
        session::find::still_signed_in,
    },
    mail::{CodeUse, Message},
    observe::MailedSecret,
    store::{
        audit::{Event, Outcome},
        retry_once,
        users::{self, User, email_changes},
        verifications::{EmailChange, Payload, Purpose},
    },
    types::Email,
};

/// Queues the code that proves the new address, beside a notice to the old one. Where the new address has an account or is
/// reserved for one, the notice is all that is sent, and nobody can tell.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn request_email_change(
    flow: Flow<'_>,
    new: &Email,
    current_code: Option<&str>,
    current: &FoundSession,
) -> Result<(), PasswordlessError> {
    let user = &current.user;
    if user.email == *new {
        return Err(PasswordlessError::SameEmail);
    }
    if !flow.auth.settings.sign_up.allows_address(new) {
        return Err(PasswordlessError::EmailDomain);
    }
    // The request is counted alone: nothing is guessed here, so there is no success that would clear it.
    let _ = limit_user(flow, RateClass::ChangeEmail, &user.id).await?;
    let right = match current_code {
        Some(code) => {
            let of = (Purpose::VerifyEmailCode, &user.email);
            Some(try_code(flow, of, code, Trier::User(&user.id), Event::EmailChangeConsented).await?)
        }
        None if current.is_proved_lately(&flow.auth.settings.session, flow.now) => None,
        None => return Err(PasswordlessError::CurrentCodeNeeded),
    };
    retry_once(|| queue(flow, new, right.as_ref(), current)).await
}

async fn queue(
    flow: Flow<'_>,
    new: &Email,
    right: Option<&RightCode>,
    current: &FoundSession,
) -> Result<(), PasswordlessError> {
    let user = &current.user;
    let mut transaction = flow.auth.db.begin().await?;
    still_signed_in(&mut transaction, current).await?;
    if let Some(right) = right {
        right.spend(flow, &mut transaction).await?;
        right.succeeded(&mut transaction).await?;
        record(flow, &mut transaction, (Event::EmailChangeConsented, Outcome::Success), Some(&user.id)).await?;
    }
    let is_taken = users::find_by_email(&mut transaction, new).await?.is_some()
        || email_changes::is_reserved_for_other(&mut transaction, new, &user.id).await?;
    let payload = Payload::EmailChange(EmailChange {
        from: user.email.clone(),
        to: new.clone(),
        session_id: current.session.id.clone(),
        callback_url: None,
    });
    let mail = CodeMail {
        purpose: Purpose::ChangeEmailCode,
        to: new,
        user: Some(&user.id),
        payload,
        mailed: (!is_taken).then_some((CodeUse::ChangeEmail, user.name.as_str())),
    };
    let is_queued = queue_code(flow, &mut transaction, mail, &MailLimit::usual(flow.now)).await?;
    if is_queued {
        let notice = Message::EmailChangeRequested {
            name: user.name.clone(),
            new_email: new.as_str().to_owned(),
            reset_link: link_to(flow.auth, "/reset-password/request", None),
        };
        flow.auth
            .outbox
            .enqueue(&mut transaction, &user.email, (&notice, flow.reader(Some(&user.id))), flow.now)
            .await?;
    }
    let outcome = match (is_queued, is_taken) {
        (false, _) => Outcome::RateLimited,
        (true, true) => Outcome::AccountExists,
        (true, false) => Outcome::Success,
    };
    record(flow, &mut transaction, (Event::EmailChangeRequested, outcome), Some(&user.id)).await?;
    transaction.commit().await?;
    if outcome == Outcome::Success {
        flow.auth.metrics.mailed_secrets.count(MailedSecret::ChangeEmailCode);
    }
    Ok(())
}

/// Makes the new address the account's: the code was asked for by this session and mailed there. Of several requests with
/// one code, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn change_email_with_code(
    flow: Flow<'_>,
    new: &Email,
    code: &str,
    current: &FoundSession,
) -> Result<User, PasswordlessError> {
    let of = (Purpose::ChangeEmailCode, new);
    let right = try_code(flow, of, code, Trier::User(&current.user.id), Event::EmailChanged).await?;
    retry_once(|| spend(flow, &right, current)).await
}

async fn spend(flow: Flow<'_>, right: &RightCode, current: &FoundSession) -> Result<User, PasswordlessError> {
    let mut transaction = flow.auth.db.begin().await?;
    still_signed_in(&mut transaction, current).await?;
    let spent = right.spend(flow, &mut transaction).await?;
    let is_own = match &spent.payload {
        Some(Payload::EmailChange(change)) => change.session_id == current.session.id,
        _ => false,
    };
    if !is_own {
        return Err(PasswordlessError::Invalid);
    }
    let changed = apply(flow, &mut transaction, &current.user.id, &spent).await?;
    right.succeeded(&mut transaction).await?;
    transaction.commit().await?;
    changed.changed.ok_or(PasswordlessError::Invalid)
}
