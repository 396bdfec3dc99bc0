//! Serves the page that asks before a user is removed.

use axum::extract::Path;
use http::StatusCode;
use serde_json::json;

use crate::{
    auth::admin::Permission,
    language::text,
    pages::{
        admin::{
            access::{self, Administrator, path},
            address::address,
            page::{AdminPage, Fact, Section},
            user_view::User,
        },
        error::PageError,
        field::{FormView, Weight},
        form::Form,
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

/// Asks.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let administrator = access::require(&visit).await?;
    page(&visit, &administrator, &id, None).await
}

/// Removes the user.
pub(crate) async fn submit(visit: Visit, Path(id): Path<String>, _form: Form) -> PageResult {
    let administrator = access::require(&visit).await?;
    match visit.post("/admin/remove-user", &json!({ "userId": id })).await?.ok() {
        Ok(_) => Ok(visit.see_other(&path(&visit, "users?said=user-removed"))),
        Err(problem) => {
            let problem = administrator.beside_form(problem)?;
            page(&visit, &administrator, &id, Some((problem.status, visit.problem_text(&problem)))).await
        }
    }
}

async fn page(
    visit: &Visit,
    administrator: &Administrator,
    id: &str,
    problem: Option<(StatusCode, String)>,
) -> PageResult {
    if !administrator.may(Permission::UserDelete) {
        return Err(PageError::NotFound);
    }
    let t = visit.t;
    let user: User = administrator.read(visit.get(&address("/admin/get-user", &[("id", id)])).await?)?;
    let own = path(visit, &format!("users/{}", user.id));
    let form = FormView::new(format!("{own}/remove"), Vec::new(), t.get("admin-remove-user")).weight(Weight::Danger);
    let section = Section {
        text: Some(t.get("admin-remove-confirm").into_owned()),
        facts: vec![Fact::new(t.get("name"), user.name), Fact::new(t.get("email"), user.email)],
        forms: vec![form],
        links: vec![(own, t.get("cancel").into_owned(), "secondary")],
        ..Section::default()
    };
    let (status, text) = problem.map_or((StatusCode::OK, None), |(status, text)| (status, Some(text)));
    AdminPage::new(visit, administrator, t.get("admin-remove-question"))
        .back(path(visit, "users"), text!("admin-users"))
        .notice(text.map(Notice::bad))
        .section(section)
        .show(visit, status)
}
