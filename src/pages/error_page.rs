//! Holds the page that tells of an error.

use askama::Template;

use crate::pages::{
    field::{FormView, Kind},
    layout::Layout,
};

/// Tells what went wrong, and what to do.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) heading: String,
    pub(crate) text: String,
    /// Is where the visitor can try the same again, where that may help.
    pub(crate) again: Option<String>,
    /// Is where the visitor signs in, where that helps.
    pub(crate) sign_in: Option<String>,
    /// Sends a form once more.
    pub(crate) form: Option<FormView>,
    /// Names the request, for whoever looks into the log.
    pub(crate) reference: Option<String>,
}
