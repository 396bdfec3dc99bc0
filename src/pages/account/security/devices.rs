//! Lists the browsers that are spared the second factor, as part of the page of security.

use serde::Deserialize;

use crate::pages::{
    account::{
        page::{Row, Section},
        time::{day, moment},
    },
    error::PageError,
    field::FormView,
    session::Session,
    visit::Visit,
};

/// Holds such a browser as the API lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trusted {
    id: String,
    device: String,
    ip_address: String,
    last_used_at: String,
    expires_at: String,
    current: bool,
}

/// Lists them; nothing where there is no second factor. An old session is asked for a proof where its sessions are listed.
pub(crate) async fn section(visit: &Visit, session: &Session) -> Result<Option<Section>, PageError> {
    let rules = &visit.pages.auth.two_factor;
    if !rules.enabled || !session.user.two_factor_enabled || rules.trust_device.is_zero() {
        return Ok(None);
    }
    let reply = visit.get("/two-factor/list-trusted-devices").await?;
    let code = reply.body["code"].as_str().unwrap_or_default();
    if ["SESSION_NOT_FRESH", "NOT_ALLOWED_WHILE_IMPERSONATING"].contains(&code) {
        return Ok(None);
    }
    let t = visit.t;
    let listed: Vec<Trusted> = reply.parse()?;
    let rows = listed.into_iter().map(|trusted| {
        let hidden = vec![("id", trusted.id)];
        let end = FormView::button(visit.account_path("security/devices/revoke"), hidden, t.get("devices-end"));
        Row {
            badges: trusted.current.then(|| t.get("sessions-current").into_owned()).into_iter().collect(),
            details: vec![
                trusted.ip_address,
                t.with("last-used", &[("time", &moment(t, &trusted.last_used_at))]),
                t.with("devices-until", &[("day", &day(t, &trusted.expires_at))]),
            ],
            forms: vec![end.about(trusted.device.clone())],
            title: trusted.device,
            ..Row::default()
        }
    });
    let section = Section::new(t.get("devices")).text(t.get("devices-text"));
    Ok(Some(section.rows(rows.collect(), t.get("devices-none"))))
}
