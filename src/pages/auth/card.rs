//! Renders a page that is one card: a heading, what there is to say, forms, and where else to go.

use askama::Template;
use http::StatusCode;

use crate::{
    language::TextId,
    pages::{
        field::{FormView, Kind},
        layout::Layout,
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

/// Holds the page.
#[derive(Template)]
#[template(path = "card.html")]
pub(crate) struct Card<'v> {
    layout: Layout<'v>,
    heading: String,
    lead: Option<String>,
    notice: Option<Notice>,
    /// Shows a button that asks for a passkey, where the browser has JavaScript.
    passkey: Option<PasskeyButton>,
    forms: Vec<FormView>,
    /// Stands between the first form and the others.
    divider: Option<String>,
    links: Vec<(String, String)>,
}

/// Says where the script gets what it asks the authenticator, and where it leads to afterwards.
#[derive(Debug, Clone)]
pub(crate) struct PasskeyButton {
    pub(crate) base_path: String,
    pub(crate) target: String,
}

impl<'v> Card<'v> {
    pub(crate) fn new(visit: &'v Visit, heading: TextId) -> Self {
        let heading = visit.t.text(heading).into_owned();
        Self {
            layout: visit.layout(&heading),
            heading,
            lead: None,
            notice: None,
            passkey: None,
            forms: Vec::new(),
            divider: None,
            links: Vec::new(),
        }
    }

    pub(crate) fn lead(self, lead: impl Into<String>) -> Self {
        Self { lead: Some(lead.into()), ..self }
    }

    pub(crate) fn notice(self, notice: Option<Notice>) -> Self {
        Self { notice, ..self }
    }

    pub(crate) fn form(mut self, form: FormView) -> Self {
        self.forms.push(form);
        self
    }

    pub(crate) fn forms(mut self, forms: impl IntoIterator<Item = FormView>) -> Self {
        self.forms.extend(forms);
        self
    }

    pub(crate) fn divider(self, text: impl Into<String>) -> Self {
        Self { divider: Some(text.into()), ..self }
    }

    pub(crate) fn passkey(self, passkey: Option<PasskeyButton>) -> Self {
        Self { passkey, ..self }
    }

    /// Adds a link below the forms: its path and the id of its text.
    pub(crate) fn link(mut self, path: impl Into<String>, text: TextId) -> Self {
        let text = self.layout.t.text(text).into_owned();
        self.links.push((path.into(), text));
        self
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
    pub(crate) fn show(&self, visit: &Visit, status: StatusCode) -> PageResult {
        Ok(visit.page(status, self))
    }
}
