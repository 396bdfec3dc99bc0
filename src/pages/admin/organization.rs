//! Serves the page about one organization: what it is, and who is in it.

use askama::Template;
use axum::extract::Path;
use serde::Deserialize;

use crate::{
    auth::admin::Permission,
    pages::{
        admin::{
            access::{self, path},
            address::address,
            page::{Fact, Item},
            paging::{Paging, ROWS, page_number},
            shown::{Badge, when},
        },
        field::Kind,
        layout::Layout,
        visit::{PageResult, Visit},
    },
};

#[derive(Template)]
#[template(path = "admin_organization.html")]
struct OrganizationPage<'v> {
    layout: Layout<'v>,
    heading: String,
    back: String,
    facts: Vec<Fact>,
    members: String,
    items: Vec<Item>,
    paging: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    name: String,
    slug: String,
    created_at: String,
    members: Vec<Member>,
    total: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    user_id: String,
    role: String,
    created_at: String,
    user: MemberIdentity,
}

#[derive(Deserialize)]
struct MemberIdentity {
    name: String,
    email: String,
}

/// Shows the page.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let administrator = access::require(&visit).await?;
    let t = visit.t;
    let page = page_number(&visit);
    let (limit, offset) = (ROWS.to_string(), ((page - 1) * ROWS).to_string());
    let parameters = [("id", id.as_str()), ("limit", &limit), ("offset", &offset)];
    let reply = visit.get(&address("/admin/get-organization", &parameters)).await?;
    let found: Organization = administrator.read(reply)?;
    let may_see_users = administrator.may(Permission::UserGet);
    let item = |member: Member| Item {
        path: may_see_users.then(|| path(&visit, &format!("users/{}", member.user_id))),
        title: member.user.name,
        lines: vec![member.user.email, t.with("admin-since", &[("when", &when(t, &member.created_at))])],
        badges: member.role.split(',').map(Badge::plain).collect(),
        ..Item::default()
    };
    let own = path(&visit, &format!("organizations/{}", found.id));
    visit.show(&OrganizationPage {
        layout: administrator.layout(&visit, &found.name),
        heading: found.name,
        back: path(&visit, "organizations"),
        facts: vec![
            Fact::new(t.get("admin-slug"), found.slug),
            Fact::new(t.get("admin-created-at"), when(t, &found.created_at)),
            Fact::new(t.get("admin-organization-id"), found.id),
        ],
        members: t.count("admin-members-count", found.total),
        items: found.members.into_iter().map(item).collect(),
        paging: Paging::of_total(t, &own, &[], page, found.total),
    })
}
