//! Lets administrators look at users: a page of those that a search finds, or one. Who looked at what is recorded.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::admin::administration::{Administration, AdministrationError},
    store::{
        audit::Event,
        users::{
            admin::{self, UserRecord, UserRef},
            search::{self, ListedUser, Search},
        },
    },
};

/// Holds a page of users.
#[derive(Debug)]
pub struct UserPage {
    pub users: Vec<ListedUser>,
    /// Counts what the search finds on all pages.
    pub total: i64,
}

/// Returns a page of the users that a search finds. What was searched for is not recorded: it may be an address, and the
/// audit log outlives whose it is.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn search_users(
    administration: &Administration,
    search: &Search,
    now: OffsetDateTime,
) -> Result<UserPage, AdministrationError> {
    // The list may be read by everybody's pages at once, and is large.
    let mut connection = administration.db.acquire_for_content().await?;
    let users = search::list(&mut connection, search).await?;
    let total = search::count(&mut connection, search).await?;
    let detail = json!({ "offset": search.offset, "users": users.len() });
    administration.record(&mut connection, Event::UsersListed, None, detail, now).await?;
    Ok(UserPage { users, total })
}

/// Finds one user for an administrator.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn view_user(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<UserRecord, AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let record = admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
    administration.record(&mut connection, Event::UserViewed, Some(&record.user.id), json!({}), now).await?;
    Ok(record)
}
