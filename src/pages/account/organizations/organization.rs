//! Serves the page of one organization: its members, its invitations, and what becomes of it.

use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    pages::{
        account::{
            organizations::{
                list::{Organization, path, role_name},
                members,
            },
            page::{AccountPage, Link, Part, Row, Section},
            step::{Step, act},
            time::day,
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
    types::{OrganizationRole, OrganizationRoles},
};

/// Holds an organization with its invitations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Full {
    #[serde(flatten)]
    pub(crate) organization: Organization,
    invitations: Vec<Invitation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    id: String,
    email: String,
    role: String,
    status: String,
    expires_at: String,
}

/// Returns an organization that whoever is signed in is in.
pub(crate) async fn find(visit: &Visit, id: &str) -> Result<Full, PageError> {
    let target = format!("/organization/get-full-organization?organizationId={}&membersLimit=1", encoded(id));
    match visit.get(&target).await?.ok() {
        Ok(Value::Null) => Err(PageError::NotFound),
        Ok(found) => serde_json::from_value(found).map_err(|_| PageError::Internal),
        Err(problem) if problem.code == "UNAUTHORIZED" => Err(PageError::SignInFirst),
        // Nobody learns of organizations that they are not in.
        Err(problem) if problem.code == "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION" => Err(PageError::NotFound),
        Err(problem) => Err(PageError::Problem(problem)),
    }
}

/// Returns what whoever is signed in may do there; the API decides once more.
pub(crate) async fn own_roles(visit: &Visit, id: &str) -> Result<Option<OrganizationRoles>, PageError> {
    let target = format!("/organization/get-active-member-role?organizationId={}", encoded(id));
    let found = visit.get(&target).await?.ok().map_err(PageError::Problem)?;
    Ok(OrganizationRoles::parse(found["role"].as_str()).ok().flatten())
}

/// Shows the page.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let session = session::require(&visit).await?;
    page(&visit, &session, &id, None).await
}

/// Holds a form of the page that was not taken.
struct Failed<'f> {
    form: &'f Form,
    /// Names the form by its action below the organization.
    action: &'static str,
    problem: Problem,
}

async fn page(visit: &Visit, session: &Session, id: &str, failed: Option<Failed<'_>>) -> PageResult {
    let t = visit.t;
    let full = find(visit, id).await?;
    let roles = own_roles(visit, id).await?;
    let may = |resource: &str, action: &str| roles.as_ref().is_some_and(|roles| roles.allow(resource, action));
    let organization = &full.organization;
    let mut page = AccountPage::titled(visit, session, &organization.name)
        .back(Link::new(visit.account_path("organizations"), t.get("account-organizations")))
        .section(standing(visit, session, organization))
        .section(members::section(visit, session, id, may("member", "update")).await?);
    let mut views = Vec::new();
    if may("invitation", "create") {
        views.push(("invite", Section::new(t.get("org-invite")), invite(visit, id)));
    }
    if may("organization", "update") {
        views.push(("rename", Section::new(t.get("org-change")), rename(visit, organization)));
    }
    let mut rest = None;
    if let Some(Failed { form, action, problem }) = &failed {
        page = page.status(problem.status);
        match views.iter_mut().find(|(name, ..)| name == action) {
            Some((_, _, view)) => {
                view.refill(form);
                rest = place(view, visit, problem);
            }
            None => rest = Some(visit.problem_text(problem)),
        }
    }
    page = page.notice(rest.map(Notice::bad)).sections(invitations(visit, &full, may("invitation", "cancel")));
    page = views.into_iter().fold(page, |page, (_, section, view)| page.section(section.form(view)));
    let mut ends = vec![Link::new(format!("{}/leave", path(visit, id)), t.get("org-leave"))];
    if may("organization", "delete") {
        ends.push(Link::new(format!("{}/delete", path(visit, id)), t.get("org-delete")));
    }
    page.section(Section::new(t.get("org-end")).part(Part::Links(ends))).show(visit)
}

/// Tells whether the session works in the organization, and lets it.
fn standing(visit: &Visit, session: &Session, organization: &Organization) -> Section {
    let t = visit.t;
    let facts = vec![(t.get("org-slug").into_owned(), organization.slug.clone())];
    let section = Section::new(t.get("org-about")).part(Part::Facts(facts));
    if session.session.active_organization_id.as_ref() == Some(&organization.id) {
        return section.badge(t.get("org-active"));
    }
    let action = format!("{}/active", path(visit, &organization.id));
    section.form(FormView::button(action, Vec::new(), t.get("org-activate")))
}

