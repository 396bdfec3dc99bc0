//! Serves the page of one member of an organization: the role, and the end of the membership.

use axum::extract::Path;
use serde_json::json;

use crate::pages::{
    account::{
        organizations::{
            list::path,
            organization::{Full, Member, find, role_field},
        },
        page::{AccountPage, Link, Section},
        step::{Step, act},
    },
    error::PageError,
    field::{FormView, Weight},
    form::Form,
    problem::Problem,
    session::{self, Session},
    visit::{PageResult, Visit},
};

/// Shows the page.
pub(crate) async fn show(visit: Visit, Path((id, member)): Path<(String, String)>) -> PageResult {
    let session = session::require(&visit).await?;
    let full = find(&visit, &id).await?;
    page(&visit, &session, (&full, member_of(&full, &member)?), None)
}

/// Gives the member another role.
pub(crate) async fn change(visit: Visit, Path((id, member)): Path<(String, String)>, form: Form) -> PageResult {
    let body = json!({ "organizationId": id, "memberId": member, "role": form.text("role") });
    submit(&visit, (&id, &member), &form, ("/organization/update-member-role", body, "saved")).await
}

/// Removes the member.
pub(crate) async fn remove(visit: Visit, Path((id, member)): Path<(String, String)>, form: Form) -> PageResult {
    let body = json!({ "organizationId": id, "memberIdOrEmail": member });
    submit(&visit, (&id, &member), &form, ("/organization/remove-member", body, "org-member-removed")).await
}

async fn submit(
    visit: &Visit,
    (id, member): (&str, &str),
    form: &Form,
    (endpoint, body, said): (&str, serde_json::Value, &str),
) -> PageResult {
    let session = session::require(visit).await?;
    match act(visit, &session, form, endpoint, &body).await? {
        Step::Done(_) => Ok(visit.see_other(&format!("{}?said={said}", path(visit, id)))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => {
            let full = find(visit, id).await?;
            page(visit, &session, (&full, member_of(&full, member)?), Some(&problem))
        }
    }
}

fn member_of<'f>(full: &'f Full, id: &str) -> Result<&'f Member, PageError> {
    full.members.iter().find(|member| member.id == id).ok_or(PageError::NotFound)
}

/// Shows whom a role or a removal is about, with what went wrong.
fn page(visit: &Visit, session: &Session, (full, member): (&Full, &Member), problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let here = format!("{}/members/{}", path(visit, &full.organization.id), member.id);
    let role = FormView::new(here.clone(), vec![role_field(visit, &member.role)], t.get("save"));
    let remove = FormView::button(format!("{here}/remove"), Vec::new(), t.get("org-member-remove"));
    AccountPage::titled(visit, session, member.user.title())
        .back(Link::new(path(visit, &full.organization.id), &full.organization.name))
        .failed(visit, problem)
        .section(Section::new(t.get("org-role")).text(t.get("org-role-text")).form(role))
        .section(
            Section::new(t.get("org-member-remove"))
                .text(t.get("org-member-remove-text"))
                .form(remove.weight(Weight::Danger)),
        )
        .show(visit)
}
