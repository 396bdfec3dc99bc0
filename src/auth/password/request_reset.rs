//! Sends the mail that lets somebody set a new password.

use crate::{
    auth::{
        Auth, CallbackUrl, DeviceCookie, Flow,
        audit::record::record,
        email::link::{MailedLink, link_to, queue_link, whole_minutes},
        limits::mails::{Asker, MailLimit},
    },
    mail::Message,
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once,
        users::{self, PasswordUser},
        verifications::{Payload, Purpose},
    },
    types::{Email, MailToken},
};

/// Queues the mail for whoever owns the address, with or without a password, verified or not; not for the banned. It
/// goes to the address as it is stored (MAIL-11), and does not say whether there is one. Older links end.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn request_reset(
    flow: Flow<'_>,
    email: &Email,
    redirect_to: Option<&CallbackUrl>,
    device: Option<&DeviceCookie>,
) -> Result<(), StoreError> {
    retry_once(|| queue_reset(flow, email, redirect_to, device)).await
}

async fn queue_reset(
    flow: Flow<'_>,
    email: &Email,
    redirect_to: Option<&CallbackUrl>,
    device: Option<&DeviceCookie>,
) -> Result<(), StoreError> {
    let mut transaction = flow.auth.db.begin().await?;
    let found = users::find_with_password(&mut transaction, email).await?;
    let (outcome, user_id) = match found {
        None => (Outcome::UnknownAccount, None),
        Some(PasswordUser { user, is_banned: true, .. }) => (Outcome::Banned, Some(user.id)),
        Some(found) => {
            let user = &found.user;
            let expires_in = flow.auth.settings.reset_expires_in;
            let link = MailedLink {
                purpose: Purpose::ResetPassword,
                user: &user.id,
                to: &user.email,
                payload: Payload::link(redirect_to.map(CallbackUrl::as_str)),
                expires_in,
            };
            let message = |token: &MailToken| Message::ResetPassword {
                name: user.name.clone(),
                link: reset_link(flow.auth, token, redirect_to),
                expires_in_minutes: whole_minutes(expires_in),
            };
            let limit = MailLimit::asked(Asker::new(&found, device, flow.client), flow.now);
            let is_sent = queue_link(flow, &mut transaction, link, limit, message).await?;
            (if is_sent { Outcome::Success } else { Outcome::RateLimited }, Some(user.id.clone()))
        }
    };
    record(flow, &mut transaction, (Event::PasswordResetRequested, outcome), user_id.as_ref()).await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns the link to the frontend's own page by way of a redirect (contract §3.4), or to ours.
fn reset_link(auth: &Auth, token: &MailToken, redirect_to: Option<&CallbackUrl>) -> String {
    let token = token.expose();
    match redirect_to {
        Some(_) => link_to(auth, &format!("/reset-password/{token}"), redirect_to),
        None => link_to(auth, &format!("/reset-password/choose?token={token}"), None),
    }
}
