//! Spends the mailed token that proves an address: the account's own, or the one that replaces it.

use sqlx::PgConnection;

use crate::{
    auth::{
        Flow, NewSession, SignUpChoice, VerifiedEmail, VerifyEmailError,
        audit::record::record,
        device::known_devices::record_device,
        email::{
            confirm_change::confirm_email_change,
            prove_address::{Own, prove_address},
            signed_elsewhere::adopt,
        },
        password::{proof::hash_new_password, reset::insert_reset_token},
        session::{
            device_sessions::end_former,
            open::{OpenSession, open_session},
        },
    },
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        retry_once,
        sessions::{self, Session},
        two_factor,
        users::{self, Provable, User, accounts, credentials},
        verifications::{self, Purpose},
    },
    types::{MailToken, Password, PasswordHash, SessionId, SessionKey, SessionToken, UserId},
};

/// Holds what comes along with the token and decides what of the account outlives the proof (SESS-14).
#[derive(Debug, Default)]
pub struct Prover<'a> {
    /// Is a password that is chosen now.
    pub password: Option<Password>,
    /// The browser chose this at sign-up.
    pub choice: Option<&'a SignUpChoice>,
    /// Is the session that the browser has.
    pub session: Option<&'a SessionToken>,
}

/// Tells whether the proof needs a password, so that the page asks for one: the account is left without a way to sign
/// in otherwise. Nothing is spent, and made-up tokens need none.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn needs_password(flow: Flow<'_>, token: &MailToken, prover: &Prover<'_>) -> Result<bool, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    adopt(flow, &mut connection, token).await?;
    let found = verifications::find_user(&mut connection, Purpose::VerifyEmail, &token.hash(), flow.now).await?;
    let Some(user) = found.filter(|user| !user.email_verified) else { return Ok(false) };
    if prover.choice.is_some_and(|choice| choice.email == user.email)
        || own_session(&mut connection, prover, &user.id).await?.is_some()
    {
        return Ok(false);
    }
    Ok(!credentials::is_proved(&mut connection, &user.id).await?)
}

/// Marks the address as verified, or makes it the account's where that was asked for. Of several requests with one
/// token, one succeeds.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn verify_email(
    flow: Flow<'_>,
    token: &MailToken,
    mut prover: Prover<'_>,
) -> Result<VerifiedEmail, VerifyEmailError> {
    // The token is looked up before the hash, so that made-up ones cost none, and spent after it, so that no transaction waits.
    let hash = token.hash();
    let mut connection = flow.auth.db.acquire().await?;
    adopt(flow, &mut connection, token).await?;
    let found = verifications::find_user(&mut connection, Purpose::VerifyEmail, &hash, flow.now).await?;
    let Some(user) = found else {
        let spent = verifications::delete_by_token(&mut connection, Purpose::VerifyEmail, &hash).await?;
        drop(connection);
        return match spent {
            None => confirm_email_change(flow, token).await,
            Some(spent) if spent.expires_at <= flow.now => Err(VerifyEmailError::Expired),
            // The user is banned: what they prove opens nothing.
            Some(_) => Err(VerifyEmailError::Invalid),
        };
    };
    drop(connection);
    let password = match prover.password.take() {
        None => None,
        Some(password) => {
            password.must_suit(&flow.auth.settings.password, user.owner())?;
            Some(hash_new_password(flow, password).await?)
        }
    };
    retry_once(|| spend(flow, token, (&user.id, password.as_ref(), &prover))).await
}

async fn spend(
    flow: Flow<'_>,
    token: &MailToken,
    (user, password, prover): (&UserId, Option<&PasswordHash>, &Prover<'_>),
) -> Result<VerifiedEmail, VerifyEmailError> {
    let mut transaction = flow.auth.db.begin().await?;
    // The user is locked first of all, as everywhere, so that nobody waits for somebody who waits for them.
    let provable = users::find_provable_locked(&mut transaction, user).await?;
    let spent = verifications::delete_by_token(&mut transaction, Purpose::VerifyEmail, &token.hash()).await?;
    let (Some(provable), Some(spent)) = (provable, spent) else { return Err(VerifyEmailError::Invalid) };
    if spent.expires_at <= flow.now {
        // A newer link came meanwhile.
        return Err(VerifyEmailError::Expired);
    }
    let session = prove_in_browser(flow, &mut transaction, &provable, (password, prover)).await?;
    let choose_password = if accounts::has_any(&mut transaction, user).await? {
        None
    } else {
        Some(insert_reset_token(flow, &mut transaction, user).await?)
    };
    transaction.commit().await?;
    Ok(VerifiedEmail { changed: None, session, choose_password })
}

/// Marks the address of a locked user as proved, and signs the browser in that signed up, where that is configured and
/// the account has no second factor. Returns the session that was opened.
pub(crate) async fn prove_in_browser(
    flow: Flow<'_>,
    transaction: &mut Tx,
    provable: &Provable,
    (password, prover): (Option<&PasswordHash>, &Prover<'_>),
) -> Result<Option<NewSession>, StoreError> {
    let user = &provable.user.id;
    let session = own_session(transaction, prover, user).await?;
    let own = Own { session: session.as_ref(), identity: None, password, choice: prover.choice };
    prove_address(transaction, provable, own, flow).await?;
    record(flow, transaction, (Event::EmailVerified, Outcome::Success), Some(user)).await?;
    // A user who has a second factor already signs in with it.
    let has_second_factor = two_factor::find_enabled(transaction, user).await?.is_some();
    let signed_up_here = session.is_none()
        && !provable.user.email_verified
        && !has_second_factor
        && flow.auth.settings.verification.auto_sign_in;
    let session = match chosen_password(prover, &provable.user).filter(|_| signed_up_here) {
        Some(choice) => {
            // The browser had a session of somebody else; it ends as with any sign-in (SESS-02).
            end_former(flow, transaction, user, prover.session).await?;
            let opened = OpenSession::with_password(choice.remember);
            let session = open_session(flow, transaction, user, &opened).await?;
            record_device(flow, transaction, &provable.user).await?;
            record(flow, transaction, (Event::SignIn, Outcome::Success), Some(user)).await?;
            Some(session)
        }
        None => None,
    };
    if session.is_some() {
        flow.auth.metrics.sign_ins.with_label_values(&[Outcome::Success.as_str()]).inc();
    }
    Ok(session)
}

/// Returns what the browser that proves chose, where it is the one that signed up with a password.
fn chosen_password<'a>(prover: &Prover<'a>, user: &User) -> Option<&'a SignUpChoice> {
    prover.choice.filter(|choice| choice.email == user.email && choice.password().is_some())
}

/// Finds the prover's session, where it is one of this user's, and not an administrator's in the user's place.
pub(crate) async fn own_session(
    connection: &mut PgConnection,
    prover: &Prover<'_>,
    user: &UserId,
) -> Result<Option<SessionId>, StoreError> {
    let Some(token) = prover.session else { return Ok(None) };
    let found = sessions::find_active(connection, &SessionKey::Token(token.hash())).await?;
    let is_own = |session: &Session| session.user_id == *user && session.impersonated_by.is_none();
    Ok(found.filter(|(session, _)| is_own(session)).map(|(session, _)| session.id))
}
