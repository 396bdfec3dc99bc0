//! Deals with what is mailed to be typed or opened in the place of a password (`auth.email_otp`,
//! `auth.magic_link`).

pub(crate) mod account;
pub(crate) mod browser;
pub(crate) mod change_email;
pub(crate) mod code;
pub(crate) mod error;
pub(crate) mod magic_link;
pub(crate) mod reset;
pub(crate) mod send_code;
pub(crate) mod sign_in;
pub(crate) mod try_code;
pub(crate) mod verify;
