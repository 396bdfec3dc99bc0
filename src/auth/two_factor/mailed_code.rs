//! Mails codes and holds typed ones against them. A code is for one sign-in or one session, and works once.

use std::time::Duration;

use crate::{
    auth::{
        Flow, TwoFactorError,
        email::link::{MailedLink, queue_notice, whole_minutes},
        limits::mails::MailLimit,
        two_factor::claimant::{Claimant, FoundClaimant, MAX_ATTEMPTS},
    },
    crypto::totp::is_equal,
    mail::Message,
    store::{
        StoreError, Tx, retry_once,
        two_factor::codes::{self, Attempted, NewRow},
        verifications::{Payload, Purpose},
    },
    types::{AuthMethod, MailedCode, OneTimeCode},
};

/// Says how long a mailed code works (contract §4.2).
const EXPIRES_IN: Duration = Duration::from_mins(3);

/// Mails a code to whoever proves a second factor. Beyond the limit of mails nothing is sent, and nobody is told
/// (MAIL-13); the code before goes on to work.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn send_second_factor_code(flow: Flow<'_>, claimant: Claimant<'_>) -> Result<(), TwoFactorError> {
    let claimant = FoundClaimant::find(flow, claimant).await?;
    if !flow.auth.settings.two_factor.mailed_code || !is_second_factor(&claimant) {
        return Err(TwoFactorError::MailedCodesDisabled);
    }
    let is_sent = retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        let user = claimant.lock(&mut transaction).await?;
        let code = MailedCode::generate(OneTimeCode::DIGITS);
        let link = MailedLink {
            purpose: Purpose::TwoFactorCode,
            user: &user.id,
            to: &user.email,
            payload: Payload::empty(),
            expires_in: EXPIRES_IN,
        };
        let message = Message::TwoFactorCode {
            name: user.name.clone(),
            code: code.expose().to_owned(),
            expires_in_minutes: whole_minutes(EXPIRES_IN),
            link: flow.auth.settings.public_url.join("/"),
        };
        let is_sent = queue_notice(flow, &mut transaction, link, MailLimit::usual(flow.now), &message).await?;
        if is_sent {
            let row = NewRow {
                key: &claimant.code_key(),
                user_id: &user.id,
                code: &flow.auth.totp_secrets.seal(code.expose().as_bytes()),
                created_at: flow.now,
                expires_at: flow.now + EXPIRES_IN,
            };
            codes::upsert(&mut transaction, &row).await?;
            transaction.commit().await?;
        }
        Ok::<_, TwoFactorError>(is_sent)
    })
    .await?;
    if is_sent {
        flow.auth.metrics.second_factors.codes_sent.inc();
    }
    Ok(())
}

/// Tells whether a mailed code proves more than the way in did.
fn is_second_factor(claimant: &FoundClaimant<'_>) -> bool {
    match claimant {
        FoundClaimant::SigningIn { challenge, .. } => !AuthMethod::parse(&challenge.auth_method).is_mailed(),
        // There it proves its holder once more, whatever came before.
        FoundClaimant::SignedIn(_) => true,
    }
}

/// Counts an attempt at the mailed code, and gives it back, sealed, where it was typed right. It is not spent yet.
pub(crate) async fn try_code(
    flow: Flow<'_>,
    claimant: &FoundClaimant<'_>,
    typed: &OneTimeCode,
) -> Result<Vec<u8>, TwoFactorError> {
    let key = claimant.code_key();
    let mut connection = flow.auth.db.acquire().await?;
    let attempted =
        codes::update_attempted(&mut connection, (&key, claimant.user_id()), MAX_ATTEMPTS, flow.now).await?;
    let sealed = match attempted {
        Attempted::Counted(sealed) => sealed,
        Attempted::Expired => return Err(TwoFactorError::CodeExpired),
        Attempted::Exhausted => return Err(TwoFactorError::TooManyAttempts),
    };
    let code = flow.auth.totp_secrets.open(&sealed).map_err(|_| TwoFactorError::CodeExpired)?;
    if is_equal(&code, typed.expose().as_bytes()) { Ok(sealed) } else { Err(TwoFactorError::InvalidCode) }
}

/// Spends the code.
pub(crate) async fn take_code(
    transaction: &mut Tx,
    claimant: &FoundClaimant<'_>,
    sealed: &[u8],
) -> Result<bool, StoreError> {
    codes::delete(transaction, &claimant.code_key(), sealed).await
}
