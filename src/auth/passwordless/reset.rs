//! Sets a new password with a mailed code.

use crate::{
    auth::{
        DeviceCookie, Flow,
        email::prove_address::{Own, prove_address},
        password::{proof::hash_new_password, reset::apply_reset},
        passwordless::{
            account::lock_owner,
            error::PasswordlessError,
            try_code::{RightCode, Trier, try_code},
        },
    },
    store::{audit::Event, retry_once, users, verifications::Purpose},
    types::{Email, Password, PasswordHash},
};

/// Sets the password of the address' owner, as a mailed link does (MAIL-05), and marks the address as proved: the code
/// was mailed there. Signs nobody in. Of several requests with one code, one succeeds. Gives back the device cookie that
/// was presented, for the new password.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn reset_password_with_code(
    flow: Flow<'_>,
    email: &Email,
    code: &str,
    password: Password,
    device: Option<&DeviceCookie>,
) -> Result<Option<DeviceCookie>, PasswordlessError> {
    let of = (Purpose::ResetPasswordCode, email);
    let right = try_code(flow, of, code, Trier::Anybody(device), Event::PasswordReset).await?;
    let owner = users::find_by_email(&mut *flow.auth.db.acquire().await?, email).await?;
    let owner = owner.ok_or(PasswordlessError::Invalid)?;
    if let Err(error) = password.must_suit(&flow.auth.settings.password, owner.owner()) {
        right.keep(flow).await?;
        return Err(error.into());
    }
    let hash = hash_new_password(flow, password).await?;
    retry_once(|| spend(flow, email, &right, &hash)).await?;
    Ok(DeviceCookie::renewed(device, email, &hash))
}

async fn spend(flow: Flow<'_>, email: &Email, right: &RightCode, hash: &PasswordHash) -> Result<(), PasswordlessError> {
    let mut transaction = flow.auth.db.begin().await?;
    let owner = lock_owner(&mut transaction, email, None).await?.ok_or(PasswordlessError::Invalid)?;
    right.spend(flow, &mut transaction).await?;
    let provable = users::find_provable_locked(&mut transaction, &owner).await?;
    let provable = provable.filter(|provable| provable.user.email == *email).ok_or(PasswordlessError::Invalid)?;
    apply_reset(flow, &mut transaction, &provable, hash).await?;
    let own = Own { password: Some(hash), ..Own::default() };
    prove_address(&mut transaction, &provable, own, flow).await?;
    right.succeeded(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}
