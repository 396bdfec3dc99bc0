//! Says how flows with API keys fail.

use crate::store::StoreError;

/// Describes why nothing was done with a key.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// Means that it is not there, or is somebody else's.
    #[error("the user has no such key")]
    UnknownKey,
    #[error("the user has as many keys as anybody may have")]
    TooMany,
    #[error("the key would end too soon")]
    EndsTooSoon,
    #[error("the key would end too late")]
    EndsTooLate,
    /// The account has a second factor, and the session has not proved it.
    #[error("a second factor is needed")]
    SecondFactorNeeded,
    #[error(transparent)]
    Store(#[from] StoreError),
}
