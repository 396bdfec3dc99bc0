//! Sets up the second factor, switches it off, and replaces the backup codes.

use serde_json::{Value, json};

use crate::{
    language::{TextId, text},
    pages::{
        account::{
            page::{AccountPage, Link, Part, Section},
            step::{Step, act},
        },
        error::PageError,
        field::{Field, FormView, Kind, Weight},
        form::Form,
        notice::Notice,
        place::{place, place_at},
        problem::Problem,
        session::{self, Session},
        sign_in_methods,
        visit::{PageResult, Visit},
    },
};

/// Names the hidden field that tells a set-up with mailed codes from one with an app.
const WAY: &str = "way";
const MAIL: &str = "mail";

fn path(visit: &Visit, rest: &str) -> String {
    visit.account_path(&format!("security/two-factor{rest}"))
}

/// Tells whether the second factor is on, and leads on; nothing where there is none.
pub(crate) fn section(visit: &Visit, session: &Session) -> Option<Section> {
    if !visit.pages.auth.two_factor.enabled {
        return None;
    }
    let t = visit.t;
    let section = Section::new(t.get("two-step")).text(t.get("two-step-text"));
    Some(if session.user.two_factor_enabled {
        section.badge(t.get("two-step-on")).part(Part::Links(vec![
            Link::new(path(visit, "/codes"), t.get("two-step-codes")),
            Link::new(path(visit, "/disable"), t.get("two-step-disable")),
        ]))
    } else {
        section.badge(t.get("two-step-off")).link(Link::new(path(visit, ""), t.get("two-step-set-up")))
    })
}

/// Asks for the password, and for the way of the codes.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    if session.user.two_factor_enabled {
        return Ok(visit.see_other(&visit.account_path("security")));
    }
    beginning(&visit, &session, &Form::default(), None).await
}

async fn beginning(visit: &Visit, session: &Session, sent: &Form, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let mut fields = password_field(visit).await?;
    if visit.pages.auth.two_factor.mailed_code {
        let ways = [("app", "two-step-way-app"), (MAIL, "two-step-way-mail")];
        let options = ways.map(|(way, text)| (way.to_owned(), t.get(text).into_owned()));
        fields.insert(0, Field::new(Kind::Select, WAY, t.get("two-step-way")).options(options.into()));
    }
    let mut form = FormView::new(path(visit, ""), fields, t.get("continue"));
    form.refill(sent);
    let rest = problem.and_then(|problem| place_password(&mut form, visit, problem));
    AccountPage::new(visit, session, text!("two-step-set-up"))
        .back(Link::new(visit.account_path("security"), t.get("account-security")))
        .status(problem.map_or(http::StatusCode::OK, |problem| problem.status))
        .notice(rest.map(Notice::bad))
        .section(Section::new(t.get("two-step")).text(t.get("two-step-begin-text")).form(form))
        .show(visit)
}

/// Asks for the password of those who have one.
async fn password_field(visit: &Visit) -> Result<Vec<Field>, PageError> {
    let password = Field::new(Kind::Password, "password", visit.t.get("current-password"));
    let is_there = sign_in_methods::has_password(visit).await?;
    Ok(is_there.then(|| password.autocomplete("current-password").focused()).into_iter().collect())
}

/// Puts a problem with the password beside its field; any other comes back.
fn place_password(form: &mut FormView, visit: &Visit, problem: &Problem) -> Option<String> {
    match problem.code.as_str() {
        "INVALID_PASSWORD" => place_at(form, "password", visit, problem),
        _ => Some(visit.problem_text(problem)),
    }
}

/// Puts the password into a body where one was typed.
fn with_password(mut body: Value, form: &Form) -> Value {
    let password = form.raw("password");
    if !password.is_empty() {
        body["password"] = password.into();
    }
    body
}

/// Begins the set-up: shows what the app reads with the backup codes, or mails a code.
pub(crate) async fn begin(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let is_mailed = form.text(WAY) == MAIL;
    let method = if is_mailed { "otp" } else { "totp" };
    let body = with_password(json!({ "method": method }), &form);
    match act(&visit, &session, &form, "/two-factor/enable", &body).await? {
        Step::Done(set_up) if !is_mailed => proof(&visit, &session, Some(&set_up), is_mailed, None),
        Step::Done(_) => match act(&visit, &session, &form, "/two-factor/send-otp", &json!({})).await? {
            Step::Done(_) => proof(&visit, &session, None, is_mailed, None),
            Step::Asked(page) => Ok(page),
            Step::Failed(problem) => beginning(&visit, &session, &form, Some(&problem)).await,
        },
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => beginning(&visit, &session, &form, Some(&problem)).await,
    }
}

