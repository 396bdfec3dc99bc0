//! Shows the sessions of a user, each with a button that ends it.

use serde::Deserialize;

use crate::{
    auth::admin::Permission,
    pages::{
        admin::{
            access::{Administrator, path},
            page::{Item, Section},
            shown::{Device, Location, device_name, place_name, when},
            user_view::User,
        },
        field::{FormView, Weight},
        visit::Visit,
    },
};

/// Bounds how many sessions are shown.
const SHOWN: usize = 50;

/// Holds the sessions as the API lists them.
#[derive(Deserialize)]
pub(crate) struct Sessions {
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    token: String,
    ip_address: String,
    created_at: String,
    last_seen_at: String,
    device: Device,
    location: Option<Location>,
    #[serde(default)]
    impersonated_by: Option<String>,
}

/// Returns the section.
pub(crate) fn section(
    visit: &Visit,
    administrator: &Administrator,
    user: &User,
    Sessions { sessions }: Sessions,
) -> Section {
    let t = visit.t;
    let count = sessions.len();
    let may_revoke = administrator.may(Permission::SessionRevoke);
    let action = |action: &str| path(visit, &format!("users/{}/{action}", user.id));
    let item = |session: Session| {
        let place = place_name(session.location.as_ref()).map(|place| format!("{place} · ")).unwrap_or_default();
        let mut lines = vec![
            format!("{place}{}", session.ip_address),
            t.with("admin-last-seen", &[("when", &when(t, &session.last_seen_at))]),
            t.with("admin-signed-in", &[("when", &when(t, &session.created_at))]),
        ];
        if session.impersonated_by.is_some() {
            lines.push(t.get("admin-impersonated").into_owned());
        }
        let hidden = vec![("session", session.token)];
        let form = FormView::button(action("end-session"), hidden, t.get("admin-end-session"));
        Item { title: device_name(t, &session.device), lines, form: may_revoke.then_some(form), ..Item::default() }
    };
    let items: Vec<Item> = sessions.into_iter().take(SHOWN).map(item).collect();
    let end_all = FormView::button(action("end-sessions"), Vec::new(), t.get("admin-end-sessions"));
    let forms = if may_revoke && count > 0 { vec![end_all.weight(Weight::Danger)] } else { Vec::new() };
    let more = count.saturating_sub(SHOWN);
    let text = match (count, more) {
        (0, _) => Some(t.get("admin-no-sessions").into_owned()),
        (_, 0) => None,
        _ => Some(t.count("admin-more-sessions", u64::try_from(more).unwrap_or(u64::MAX))),
    };
    Section { heading: t.get("admin-sessions").into_owned(), text, items, forms, ..Section::default() }
}
