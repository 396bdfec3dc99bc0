//! Serves the list of organizations.

use serde::Deserialize;

use crate::pages::{
    admin::{
        access::{self, path},
        address::address,
        list_page::ListPage,
        page::Item,
        paging::{Paging, ROWS},
        shown::when,
    },
    field::{Field, Kind},
    visit::{PageResult, Visit},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    organizations: Vec<Organization>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    name: String,
    slug: String,
    created_at: String,
    member_count: u64,
}

/// Shows a page of organizations, the oldest first.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    let t = visit.t;
    let text = visit.query("q").unwrap_or_default().trim();
    let (cursor, limit) = (visit.query("cursor").unwrap_or_default(), ROWS.to_string());
    let parameters = [("searchValue", text), ("cursor", cursor), ("limit", &limit)];
    let reply = visit.get(&address("/admin/list-organizations", &parameters)).await?;
    let found: Found = administrator.read(reply)?;
    let own = path(&visit, "organizations");
    let item = |organization: Organization| Item {
        path: Some(path(&visit, &format!("organizations/{}", organization.id))),
        title: organization.name,
        lines: vec![
            format!("{} · {}", organization.slug, t.count("admin-members-count", organization.member_count)),
            t.with("admin-created", &[("when", &when(t, &organization.created_at))]),
        ],
        ..Item::default()
    };
    let heading = t.get("admin-organizations").into_owned();
    visit.show(&ListPage {
        layout: administrator.layout(&visit, &heading),
        heading,
        notice: None,
        filters: vec![Field::new(Kind::Text, "q", t.get("admin-search")).optional().value(text)],
        nothing: t.get("admin-no-organizations").into_owned(),
        items: found.organizations.into_iter().map(item).collect(),
        forms: Vec::new(),
        paging: Paging::of_cursor(&own, &[("q", text)], cursor.is_empty(), found.next_cursor.as_deref()),
        action: own,
    })
}
