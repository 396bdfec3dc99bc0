//! Proves a second factor: it ends a sign-in, puts a new second factor in force, or proves the holder of a session once
//! more.

use time::OffsetDateTime;

use crate::{
    auth::{
        Attempt, Flow, NewSession, RateClass, TwoFactorError,
        audit::record::{record, record_failure},
        device::known_devices::record_device,
        limit_user,
        session::open::{OpenSession, open_session},
        two_factor::{
            claimant::{Claimant, FoundClaimant},
            mailed_code::{take_code, try_code},
            notice::{Notice, announce},
            trust::trust_device,
        },
    },
    crypto::totp::TotpSecret,
    store::{
        Tx,
        audit::{Event, Outcome},
        retry_once, sessions,
        two_factor::{self, TwoFactor, backup_codes, challenges},
        users::User,
    },
    types::{
        AuthMethod, BackupCode, OneTimeCode, SecondFactor, SessionId, SessionToken, TrustedDeviceId,
        TrustedDeviceToken, UserId,
    },
};

/// Holds what somebody typed.
#[derive(Debug)]
pub enum TypedCode {
    Totp(OneTimeCode),
    Mailed(OneTimeCode),
    Backup(BackupCode),
}

impl TypedCode {
    fn factor(&self) -> SecondFactor {
        match self {
            Self::Totp(_) => SecondFactor::Totp,
            Self::Mailed(_) => SecondFactor::MailedCode,
            Self::Backup(_) => SecondFactor::BackupCode,
        }
    }

    fn refusal(&self) -> TwoFactorError {
        match self {
            Self::Totp(_) | Self::Mailed(_) => TwoFactorError::InvalidCode,
            Self::Backup(_) => TwoFactorError::InvalidBackupCode,
        }
    }
}

/// Holds what proves a second factor, and what is to follow.
#[derive(Debug)]
pub struct VerifySecondFactor<'a> {
    pub claimant: Claimant<'a>,
    pub code: TypedCode,
    /// Spares this browser the second factor from now on.
    pub trust_device: bool,
    /// Ends a sign-in in a session. False spends the code, and the sign-in with it, without one.
    pub opens_session: bool,
    /// Gives the session that is there a new token, where that is what its client keeps.
    pub renews_token: bool,
}

/// Describes what came of it.
#[derive(Debug)]
pub struct VerifiedSecondFactor {
    pub user: User,
    pub session: ProvedSession,
    /// Lets the browser be recognised as trusted.
    pub trusted_device: Option<TrustedDeviceToken>,
}

/// Tells which session the code was proved for.
#[derive(Debug)]
pub enum ProvedSession {
    Opened(Box<NewSession>),
    /// Is the one that asked, under a new token.
    Renewed(SessionToken),
    Unchanged,
    /// Means that no session was asked for.
    None,
}

/// Holds a code against what is expected. Each code works once: of many at the same time one succeeds (TOTP-02,
/// TOTP-06). Attempts are counted before, for the sign-in and for the account (TOTP-04).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn verify_second_factor(
    flow: Flow<'_>,
    input: &VerifySecondFactor<'_>,
) -> Result<VerifiedSecondFactor, TwoFactorError> {
    let claimant = FoundClaimant::begin_attempt(flow, input.claimant).await?;
    let verified = attempt(flow, input, &claimant).await;
    let outcome = match &verified {
        Ok(_) => Outcome::Success,
        Err(TwoFactorError::InvalidCode | TwoFactorError::InvalidBackupCode) => Outcome::WrongCode,
        Err(TwoFactorError::Locked { .. }) => {
            claimant.refund(flow).await?;
            Outcome::RateLimited
        }
        Err(_) => return verified,
    };
    flow.auth.metrics.second_factors.tried.with_label_values(&[input.code.factor().as_str(), outcome.as_str()]).inc();
    if verified.is_err() {
        record_failure(flow, (Event::SecondFactor, outcome), Some(claimant.user_id())).await?;
    } else if matches!(claimant, FoundClaimant::SigningIn { .. }) && input.opens_session {
        flow.auth.metrics.sign_ins.with_label_values(&[outcome.as_str()]).inc();
    }
    verified
}

async fn attempt(
    flow: Flow<'_>,
    input: &VerifySecondFactor<'_>,
    claimant: &FoundClaimant<'_>,
) -> Result<VerifiedSecondFactor, TwoFactorError> {
    let counted = limit_user(flow, RateClass::TwoFactor, claimant.user_id()).await?;
    let verified = hold_against(flow, input, claimant, &counted).await;
    match &verified {
        Ok(_) | Err(TwoFactorError::InvalidCode | TwoFactorError::InvalidBackupCode) => {}
        // Nothing was guessed.
        Err(_) => counted.refund(&mut *flow.auth.db.acquire().await?).await?,
    }
    verified
}

/// Holds the code against what is expected, in one transaction with what follows.
async fn hold_against(
    flow: Flow<'_>,
    input: &VerifySecondFactor<'_>,
    claimant: &FoundClaimant<'_>,
    counted: &Attempt,
) -> Result<VerifiedSecondFactor, TwoFactorError> {
    // A mailed code has a counter of its own, which stays whatever becomes of the transaction.
    let mailed = match &input.code {
        TypedCode::Mailed(code) => Some(try_code(flow, claimant, code).await?),
        TypedCode::Totp(_) | TypedCode::Backup(_) => None,
    };
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        let user = claimant.lock(&mut transaction).await?;
        let stored = two_factor::find(&mut transaction, &user.id).await?;
        let is_right = match (&input.code, &mailed) {
            (TypedCode::Totp(code), _) => take_totp(flow, &mut transaction, &user.id, stored.as_ref(), code).await?,
            (TypedCode::Backup(code), _) => {
                take_backup_code(flow, &mut transaction, &user, stored.as_ref(), code).await?
            }
            (TypedCode::Mailed(_), Some(sealed)) => take_code(&mut transaction, claimant, sealed).await?,
            (TypedCode::Mailed(_), None) => false,
        };
        if !is_right {
            return Err(input.code.refusal());
        }
        let verified = complete(flow, &mut transaction, input, claimant, (user, stored)).await?;
        counted.succeeded(&mut transaction).await?;
        transaction.commit().await?;
        Ok(verified)
    })
    .await
}

