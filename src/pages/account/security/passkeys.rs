//! Lists passkeys, renames and removes them. Adding one takes JavaScript; all else does not.

use axum::extract::Path;
use serde::Deserialize;
use serde_json::json;

use crate::pages::{
    account::{
        page::{AccountPage, Link, Part, PasskeyForm, Row, Section},
        step::{self, Step, act},
        time::{day, moment},
    },
    error::PageError,
    field::{Field, FormView, Kind, Weight},
    form::Form,
    place::place,
    problem::Problem,
    session::{self, Session},
    visit::{PageResult, Visit},
};

/// Holds a passkey as the API lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passkey {
    id: String,
    name: Option<String>,
    backed_up: bool,
    created_at: String,
    last_used_at: Option<String>,
}

impl Passkey {
    fn title(&self, visit: &Visit) -> String {
        self.name.clone().unwrap_or_else(|| visit.t.get("passkey-unnamed").into_owned())
    }
}

async fn list(visit: &Visit) -> Result<Vec<Passkey>, PageError> {
    visit.get("/passkey/list-user-passkeys").await?.parse()
}

async fn find(visit: &Visit, id: &str) -> Result<Passkey, PageError> {
    list(visit).await?.into_iter().find(|passkey| passkey.id == id).ok_or(PageError::NotFound)
}

fn path(visit: &Visit, id: &str) -> String {
    visit.account_path(&format!("security/passkeys/{id}"))
}

/// Lists them, with the button that adds one; nothing where there are none.
pub(crate) async fn section(visit: &Visit) -> Result<Option<Section>, PageError> {
    if visit.pages.auth.passkeys.is_none() {
        return Ok(None);
    }
    let t = visit.t;
    let rows = list(visit).await?.into_iter().map(|passkey| {
        let title = passkey.title(visit);
        let used = passkey.last_used_at.as_deref();
        Row {
            badges: passkey.backed_up.then(|| t.get("passkey-synced").into_owned()).into_iter().collect(),
            details: vec![
                t.with("created", &[("day", &day(t, &passkey.created_at))]),
                used.map_or(t.get("never-used").into_owned(), |at| t.with("last-used", &[("time", &moment(t, at))])),
            ],
            links: vec![Link::new(path(visit, &passkey.id), t.get("passkey-manage")).about(title.clone())],
            title,
            ..Row::default()
        }
    });
    let add = PasskeyForm {
        base_path: visit.pages.auth.base_path.clone(),
        target: visit.account_path("security?said=passkey-added"),
        prove: step::password_page(visit),
        code: step::code_page(visit),
        about: t.get("passkey-name-hint").into_owned(),
    };
    let section = Section::new(t.get("passkeys")).text(t.get("passkeys-text"));
    Ok(Some(section.rows(rows.collect(), t.get("passkeys-none")).part(Part::Passkey(add))))
}

/// Shows one, to rename or remove it.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let session = session::require(&visit).await?;
    page(&visit, &session, &find(&visit, &id).await?, None)
}

/// Renames it.
pub(crate) async fn rename(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let body = json!({ "id": id, "name": form.text("name") });
    match act(&visit, &session, &form, "/passkey/update-passkey", &body).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("security?said=saved"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &find(&visit, &id).await?, Some(&problem)),
    }
}

/// Removes it.
pub(crate) async fn delete(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    match act(&visit, &session, &form, "/passkey/delete-passkey", &json!({ "id": id })).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("security?said=passkey-removed"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &find(&visit, &id).await?, Some(&problem)),
    }
}

fn page(visit: &Visit, session: &Session, passkey: &Passkey, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let name = Field::new(Kind::Text, "name", t.get("passkey-name")).value(passkey.name.clone().unwrap_or_default());
    let mut rename = FormView::new(path(visit, &passkey.id), vec![name.lengths(1, 64)], t.get("save"));
    let rest = problem.and_then(|problem| place(&mut rename, visit, problem));
    let remove = FormView::button(format!("{}/delete", path(visit, &passkey.id)), Vec::new(), t.get("passkey-remove"));
    let title = passkey.title(visit);
    AccountPage::titled(visit, session, title)
        .back(Link::new(visit.account_path("security"), t.get("account-security")))
        .failed(visit, problem.filter(|_| rest.is_some()))
        .section(Section::new(t.get("passkey-rename")).form(rename))
        .section(
            Section::new(t.get("passkey-remove"))
                .text(t.get("passkey-remove-text"))
                .form(remove.weight(Weight::Danger)),
        )
        .show(visit)
}
