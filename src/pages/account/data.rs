//! Hands out what is stored about somebody, and leads to the end of the account.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::{
    language::text,
    pages::{
        account::{
            page::{AccountPage, Link, Section},
            step::{Step, read},
        },
        error::PageError,
        field::{FormView, Weight},
        form::Form,
        problem::Problem,
        session::{self, Session},
        visit::{PageResult, Visit},
    },
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    page(&visit, &session, None)
}

/// Sends the data as a file.
pub(crate) async fn export(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    match read(&visit, &session, &form, "/export-data").await? {
        Step::Done(data) => file(&visit, &data),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, Some(&problem)),
    }
}

fn page(visit: &Visit, session: &Session, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let export = FormView::new(visit.account_path("data"), Vec::new(), t.get("data-export")).weight(Weight::Secondary);
    let export = Section::new(t.get("data-export-heading")).text(t.get("data-export-text")).form(export);
    let delete = Link::new(visit.account_path("delete"), t.get("delete-account"));
    let delete = Section::new(t.get("delete-account")).text(t.get("delete-account-lead")).link(delete);
    AccountPage::new(visit, session, text!("account-data"))
        .failed(visit, problem)
        .section(export)
        .section(delete)
        .show(visit)
}

/// Writes it so that people can read it.
fn file(visit: &Visit, data: &Value) -> Result<Response, PageError> {
    let text = serde_json::to_string_pretty(data).map_err(|_| PageError::Internal)?;
    let mut response = visit.respond(StatusCode::OK, Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = HeaderValue::from_static("attachment; filename=\"personal-data.json\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
