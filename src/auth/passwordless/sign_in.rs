//! Signs in, or up, with a mailed code.

use sqlx::PgConnection;

use crate::{
    auth::{
        DeviceCookie, Flow, Prover, SignedIn,
        account::sign_up_rules::record_refusal,
        passwordless::{
            account::{Newcomer, lock_owner, open_account},
            code::CodeError,
            try_code::{RightCode, Trier, try_code},
        },
        session::{complete::complete_sign_in, first_factor::FirstFactor},
    },
    store::{
        audit::{Event, Outcome},
        retry_once,
        users::{User, accounts},
        verifications::Purpose,
    },
    types::{AuthMethod, Email, SessionToken, TrustedDeviceToken},
};

/// Holds what somebody signs in with.
#[derive(Debug)]
pub struct CodeSignIn<'a> {
    pub email: &'a Email,
    pub code: &'a str,
    /// Counts where the address has no account.
    pub newcomer: Newcomer,
    pub prover: Prover<'a>,
    /// Is the session this browser had before; it ends (SESS-02).
    pub replaces: Option<&'a SessionToken>,
    /// Spare the browser the second factor.
    pub trusted_devices: &'a [TrustedDeviceToken],
    pub device: Option<&'a DeviceCookie>,
}

/// Signs the owner of the address in; where nobody has it, opens an account for it, as far as anybody may. A second
/// factor is asked for as after a password. Of several requests with one code, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_in_with_code(flow: Flow<'_>, input: &CodeSignIn<'_>) -> Result<SignedIn, CodeError> {
    let trier = Trier::Anybody(input.device);
    let signed_in = match try_code(flow, (Purpose::SignInCode, input.email), input.code, trier, Event::SignIn).await {
        Ok(right) => retry_once(|| spend(flow, input, &right)).await,
        Err(error) => Err(error),
    };
    if let Err(CodeError::Refused(refusal)) = &signed_in {
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

async fn spend(flow: Flow<'_>, input: &CodeSignIn<'_>, right: &RightCode) -> Result<SignedIn, CodeError> {
    let mut transaction = flow.auth.db.begin().await?;
    let owner = lock_owner(&mut transaction, input.email, input.replaces).await?;
    right.spend(flow, &mut transaction).await?;
    let account = (input.email, owner.as_ref());
    let (user, _) = open_account(flow, &mut transaction, account, &input.newcomer, &input.prover).await?;
    let first = FirstFactor {
        user: &user,
        method: AuthMethod::EmailCode,
        second_factor: None,
        remember: true,
        replaces: input.replaces,
        trusted_devices: input.trusted_devices,
    };
    let step = complete_sign_in(flow, &mut transaction, &first).await?;
    let device = known_device(&mut transaction, &user, input.device).await?;
    right.succeeded(&mut transaction).await?;
    transaction.commit().await?;
    Ok(SignedIn { user, step, device })
}

/// Returns the device as the browser keeps it from now on. Without a password there is none to be guessed.
pub(crate) async fn known_device(
    connection: &mut PgConnection,
    user: &User,
    device: Option<&DeviceCookie>,
) -> Result<DeviceCookie, CodeError> {
    let password = accounts::find_credential(connection, &user.id).await?.map(|(_, hash)| hash);
    Ok(match password {
        Some(hash) => DeviceCookie::signed_in(device, &user.email, &hash),
        None => device.cloned().unwrap_or_else(DeviceCookie::new),
    })
}
