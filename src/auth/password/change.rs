//! Replaces a password for who knows it.

use crate::{
    auth::{
        DeviceCookie, Flow, FlowError, FoundSession, NewSession, RateClass,
        audit::record::record_failure,
        password::{
            notice::announce,
            proof::{PasswordAttempt, PasswordProof},
        },
        session::{
            end::end_sessions,
            find::still_signed_in,
            open::{OpenSession, open_session},
        },
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, sessions,
        two_factor::{challenges, trusted_devices},
        users::credentials,
        verifications::{self, Purpose},
    },
    types::{Password, SessionToken},
};

/// Holds the old password, the new one, and what becomes of the sessions.
#[derive(Debug)]
pub struct ChangePassword {
    pub current: Password,
    pub new: Password,
    pub sessions: Sessions,
    /// The cookie is as the browser presented it.
    pub device: Option<DeviceCookie>,
}

/// Tells what becomes of the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sessions {
    /// All end, and the caller gets a new one.
    Revoked,
    /// They go on; the caller's own under a new token (SESS-02).
    Renewed,
    /// They go on; this is for callers that would not notice a new token.
    Kept,
}

/// Describes a changed password.
#[derive(Debug)]
pub struct ChangedPassword {
    pub session: Changed,
    /// Is the device cookie that was presented, for the new password (BRUTE-11).
    pub device: Option<DeviceCookie>,
}

/// Tells what the caller goes on with.
#[derive(Debug)]
pub enum Changed {
    Reopened(Box<NewSession>),
    Renewed(SessionToken),
    Unchanged,
}

/// Describes why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("the account has no password")]
    NoPassword,
    #[error("the current password is another")]
    WrongPassword,
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for ChangePasswordError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Changes the password of the session's user. Mailed reset links end.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %signed_in.user.id))]
pub async fn change_password(
    flow: Flow<'_>,
    input: &ChangePassword,
    signed_in: &FoundSession,
) -> Result<ChangedPassword, ChangePasswordError> {
    let attempt = PasswordAttempt::begin(flow, RateClass::ChangePassword, &signed_in.user.id).await?;
    // A sign-in may have rehashed the password while it was being verified: then it is looked at once more.
    for _ in 0..2 {
        if let Some(changed) = prove_and_change(flow, input, signed_in, &attempt).await? {
            return Ok(changed);
        }
    }
    Err(ChangePasswordError::WrongPassword)
}

/// Proves the old password and sets the new one. `None` when the stored hash changed between the proof and the change.
async fn prove_and_change(
    flow: Flow<'_>,
    input: &ChangePassword,
    signed_in: &FoundSession,
    attempt: &PasswordAttempt,
) -> Result<Option<ChangedPassword>, ChangePasswordError> {
    let user = &signed_in.user;
    let (account, old) = match attempt.prove(flow, &user.id, &input.current).await? {
        PasswordProof::Proved { account, hash } => (account, hash),
        PasswordProof::NoPassword => return Err(ChangePasswordError::NoPassword),
        PasswordProof::WrongPassword => {
            record_failure(flow, (Event::PasswordChanged, Outcome::WrongPassword), Some(&user.id)).await?;
            return Err(ChangePasswordError::WrongPassword);
        }
    };
    let new = attempt.hash(flow, &input.new).await?;
    // This is run again without another hash.
    let changed = retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, signed_in).await?;
        if !credentials::update_hash(&mut transaction, &account, &old, &new, flow.now).await? {
            return Ok(None);
        }
        let session = match input.sessions {
            Sessions::Revoked => {
                end_sessions(&mut transaction, &user.id, None, flow.now).await?;
                let former = &signed_in.session;
                // The session that follows keeps the second factor that was proved in this one.
                let second_factor = former.second_factor.filter(|factor| factor.is_proved_in_session());
                let opened = OpenSession { second_factor, ..OpenSession::with_password(former.remember) };
                Changed::Reopened(Box::new(open_session(flow, &mut transaction, &user.id, &opened).await?))
            }
            Sessions::Renewed => {
                let token = SessionToken::generate();
                sessions::update_token(&mut transaction, &signed_in.session.id, &token.hash()).await?;
                sessions::update_proved(&mut transaction, &signed_in.session.id, flow.now).await?;
                Changed::Renewed(token)
            }
            Sessions::Kept => {
                sessions::update_proved(&mut transaction, &signed_in.session.id, flow.now).await?;
                Changed::Unchanged
            }
        };
        trusted_devices::delete_all_but(&mut transaction, &user.id, None).await?;
        challenges::delete_all_but_newest(&mut transaction, &user.id, 0).await?;
        verifications::delete_of_user(&mut transaction, &user.id, &[Purpose::ResetPassword]).await?;
        announce(flow, &mut transaction, user, Event::PasswordChanged).await?;
        attempt.succeeded(&mut transaction).await?;
        transaction.commit().await?;
        Ok::<_, StoreError>(Some(session))
    })
    .await?;
    let Some(session) = changed else { return Ok(None) };
    let device = DeviceCookie::renewed(input.device.as_ref(), &user.email, &new);
    Ok(Some(ChangedPassword { session, device }))
}
