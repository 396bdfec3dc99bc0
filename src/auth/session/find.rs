//! Finds whose session a token opens, for the responses that show it.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::Auth,
    sessions::{JwtSubject, SessionSettings},
    store::{
        StoreError,
        sessions::{self, Session},
        users::{self, User},
    },
    types::{SessionId, SessionKey, SessionToken, UserId},
};

/// Holds a live session and its user.
#[derive(Debug)]
pub struct FoundSession {
    pub session: Session,
    pub user: User,
}

impl FoundSession {
    /// Tells whether the session was opened, or proved again, so short a while ago that it may show where else its user
    /// is signed in (contract §1.2).
    #[must_use]
    pub fn is_fresh(&self, settings: &SessionSettings, now: OffsetDateTime) -> bool {
        now - self.proved_at() < settings.fresh_age
    }

    /// Tells whether the session was opened, or proved again, so short a while ago that whoever holds it may do what
    /// would lock its owner out. A cookie that was stolen earlier is not enough (SESS-09).
    #[must_use]
    pub fn is_proved_lately(&self, settings: &SessionSettings, now: OffsetDateTime) -> bool {
        now - self.proved_at() < settings.proof_age()
    }

    fn proved_at(&self) -> OffsetDateTime {
        self.session.authentication().proved_at
    }
}

/// Finds the session that a token opens. `None` where the token opens nothing: unknown, expired, ended, or its user
/// banned.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_session(auth: &Auth, token: &SessionToken) -> Result<Option<FoundSession>, StoreError> {
    find(auth, &SessionKey::Token(token.hash())).await
}

/// Finds the session that a verified JSON Web Token names, where it still lives.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_named_session(auth: &Auth, named: JwtSubject) -> Result<Option<FoundSession>, StoreError> {
    let found = find(auth, &SessionKey::Id(named.session_id)).await?;
    Ok(found.filter(|found| found.user.id == named.user_id))
}

async fn find(auth: &Auth, key: &SessionKey) -> Result<Option<FoundSession>, StoreError> {
    let mut connection = auth.db.acquire().await?;
    let found = sessions::find_active(&mut connection, key).await?;
    Ok(found.map(|(session, user)| FoundSession { session, user }))
}

/// Locks the user of a session that was found earlier, and looks at the session again: it may have ended while the flow
/// waited for its turn or for a lock. Every flow that acts in the name of a session begins its transaction with this,
/// and whatever ends sessions locks the user first, so that one of the two is over before the other decides (SESS-04).
pub(crate) async fn still_signed_in(connection: &mut PgConnection, current: &FoundSession) -> Result<(), StoreError> {
    let user = &current.user.id;
    users::find_locked(connection, user).await?.ok_or(StoreError::UserGone)?;
    if is_live(connection, &current.session.id, user).await? { Ok(()) } else { Err(StoreError::SessionEnded) }
}

/// Tells whether the session is live, and is this user's.
pub(crate) async fn is_live(
    connection: &mut PgConnection,
    session: &SessionId,
    user: &UserId,
) -> Result<bool, StoreError> {
    let holder = sessions::find_active_by_id(connection, session).await?;
    Ok(holder.is_some_and(|holder| holder.id == *user))
}
