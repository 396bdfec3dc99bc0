//! Lists the members of an organization, page by page.

use serde::Deserialize;

use crate::pages::{
    account::{
        organizations::list::{path, role_name},
        page::{Link, Part, Row, Section},
    },
    error::PageError,
    session::Session,
    visit::{Visit, encoded, with_parameter},
};

/// Is the number of members on a page.
const MEMBERS: u64 = 50;
/// Names the parameter that says which page of members is shown, from 1.
const PAGE: &str = "members";

/// Holds a member.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) role: String,
    pub(crate) user: Person,
}

/// Holds what members see of each other.
#[derive(Deserialize)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
}

impl Person {
    /// Returns the name, or the address of those who have none.
    pub(crate) fn title(&self) -> &str {
        if self.name.trim().is_empty() { &self.email } else { &self.name }
    }
}

#[derive(Deserialize)]
struct Listed {
    members: Vec<Member>,
    total: u64,
}

/// Finds one of them.
pub(crate) async fn find(visit: &Visit, organization: &str, member: &str) -> Result<Member, PageError> {
    let filter = format!("filterField=id&filterOperator=eq&filterValue={}", encoded(member));
    let target = format!("/organization/list-members?organizationId={}&{filter}", encoded(organization));
    let listed: Listed = visit.get(&target).await?.parse()?;
    listed.members.into_iter().next().ok_or(PageError::NotFound)
}

/// Shows a page of them; who may change them finds links to that.
pub(crate) async fn section(
    visit: &Visit,
    session: &Session,
    organization: &str,
    may_change: bool,
) -> Result<Section, PageError> {
    let t = visit.t;
    let page = u64::clamp(visit.query(PAGE).and_then(|text| text.parse().ok()).unwrap_or(1), 1, 1_000_000);
    let range = format!("limit={MEMBERS}&offset={}", (page - 1) * MEMBERS);
    let target = format!("/organization/list-members?organizationId={}&{range}", encoded(organization));
    let Listed { members, total } = visit.get(&target).await?.parse()?;
    let rows = members.iter().map(|member| {
        let mut badges = vec![role_name(visit, &member.role)];
        if member.user_id == session.user.id {
            badges.push(t.get("org-you").into_owned());
        }
        let title = member.user.title().to_owned();
        let change = format!("{}/members/{}", path(visit, organization), member.id);
        let change = Link::new(change, t.get("org-member-change")).about(&title);
        Row {
            badges,
            details: vec![member.user.email.clone()],
            links: if may_change { vec![change] } else { Vec::new() },
            title,
            ..Row::default()
        }
    });
    let section = Section::new(t.get("org-members")).id("members").rows(rows.collect(), "");
    Ok(if total > MEMBERS { paged(visit, section, organization, (page, total)) } else { section })
}

/// Says which part of them is shown, and leads to the parts beside it.
fn paged(visit: &Visit, section: Section, organization: &str, (page, total): (u64, u64)) -> Section {
    let t = visit.t;
    let (before, behind) = ((page - 1) * MEMBERS, page * MEMBERS);
    let (first, last) = (t.number((before + 1).min(total)), t.number(behind.min(total)));
    let to = |page: u64| format!("{}#members", with_parameter(&path(visit, organization), PAGE, &page.to_string()));
    let previous = (page > 1).then(|| Link::new(to((page - 1).min(total.div_ceil(MEMBERS))), t.get("admin-previous")));
    let next = (behind < total).then(|| Link::new(to(page + 1), t.get("admin-next")));
    section
        .part(Part::Links(previous.into_iter().chain(next).collect()))
        .text(t.with("admin-page-of", &[("first", &first), ("last", &last), ("total", &t.number(total))]))
}
