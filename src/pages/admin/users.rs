//! Serves the list of users: what a search finds, page after page.

use askama::Template;
use serde::Deserialize;

use crate::{
    auth::admin::Permission,
    language::Texts,
    pages::{
        admin::{
            access::{self, path},
            address::address,
            paging::{Paging, ROWS, page_number},
            shown::{Badge, said, when},
        },
        field::{Field, Kind},
        layout::Layout,
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

#[derive(Template)]
#[template(path = "admin_users.html")]
struct UsersPage<'v> {
    layout: Layout<'v>,
    heading: String,
    notice: Option<Notice>,
    create: Option<String>,
    action: String,
    filters: Vec<Field>,
    total: String,
    rows: Vec<Row>,
    paging: Paging,
}

struct Row {
    path: String,
    name: String,
    email: String,
    badges: Vec<Badge>,
    created: String,
}

#[derive(Deserialize)]
struct Found {
    users: Vec<User>,
    total: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    name: String,
    email: String,
    email_verified: bool,
    role: Option<String>,
    #[serde(default)]
    banned: bool,
    created_at: String,
}

/// Shows a page of users, the newest first.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    let t = visit.t;
    let query = |name: &str| visit.query(name).unwrap_or_default().trim().to_owned();
    let [text, field, role, banned, verified] = ["q", "in", "role", "banned", "verified"].map(query);
    let page = page_number(&visit);
    let (limit, offset) = (ROWS.to_string(), ((page - 1) * ROWS).to_string());
    let target = address(
        "/admin/list-users",
        &[
            ("searchValue", &text),
            ("searchField", if field == "name" { "name" } else { "email" }),
            ("role", &role),
            ("banned", &banned),
            ("emailVerified", &verified),
            ("sortBy", "createdAt"),
            ("sortDirection", "desc"),
            ("limit", &limit),
            ("offset", &offset),
        ],
    );
    let found: Found = administrator.read(visit.get(&target).await?)?;
    let own = path(&visit, "users");
    let kept = [("q", text.as_str()), ("in", &field), ("role", &role), ("banned", &banned), ("verified", &verified)];
    let heading = t.get("admin-users").into_owned();
    visit.show(&UsersPage {
        layout: administrator.layout(&visit, &heading),
        heading,
        notice: said(&visit, &["user-removed"]),
        create: administrator.may(Permission::UserCreate).then(|| path(&visit, "users/create")),
        filters: filters(t, &text, &field, &role, &banned, &verified),
        total: t.count("admin-users-found", found.total),
        rows: found.users.into_iter().map(|user| row(&visit, user)).collect(),
        paging: Paging::of_total(t, &own, &kept, page, found.total),
        action: own,
    })
}

fn filters(t: Texts, text: &str, field: &str, role: &str, banned: &str, verified: &str) -> Vec<Field> {
    let choices = |choices: &[(&str, &str)]| {
        choices.iter().map(|(value, id)| ((*value).to_owned(), t.get(id).into_owned())).collect()
    };
    let select = |name, label, value: &str, options: &[(&str, &str)]| {
        Field::new(Kind::Select, name, t.get(label)).optional().value(value).options(choices(options))
    };
    vec![
        Field::new(Kind::Text, "q", t.get("admin-search")).optional().value(text),
        select("in", "admin-search-in", field, &[("email", "email"), ("name", "name")]),
        Field::new(Kind::Text, "role", t.get("admin-role")).optional().value(role),
        select(
            "banned",
            "admin-filter-ban",
            banned,
            &[("", "admin-any"), ("true", "admin-banned"), ("false", "admin-not-banned")],
        ),
        select(
            "verified",
            "admin-filter-address",
            verified,
            &[("", "admin-any"), ("true", "admin-verified"), ("false", "admin-not-verified")],
        ),
    ]
}

fn row(visit: &Visit, user: User) -> Row {
    let t = visit.t;
    let mut badges = Vec::new();
    if user.banned {
        badges.push(Badge::bad(t.get("admin-banned")));
    }
    if !user.email_verified {
        badges.push(Badge::plain(t.get("admin-not-verified")));
    }
    let roles = user.role.as_deref().unwrap_or_default();
    badges.extend(roles.split(',').filter(|role| !role.is_empty()).map(Badge::plain));
    Row {
        path: path(visit, &format!("users/{}", user.id)),
        created: t.with("admin-created", &[("when", &when(t, &user.created_at))]),
        name: user.name,
        email: user.email,
        badges,
    }
}
