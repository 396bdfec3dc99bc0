//! Serves the page with somebody's API keys.

use axum::extract::Path;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    language::text,
    pages::{
        account::{
            page::{AccountPage, Link, Part, Row, Section},
            step::{Step, act},
            time::{day, moment},
        },
        error::PageError,
        field::{Field, FormView, Kind, Weight},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        session::{self, Session},
        visit::{PageResult, Visit, encoded},
    },
};

/// Lists for how many days a key can be asked to last.
const DAYS: [u64; 3] = [30, 90, 365];

/// Holds a key as the API lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiKey {
    id: String,
    name: Option<String>,
    /// Is the beginning of the key.
    start: String,
    enabled: bool,
    created_at: String,
    last_request: Option<String>,
    expires_at: Option<String>,
    permissions: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiKeys {
    api_keys: Vec<ApiKey>,
}

impl ApiKey {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{}…", self.start))
    }

    /// Lists what it may, as `resource:action`.
    fn scopes(&self) -> String {
        let resources = self.permissions.iter().flatten();
        let scopes = resources.flat_map(|(resource, actions)| {
            let actions = actions.as_array().into_iter().flatten().filter_map(Value::as_str);
            actions.map(move |action| format!("{resource}:{action}"))
        });
        scopes.collect::<Vec<_>>().join(", ")
    }
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    page(&visit, &session, &Form::default(), None).await
}

/// Makes a key, and shows it once.
pub(crate) async fn create(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let mut body = Map::new();
    if let Some(name) = form.optional("name") {
        body.insert("name".to_owned(), name.into());
    }
    if let Ok(days) = form.text("days").parse::<u64>() {
        body.insert("expiresIn".to_owned(), days.saturating_mul(86_400).into());
    }
    match act(&visit, &session, &form, "/api-key/create", &body.into()).await? {
        Step::Done(made) => {
            let key = made["key"].as_str().ok_or(PageError::Internal)?.to_owned();
            let t = visit.t;
            AccountPage::new(&visit, &session, text!("api-keys-made"))
                .back(Link::new(visit.account_path("api-keys"), t.get("account-api-keys")))
                .section(
                    Section::new(t.get("api-keys-made-heading")).text(t.get("api-keys-made-text")).part(Part::Key(key)),
                )
                .show(&visit)
        }
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &form, Some(&problem)).await,
    }
}

/// Lets a key work, or rest.
pub(crate) async fn enable(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let body = json!({ "keyId": form.text("id"), "enabled": form.text("enabled") == "true" });
    match act(&visit, &session, &form, "/api-key/update", &body).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("api-keys?said=saved"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &Form::default(), Some(&problem)).await,
    }
}

/// Asks before a key is deleted.
pub(crate) async fn ask_delete(visit: Visit, Path(id): Path<String>) -> PageResult {
    let session = session::require(&visit).await?;
    let key: ApiKey = visit.get(&format!("/api-key/get?id={}", encoded(&id))).await?.parse()?;
    let t = visit.t;
    let form = FormView::button(visit.path(), Vec::new(), t.get("api-keys-delete")).weight(Weight::Danger);
    AccountPage::titled(&visit, &session, key.title())
        .back(Link::new(visit.account_path("api-keys"), t.get("account-api-keys")))
        .section(Section::new(t.get("api-keys-delete-heading")).text(t.get("api-keys-delete-text")).form(form))
        .show(&visit)
}

/// Deletes it.
pub(crate) async fn delete(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    match act(&visit, &session, &form, "/api-key/delete", &json!({ "keyId": id })).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("api-keys?said=api-key-deleted"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &Form::default(), Some(&problem)).await,
    }
}

async fn page(visit: &Visit, session: &Session, form: &Form, problem: Option<&Problem>) -> PageResult {
    let ApiKeys { api_keys } = visit.get("/api-key/list").await?.parse()?;
    let t = visit.t;
    let (create, rest) = creation(visit, form, problem);
    let rows = api_keys.iter().rev().map(|key| row(visit, key)).collect();
    AccountPage::new(visit, session, text!("account-api-keys"))
        .status(problem.map_or(StatusCode::OK, |problem| problem.status))
        .notice(rest.map(Notice::bad))
        .section(Section::new(t.get("api-keys")).text(t.get("api-keys-text")).rows(rows, t.get("api-keys-none")))
        .section(create)
        .show(visit)
}

fn row(visit: &Visit, key: &ApiKey) -> Row {
    let t = visit.t;
    let title = key.title();
    let used = key.last_request.as_deref();
    let mut details = vec![
        format!("{}…", key.start),
        t.with("created", &[("day", &day(t, &key.created_at))]),
        used.map_or(t.get("never-used").into_owned(), |at| t.with("last-used", &[("time", &moment(t, at))])),
    ];
    if let Some(at) = &key.expires_at {
        details.push(t.with("api-keys-until", &[("day", &day(t, at))]));
    }
    let scopes = key.scopes();
    if !scopes.is_empty() {
        details.push(t.with("api-keys-scopes", &[("scopes", &scopes)]));
    }
    let (text, enabled) = if key.enabled { ("api-keys-disable", "false") } else { ("api-keys-enable", "true") };
    let hidden = vec![("id", key.id.clone()), ("enabled", enabled.to_owned())];
    let switch = FormView::button(visit.account_path("api-keys/enabled"), hidden, t.get(text)).about(title.clone());
    let delete = visit.account_path(&format!("api-keys/{}/delete", key.id));
    Row {
        badges: (!key.enabled).then(|| t.get("api-keys-disabled").into_owned()).into_iter().collect(),
        details,
        links: vec![Link::new(delete, t.get("api-keys-delete")).about(title.clone())],
        forms: vec![switch],
        title,
    }
}

/// Describes the form that makes a key. What keys may is the configuration's to say.
fn creation(visit: &Visit, form: &Form, problem: Option<&Problem>) -> (Section, Option<String>) {
    let t = visit.t;
    let rules = visit.pages.auth.api_keys.as_ref();
    let name = Field::new(Kind::Text, "name", t.get("api-keys-name")).lengths(1, 32);
    let usual = match rules.and_then(|rules| rules.expires_in) {
        Some(time) => t.count("api-keys-days", time.as_secs() / 86_400),
        None => t.get("api-keys-lasting").into_owned(),
    };
    let days = DAYS.map(|days| (days.to_string(), t.count("api-keys-days", days)));
    let options = [(String::new(), usual)].into_iter().chain(days).collect();
    let days = Field::new(Kind::Select, "days", t.get("api-keys-lasts")).options(options);
    let fields = vec![name.hint(t.get("api-keys-name-hint")), days.optional()];
    let mut view = FormView::new(visit.account_path("api-keys"), fields, t.get("api-keys-make"));
    view.refill(form);
    let rest = problem.and_then(|problem| place(&mut view, visit, problem));
    let scopes = rules.map(|rules| rules.permissions.join(", ")).filter(|scopes| !scopes.is_empty());
    let mut section = Section::new(t.get("api-keys-new"));
    if let Some(scopes) = scopes {
        section = section.text(t.with("api-keys-may", &[("scopes", &scopes)]));
    }
    (section.form(view), rest)
}