/// Puts the second factor in force with its first code.
pub(crate) async fn confirm(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let is_mailed = form.text(WAY) == MAIL;
    let endpoint = if is_mailed { "/two-factor/verify-otp" } else { "/two-factor/verify-totp" };
    let code: String = form.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    match act(&visit, &session, &form, endpoint, &json!({ "code": code })).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("security?said=two-step-on"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => proof(&visit, &session, None, is_mailed, Some(&problem)),
    }
}

/// Asks for the first code. What the app reads is shown once, beside the first question: the secret goes into no form.
fn proof(
    visit: &Visit,
    session: &Session,
    set_up: Option<&Value>,
    is_mailed: bool,
    problem: Option<&Problem>,
) -> PageResult {
    let t = visit.t;
    let way = if is_mailed { MAIL } else { "app" };
    let code = Field::new(Kind::Code, "code", t.get(&format!("two-factor-{way}-label"))).autocomplete("one-time-code");
    // People who have to scan a picture first are left at the top of the page.
    let code = if set_up.is_none() { code.focused() } else { code };
    let mut form = FormView::new(path(visit, "/confirm"), vec![code], t.get("two-step-confirm")).hidden(WAY, way);
    let rest = problem.and_then(|problem| place(&mut form, visit, problem));
    let mut page = AccountPage::new(visit, session, text!("two-step-set-up"))
        .back(Link::new(path(visit, ""), t.get("two-step-again")))
        .status(problem.map_or(http::StatusCode::OK, |problem| problem.status))
        .notice(rest.map(Notice::bad));
    if let Some(set_up) = set_up {
        let picture = set_up["qrCode"].as_str().map(str::to_owned);
        let text = secret(set_up["totpURI"].as_str().unwrap_or_default());
        let codes = strings(&set_up["backupCodes"]);
        page = page
            .section(
                Section::new(t.get("two-step-scan"))
                    .text(t.get("two-step-scan-text"))
                    .part(Part::Secret { picture, text }),
            )
            .section(codes_section(visit, codes));
    }
    let text = t.get(&format!("two-factor-{way}-text"));
    page.section(Section::new(t.get("two-step-prove")).text(text).form(form)).show(visit)
}

fn codes_section(visit: &Visit, codes: Vec<String>) -> Section {
    let t = visit.t;
    Section::new(t.get("two-step-codes-heading")).text(t.get("two-step-codes-text")).part(Part::Codes(codes))
}

/// Returns the secret out of the address that apps read, in groups that people can type.
fn secret(uri: &str) -> String {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let secret = pairs.find(|(name, _)| name == "secret").map(|(_, value)| value.into_owned()).unwrap_or_default();
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Asks before the second factor is switched off.
pub(crate) async fn ask_disable(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    question(&visit, &session, &DISABLE, None).await
}

/// Switches it off.
pub(crate) async fn disable(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let body = with_password(json!({}), &form);
    match act(&visit, &session, &form, "/two-factor/disable", &body).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("security?said=two-step-off"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => question(&visit, &session, &DISABLE, Some(&problem)).await,
    }
}

/// Asks before the backup codes are replaced.
pub(crate) async fn ask_codes(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    question(&visit, &session, &CODES, None).await
}

/// Replaces them, and shows the new ones once.
pub(crate) async fn codes(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let body = with_password(json!({}), &form);
    match act(&visit, &session, &form, "/two-factor/generate-backup-codes", &body).await? {
        Step::Done(body) => AccountPage::new(&visit, &session, text!("two-step-codes"))
            .back(Link::new(visit.account_path("security"), visit.t.get("account-security")))
            .section(codes_section(&visit, strings(&body["backupCodes"])))
            .show(&visit),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => question(&visit, &session, &CODES, Some(&problem)).await,
    }
}

/// Names the texts of a question, and where it leads.
struct Question {
    path: &'static str,
    heading: TextId,
    text: TextId,
    weight: Weight,
}

const DISABLE: Question = Question {
    path: "/disable",
    heading: text!("two-step-disable"),
    text: text!("two-step-disable-text"),
    weight: Weight::Danger,
};
const CODES: Question = Question {
    path: "/codes",
    heading: text!("two-step-codes"),
    text: text!("two-step-codes-ask"),
    weight: Weight::Primary,
};

async fn question(visit: &Visit, session: &Session, ask: &Question, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let fields = password_field(visit).await?;
    let mut form = FormView::new(path(visit, ask.path), fields, t.text(ask.heading)).weight(ask.weight);
    let rest = problem.and_then(|problem| place_password(&mut form, visit, problem));
    AccountPage::new(visit, session, ask.heading)
        .back(Link::new(visit.account_path("security"), t.get("account-security")))
        .status(problem.map_or(http::StatusCode::OK, |problem| problem.status))
        .notice(rest.map(Notice::bad))
        .section(Section::new(t.get("two-step")).text(t.text(ask.text)).form(form))
        .show(visit)
}
