//! Says how flows with API keys fail.

use crate::store::StoreError;

/// Describes why nothing was done with a key.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// Means that it is not there, or is somebody else's.
    #[error("the user has no such key")]
    UnknownKey,
    #[error("the user or organization has as many keys as anybody may have")]
    TooMany,
    #[error("the key would end too soon")]
    EndsTooSoon,
    #[error("the key would end too late")]
    EndsTooLate,
    #[error("there are no organizations")]
    NoOrganizations,
    /// Means that whoever asks is not in the organization, or that there is none.
    #[error("the user is not in the organization")]
    NotAMember,
    /// Means that the member's roles do not allow it.
    #[error("the member may not do this with the keys of the organization")]
    NotAllowed,
    /// The account has a second factor, and the session has not proved it.
    #[error("a second factor is needed")]
    SecondFactorNeeded,
    #[error(transparent)]
    Store(#[from] StoreError),
}
