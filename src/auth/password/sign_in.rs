//! Signs in with an address and a password.

use crate::{
    auth::{
        CallbackUrl, DeviceCookie, Flow, FlowError, Verified,
        audit::record::{record, record_failure},
        email::send_verification::queue_reminder,
        password::proof::PasswordAttempt,
        session::{
            complete::{SignInStep, complete_sign_in},
            first_factor::FirstFactor,
        },
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once,
        users::{self, IsBanned, PasswordUser, User, credentials},
    },
    types::{AccountId, AuthMethod, Email, Password, PasswordHash, SessionToken, TrustedDeviceToken, UserId},
};

/// Holds what somebody signs in with.
#[derive(Debug)]
pub struct SignIn {
    pub email: Email,
    pub password: Password,
    pub callback_url: Option<CallbackUrl>,
    pub remember: bool,
    /// Is the session this browser had before; it ends (SESS-02).
    pub replaces: Option<SessionToken>,
    /// Spare the browser the second factor.
    pub trusted_devices: Vec<TrustedDeviceToken>,
    /// The cookie is as the browser presented it.
    pub device: Option<DeviceCookie>,
}

/// Describes a user whose first factor was proved, and what that opened.
#[derive(Debug)]
pub struct SignedIn {
    pub user: User,
    pub step: SignInStep,
    /// The browser keeps this cookie.
    pub device: DeviceCookie,
}

/// Describes why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Means an unknown address, no password, a wrong password, or a ban: one answer for all (ENUM-01).
    #[error("the address or the password is wrong")]
    BadCredentials,
    /// Is said only to who knew the password.
    #[error("the address is not verified yet")]
    EmailNotVerified,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Signs a user in. Every refusal before the right password costs one hash and one audit record; beyond the limit,
/// which is the same for accounts that exist and for those that don't, nothing is looked at.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_in(flow: Flow<'_>, input: &SignIn) -> Result<SignedIn, SignInError> {
    let begun = PasswordAttempt::begin_sign_in(flow, &input.email, input.device.as_ref()).await;
    let attempt = begun.inspect_err(|error| {
        if let FlowError::RateLimited { .. } = error {
            flow.auth.metrics.sign_ins.with_label_values(&[Outcome::RateLimited.as_str()]).inc();
        }
    })?;
    // Another sign-in may have rehashed the password, or a reset changed it, while this one was being hashed: then what
    // was verified is looked at once more.
    for _ in 0..2 {
        if let Some(signed_in) = prove_and_open(flow, input, &attempt).await? {
            flow.auth.metrics.sign_ins.with_label_values(&[signed_in.step.outcome().as_str()]).inc();
            return Ok(signed_in);
        }
    }
    Err(SignInError::BadCredentials)
}

/// Proves the password and opens the session. `None` when the stored hash changed between the proof and the session.
async fn prove_and_open(
    flow: Flow<'_>,
    input: &SignIn,
    attempt: &PasswordAttempt,
) -> Result<Option<SignedIn>, SignInError> {
    // The connection goes back before the hash is waited for.
    let look_up = || async { users::find_with_password(&mut *flow.auth.db.acquire().await?, &input.email).await };
    let found = retry_once(look_up).await?;
    let stored = found.as_ref().and_then(|found| found.credential.as_ref()).map(|(_, hash)| hash.clone());
    let verified = attempt.verify(flow, &input.password, stored).await?;
    let (user, (account, hash), rehash) = match validate_credential(found, verified) {
        Ok(known) => known,
        Err((outcome, user)) => {
            flow.auth.metrics.sign_ins.with_label_values(&[outcome.as_str()]).inc();
            record_failure(flow, (Event::SignIn, outcome), user.as_ref()).await?;
            return Err(attempt.refusal().map_or(SignInError::BadCredentials, SignInError::Flow));
        }
    };
    if flow.auth.settings.verification.required && !user.email_verified {
        refuse_unverified(flow, &user, input.callback_url.as_ref(), attempt).await?;
        return Err(SignInError::EmailNotVerified);
    }
    // A busy hasher is no reason to refuse who has proved the password: the next sign-in rehashes.
    let new_hash = if rehash { attempt.hash(flow, &input.password).await.ok() } else { None };

    let replaced = input.replaces.as_ref().map(SessionToken::hash);
    // This is run again without another hash.
    let opened = retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        // Banned or deleted while the hash was being computed: then the next attempt finds that out and says so.
        let locked = users::find_locked_for_sign_in(&mut transaction, &user.id, replaced.as_ref()).await?;
        if locked != Some(IsBanned(false)) {
            return Ok(None);
        }
        let is_unchanged = match &new_hash {
            Some(new) => credentials::update_hash(&mut transaction, &account, &hash, new, flow.now).await?,
            None => credentials::find_unchanged_for_share(&mut transaction, &account, &hash).await?.is_some(),
        };
        if !is_unchanged {
            return Ok(None);
        }
        let first = FirstFactor {
            user: &user,
            method: AuthMethod::Password,
            second_factor: None,
            remember: input.remember,
            replaces: input.replaces.as_ref(),
            trusted_devices: &input.trusted_devices,
        };
        let step = complete_sign_in(flow, &mut transaction, &first).await?;
        attempt.succeeded(&mut transaction).await?;
        transaction.commit().await?;
        Ok::<_, StoreError>(Some(step))
    })
    .await?;
    let Some(step) = opened else { return Ok(None) };
    let device = DeviceCookie::signed_in(input.device.as_ref(), &input.email, new_hash.as_ref().unwrap_or(&hash));
    Ok(Some(SignedIn { user, step, device }))
}

