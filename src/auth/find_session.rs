//! Whose session a token opens, for the answers that show it.

use crate::{
    store::{
        StoreError,
        sessions::{self, Session},
        users::User,
    },
    types::SessionToken,
};

use super::Auth;

/// A live session and its user.
#[derive(Debug)]
pub struct FoundSession {
    pub session: Session,
    pub user: User,
}

/// `None` where the token opens nothing: unknown, expired, ended, or its user banned.
pub async fn find_session(auth: &Auth, token: &SessionToken) -> Result<Option<FoundSession>, StoreError> {
    let mut connection = auth.db.acquire().await?;
    let found = sessions::find_active(&mut connection, &token.hash()).await?;
    Ok(found.map(|(session, user)| FoundSession { session, user }))
}
