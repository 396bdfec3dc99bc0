//! Whose session a token opens, for the answers that show it.

use time::OffsetDateTime;

use crate::{
    store::{
        StoreError,
        sessions::{self, Session},
        users::User,
    },
    types::SessionToken,
};

use super::{Auth, SessionSettings};

/// A live session and its user.
#[derive(Debug)]
pub struct FoundSession {
    pub session: Session,
    pub user: User,
}

impl FoundSession {
    /// Opened, or proved again, so short a while ago that it may show where else its user is signed in (contract §1.2).
    #[must_use]
    pub fn is_fresh(&self, settings: &SessionSettings, now: OffsetDateTime) -> bool {
        now - self.proved_at() < settings.fresh_age
    }

    /// Opened, or proved again, so short a while ago that whoever holds it may do what would lock its owner out. A cookie
    /// that was stolen earlier is not enough (SESS-09).
    #[must_use]
    pub fn is_proved_lately(&self, settings: &SessionSettings, now: OffsetDateTime) -> bool {
        now - self.proved_at() < settings.proof_age()
    }

    fn proved_at(&self) -> OffsetDateTime {
        self.session.proved_at.unwrap_or(self.session.created_at)
    }
}

/// `None` where the token opens nothing: unknown, expired, ended, or its user banned.
pub async fn find_session(auth: &Auth, token: &SessionToken) -> Result<Option<FoundSession>, StoreError> {
    let mut connection = auth.db.acquire().await?;
    let found = sessions::find_active(&mut connection, &token.hash()).await?;
    Ok(found.map(|(session, user)| FoundSession { session, user }))
}
