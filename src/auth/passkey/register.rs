//! Adds passkeys to the account of whoever is signed in.

use url::Url;

use crate::{
    auth::{
        Flow, FoundSession, RegisterPasskeyError,
        audit::record::record_failure,
        passkey::{
            ceremony::{self, NewPasskeyChallenge},
            notice::{Notice, announce},
            relying_party::{Attachment, NewPasskeyUser, registration_options, verify_registration},
            settings::PasskeySettings,
            unverified::Unverified,
        },
        session::find::still_signed_in,
    },
    store::{
        Constraint, StoreError,
        audit::{Event, Outcome},
        passkeys::{self, Passkey},
        retry_once,
        verifications::{PasskeyChallenge, Purpose},
    },
    types::{PasskeyChallengeToken, PasskeyId, PasskeyUserHandle, SecondFactor},
};

/// Limits the passkeys of one user.
const MAX_PASSKEYS: usize = 25;

/// Tells what is to be asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct PasskeyWish<'a> {
    /// Is the name that the new passkey is to have.
    pub name: Option<&'a str>,
    pub attachment: Option<Attachment>,
}

/// Asks for a passkey. The session has to have been proved lately; where the account has a second factor, with that
/// one too, as a passkey counts as two.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn begin_passkey_registration(
    flow: Flow<'_>,
    current: &FoundSession,
    wish: PasskeyWish<'_>,
) -> Result<NewPasskeyChallenge, RegisterPasskeyError> {
    let user = &current.user;
    let has_proved_second = current.session.second_factor.is_some_and(SecondFactor::is_proved_in_session);
    if user.two_factor_enabled && flow.auth.settings.two_factor.enabled && !has_proved_second {
        return Err(RegisterPasskeyError::SecondFactorNeeded);
    }
    let (settings, origin) = relying_party(flow)?;
    let (existing, handle) = retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let existing = passkeys::list_of_user(&mut transaction, &user.id).await?;
        let new = PasskeyUserHandle::generate();
        let handle = passkeys::upsert_handle(&mut transaction, &user.id, new, flow.now).await?;
        transaction.commit().await?;
        Ok::<_, StoreError>((existing, handle))
    })
    .await?;
    if existing.len() >= MAX_PASSKEYS {
        return Err(RegisterPasskeyError::TooMany);
    }
    let new = NewPasskeyUser { handle, name: user.email.as_str(), existing: &existing, attachment: wish.attachment };
    let asked = registration_options(settings, &origin, &new).map_err(RegisterPasskeyError::Unverified)?;
    let challenge = PasskeyChallenge {
        state: asked.state,
        session_id: Some(current.session.id.clone()),
        name: wish.name.map(str::to_owned),
    };
    let token = ceremony::store(flow, Purpose::PasskeyRegistration, Some(&user.id), challenge).await?;
    Ok(NewPasskeyChallenge { token, options: asked.options })
}

/// Adds the passkey that an authenticator made, for the challenge that the session asked for. Whatever comes of it, the
/// challenge is used up.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn register_passkey(
    flow: Flow<'_>,
    current: &FoundSession,
    challenge: Option<&PasskeyChallengeToken>,
    response: &serde_json::Value,
    name: Option<&str>,
) -> Result<Passkey, RegisterPasskeyError> {
    let added = add(flow, current, challenge, response, name).await;
    let outcome = match &added {
        Ok(_) | Err(RegisterPasskeyError::Flow(_)) => return added,
        Err(RegisterPasskeyError::NoChallenge | RegisterPasskeyError::OtherSession) => Outcome::InvalidToken,
        Err(RegisterPasskeyError::Unverified(_)) => Outcome::WrongPasskey,
        Err(RegisterPasskeyError::Known | RegisterPasskeyError::TooMany | RegisterPasskeyError::SecondFactorNeeded) => {
            Outcome::Refused
        }
    };
    record_failure(flow, (Event::PasskeyAdded, outcome), Some(&current.user.id)).await?;
    added
}

async fn add(
    flow: Flow<'_>,
    current: &FoundSession,
    challenge: Option<&PasskeyChallengeToken>,
    response: &serde_json::Value,
    name: Option<&str>,
) -> Result<Passkey, RegisterPasskeyError> {
    let taken = ceremony::take(flow, Purpose::PasskeyRegistration, challenge).await?;
    let (asked_for, challenge) = taken.ok_or(RegisterPasskeyError::NoChallenge)?;
    let user = &current.user;
    if asked_for.as_ref() != Some(&user.id) || challenge.session_id.as_ref() != Some(&current.session.id) {
        return Err(RegisterPasskeyError::OtherSession);
    }
    let (settings, _) = relying_party(flow)?;
    let trusted = &flow.auth.settings.trusted_origins;
    let registered = verify_registration(settings, trusted, challenge.state, response.clone())
        .map_err(RegisterPasskeyError::Unverified)?;
    let passkey = Passkey {
        id: PasskeyId::generate(),
        user_id: user.id.clone(),
        has_known_handle: true,
        name: name.map(str::to_owned).or(challenge.name),
        credential_id: registered.credential_id,
        public_key: registered.public_key,
        counter: registered.counter,
        backup_eligible: registered.backup_eligible,
        backed_up: registered.backed_up,
        transports: registered.transports,
        aaguid: registered.aaguid,
        created_at: flow.now,
        last_used_at: None,
    };
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let count = passkeys::count_of_user(&mut transaction, &user.id).await?;
        if usize::try_from(count).is_ok_and(|count| count >= MAX_PASSKEYS) {
            return Err(RegisterPasskeyError::TooMany);
        }
        match passkeys::insert(&mut transaction, &passkey).await {
            Err(StoreError::Conflict(Constraint::PasskeyCredential)) => return Err(RegisterPasskeyError::Known),
            inserted => inserted?,
        }
        announce(flow, &mut transaction, user, Notice::Added).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await?;
    Ok(passkey)
}

/// Returns whose passkeys there are, and the origin of the gateway itself. The routes are there only where there are
/// passkeys.
fn relying_party(flow: Flow<'_>) -> Result<(&PasskeySettings, Url), RegisterPasskeyError> {
    relying_party_of(flow).ok_or(RegisterPasskeyError::Unverified(Unverified::Origin))
}

/// Does the same for every flow.
pub(super) fn relying_party_of(flow: Flow<'_>) -> Option<(&PasskeySettings, Url)> {
    let settings = flow.auth.settings.passkeys.as_ref()?;
    Some((settings, Url::parse(flow.auth.settings.public_url.origin().as_str()).ok()?))
}
