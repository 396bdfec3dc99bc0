//! Follows an account from its sign-up to its deletion.

pub(crate) mod close;
pub(crate) mod delete;
pub(crate) mod display_name;
pub(crate) mod export;
pub(crate) mod linked_identities;
pub(crate) mod picture;
pub(crate) mod picture_type;
pub(crate) mod sign_up;
pub(crate) mod sign_up_choice;
pub(crate) mod sign_up_refusal;
pub(crate) mod sign_up_rules;
pub(crate) mod update;
pub(crate) mod username;
