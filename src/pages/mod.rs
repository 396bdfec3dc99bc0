//! Serves the built-in pages: sign-in, sign-up, account, administration. Each is plain HTML that works without
//! JavaScript.
//!
//! A page is a client of the auth API like any other: its handlers call the API's router in this process, with the
//! browser's own cookies, and so may do nothing that the API does not allow. They know nothing of the flows behind it.

mod account;
mod additional_fields;
mod admin;
mod api_client;
mod auth;
mod error;
mod error_layer;
mod error_page;
mod error_pages;
mod field;
mod form;
mod form_token;
mod layout;
mod leaving;
mod logo;
mod look;
mod mailed_page;
mod notice;
mod oauth_failure;
mod origin;
mod page_headers;
mod place;
mod problem;
mod redirect_target;
mod router;
mod session;
mod settings;
mod sign_in_methods;
mod state;
mod upload;
mod visit;

pub use error_pages::ErrorPages;
pub use form::OWN_FIELDS;
pub use form_token::FORM_PURPOSE;
pub use logo::Logo;
pub use mailed_page::{MailedField, MailedForm, MailedLink, MailedPage, MailedRoute, MailedTarget, Text};
pub use oauth_failure::oauth_failure;
pub use router::{PagesContext, router};
pub use settings::{AdminPages, Links, Settings};
