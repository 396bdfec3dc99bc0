//! Serves the page with somebody's name, picture, address and language.

mod email;
mod language;
mod page;
mod picture;
mod profile;
pub(super) mod submit;
