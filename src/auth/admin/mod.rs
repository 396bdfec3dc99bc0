//! What operators do to users and sessions. Each change is one transaction with its journal entry in it.

pub(crate) mod create_user;
pub(crate) mod remove_user;
pub(crate) mod sessions;
pub(crate) mod users;

pub use create_user::{CreateUserError, NewUser, create_user};
pub use remove_user::{Removed, remove_user};
pub use sessions::{SessionRevocation, list_sessions, revoke_session, revoke_sessions};
pub use users::{Banned, NewBan, ban_user, find_user, list_users, set_roles, unban_user};

pub use crate::store::users::admin::{Ban, Filter, OpenSession, Person, Who};
use crate::store::{Db, StoreError};

/// What every one of these flows receives.
#[derive(Debug)]
pub struct Administration {
    pub db: Db,
    /// Who is at the command line, by the operating system; the journal's actor is `cli:` and this.
    pub operator: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    #[error("there is no such user")]
    UnknownUser,
    #[error("there is no such session; it may have ended already")]
    UnknownSession,
    #[error(transparent)]
    Store(#[from] StoreError),
}
