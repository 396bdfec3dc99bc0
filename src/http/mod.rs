//! The auth surface: routes, bodies, cookies, errors. Handlers read a request, call one flow of `auth` and write its
//! value; they decide nothing.

mod body;
mod caller;
mod cookie;
mod fields;
mod handlers;
mod openapi;
mod origin_check;
mod pages;
mod problem;
mod rescue;
mod router;
mod signed_in;
mod views;

pub use caller::RequestContext;
pub use cookie::session_cookie;
pub use origin_check::{Guard, OriginRefusal, check_origin, log_refused_origin};
pub use problem::Problem;
pub use router::{document, router, templates};
