//! Spares a browser the second factor for a while (TOTP-08), lists such browsers to their owner, and ends the trust.

use time::OffsetDateTime;

use crate::{
    auth::{Device, Flow, FoundSession, audit::record::record, session::find::still_signed_in},
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        retry_once,
        two_factor::trusted_devices::{self, NewRow, TrustedDevice},
    },
    types::{TrustedDeviceId, TrustedDeviceToken, UserId},
};

/// Limits the browsers that one user trusts at a time; the trust in the oldest ends beyond.
const MAX_DEVICES: i64 = 20;

/// Trusts the browser that asks. `None` where the configuration trusts none.
pub(crate) async fn trust_device(
    flow: Flow<'_>,
    transaction: &mut Tx,
    user: &UserId,
) -> Result<Option<(TrustedDeviceId, TrustedDeviceToken)>, StoreError> {
    let expires_in = flow.auth.settings.two_factor.trust_device;
    if expires_in.is_zero() {
        return Ok(None);
    }
    let (id, token) = (TrustedDeviceId::generate(), TrustedDeviceToken::generate());
    let row = NewRow {
        id: &id,
        token: token.hash(),
        user_id: user,
        ip_address: &flow.client.ip.to_string(),
        user_agent: &flow.client.user_agent,
        created_at: flow.now,
        expires_at: flow.now + expires_in,
    };
    trusted_devices::insert(transaction, &row).await?;
    trusted_devices::delete_all_but_newest(transaction, user, MAX_DEVICES).await?;
    record(flow, transaction, (Event::DeviceTrusted, Outcome::Success), Some(user)).await?;
    Ok(Some((id, token)))
}

/// Describes a trusted browser as its owner recognises it.
#[derive(Debug)]
pub struct OwnTrustedDevice {
    pub id: TrustedDeviceId,
    pub device: Device,
    pub ip_address: String,
    pub user_agent: String,
    pub created_at: OffsetDateTime,
    pub last_used_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// It is the one that the session comes from.
    pub is_current: bool,
}

/// Lists the browsers that whoever asks has trusted, newest first.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_trusted_devices(flow: Flow<'_>, current: &FoundSession) -> Result<Vec<OwnTrustedDevice>, StoreError> {
    let mut connection = flow.auth.db.acquire().await?;
    let listed = trusted_devices::list_of_user(&mut connection, &current.user.id, flow.now).await?;
    let own = listed.into_iter().map(|listed| {
        let TrustedDevice { id, ip_address, user_agent, created_at, last_used_at, expires_at } = listed;
        let is_current = current.session.trusted_device_id.as_ref() == Some(&id);
        let device = Device::parse(&user_agent);
        OwnTrustedDevice { id, device, ip_address, user_agent, created_at, last_used_at, expires_at, is_current }
    });
    Ok(own.collect())
}

/// Ends the trust in one browser of whoever asks. False where there is no such one.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn revoke_trusted_device(
    flow: Flow<'_>,
    current: &FoundSession,
    id: &TrustedDeviceId,
) -> Result<bool, StoreError> {
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let is_revoked = trusted_devices::delete(&mut transaction, user, id).await?;
        if is_revoked {
            record(flow, &mut transaction, (Event::DeviceTrustRevoked, Outcome::Success), Some(user)).await?;
        }
        transaction.commit().await?;
        Ok(is_revoked)
    })
    .await
}
