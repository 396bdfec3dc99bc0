//! Renders a page of administration: its navigation, facts, and sections with forms and lists.

use std::borrow::Cow;

use askama::Template;
use http::StatusCode;

use crate::{
    language::TextId,
    pages::{
        admin::{access::Administrator, shown::Badge},
        field::{FormView, Kind},
        layout::Layout,
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

/// Holds such a page.
#[derive(Template)]
#[template(path = "admin_page.html")]
pub(crate) struct AdminPage<'v> {
    layout: Layout<'v>,
    heading: String,
    /// Leads to the list that the page belongs to: its path and name.
    back: Option<(String, String)>,
    badges: Vec<Badge>,
    notice: Option<Notice>,
    sections: Vec<Section>,
}

/// Describes a part of a page. What is empty is not shown.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) heading: String,
    pub(crate) text: Option<String>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) items: Vec<Item>,
    /// Is shown as it is written, such as a configuration.
    pub(crate) listing: Option<String>,
    pub(crate) forms: Vec<FormView>,
    /// Lists buttons that lead to other pages: path, text and class.
    pub(crate) links: Vec<(String, String, &'static str)>,
}

/// Describes one thing that is so.
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Describes one of a list.
#[derive(Default)]
pub(crate) struct Item {
    pub(crate) title: String,
    /// Leads to a page about it.
    pub(crate) path: Option<String>,
    pub(crate) lines: Vec<String>,
    pub(crate) badges: Vec<Badge>,
    pub(crate) form: Option<FormView>,
}

impl<'v> AdminPage<'v> {
    pub(crate) fn new(visit: &'v Visit, administrator: &Administrator, heading: impl Into<Cow<'static, str>>) -> Self {
        let heading = heading.into().into_owned();
        let layout = administrator.layout(visit, &heading);
        Self { layout, heading, back: None, badges: Vec::new(), notice: None, sections: Vec::new() }
    }

    pub(crate) fn back(self, path: String, text: TextId) -> Self {
        let text = self.layout.t.text(text).into_owned();
        Self { back: Some((path, text)), ..self }
    }

    pub(crate) fn badges(self, badges: Vec<Badge>) -> Self {
        Self { badges, ..self }
    }

    pub(crate) fn notice(self, notice: Option<Notice>) -> Self {
        Self { notice, ..self }
    }

    pub(crate) fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
    pub(crate) fn show(&self, visit: &Visit, status: StatusCode) -> PageResult {
        Ok(visit.page(status, self))
    }
}

impl Fact {
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
