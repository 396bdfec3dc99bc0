//! Lists what somebody gets to see of their sessions.

use std::net::IpAddr;

use time::OffsetDateTime;

use crate::{
    auth::{Auth, Device, FoundSession, Location},
    store::{
        StoreError,
        sessions::{self, Session},
    },
};

/// Describes one session as its owner recognises it.
#[derive(Debug)]
pub struct OwnSession {
    pub session: Session,
    pub last_seen_at: OffsetDateTime,
    /// It is the one that asks.
    pub is_current: bool,
    pub device: Device,
    /// Tells where its address is today; `None` without a database or an entry in it.
    pub location: Option<Location>,
}

/// Lists the live sessions of whoever asks, newest first; at most a hundred, as there are never more.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %current.user.id))]
pub async fn list_sessions(auth: &Auth, current: &FoundSession) -> Result<Vec<OwnSession>, StoreError> {
    let listed = sessions::list_active_of_user(&mut *auth.db.acquire().await?, &current.user.id).await?;
    let own = listed.into_iter().map(|listed| {
        let address: Option<IpAddr> = listed.session.ip_address.parse().ok();
        OwnSession {
            is_current: listed.session.id == current.session.id,
            device: Device::parse(&listed.session.user_agent),
            location: address.and_then(|address| auth.locations.find(address)),
            last_seen_at: listed.last_seen_at,
            session: listed.session,
        }
    });
    Ok(own.collect())
}
