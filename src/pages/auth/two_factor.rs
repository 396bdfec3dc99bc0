//! Serves the page that asks for the second factor after a sign-in: the code of an app, a mailed one, or a backup code.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::pages::{
    auth::card::Card,
    error::PageError,
    field::{Field, FormView, Kind, field_of},
    form::Form,
    notice::Notice,
    problem::Problem,
    visit::{PageResult, Visit, encoded},
};

/// Says which code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    App,
    Mail,
    Backup,
}

impl Way {
    const ALL: [Self; 3] = [Self::App, Self::Mail, Self::Backup];

    fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|way| way.name() == text).unwrap_or(Self::App)
    }

    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Mail => "mail",
            Self::Backup => "backup",
        }
    }

    fn endpoint(self) -> &'static str {
        match self {
            Self::App => "/two-factor/verify-totp",
            Self::Mail => "/two-factor/verify-otp",
            Self::Backup => "/two-factor/verify-backup-code",
        }
    }
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    page(&visit, Way::parse(visit.query("way").unwrap_or_default()), None)
}

/// Verifies the code.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let way = Way::parse(form.text("way"));
    // People type the groups that their app shows.
    let code: String = form.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    let body = json!({ "code": code, "trustDevice": form.is_checked("trust") });
    match visit.post(way.endpoint(), &body).await?.ok() {
        Ok(_) => Ok(visit.see_other(&visit.target_or_home())),
        Err(problem) => page(&visit, way, Some(&problem)),
    }
}

/// Mails a code, and asks for it.
pub(crate) async fn send_code(visit: Visit, _form: Form) -> PageResult {
    visit.post("/two-factor/send-otp", &json!({})).await?.ok().map_err(PageError::Problem)?;
    Ok(lead_to(&visit, Way::Mail))
}

fn lead_to(visit: &Visit, way: Way) -> Response {
    visit.see_other(&path(visit, way))
}

fn path(visit: &Visit, way: Way) -> String {
    let page = visit.auth_path("two-factor");
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}way={}", encoded(way.name()))
}

fn page(visit: &Visit, way: Way, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let kind = if way == Way::Backup { Kind::Text } else { Kind::Code };
    let label = t.get(&format!("two-factor-{}-label", way.name()));
    let fields = vec![
        Field::new(kind, "code", label).autocomplete("one-time-code").focused(),
        Field::new(Kind::Checkbox, "trust", t.get("trust-device")).optional(),
    ];
    let mut form = FormView::new(visit.auth_path("two-factor"), fields, t.get("continue")).hidden("way", way.name());
    let mut notice = None;
    if let Some(problem) = problem {
        notice = form.place(field_of(&problem.code), visit.problem_text(problem)).map(Notice::bad);
    }
    let mut card = Card::new(visit, "two-factor-heading")
        .lead(t.get(&format!("two-factor-{}-text", way.name())))
        .notice(notice)
        .form(form);
    if way != Way::Mail {
        let send = visit.auth_path("two-factor/send-code");
        card = card.form(FormView::button(send, Vec::new(), t.get("two-factor-send")));
    }
    for other in [Way::App, Way::Backup].into_iter().filter(|other| *other != way) {
        card = card.link(
            path(visit, other),
            match other {
                Way::App => "two-factor-use-app",
                Way::Mail | Way::Backup => "two-factor-use-backup",
            },
        );
    }
    card.link(visit.auth_path("sign-in"), "back-to-sign-in")
        .show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
}
