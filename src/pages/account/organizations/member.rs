//! Serves the page of one member of an organization: the role, and the end of the membership.

use axum::extract::Path;
use serde_json::json;

use crate::{
    pages::{
        account::{
            organizations::{
                list::{path, role_name},
                members::{self, Member},
                organization::{self, Full},
            },
            page::{AccountPage, Link, Section},
            step::{Step, act},
        },
        field::{Field, FormView, Kind, Weight},
        form::Form,
        problem::Problem,
        session::{self, Session},
        visit::{PageResult, Visit},
    },
    types::OrganizationRole,
};

/// Shows the page.
pub(crate) async fn show(visit: Visit, Path((id, member)): Path<(String, String)>) -> PageResult {
    let session = session::require(&visit).await?;
    let full = organization::find(&visit, &id).await?;
    page(&visit, &session, (&full, &members::find(&visit, &id, &member).await?), None)
}

/// Gives the member other roles: those that are ticked.
pub(crate) async fn change(visit: Visit, Path((id, member)): Path<(String, String)>, form: Form) -> PageResult {
    let body = json!({ "organizationId": id, "memberId": member, "role": ticked(&form) });
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
            let full = organization::find(visit, id).await?;
            page(visit, &session, (&full, &members::find(visit, id, member).await?), Some(&problem))
        }
    }
}

/// Names the box of a role.
fn box_of(role: OrganizationRole) -> String {
    format!("role-{}", role.as_str())
}

/// Describes a box for each role, of which a member can have several.
fn role_boxes(visit: &Visit, roles: &str) -> Vec<Field> {
    let current: Vec<&str> = roles.split(',').map(str::trim).collect();
    let boxes = OrganizationRole::ALL.into_iter().rev().map(|role| {
        let name = role_name(visit, role.as_str());
        Field::new(Kind::Checkbox, &box_of(role), name).optional().checked(current.contains(&role.as_str()))
    });
    boxes.collect()
}

fn ticked(form: &Form) -> Vec<&'static str> {
    let roles = OrganizationRole::ALL.into_iter().filter(|role| form.is_checked(&box_of(*role)));
    roles.map(OrganizationRole::as_str).collect()
}

/// Shows whom a role or a removal is about, with what went wrong.
fn page(visit: &Visit, session: &Session, (full, member): (&Full, &Member), problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let here = format!("{}/members/{}", path(visit, &full.organization.id), member.id);
    let role = FormView::new(here.clone(), role_boxes(visit, &member.role), t.get("save"));
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
