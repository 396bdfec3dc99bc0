//! Names why nobody may sign up.

/// Says why nobody may sign up like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignUpRefusal {
    #[error("sign-up is closed")]
    Closed,
    #[error("the address is of a domain that may not sign up")]
    EmailDomain,
}
