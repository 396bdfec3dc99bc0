//! Disables a second factor and replaces its backup codes: with the password and, in the same session, a code
//! (TOTP-05). Both end all other sessions and the trust in browsers.

use crate::{
    auth::{
        Flow, FoundSession, TwoFactorError,
        session::{end::end_sessions, find::still_signed_in},
        two_factor::{
            enable::new_codes,
            notice::{Notice, announce},
            password::{prove_password, succeeded},
        },
    },
    store::{
        Tx, retry_once, sessions,
        two_factor::{self, backup_codes, trusted_devices},
        users::User,
    },
    types::{BackupCode, Password, SecondFactor, SessionToken, TokenHash},
};

/// Disables the second factor. With `renews_token` the session goes on under the new token that is returned.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn disable_two_factor(
    flow: Flow<'_>,
    current: &FoundSession,
    password: Option<&Password>,
    renews_token: bool,
) -> Result<Option<SessionToken>, TwoFactorError> {
    let attempt = prove_password(flow, current, password).await?;
    let user = &current.user;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let is_enabled = require_second_factor(&mut transaction, current).await?;
        two_factor::delete(&mut transaction, &user.id).await?;
        let mut renewed = None;
        if is_enabled {
            end_sessions(&mut transaction, &user.id, Some(&current.session.id), flow.now).await?;
            sessions::update_without_second_factor(&mut transaction, &user.id).await?;
            // Where there is no password, nothing was proved now.
            if attempt.is_some() {
                sessions::update_proved(&mut transaction, &current.session.id, flow.now).await?;
            }
            if renews_token {
                let token = SessionToken::generate();
                sessions::update_token(&mut transaction, &current.session.id, &token.hash()).await?;
                renewed = Some(token);
            }
            let told = User { two_factor_enabled: false, ..user.clone() };
            announce(flow, &mut transaction, &told, Notice::Disabled).await?;
        }
        succeeded(attempt.as_ref(), &mut transaction).await?;
        transaction.commit().await?;
        Ok(renewed)
    })
    .await
}

/// Replaces the backup codes; those before are good for nothing.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn replace_backup_codes(
    flow: Flow<'_>,
    current: &FoundSession,
    password: Option<&Password>,
) -> Result<Vec<BackupCode>, TwoFactorError> {
    let attempt = prove_password(flow, current, password).await?;
    let user = &current.user;
    let codes = new_codes();
    let hashes: Vec<TokenHash> = codes.iter().map(BackupCode::hash).collect();
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        if !require_second_factor(&mut transaction, current).await? {
            return Err(TwoFactorError::NotEnabled);
        }
        backup_codes::insert_set(&mut transaction, &user.id, &hashes).await?;
        end_sessions(&mut transaction, &user.id, Some(&current.session.id), flow.now).await?;
        trusted_devices::delete_all_but(&mut transaction, &user.id, None).await?;
        announce(flow, &mut transaction, user, Notice::BackupCodesReplaced).await?;
        succeeded(attempt.as_ref(), &mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await?;
    Ok(codes)
}

/// Tells whether a second factor is in force; where it is, the session has to have proved it.
async fn require_second_factor(transaction: &mut Tx, current: &FoundSession) -> Result<bool, TwoFactorError> {
    if two_factor::find_enabled(transaction, &current.user.id).await?.is_none() {
        return Ok(false);
    }
    // The session as it was found: a code that is proved at this moment counts for the next request.
    if current.session.second_factor.is_some_and(SecondFactor::is_proved_in_session) {
        Ok(true)
    } else {
        Err(TwoFactorError::SecondFactorNeeded)
    }
}
