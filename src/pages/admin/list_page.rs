//! Renders a page of administration that is one list, with what chooses from it.

use askama::Template;

use crate::pages::{
    admin::{page::Item, paging::Paging},
    field::{Field, FormView, Kind},
    layout::Layout,
    notice::Notice,
};

/// Holds such a page.
#[derive(Template)]
#[template(path = "admin_list.html")]
pub(crate) struct ListPage<'v> {
    pub(crate) layout: Layout<'v>,
    pub(crate) heading: String,
    pub(crate) notice: Option<Notice>,
    /// Is the page's own path, to which the filters are sent.
    pub(crate) action: String,
    pub(crate) filters: Vec<Field>,
    /// Is what stands where the list is empty.
    pub(crate) nothing: String,
    pub(crate) items: Vec<Item>,
    pub(crate) forms: Vec<FormView>,
    pub(crate) paging: Paging,
}