/// Lists the invitations that wait; nothing where there are none.
fn invitations(visit: &Visit, full: &Full, may_cancel: bool) -> Option<Section> {
    let t = visit.t;
    let open = full.invitations.iter().filter(|invitation| invitation.status == "pending");
    let rows: Vec<Row> = open
        .map(|invitation| {
            let action = format!("{}/invitations/cancel", path(visit, &full.organization.id));
            let hidden = vec![("id", invitation.id.clone())];
            let cancel = FormView::button(action, hidden, t.get("org-invitation-cancel")).about(&invitation.email);
            Row {
                title: invitation.email.clone(),
                badges: vec![role_name(visit, &invitation.role)],
                details: vec![t.with("org-invited-until", &[("day", &day(t, &invitation.expires_at))])],
                forms: if may_cancel { vec![cancel] } else { Vec::new() },
                ..Row::default()
            }
        })
        .collect();
    (!rows.is_empty()).then(|| Section::new(t.get("org-invitations")).rows(rows, ""))
}

/// Describes the choice of a role.
fn role_field(visit: &Visit, current: &str) -> Field {
    let t = visit.t;
    let roles = OrganizationRole::ALL.into_iter().rev().map(OrganizationRole::as_str);
    let options = roles.map(|role| (role.to_owned(), role_name(visit, role))).collect();
    Field::new(Kind::Select, "role", t.get("org-role")).options(options).value(current)
}

fn invite(visit: &Visit, id: &str) -> FormView {
    let t = visit.t;
    let email = Field::new(Kind::Email, "email", t.get("email"));
    let action = format!("{}/invite", path(visit, id));
    FormView::new(action, vec![email, role_field(visit, "member")], t.get("org-invite-send"))
}

fn rename(visit: &Visit, organization: &Organization) -> FormView {
    let t = visit.t;
    let name = Field::new(Kind::Text, "name", t.get("org-name")).lengths(1, 100).value(&organization.name);
    let slug = Field::new(Kind::Text, "slug", t.get("org-slug")).lengths(1, 64).value(&organization.slug);
    let action = format!("{}/rename", path(visit, &organization.id));
    let fields = vec![name, slug.hint(t.get("org-slug-change-hint"))];
    FormView::new(action, fields, t.get("save")).weight(Weight::Secondary)
}

/// Lets the session work in it.
pub(crate) async fn activate(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let body = json!({ "organizationId": id });
    submit(&visit, &id, &form, ("active", "/organization/set-active", body)).await
}

/// Changes name and slug.
pub(crate) async fn change(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let data = json!({ "name": form.text("name"), "slug": form.text("slug") });
    let body = json!({ "organizationId": id, "data": data });
    submit(&visit, &id, &form, ("rename", "/organization/update", body)).await
}

/// Invites somebody by mail.
pub(crate) async fn send_invitation(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let body = json!({ "organizationId": id, "email": form.text("email"), "role": form.text("role") });
    submit(&visit, &id, &form, ("invite", "/organization/invite-member", body)).await
}

/// Takes an invitation back.
pub(crate) async fn cancel_invitation(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    let body = json!({ "invitationId": form.text("id") });
    submit(&visit, &id, &form, ("cancel", "/organization/cancel-invitation", body)).await
}

async fn submit(
    visit: &Visit,
    id: &str,
    form: &Form,
    (action, endpoint, body): (&'static str, &str, Value),
) -> PageResult {
    let session = session::require(visit).await?;
    match act(visit, &session, form, endpoint, &body).await? {
        Step::Done(_) => Ok(visit.see_other(&format!("{}?said=org-{action}", path(visit, id)))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(visit, &session, id, Some(Failed { form, action, problem })).await,
    }
}

/// Asks before it is left.
pub(crate) async fn ask_leave(visit: Visit, Path(id): Path<String>) -> PageResult {
    question(&visit, &id, "org-leave", None).await
}

/// Leaves it.
pub(crate) async fn leave(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    end(&visit, &id, &form, ("org-leave", "/organization/leave")).await
}

/// Asks before it is deleted.
pub(crate) async fn ask_delete(visit: Visit, Path(id): Path<String>) -> PageResult {
    question(&visit, &id, "org-delete", None).await
}

/// Deletes it.
pub(crate) async fn delete(visit: Visit, Path(id): Path<String>, form: Form) -> PageResult {
    end(&visit, &id, &form, ("org-delete", "/organization/delete")).await
}

async fn end(visit: &Visit, id: &str, form: &Form, (name, endpoint): (&str, &str)) -> PageResult {
    let session = session::require(visit).await?;
    match act(visit, &session, form, endpoint, &json!({ "organizationId": id })).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path(&format!("organizations?said={name}")))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => question(visit, id, name, Some(&problem)).await,
    }
}

async fn question(visit: &Visit, id: &str, name: &str, problem: Option<&Problem>) -> PageResult {
    let session = session::require(visit).await?;
    let organization = find(visit, id).await?.organization;
    let t = visit.t;
    let form = FormView::button(visit.path(), Vec::new(), t.get(name)).weight(Weight::Danger);
    AccountPage::titled(visit, &session, &organization.name)
        .back(Link::new(path(visit, id), &organization.name))
        .failed(visit, problem)
        .section(Section::new(t.get(&format!("{name}-heading"))).text(t.get(&format!("{name}-text"))).form(form))
        .show(visit)
}
