//! Names why nobody may sign up.

/// Says why nobody may sign up like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignUpRefusal {
    #[error("sign-up is closed")]
    Closed,
    #[error("signing up takes an invitation")]
    InvitationNeeded,
    /// Means that the invitation is unknown, used, too old, or of another address.
    #[error("the invitation is not good for this address")]
    InvalidInvitation,
    #[error("the address is of a domain that may not sign up")]
    EmailDomain,
}
