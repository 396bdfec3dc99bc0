//! Serves passkeys: their registration, the sign-in with them, and what their owners do with them.

pub(crate) mod manage;
pub(crate) mod register;
pub(crate) mod sign_in;
