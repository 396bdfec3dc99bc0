//! Serves the page with somebody's organizations, and the invitations to further ones.

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::{
    auth::OrganizationCreation,
    language::text,
    pages::{
        account::{
            page::{AccountPage, Link, Row, Section},
            step::{Step, act},
            time::day,
        },
        error::PageError,
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        session::{self, Session},
        visit::{PageResult, Visit},
    },
};

/// Limits the slug that is made of a name.
const MAX_SLUG: usize = 64;

/// Holds an organization as the API lists it.
#[derive(Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
}

/// Holds an invitation of who is signed in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invitation {
    id: String,
    organization_name: String,
    role: String,
    expires_at: String,
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    page(&visit, &session, &Form::default(), None).await
}

/// Founds an organization.
pub(crate) async fn create(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let name = form.text("name");
    let slug = form.optional("slug").map_or_else(|| slug_of(name), str::to_owned);
    match act(&visit, &session, &form, "/organization/create", &json!({ "name": name, "slug": slug })).await? {
        Step::Done(made) => {
            let id = made["id"].as_str().ok_or(PageError::Internal)?;
            Ok(visit.see_other(&visit.account_path(&format!("organizations/{id}?said=organization-made"))))
        }
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &form, Some(&problem)).await,
    }
}

/// Answers an invitation.
pub(crate) async fn reply(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let (endpoint, said) = if form.text("reply") == "accept" {
        ("/organization/accept-invitation", "invitation-accepted")
    } else {
        ("/organization/reject-invitation", "invitation-rejected")
    };
    match act(&visit, &session, &form, endpoint, &json!({ "invitationId": form.text("id") })).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path(&format!("organizations?said={said}")))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => page(&visit, &session, &Form::default(), Some(&problem)).await,
    }
}

async fn page(visit: &Visit, session: &Session, form: &Form, problem: Option<&Problem>) -> PageResult {
    let t = visit.t;
    let listed: Vec<Organization> = visit.get("/organization/list").await?.parse()?;
    let active = session.session.active_organization_id.as_deref();
    let rows = listed.iter().map(|organization| Row {
        title: organization.name.clone(),
        badges: (active == Some(organization.id.as_str()))
            .then(|| t.get("org-active").into_owned())
            .into_iter()
            .collect(),
        details: vec![organization.slug.clone()],
        links: vec![Link::new(path(visit, &organization.id), t.get("org-open")).about(&organization.name)],
        ..Row::default()
    });
    let own = Section::new(t.get("org-own")).text(t.get("org-text")).rows(rows.collect(), t.get("org-none"));
    let (founding, rest) = founding(visit, form, problem);
    AccountPage::new(visit, session, text!("account-organizations"))
        .status(problem.map_or(StatusCode::OK, |problem| problem.status))
        .notice(rest.map(Notice::bad))
        .sections(invitations(visit).await?)
        .section(own)
        .sections(founding)
        .show(visit)
}

/// Returns the path of the page of an organization.
pub(crate) fn path(visit: &Visit, id: &str) -> String {
    visit.account_path(&format!("organizations/{id}"))
}

/// Lists who invites whoever is signed in. It is shown to those alone whose address is proved.
async fn invitations(visit: &Visit) -> Result<Option<Section>, PageError> {
    let Ok(listed) = visit.get("/organization/list-user-invitations").await?.ok() else { return Ok(None) };
    let listed: Vec<Invitation> = serde_json::from_value(listed).map_err(|_| PageError::Internal)?;
    if listed.is_empty() {
        return Ok(None);
    }
    let t = visit.t;
    let rows = listed.into_iter().map(|invitation| {
        let reply = |reply: &str, text: &str| {
            let hidden = vec![("id", invitation.id.clone()), ("reply", reply.to_owned())];
            let form = FormView::button(visit.account_path("organizations/reply"), hidden, t.get(text));
            form.about(&invitation.organization_name)
        };
        Row {
            badges: vec![role_name(visit, &invitation.role)],
            details: vec![t.with("org-invited-until", &[("day", &day(t, &invitation.expires_at))])],
            forms: vec![reply("accept", "org-accept"), reply("reject", "org-reject")],
            title: invitation.organization_name.clone(),
            ..Row::default()
        }
    });
    Ok(Some(Section::new(t.get("org-invitations-own")).rows(rows.collect(), "")))
}

/// Writes roles, of which one member can have several.
pub(crate) fn role_name(visit: &Visit, roles: &str) -> String {
    let names = roles.split(',').map(|role| visit.t.get(&format!("org-role-{}", role.trim())).into_owned());
    names.collect::<Vec<_>>().join(", ")
}

/// Describes the form that founds one, where people may.
fn founding(visit: &Visit, form: &Form, problem: Option<&Problem>) -> (Option<Section>, Option<String>) {
    let rules = visit.pages.auth.organizations.as_ref();
    let may_found = rules.is_some_and(|rules| rules.creation == OrganizationCreation::Anyone);
    let text = |problem: &Problem| visit.problem_text(problem);
    if !may_found {
        return (None, problem.map(text));
    }
    let t = visit.t;
    let name = Field::new(Kind::Text, "name", t.get("org-name")).autocomplete("organization");
    let slug = Field::new(Kind::Text, "slug", t.get("org-slug")).optional();
    let fields = vec![name.lengths(1, 100), slug.hint(t.get("org-slug-hint"))];
    let mut view = FormView::new(visit.account_path("organizations"), fields, t.get("org-found"));
    view.refill(form);
    let rest = problem.and_then(|problem| place(&mut view, visit, problem));
    (Some(Section::new(t.get("org-new")).form(view)), rest)
}

/// Makes `Ada's Laboratory` into `ada-s-laboratory`; what has no such letters is told to be none by the API.
fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(MAX_SLUG);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        for (name, expected) in
            [("Ada's Laboratory", "ada-s-laboratory"), (" A & B ", "a-b"), ("ليلى", ""), ("3M", "3m")]
        {
            assert_eq!(slug_of(name), expected);
        }
        assert_eq!(slug_of(&"a".repeat(100)).len(), MAX_SLUG);
    }
}
