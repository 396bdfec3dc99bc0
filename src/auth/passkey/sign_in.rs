//! Signs in with a passkey.

use crate::{
    auth::{
        Flow, FoundSession, PasskeySignInError, SignInBrowser, SignedIn,
        audit::record::record_failure,
        passkey::{
            ceremony::{self, NewPasskeyChallenge},
            register::relying_party_of,
            relying_party::{Assertion, authentication_options},
            unverified::Unverified,
        },
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        passkeys, retry_once,
        users::{self, IsBanned},
        verifications::{PasskeyChallenge, Purpose},
    },
    types::{AuthMethod, PasskeyChallengeToken, SecondFactor, SessionToken, UserId},
};

/// Asks for a passkey: of whoever is signed in one of theirs, and of anybody else whichever their browser finds. Nobody
/// is told who has passkeys, as no name is asked for (ENUM-04).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn begin_passkey_sign_in(
    flow: Flow<'_>,
    current: Option<&FoundSession>,
) -> Result<NewPasskeyChallenge, PasskeySignInError> {
    let user = current.map(|current| &current.user.id);
    let own = match user {
        Some(user) => passkeys::list_of_user(&mut *flow.auth.db.acquire().await?, user).await?,
        None => Vec::new(),
    };
    let (settings, origin) = relying_party_of(flow).ok_or(PasskeySignInError::Unverified(Unverified::Origin))?;
    let asked = authentication_options(settings, &origin, &own).map_err(PasskeySignInError::Unverified)?;
    // Without passkeys of their own somebody who is signed in is like anybody else.
    let user = user.filter(|_| !own.is_empty());
    let challenge = PasskeyChallenge { state: asked.state, session_id: None, name: None };
    let token = ceremony::store(flow, Purpose::PasskeySignIn, user, challenge).await?;
    Ok(NewPasskeyChallenge { token, options: asked.options })
}

/// Signs the owner of a passkey in. The authenticator verified its user, so no second factor is asked for. Whatever
/// comes of it, the challenge is used up.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_in_with_passkey(
    flow: Flow<'_>,
    challenge: Option<&PasskeyChallengeToken>,
    response: &serde_json::Value,
    browser: &SignInBrowser<'_>,
) -> Result<SignedIn, PasskeySignInError> {
    let mut whose = None;
    let signed_in = verify(flow, challenge, response, browser, &mut whose).await;
    let outcome = match &signed_in {
        Ok(signed_in) => signed_in.step.outcome(),
        Err(PasskeySignInError::Flow(_)) => return signed_in,
        Err(PasskeySignInError::NoChallenge) => Outcome::InvalidToken,
        Err(PasskeySignInError::UnknownPasskey) => Outcome::UnknownAccount,
        Err(PasskeySignInError::Unverified(Unverified::Counter)) => Outcome::ClonedPasskey,
        Err(PasskeySignInError::Unverified(_)) => Outcome::WrongPasskey,
        Err(PasskeySignInError::Banned) => Outcome::Banned,
        Err(PasskeySignInError::EmailNotVerified) => Outcome::EmailNotVerified,
    };
    if signed_in.is_err() {
        record_failure(flow, (Event::SignIn, outcome), whose.as_ref()).await?;
    }
    flow.auth.metrics.sign_ins.with_label_values(&[outcome.as_str()]).inc();
    signed_in
}

/// Verifies and signs in. `whose` is told whose passkey it is said to be, for the record of a failure.
async fn verify(
    flow: Flow<'_>,
    challenge: Option<&PasskeyChallengeToken>,
    response: &serde_json::Value,
    browser: &SignInBrowser<'_>,
    whose: &mut Option<UserId>,
) -> Result<SignedIn, PasskeySignInError> {
    let taken = ceremony::take(flow, Purpose::PasskeySignIn, challenge).await?;
    let (asked_for, challenge) = taken.ok_or(PasskeySignInError::NoChallenge)?;
    let assertion = Assertion::parse(response.clone()).map_err(PasskeySignInError::Unverified)?;
    let found = passkeys::find_by_credential(&mut *flow.auth.db.acquire().await?, assertion.credential_id()).await?;
    let owner = found.ok_or(PasskeySignInError::UnknownPasskey)?.user_id;
    *whose = Some(owner.clone());
    // One is named by the challenge or by the authenticator; both have to be the passkey's own user (PKEY-06).
    let is_named = match &asked_for {
        Some(user) => *user == owner,
        None => assertion.user_handle().is_some(),
    };
    if !is_named {
        return Err(PasskeySignInError::Unverified(Unverified::User));
    }
    let (settings, _) = relying_party_of(flow).ok_or(PasskeySignInError::Unverified(Unverified::Origin))?;
    let trusted = &flow.auth.settings.trusted_origins;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        let former = browser.replaces.map(SessionToken::hash);
        match users::find_locked_for_sign_in(&mut transaction, &owner, former.as_ref()).await? {
            Some(IsBanned(false)) => {}
            Some(IsBanned(true)) | None => return Err(PasskeySignInError::Banned),
        }
        // It is read under the lock: of two answers with one counter, the second one finds it used.
        let passkey = passkeys::find_by_credential(&mut transaction, assertion.credential_id()).await?;
        let passkey = passkey.filter(|passkey| passkey.user_id == owner).ok_or(PasskeySignInError::UnknownPasskey)?;
        let handle = passkeys::find_handle(&mut transaction, &owner).await?;
        let proved = assertion
            .verify(settings, trusted, challenge.state.clone(), (&passkey, handle))
            .map_err(PasskeySignInError::Unverified)?;
        let user = users::find(&mut transaction, &owner).await?.ok_or(StoreError::UserGone)?;
        if flow.auth.settings.verification.required && !user.email_verified {
            return Err(PasskeySignInError::EmailNotVerified);
        }
        let seen = (proved.counter, proved.backed_up);
        passkeys::update_used(&mut transaction, &passkey.id, seen, flow.now).await?;
        let method = (AuthMethod::Passkey, Some(SecondFactor::Passkey));
        let signed_in = browser.sign_in(flow, &mut transaction, user, method).await?;
        transaction.commit().await?;
        Ok(signed_in)
    })
    .await
}
