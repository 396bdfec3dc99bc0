//! Second factors: set up, proved at sign-in and in a session, and taken away.

mod attempts;
mod backup_codes;
mod browser;
mod mailed_codes;
mod manage;
mod once;
mod sign_in;
mod trusted_devices;

pub(crate) use browser::{App, Browser, enable, forget_codes, with_app};
pub(crate) use mailed_codes::newest_code;