/// Uses up the step of a code of the app.
async fn take_totp(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &UserId,
    stored: Option<&TwoFactor>,
    code: &OneTimeCode,
) -> Result<bool, TwoFactorError> {
    let sealed = stored.and_then(|stored| stored.secret.as_deref()).ok_or(TwoFactorError::TotpNotEnabled)?;
    let Ok(secret) = flow.auth.totp_secrets.open(sealed) else {
        tracing::error!(user.id = %user, "the secret of an authenticator app was sealed with none of the configured secrets");
        return Ok(false);
    };
    match TotpSecret::from_bytes(secret).matching_step(code.expose(), flow.now.unix_timestamp()) {
        Some(step) => Ok(two_factor::update_step(transaction, user, step).await?),
        None => Ok(false),
    }
}

/// Uses up a backup code. They belong to a second factor that is in force.
async fn take_backup_code(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &User,
    stored: Option<&TwoFactor>,
    code: &BackupCode,
) -> Result<bool, TwoFactorError> {
    if stored.is_none_or(|stored| stored.enabled_at.is_none()) {
        return Err(TwoFactorError::BackupCodesNotEnabled);
    }
    if !backup_codes::delete(transaction, &user.id, &code.hash()).await? {
        return Ok(false);
    }
    let left = backup_codes::count(transaction, &user.id).await?;
    announce(flow, transaction, user, Notice::BackupCodeUsed(left)).await?;
    Ok(true)
}

async fn complete(
    flow: Flow<'_>,
    transaction: &mut Tx,
    input: &VerifySecondFactor<'_>,
    claimant: &FoundClaimant<'_>,
    (mut user, stored): (User, Option<TwoFactor>),
) -> Result<VerifiedSecondFactor, TwoFactorError> {
    let factor = input.code.factor();
    let mut proved_at = flow.now;
    if let (Some(TwoFactor { enabled_at: None, secret }), FoundClaimant::SignedIn(found)) = (&stored, claimant)
        && enables(secret.is_some(), factor)
    {
        // The app was chosen in this session, so that its first code proves nothing of who holds it.
        proved_at = found.session.authentication().proved_at;
        two_factor::update_enabled(transaction, &user.id, flow.now).await?;
        user.two_factor_enabled = true;
        announce(flow, transaction, &user, Notice::Enabled).await?;
    }
    let trusted = if input.trust_device && input.opens_session && user.two_factor_enabled {
        trust_device(flow, transaction, &user.id).await?
    } else {
        None
    };
    let (device, trusted_device) = trusted.unzip();
    let session = match claimant {
        FoundClaimant::SigningIn { token, challenge } => {
            if !challenges::delete(transaction, &token.hash()).await? {
                return Err(TwoFactorError::InvalidChallenge);
            }
            if input.opens_session {
                let opened = OpenSession {
                    method: AuthMethod::parse(&challenge.auth_method),
                    second_factor: Some(factor),
                    trusted_device: device,
                    remember: challenge.remember,
                };
                let session = open_session(flow, transaction, &user.id, &opened).await?;
                record_device(flow, transaction, &user).await?;
                record(flow, transaction, (Event::SignIn, Outcome::Success), Some(&user.id)).await?;
                ProvedSession::Opened(Box::new(session))
            } else {
                record(flow, transaction, (Event::SecondFactor, Outcome::Success), Some(&user.id)).await?;
                ProvedSession::None
            }
        }
        FoundClaimant::SignedIn(found) => {
            let is_second = user.two_factor_enabled && is_second(factor, AuthMethod::parse(&found.session.auth_method));
            let proved = is_second.then_some(factor);
            prove_session(flow, transaction, input, (&found.session.id, proved, device.as_ref()), proved_at).await?
        }
    };
    Ok(VerifiedSecondFactor { user, session, trusted_device })
}

/// Tells whether the code is of the second factor that is being set up.
fn enables(has_totp: bool, factor: SecondFactor) -> bool {
    match factor {
        SecondFactor::Totp => has_totp,
        SecondFactor::MailedCode => !has_totp,
        SecondFactor::BackupCode | SecondFactor::Passkey | SecondFactor::TrustedDevice => false,
    }
}

/// Tells whether it proves more than the way in did: whoever came in by mail has shown that they read it.
fn is_second(factor: SecondFactor, method: AuthMethod<'_>) -> bool {
    factor != SecondFactor::MailedCode || !method.is_mailed()
}

async fn prove_session(
    flow: Flow<'_>,
    transaction: &mut Tx,
    input: &VerifySecondFactor<'_>,
    (id, proved, device): (&SessionId, Option<SecondFactor>, Option<&TrustedDeviceId>),
    proved_at: OffsetDateTime,
) -> Result<ProvedSession, TwoFactorError> {
    sessions::update_second_factor(transaction, id, proved, device, proved_at).await?;
    if let Claimant::SignedIn(found) = input.claimant {
        record(flow, transaction, (Event::SecondFactor, Outcome::Success), Some(&found.user.id)).await?;
    }
    if !input.renews_token {
        return Ok(ProvedSession::Unchanged);
    }
    let token = SessionToken::generate();
    sessions::update_token(transaction, id, &token.hash()).await?;
    Ok(ProvedSession::Renewed(token))
}
