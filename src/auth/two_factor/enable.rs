//! Sets up a second factor. It comes into force with the first code that is proved (TOTP-05).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::{
    auth::{
        Flow, FoundSession, TwoFactorError,
        session::find::still_signed_in,
        two_factor::password::{prove_password, succeeded},
    },
    crypto::totp::{DIGITS, PERIOD, TotpSecret},
    store::{
        retry_once,
        two_factor::{self, backup_codes},
    },
    types::{BackupCode, Email, Password, TokenHash},
};

/// Is the number of backup codes of a set (contract §4.2).
const BACKUP_CODES: usize = 10;
/// Holds what is escaped in the address of a secret: everything but what RFC 3986 leaves unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Tells what is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnableMethod<'a> {
    /// Is an authenticator app, which is told this name of the site in place of the configured one.
    Totp { issuer: Option<&'a str> },
    /// Is the mailbox.
    Otp,
}

/// Describes what was set up: shown once.
#[derive(Debug)]
pub enum Enabling {
    Totp { uri: Zeroizing<String>, backup_codes: Vec<BackupCode> },
    Otp,
}

/// Writes a second factor that is not in force yet, in place of an earlier one that never came into force.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn enable_two_factor(
    flow: Flow<'_>,
    current: &FoundSession,
    password: Option<&Password>,
    method: EnableMethod<'_>,
) -> Result<Enabling, TwoFactorError> {
    if method == EnableMethod::Otp && !flow.auth.settings.two_factor.mailed_code {
        return Err(TwoFactorError::MailedCodesDisabled);
    }
    let attempt = prove_password(flow, current, password).await?;
    let user = &current.user;
    let secret = TotpSecret::generate();
    let codes = new_codes();
    let hashes: Vec<TokenHash> = codes.iter().map(BackupCode::hash).collect();
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let sealed = match method {
            EnableMethod::Totp { .. } => Some(flow.auth.totp_secrets.seal(secret.expose())),
            EnableMethod::Otp => None,
        };
        if !two_factor::upsert_pending(&mut transaction, &user.id, sealed.as_deref(), flow.now).await? {
            return Err(TwoFactorError::AlreadyEnabled);
        }
        match method {
            EnableMethod::Totp { .. } => backup_codes::insert_set(&mut transaction, &user.id, &hashes).await?,
            EnableMethod::Otp => backup_codes::delete_of_user(&mut transaction, &user.id).await?,
        }
        succeeded(attempt.as_ref(), &mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await?;
    Ok(match method {
        EnableMethod::Totp { issuer } => {
            let issuer = issuer.unwrap_or(&flow.auth.settings.two_factor.issuer);
            Enabling::Totp { uri: totp_uri(&secret, issuer, &user.email), backup_codes: codes }
        }
        EnableMethod::Otp => Enabling::Otp,
    })
}

/// Returns the address of a secret that is not in force yet: after that nobody gets it any more (TOTP-05).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn pending_totp_uri(
    flow: Flow<'_>,
    current: &FoundSession,
    password: Option<&Password>,
) -> Result<Zeroizing<String>, TwoFactorError> {
    let attempt = prove_password(flow, current, password).await?;
    let user = &current.user;
    let mut connection = flow.auth.db.acquire().await?;
    succeeded(attempt.as_ref(), &mut connection).await?;
    let stored = two_factor::find(&mut connection, &user.id).await?.ok_or(TwoFactorError::TotpNotEnabled)?;
    let sealed = stored.secret.ok_or(TwoFactorError::TotpNotEnabled)?;
    if stored.enabled_at.is_some() {
        return Err(TwoFactorError::AlreadyEnabled);
    }
    let secret = flow.auth.totp_secrets.open(&sealed).map_err(|_| TwoFactorError::TotpNotEnabled)?;
    Ok(totp_uri(&TotpSecret::from_bytes(secret), &flow.auth.settings.two_factor.issuer, &user.email))
}

/// Makes a set of backup codes.
pub(crate) fn new_codes() -> Vec<BackupCode> {
    (0..BACKUP_CODES).map(|_| BackupCode::generate()).collect()
}

/// Returns what authenticator apps read out of a QR code.
fn totp_uri(secret: &TotpSecret, issuer: &str, email: &Email) -> Zeroizing<String> {
    let (issuer, email) = (utf8_percent_encode(issuer, ESCAPED), utf8_percent_encode(email.as_str(), ESCAPED));
    let secret = secret.to_base32();
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{email}?secret={}&issuer={issuer}&digits={DIGITS}&period={PERIOD}",
        secret.as_str(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_secret_is_what_apps_read() {
        let secret = TotpSecret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec()));
        let uri = totp_uri(&secret, "My App & co", &"a+b@example.com".parse().unwrap());
        assert_eq!(
            uri.as_str(),
            "otpauth://totp/My%20App%20%26%20co:a%2Bb%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=My%20App%20%26%20co&digits=6&period=30"
        );
        assert_eq!(new_codes().len(), 10);
    }
}
