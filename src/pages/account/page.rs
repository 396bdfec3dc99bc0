//! Renders a page of the account: its navigation, and sections that are described as data.

use askama::Template;
use http::StatusCode;

use crate::{
    language::{TextId, text},
    pages::{
        field::{FormView, Kind},
        layout::Layout,
        notice::Notice,
        problem::Problem,
        session::Session,
        visit::{PageResult, Visit},
    },
};

/// Holds such a page.
#[derive(Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage<'v> {
    layout: Layout<'v>,
    heading: String,
    /// Leads back to the page that this one is part of.
    back: Option<Link>,
    notice: Option<Notice>,
    sections: Vec<Section>,
    has_script: bool,
    status: StatusCode,
}

impl<'v> AccountPage<'v> {
    /// Begins a page with the text of this id as its heading.
    pub(crate) fn new(visit: &'v Visit, session: &Session, heading: TextId) -> Self {
        Self::titled(visit, session, visit.t.text(heading))
    }

    /// Begins a page with this heading. It tells what went well on the way here.
    pub(crate) fn titled(visit: &'v Visit, session: &Session, heading: impl Into<String>) -> Self {
        let heading = heading.into();
        let layout = session.shown(visit, visit.layout(&heading)).navigation(visit.path(), &entries(visit));
        Self {
            layout,
            heading,
            back: None,
            notice: said(visit),
            sections: Vec::new(),
            has_script: false,
            status: StatusCode::OK,
        }
    }

    pub(crate) fn back(self, link: Link) -> Self {
        Self { back: Some(link), ..self }
    }

    /// Tells what went wrong, or nothing. It goes before what went well earlier.
    pub(crate) fn failed(mut self, visit: &Visit, problem: Option<&Problem>) -> Self {
        if let Some(problem) = problem {
            self.notice = Some(Notice::bad(visit.problem_text(problem)));
            self.status = problem.status;
        }
        self
    }

    /// Tells something at the top where there is something to tell.
    pub(crate) fn notice(mut self, notice: Option<Notice>) -> Self {
        if notice.is_some() {
            self.notice = notice;
        }
        self
    }

    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn section(mut self, section: Section) -> Self {
        self.has_script |= section.parts.iter().any(|part| matches!(part, Part::Passkey(_) | Part::Key(_)));
        self.sections.push(section);
        self
    }

    pub(crate) fn sections(self, sections: impl IntoIterator<Item = Section>) -> Self {
        sections.into_iter().fold(self, Self::section)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
    pub(crate) fn show(&self, visit: &Visit) -> PageResult {
        Ok(visit.page(self.status, self))
    }
}

/// Lists the pages of the account, with the ids of their names.
fn entries(visit: &Visit) -> Vec<(String, TextId)> {
    let auth = &visit.pages.auth;
    let entries = [
        (true, "settings", text!("account-settings")),
        (true, "security", text!("account-security")),
        (auth.api_keys.is_some(), "api-keys", text!("account-api-keys")),
        (auth.organizations.is_some(), "organizations", text!("account-organizations")),
        (true, "data", text!("account-data")),
    ];
    entries.into_iter().filter(|(is_on, ..)| *is_on).map(|(_, page, text)| (visit.account_path(page), text)).collect()
}

/// Returns what went well just now, as the address tells it: the catalogue says what there is to tell.
fn said(visit: &Visit) -> Option<Notice> {
    let id = format!("account-said-{}", visit.query("said")?);
    visit.t.has(&id).then(|| Notice::good(visit.t.get(&id)))
}

/// Describes a part of a page.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// Is what links lead to.
    id: &'static str,
    heading: String,
    badge: Option<String>,
    texts: Vec<String>,
    parts: Vec<Part>,
}

impl Section {
    pub(crate) fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), ..Self::default() }
    }

    pub(crate) fn id(self, id: &'static str) -> Self {
        Self { id, ..self }
    }

    pub(crate) fn badge(self, badge: impl Into<String>) -> Self {
        Self { badge: Some(badge.into()), ..self }
    }

    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into());
        self
    }

    pub(crate) fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    pub(crate) fn form(self, form: FormView) -> Self {
        self.part(Part::Form(form))
    }

    pub(crate) fn link(self, link: Link) -> Self {
        self.part(Part::Links(vec![link]))
    }

    /// Lists rows, or says that there are none.
    pub(crate) fn rows(self, rows: Vec<Row>, none: impl Into<String>) -> Self {
        if rows.is_empty() { self.text(none) } else { self.part(Part::Rows(rows)) }
    }
}

/// Describes what sections are made of.
#[derive(Debug)]
pub(crate) enum Part {
    Form(FormView),
    Rows(Vec<Row>),
    Links(Vec<Link>),
    /// Lists names with values.
    Facts(Vec<(String, String)>),
    Picture(PictureForm),
    Passkey(PasskeyForm),
    /// Shows what an authenticator app reads.
    Secret {
        picture: Option<String>,
        text: String,
    },
    /// Lists backup codes, to be printed.
    Codes(Vec<String>),
    /// Shows a key that is shown once.
    Key(String),
}

/// Describes one of several things of a kind.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) badges: Vec<String>,
    pub(crate) details: Vec<String>,
    pub(crate) links: Vec<Link>,
    pub(crate) forms: Vec<FormView>,
}

/// Describes a link that looks like a button.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) path: String,
    pub(crate) text: String,
    /// Says what it is about, where several of a page are called alike.
    pub(crate) about: Option<String>,
}

impl Link {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), about: None }
    }

    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: Some(about.into()), ..self }
    }
}

/// Describes somebody's picture with the form that replaces it.
#[derive(Debug)]
pub(crate) struct PictureForm {
    pub(crate) address: Option<String>,
    /// Is shown where there is no picture.
    pub(crate) initial: String,
    pub(crate) action: String,
    pub(crate) field: &'static str,
    pub(crate) hint: String,
    /// Is there where there is a picture to take away.
    pub(crate) remove: Option<FormView>,
}

/// Describes the button that adds a passkey, which takes JavaScript.
#[derive(Debug)]
pub(crate) struct PasskeyForm {
    pub(crate) base_path: String,
    /// Is the page that shows the new one.
    pub(crate) target: String,
    /// Is where the password is proved, where that is too long ago.
    pub(crate) prove: String,
    /// Is where the second factor is proved, where this session did not.
    pub(crate) code: String,
    pub(crate) about: String,
}
