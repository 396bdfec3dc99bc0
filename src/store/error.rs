//! Describes how statements fail: what flows react to by name, what passes by itself, and defects of ours.

use crate::store::retry;

/// Describes a failed statement.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique constraint by this name was violated.
    #[error("{0:?} is taken")]
    Conflict(Constraint),
    /// The user whom a new row refers to was deleted a moment ago. This is answered as to somebody without a session.
    #[error("the user is gone")]
    UserGone,
    /// The session in whose name a flow acts has ended since it was found. This is answered like [`Self::UserGone`].
    #[error("the session has ended")]
    SessionEnded,
    /// The additional fields of a user would be longer together than what is stored. This is answered with 400.
    #[error("the additional fields are too large")]
    FieldsTooLarge,
    /// The metadata of an organization or a key is longer as the database writes it than what is stored. This is
    /// answered with 400.
    #[error("the metadata is too large")]
    MetadataTooLarge,
    /// The database cannot be asked right now: connection, pool or server trouble. This is answered with 503.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else is a defect of ours. This is answered with 500.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
}

impl StoreError {
    /// Tells whether the database takes no such row, whatever it is asked beside it: a value of the wrong form (class 22), a
    /// constraint (23), one that is too long for an index (54).
    #[must_use]
    pub fn is_refused_row(&self) -> bool {
        match self {
            Self::Conflict(_) | Self::FieldsTooLarge | Self::MetadataTooLarge => true,
            Self::Statement(error) => {
                let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
                code.is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
            }
            Self::UserGone | Self::SessionEnded | Self::Unavailable(_) => false,
        }
    }

    /// Says why, without the values of the row.
    #[must_use]
    pub fn refusal(&self) -> String {
        match self {
            Self::Statement(sqlx::Error::Database(error)) => match error.constraint() {
                Some(constraint) => format!("it violates {constraint}"),
                None => error.message().to_owned(),
            },
            other => other.to_string(),
        }
    }

    /// Tells whether a row holds what cannot be read or calculated with: others may be asked for without it.
    #[must_use]
    pub fn is_unreadable_row(&self) -> bool {
        match self {
            Self::Statement(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => true,
            // These are `datetime_field_overflow` and `interval_field_overflow`.
            Self::Statement(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| ["22008", "22015"].contains(&&*code))
            }
            _ => false,
        }
    }
}

/// Names the unique constraints that flows react to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    UserEmail,
    ProviderAccount,
    PasskeyCredential,
    OrganizationSlug,
    OrganizationMember,
    OrganizationInvitation,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| retry::is_stale_statement(&code)) {
            retry::note_stale_statements();
        }
        match &error {
            sqlx::Error::Database(database) => match database.constraint() {
                Some("users_email_key") => Self::Conflict(Constraint::UserEmail),
                Some("accounts_provider_id_account_id_key") => Self::Conflict(Constraint::ProviderAccount),
                Some("passkeys_credential_id_key") => Self::Conflict(Constraint::PasskeyCredential),
                Some("organizations_slug_key") => Self::Conflict(Constraint::OrganizationSlug),
                Some("organization_members_user_id_organization_id_key") => {
                    Self::Conflict(Constraint::OrganizationMember)
                }
                Some("organization_invitations_pending_key") => Self::Conflict(Constraint::OrganizationInvitation),
                Some("users_additional_fields_bounded") => Self::FieldsTooLarge,
                Some("organizations_metadata_bounded" | "api_keys_metadata_bounded") => Self::MetadataTooLarge,
                Some(constraint) if database.is_foreign_key_violation() && constraint.ends_with("_user_id_fkey") => {
                    Self::UserGone
                }
                _ if database.code().is_some_and(|code| is_outage(&code)) => Self::Unavailable(error),
                _ => Self::Statement(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error),
            _ => Self::Statement(error),
        }
    }
}

/// Tells whether the statement may succeed a moment later, or as soon as an operator has seen to the server; anything
/// else is a defect of ours.
fn is_outage(code: &str) -> bool {
    // Connection (08), refused credentials (28: a password was changed on the server first), resources (53), operator
    // intervention (57: shutdown, start-up, statement timeout, `idle_session_timeout`), system (58).
    const CLASSES: [&str; 5] = ["08", "28", "53", "57", "58"];
    // A server that takes no writes or is none of ours: a standby that has not taken over yet (25006), a database that
    // is being replaced (3D000). A wait that took too long: idle in a transaction (25P03), a whole transaction (25P04),
    // a lock (55P03). A restart with the object still in use (55006).
    const CODES: [&str; 6] = ["25006", "25P03", "25P04", "3D000", "55006", "55P03"];
    CLASSES.iter().any(|class| code.starts_with(class)) || CODES.contains(&code) || retry::is_broken_off(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_an_outage_and_a_defect_is_none() {
        let outages = [
            "08006", "08P01", "28P01", "53100", "53300", "57014", "57P01", "57P02", "57P03", "57P05", "58030", "25006",
            "25P03", "3D000", "55P03", "40P01", "40001", "0A000",
        ];
        for code in outages {
            assert!(is_outage(code), "{code}");
        }
        for code in ["22P02", "23503", "23505", "25P02", "42501", "42601", "42P01", "55000", "P0001", "XX000"] {
            assert!(!is_outage(code), "{code}");
        }
    }
}
