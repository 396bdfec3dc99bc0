//! Signs in, or up, with a mailed link (`auth.magic_link`).

use std::time::Duration;

use crate::{
    auth::{
        Asking, CallbackUrl, DisplayName, Flow, SignedIn,
        account::sign_up_rules::record_refusal,
        audit::record::{record, record_failure},
        email::{
            callback_url::InvalidCallbackUrl,
            link::{link_to, whole_minutes},
        },
        passwordless::{
            account::{Newcomer, lock_owner, open_account},
            browser::SignInBrowser,
            code::{QueuedMail, queue_mail},
            error::PasswordlessError,
            send_code::find_addressee,
        },
    },
    mail::Message,
    observe::MailedSecret,
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, users,
        verifications::{self, MagicLink, NewMail, Payload, Purpose},
    },
    types::{AuthMethod, Email, MailToken, TokenHash, VerificationId},
};

/// Holds what a link is asked for with.
#[derive(Debug)]
pub struct MagicLinkRequest<'a> {
    pub email: &'a Email,
    /// Is the name of a new account.
    pub name: Option<&'a DisplayName>,
    pub target: Option<&'a CallbackUrl>,
    pub new_user_target: Option<&'a CallbackUrl>,
    pub error_target: Option<&'a CallbackUrl>,
}

/// Queues a link for whoever has an account or may open one. Whatever comes of it, the same row is written, and nobody is
/// told.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn send_magic_link(
    flow: Flow<'_>,
    request: &MagicLinkRequest<'_>,
    asking: Asking<'_>,
) -> Result<(), StoreError> {
    retry_once(|| queue(flow, request, asking)).await
}

async fn queue(flow: Flow<'_>, request: &MagicLinkRequest<'_>, asking: Asking<'_>) -> Result<(), StoreError> {
    let mut transaction = flow.auth.db.begin().await?;
    let addressee = find_addressee(flow, &mut transaction, request.email, asking.device).await?;
    let outcome = addressee.sign_in_outcome(flow, &mut transaction, request.email).await?;
    let user = addressee.found.as_ref().map(|found| &found.user);
    let (token, expires_in) = (MailToken::generate(), expires_in(flow));
    let is_mailed = outcome == Outcome::Success;
    let text = |target: Option<&CallbackUrl>| target.map(|target| target.as_str().to_owned());
    let row = NewMail {
        id: VerificationId::generate(),
        purpose: Purpose::MagicLink,
        hash: is_mailed.then(|| *token.hash().as_bytes()),
        user_id: user.map(|user| &user.id),
        payload: Payload::MagicLink(MagicLink {
            email: request.email.clone(),
            name: request.name.map(|name| name.as_str().to_owned()),
            callback_url: text(request.target),
            new_user_callback_url: text(request.new_user_target),
            error_callback_url: text(request.error_target),
        }),
        recipient: request.email,
        asked_by: None,
        created_at: flow.now,
        expires_at: flow.now + expires_in,
    };
    let message = is_mailed.then(|| Message::MagicLink {
        name: user.map_or_else(String::new, |user| user.name.clone()),
        // It leads to a page; nothing happens before its button is pressed.
        link: link_to(flow.auth, &format!("/magic-link/confirm?token={}", token.expose()), None),
        expires_in_minutes: whole_minutes(expires_in),
    });
    let mail = QueuedMail { row, of_user: None, message };
    let is_queued = queue_mail(flow, &mut transaction, mail, &addressee.limit(flow)).await?;
    let outcome = if is_queued { outcome } else { Outcome::RateLimited };
    record(flow, &mut transaction, (Event::SignInMailed, outcome), user.map(|user| &user.id)).await?;
    transaction.commit().await?;
    if outcome == Outcome::Success {
        flow.auth.metrics.mailed_secrets.count(MailedSecret::MagicLink);
    }
    Ok(())
}

fn expires_in(flow: Flow<'_>) -> Duration {
    // The routes are there only where there are links.
    flow.auth.settings.magic_link.unwrap_or_default().expires_in
}

/// Describes what a link would do, without doing it.
#[derive(Debug)]
pub struct MagicLinkPreview {
    pub email: Email,
    /// It leads here in the end.
    pub target: Option<CallbackUrl>,
    /// It leads here where it fails.
    pub error_target: Option<CallbackUrl>,
}

