//! Lists what somebody gets to see of their sessions.

use std::net::IpAddr;

use time::OffsetDateTime;

use crate::{
    auth::{Auth, Device, FoundSession, Location},
    store::{
        StoreError,
        sessions::{self, ListedSession, Session},
    },
    types::SessionId,
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
    let current = &current.session.id;
    // Those in which an administrator acts in the user's place are not the user's (contract §3.2).
    let own =
        listed.into_iter().filter(|listed| listed.session.impersonated_by.is_none() || listed.session.id == *current);
    Ok(own.map(|listed| describe(auth, listed, Some(current))).collect())
}

/// Describes a session of a list; `current` is the one that asks.
pub(crate) fn describe(auth: &Auth, listed: ListedSession, current: Option<&SessionId>) -> OwnSession {
    let address: Option<IpAddr> = listed.session.ip_address.parse().ok();
    OwnSession {
        is_current: current == Some(&listed.session.id),
        device: Device::parse(&listed.session.user_agent),
        location: address.and_then(|address| auth.locations.find(address)),
        last_seen_at: listed.last_seen_at,
        session: listed.session,
    }
}
