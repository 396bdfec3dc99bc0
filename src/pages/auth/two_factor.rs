//! Serves the page that asks for the second factor after a sign-in: the code of an app, a mailed one, or a backup code.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::{
    language::{TextId, text},
    pages::{
        auth::card::Card,
        error::PageError,
        field::{Field, FormView, Kind, Weight},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        visit::{PageResult, Visit, with_parameter},
    },
};

/// Is the code of the API's problem where nobody signs in, or it took too long.
const NOBODY: &str = "INVALID_TWO_FACTOR_COOKIE";
/// Names the box that spares the browser further codes.
const TRUST: &str = "trust";

/// Says which code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    App,
    Mail,
    Backup,
}

impl Way {
    const ALL: [Self; 3] = [Self::App, Self::Mail, Self::Backup];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == text)
    }

    /// Returns the API's name. It lists no backup codes: those can be used always.
    fn method(self) -> Option<&'static str> {
        match self {
            Self::App => Some("totp"),
            Self::Mail => Some("otp"),
            Self::Backup => None,
        }
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

/// Holds what the API lists.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Methods {
    two_factor_methods: Vec<String>,
}

/// Lists the ways that there are for whoever signs in, or is signed in. Where nobody is either, or no second factor is in force,
/// the page that comes first is returned.
async fn ways(visit: &Visit) -> Result<Result<Vec<Way>, Response>, PageError> {
    let reply = visit.get("/two-factor/list-methods").await?;
    if reply.body["code"] == NOBODY {
        return Ok(Err(begin_again(visit)));
    }
    let Methods { two_factor_methods: methods } = reply.parse()?;
    if methods.is_empty() {
        let set_up = with_parameter(&visit.auth_path("step-up"), "step_up", "two_factor_setup");
        return Ok(Err(visit.see_other(&set_up)));
    }
    let is_there = |way: &Way| way.method().is_none_or(|method| methods.iter().any(|listed| listed == method));
    Ok(Ok(Way::ALL.into_iter().filter(is_there).collect()))
}

/// Leads to the page to sign in at, which tells that the sign-in took too long.
fn begin_again(visit: &Visit) -> Response {
    visit.see_other(&with_parameter(&visit.auth_path("sign-in"), "error", NOBODY))
}

/// Shows the page: with the way that its address names, or with the first that there is.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let ways = match ways(&visit).await? {
        Ok(ways) => ways,
        Err(response) => return Ok(response),
    };
    let asked = visit.query("way").and_then(Way::parse).filter(|way| ways.contains(way));
    match asked.or(ways.first().copied()) {
        // A look at a page sends no mail.
        Some(Way::Mail) if asked.is_none() => ask_for_mail(&visit, &ways),
        Some(way) => page(&visit, way, &ways, &Form::default(), None),
        None => Err(PageError::Internal),
    }
}

/// Verifies the code.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let way = Way::parse(form.text("way")).unwrap_or(Way::App);
    // People type the groups that their app shows.
    let code: String = form.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    let body = json!({ "code": code, "trustDevice": form.is_checked(TRUST) });
    match visit.post(way.endpoint(), &body).await?.ok() {
        Ok(_) => Ok(visit.see_other(&visit.target_or_home())),
        Err(problem) if problem.code == NOBODY => Ok(begin_again(&visit)),
        Err(problem) => match ways(&visit).await? {
            Ok(ways) => page(&visit, way, &ways, &form, Some(&problem)),
            // The sign-in ended with its last attempt.
            Err(_) => Ok(visit.see_other(&with_parameter(&visit.auth_path("sign-in"), "error", &problem.code))),
        },
    }
}

/// Mails a code, and asks for it.
pub(crate) async fn send_code(visit: Visit, _form: Form) -> PageResult {
    match visit.post("/two-factor/send-otp", &json!({})).await?.ok() {
        Ok(_) => Ok(visit.see_other(&path(&visit, Way::Mail))),
        Err(problem) if problem.code == NOBODY => Ok(begin_again(&visit)),
        Err(problem) => Err(PageError::Problem(problem)),
    }
}

fn path(visit: &Visit, way: Way) -> String {
    with_parameter(&visit.auth_path("two-factor"), "way", way.name())
}

fn page(visit: &Visit, way: Way, ways: &[Way], sent: &Form, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let kind = if way == Way::Backup { Kind::Text } else { Kind::Code };
    let label = t.get(&format!("two-factor-{}-label", way.name()));
    let mut fields = vec![Field::new(kind, "code", label).autocomplete("one-time-code").focused()];
    let trust = visit.pages.auth.two_factor.trust_device;
    if !trust.is_zero() {
        let label = t.with("trust-device-for", &[("duration", &t.duration(trust))]);
        fields.push(Field::new(Kind::Checkbox, TRUST, label).optional());
    }
    let mut form = FormView::new(visit.auth_path("two-factor"), fields, t.get("continue")).hidden("way", way.name());
    form.refill(sent);
    let mut notice = None;
    if let Some(problem) = problem {
        notice = place(&mut form, visit, problem).map(Notice::bad);
    }
    let mut card = Card::new(visit, text!("two-factor-heading"))
        .lead(t.get(&format!("two-factor-{}-text", way.name())))
        .notice(notice)
        .form(form);
    if ways.contains(&Way::Mail) {
        card = card.form(send(visit, if way == Way::Mail { text!("send-again") } else { text!("two-factor-send") }));
    }
    other_ways(visit, card, way, ways).show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
}

/// Offers to mail a code, to those who have no app.
fn ask_for_mail(visit: &Visit, ways: &[Way]) -> PageResult {
    let card = Card::new(visit, text!("two-factor-heading"))
        .lead(visit.t.get("two-factor-mail-first"))
        .form(send(visit, text!("two-factor-send")).weight(Weight::Primary));
    other_ways(visit, card, Way::Mail, ways).show(visit, StatusCode::OK)
}

fn send(visit: &Visit, text: TextId) -> FormView {
    FormView::button(visit.auth_path("two-factor/send-code"), Vec::new(), visit.t.text(text))
}

/// Adds links to the other ways, but for mailed codes, which have a button.
fn other_ways<'v>(visit: &Visit, mut card: Card<'v>, way: Way, ways: &[Way]) -> Card<'v> {
    if way != Way::App && ways.contains(&Way::App) {
        card = card.link(path(visit, Way::App), text!("two-factor-use-app"));
    }
    if way != Way::Backup {
        card = card.link(path(visit, Way::Backup), text!("two-factor-use-backup"));
    }
    card.link(visit.auth_path("sign-in"), text!("back-to-sign-in"))
}