/// Finds what a link would do. `None` where it was used, is too old, was replaced by a newer one or was never made.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn preview_magic_link(flow: Flow<'_>, token: &MailToken) -> Result<Option<MagicLinkPreview>, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    let found = verifications::find_by_token(&mut connection, Purpose::MagicLink, &token.hash()).await?;
    let Some(Payload::MagicLink(link)) =
        found.filter(|found| found.expires_at > flow.now).and_then(|found| found.payload)
    else {
        return Ok(None);
    };
    let is_new = users::find_by_email(&mut connection, &link.email).await?.is_none();
    let targets = Targets::read(flow, &link);
    Ok(Some(MagicLinkPreview { target: targets.of(is_new), error_target: targets.error, email: link.email }))
}

/// Holds where a link leads, checked again against today's configuration.
struct Targets {
    callback: Option<CallbackUrl>,
    new_user: Option<CallbackUrl>,
    error: Option<CallbackUrl>,
}

impl Targets {
    fn read(flow: Flow<'_>, link: &MagicLink) -> Self {
        let settings = &flow.auth.settings;
        let parse = |text: &Option<String>| {
            let parsed = CallbackUrl::parse(text.as_deref()?, &settings.trusted_origins, &settings.public_url);
            parsed.map_err(|InvalidCallbackUrl| ()).ok()
        };
        Self {
            callback: parse(&link.callback_url),
            new_user: parse(&link.new_user_callback_url),
            error: parse(&link.error_callback_url),
        }
    }

    fn of(&self, is_new: bool) -> Option<CallbackUrl> {
        let new_user = self.new_user.as_ref().filter(|_| is_new);
        new_user.or(self.callback.as_ref()).cloned()
    }
}

/// Describes a user whom a link signed in.
#[derive(Debug)]
pub struct SignedInByLink {
    pub signed_in: SignedIn,
    pub is_new: bool,
    /// The link was asked to lead here in the end.
    pub target: Option<CallbackUrl>,
}

/// Signs the owner of the link's address in; where nobody has it, opens an account for it, as far as anybody may. A second
/// factor is asked for as after a password. Of several requests with one link, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_in_with_link(
    flow: Flow<'_>,
    token: &MailToken,
    browser: &SignInBrowser<'_>,
) -> Result<SignedInByLink, PasswordlessError> {
    let hash = token.hash();
    let signed_in = retry_once(|| spend(flow, &hash, browser)).await;
    let outcome = match &signed_in {
        Ok(signed_in) => signed_in.signed_in.step.outcome(),
        Err(error) => match error.sign_in_outcome(Outcome::InvalidToken) {
            Some(outcome) => outcome,
            None => return signed_in,
        },
    };
    match &signed_in {
        Ok(_) => {}
        Err(PasswordlessError::Refused(refusal)) => record_refusal(flow, *refusal, None).await?,
        Err(_) => record_failure(flow, (Event::SignIn, outcome), None).await?,
    }
    flow.auth.metrics.sign_ins.with_label_values(&[outcome.as_str()]).inc();
    signed_in
}

async fn spend(
    flow: Flow<'_>,
    token: &TokenHash,
    browser: &SignInBrowser<'_>,
) -> Result<SignedInByLink, PasswordlessError> {
    let mut transaction = flow.auth.db.begin().await?;
    // The user is locked first of all, as everywhere, so the row is read before it is spent.
    let found = verifications::find_by_token(&mut transaction, Purpose::MagicLink, token).await?;
    let Some(Payload::MagicLink(link)) = found.and_then(|found| found.payload) else {
        return Err(PasswordlessError::Invalid);
    };
    let owner = lock_owner(&mut transaction, &link.email, browser.replaces).await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::MagicLink, token).await?;
    if spent.ok_or(PasswordlessError::Invalid)?.expires_at <= flow.now {
        return Err(PasswordlessError::Expired);
    }
    let newcomer = Newcomer {
        name: link.name.as_deref().unwrap_or_default().parse().unwrap_or_default(),
        image: None,
        additional_fields: None,
        username: None,
    };
    let account = (&link.email, owner.as_ref());
    let (user, is_new) = open_account(flow, &mut transaction, account, &newcomer, &browser.prover).await?;
    let signed_in = browser.sign_in(flow, &mut transaction, user, (AuthMethod::MagicLink, None)).await?;
    transaction.commit().await?;
    let target = Targets::read(flow, &link).of(is_new);
    Ok(SignedInByLink { signed_in, is_new, target })
}
