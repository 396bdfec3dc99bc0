//! Proves an account's address with a mailed code.

use crate::{
    auth::{
        DeviceCookie, Flow, NewSession, Prover,
        email::verify::prove_in_browser,
        passwordless::{
            account::lock_owner,
            error::PasswordlessError,
            try_code::{RightCode, Trier, try_code},
        },
    },
    store::{
        audit::Event,
        retry_once,
        users::{self, User},
        verifications::Purpose,
    },
    types::Email,
};

/// Describes a proved address.
#[derive(Debug)]
pub struct ProvedByCode {
    pub user: User,
    /// Is the session of the browser that signed up, where the proof is to open one.
    pub session: Option<NewSession>,
}

/// Marks the address as proved, as the mailed link does (SESS-14). Of several requests with one code, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn verify_email_with_code(
    flow: Flow<'_>,
    email: &Email,
    code: &str,
    prover: &Prover<'_>,
    device: Option<&DeviceCookie>,
) -> Result<ProvedByCode, PasswordlessError> {
    let of = (Purpose::VerifyEmailCode, email);
    let right = try_code(flow, of, code, Trier::Anybody(device), Event::EmailVerified).await?;
    retry_once(|| spend(flow, email, &right, prover)).await
}

async fn spend(
    flow: Flow<'_>,
    email: &Email,
    right: &RightCode,
    prover: &Prover<'_>,
) -> Result<ProvedByCode, PasswordlessError> {
    let mut transaction = flow.auth.db.begin().await?;
    let owner = lock_owner(&mut transaction, email, prover.session).await?.ok_or(PasswordlessError::Invalid)?;
    right.spend(flow, &mut transaction).await?;
    let provable = users::find_provable_locked(&mut transaction, &owner).await?;
    let provable = provable.filter(|provable| provable.user.email == *email).ok_or(PasswordlessError::Invalid)?;
    let session = prove_in_browser(flow, &mut transaction, &provable, (None, prover)).await?;
    right.succeeded(&mut transaction).await?;
    let user = users::find_by_email(&mut transaction, email).await?.ok_or(PasswordlessError::Invalid)?;
    transaction.commit().await?;
    Ok(ProvedByCode { user, session })
}