type Known = (User, (AccountId, PasswordHash), bool);

/// Returns who signs in, with which account, and whether its hash is out of date; or why nobody does.
fn validate_credential(found: Option<PasswordUser>, verified: Verified) -> Result<Known, (Outcome, Option<UserId>)> {
    let Some(PasswordUser { user, is_banned, credential }) = found else { return Err((Outcome::UnknownAccount, None)) };
    match (credential, verified) {
        (None, _) => Err((Outcome::UnknownAccount, Some(user.id))),
        (Some(_), Verified::Mismatch) => Err((Outcome::WrongPassword, Some(user.id))),
        (Some(_), Verified::Match { .. }) if is_banned => Err((Outcome::Banned, Some(user.id))),
        (Some(account), Verified::Match { rehash }) => Ok((user, account, rehash)),
    }
}

async fn refuse_unverified(
    flow: Flow<'_>,
    user: &User,
    callback_url: Option<&CallbackUrl>,
    attempt: &PasswordAttempt,
) -> Result<(), StoreError> {
    flow.auth.metrics.sign_ins.with_label_values(&[Outcome::EmailNotVerified.as_str()]).inc();
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        queue_reminder(flow, &mut transaction, user, callback_url).await?;
        record(flow, &mut transaction, (Event::SignIn, Outcome::EmailNotVerified), Some(&user.id)).await?;
        attempt.succeeded(&mut transaction).await?;
        transaction.commit().await?;
        Ok::<_, StoreError>(())
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn found(is_banned: bool, has_password: bool) -> PasswordUser {
        let now = OffsetDateTime::UNIX_EPOCH;
        let user = User {
            id: "u1".parse().unwrap(),
            email: "a@example.com".parse().unwrap(),
            email_verified: true,
            name: String::new(),
            image: None,
            roles: Vec::new(),
            additional_fields: serde_json::json!({}),
            two_factor_enabled: false,
            language: None,
            created_at: now,
            updated_at: now,
        };
        let credential = has_password.then(|| (AccountId::generate(), PasswordHash::new(String::new())));
        PasswordUser { user, is_banned, credential }
    }

    #[test]
    fn only_the_right_password_of_an_account_that_is_not_banned_signs_in() {
        let right = Verified::Match { rehash: false };
        for (who, verified, expected) in [
            (Some(found(false, true)), right, None),
            (Some(found(false, true)), Verified::Mismatch, Some(Outcome::WrongPassword)),
            (Some(found(true, true)), right, Some(Outcome::Banned)),
            (Some(found(true, true)), Verified::Mismatch, Some(Outcome::WrongPassword)),
            (Some(found(false, false)), right, Some(Outcome::UnknownAccount)),
            (None, right, Some(Outcome::UnknownAccount)),
        ] {
            assert_eq!(validate_credential(who, verified).err().map(|(outcome, _)| outcome), expected);
        }
    }
}
