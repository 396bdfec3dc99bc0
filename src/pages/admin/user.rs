//! Serves the page about one user: what is known of them, and what can be done.

use axum::extract::Path;
use http::StatusCode;
use serde_json::json;

use crate::{
    auth::admin::Permission,
    language::{Texts, text},
    pages::{
        admin::{
            access::{self, Administrator, path},
            address::address,
            page::{AdminPage, Fact, Section},
            shown::{Badge, said, when},
            user_forms, user_sessions, user_sign_in,
            user_view::{Failed, User},
        },
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

/// Lists what the forms of this page report when they worked.
const SAID: [&str; 7] =
    ["user-created", "roles-set", "banned", "unbanned", "session-ended", "sessions-ended", "password-set"];

/// Shows the page.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let administrator = access::require(&visit).await?;
    page(&visit, &administrator, &id, None).await
}

/// Renders the page, where a form failed with what was typed.
pub(crate) async fn page(
    visit: &Visit,
    administrator: &Administrator,
    id: &str,
    failed: Option<Failed<'_>>,
) -> PageResult {
    let t = visit.t;
    let user: User = administrator.read(visit.get(&address("/admin/get-user", &[("id", id)])).await?)?;
    let mut notice = said(visit, &SAID);
    let status = failed.as_ref().map_or(StatusCode::OK, |failed| failed.status);
    if let Some(failed) = failed.as_ref().filter(|failed| failed.field.is_none()) {
        notice = Some(Notice::bad(failed.text.clone()));
    }
    let mut page = AdminPage::new(visit, administrator, user.name.clone())
        .back(path(visit, "users"), text!("admin-users"))
        .badges(badges(t, &user))
        .notice(notice)
        .section(about(visit, administrator, &user));
    if administrator.may(Permission::SessionList) {
        let reply = visit.post("/admin/list-user-sessions", &json!({ "userId": user.id })).await?;
        page = page.section(user_sessions::section(visit, administrator, &user, administrator.read(reply)?));
    }
    page = page.section(user_sign_in::section(visit, administrator, &user).await?);
    for section in user_forms::sections(visit, administrator, &user, failed.as_ref()) {
        page = page.section(section);
    }
    page.show(visit, status)
}

fn badges(t: Texts, user: &User) -> Vec<Badge> {
    let mut badges = Vec::new();
    if user.banned {
        badges.push(Badge::bad(t.get("admin-banned")));
    }
    badges.push(if user.email_verified {
        Badge::good(t.get("admin-verified"))
    } else {
        Badge::plain(t.get("admin-not-verified"))
    });
    if user.two_factor_enabled {
        badges.push(Badge::good(t.get("admin-two-factor")));
    }
    badges
}

fn about(visit: &Visit, administrator: &Administrator, user: &User) -> Section {
    let t = visit.t;
    let fact = |name: &str, value: &str| Fact::new(t.get(name), value);
    let mut facts = vec![fact("email", &user.email)];
    if let Some(name) = &user.display_username {
        facts.push(fact("username", name));
    }
    let roles = user.role.as_deref().unwrap_or_default().replace(',', ", ");
    facts.push(fact("admin-roles", if roles.is_empty() { "–" } else { &roles }));
    if user.banned {
        let until = user.ban_expires.as_deref().map(|until| when(t, until));
        facts.push(fact("admin-banned-until", &until.unwrap_or_else(|| t.get("admin-for-good").into_owned())));
        facts.push(fact("admin-ban-reason", user.ban_reason.as_deref().unwrap_or("–")));
    }
    facts.push(fact("admin-created-at", &when(t, &user.created_at)));
    facts.push(fact("admin-changed-at", &when(t, &user.updated_at)));
    facts.push(fact("admin-user-id", &user.id));
    let mut links = Vec::new();
    if administrator.may(Permission::AuditList) {
        let events = address(&path(visit, "audit"), &[("user", &user.id)]);
        links.push((events, t.get("admin-events-of-user").into_owned(), "secondary"));
    }
    Section { heading: t.get("admin-about").into_owned(), facts, links, ..Section::default() }
}
