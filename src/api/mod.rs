//! Serves the auth API: routes, bodies, cookies, errors. Handlers read a request, call one flow of `auth` and write its
//! value; they decide nothing.

mod endpoints;
pub(crate) mod error;
pub(crate) mod extract;
mod openapi;
mod origin_check;
mod pages;
pub(crate) mod respond;
mod router;

pub use axum::Router;
pub use error::problem::Problem;
pub use extract::caller::RequestContext;
pub use origin_check::{Guard, OriginRejection, check_origin, log_rejected_origin};
pub use respond::cookie::{cleared_better_auth_cookie, session_cookie};
pub use router::{PictureBodies, Plugin, document, picture_bodies, router, templates};
