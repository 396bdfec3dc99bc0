//! Says why a stored hash cannot be used. No message quotes the hash.

/// Describes why a password hash is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableHash {
    #[error("the password hash is of no kind that can be verified")]
    UnknownKind,
    /// A hash of such a kind was made with a faulty bcrypt, which reads some letters as others.
    #[error("the password hash was made by a faulty bcrypt ($2x$), which takes different passwords for one")]
    FaultyBcrypt,
    #[error("the password hash is not well-formed: {0}")]
    Malformed(&'static str),
    #[error("the {part} of the password hash has {found} bytes, and {least} to {most} can be taken")]
    WrongLength { part: &'static str, found: usize, least: usize, most: usize },
    /// Verifying it would take more than the gateway spends on one sign-in.
    #[error("the password hash is too costly: its {parameter} is {found}, and at most {limit} is computed")]
    TooCostly { parameter: &'static str, found: u64, limit: u64 },
}

impl UnusableHash {
    /// Returns the stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind => "unknown_hash",
            Self::FaultyBcrypt => "faulty_bcrypt",
            Self::Malformed(_) => "malformed_hash",
            Self::WrongLength { .. } => "hash_length",
            Self::TooCostly { .. } => "hash_too_costly",
        }
    }
}

/// Refuses a cost above its limit.
pub(super) fn bounded(parameter: &'static str, found: u64, limit: u64) -> Result<(), UnusableHash> {
    if found > limit { Err(UnusableHash::TooCostly { parameter, found, limit }) } else { Ok(()) }
}
