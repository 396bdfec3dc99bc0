//! Signs in, or up, with a mailed code.

use crate::{
    auth::{
        Flow, SignedIn,
        account::sign_up_rules::record_refusal,
        passwordless::{
            account::{Newcomer, lock_owner, open_account},
            browser::SignInBrowser,
            error::PasswordlessError,
            try_code::{RightCode, Trier, try_code},
        },
    },
    store::{
        audit::{Event, Outcome},
        retry_once,
        verifications::Purpose,
    },
    types::{AuthMethod, Email},
};

/// Holds what somebody signs in with.
#[derive(Debug)]
pub struct CodeSignIn<'a> {
    pub email: &'a Email,
    pub code: &'a str,
    /// Counts where the address has no account.
    pub newcomer: Newcomer,
    pub browser: SignInBrowser<'a>,
}

/// Signs the owner of the address in; where nobody has it, opens an account for it, as far as anybody may. A second
/// factor is asked for as after a password. Of several requests with one code, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_in_with_code(flow: Flow<'_>, input: &CodeSignIn<'_>) -> Result<SignedIn, PasswordlessError> {
    let trier = Trier::Anybody(input.browser.device);
    let signed_in = match try_code(flow, (Purpose::SignInCode, input.email), input.code, trier, Event::SignIn).await {
        Ok(right) => retry_once(|| spend(flow, input, &right)).await,
        Err(error) => Err(error),
    };
    if let Err(PasswordlessError::Refused(refusal)) = &signed_in {
        record_refusal(flow, *refusal, None).await?;
    }
    let outcome = match &signed_in {
        Ok(signed_in) => signed_in.step.outcome(),
        Err(error) => match error.sign_in_outcome(Outcome::WrongCode) {
            Some(outcome) => outcome,
            None => return signed_in,
        },
    };
    flow.auth.metrics.sign_ins.with_label_values(&[outcome.as_str()]).inc();
    signed_in
}

async fn spend(flow: Flow<'_>, input: &CodeSignIn<'_>, right: &RightCode) -> Result<SignedIn, PasswordlessError> {
    let CodeSignIn { email, newcomer, browser, .. } = input;
    let mut transaction = flow.auth.db.begin().await?;
    let owner = lock_owner(&mut transaction, email, browser.replaces).await?;
    right.spend(flow, &mut transaction).await?;
    let (user, _) = open_account(flow, &mut transaction, (email, owner.as_ref()), newcomer, &browser.prover).await?;
    let signed_in = browser.sign_in(flow, &mut transaction, user, (AuthMethod::EmailCode, None)).await?;
    right.succeeded(&mut transaction).await?;
    transaction.commit().await?;
    Ok(signed_in)
}
