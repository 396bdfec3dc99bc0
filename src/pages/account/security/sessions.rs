//! Lists where somebody is signed in, as part of the page of security.

use serde::Deserialize;

use crate::{
    language::Texts,
    pages::{
        account::{
            page::{Link, Row, Section},
            step::password_page,
            time::moment,
        },
        error::PageError,
        field::{FormView, Weight},
        visit::Visit,
    },
};

/// Limits the sessions that are shown where nobody asks for all.
const SHOWN: usize = 10;

/// Holds a session as the API lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    /// Is a handle; the session's own token for the one that asks, which no page shows.
    token: String,
    current: bool,
    created_at: String,
    last_seen_at: String,
    ip_address: String,
    device: Device,
    location: Option<Location>,
}

#[derive(Deserialize)]
struct Device {
    browser: Option<String>,
    os: Option<String>,
}

#[derive(Deserialize)]
struct Location {
    city: Option<String>,
    country: Option<String>,
}

/// Lists the sessions, this one first.
pub(crate) async fn section(visit: &Visit) -> Result<Section, PageError> {
    let t = visit.t;
    let section = Section::new(t.get("sessions")).id("sessions").text(t.get("sessions-text"));
    let reply = visit.get("/list-sessions").await?;
    if reply.body["code"] == "SESSION_NOT_FRESH" {
        let prove = Link::new(password_page(visit), t.get("prove-show"));
        return Ok(section.text(t.get("prove-text")).link(prove));
    }
    if reply.body["code"] == "NOT_ALLOWED_WHILE_IMPERSONATING" {
        return Ok(section.text(t.get("problem-NOT_ALLOWED_WHILE_IMPERSONATING")));
    }
    let mut listed: Vec<Listed> = reply.parse()?;
    listed.sort_by_key(|session| !session.current);
    let all = listed.len();
    if visit.query("sessions") != Some("all") {
        listed.truncate(SHOWN);
    }
    let hidden = all - listed.len();
    let mut section = section.rows(listed.iter().map(|session| row(visit, session)).collect(), "");
    if hidden > 0 {
        let path = visit.account_path("security?sessions=all#sessions");
        section = section.link(Link::new(path, t.count("sessions-more", hidden as u64)));
    }
    if all > 1 {
        let action = visit.account_path("security/sessions/revoke-others");
        let others = FormView::button(action, Vec::new(), t.get("sessions-end-others")).weight(Weight::Danger);
        section = section.form(others);
    }
    Ok(section)
}

fn row(visit: &Visit, session: &Listed) -> Row {
    let t = visit.t;
    let title = device(t, &session.device);
    let mut row = Row { title: title.clone(), ..Row::default() };
    if session.current {
        row.badges.push(t.get("sessions-current").into_owned());
    } else {
        let hidden = vec![("token", session.token.clone())];
        let end = FormView::button(visit.account_path("security/sessions/revoke"), hidden, t.get("sessions-end"));
        row.forms.push(end.about(title));
    }
    let place = session.location.as_ref().map(|place| [place.city.as_deref(), place.country.as_deref()]);
    let place = place.into_iter().flatten().chain([Some(session.ip_address.as_str())]).flatten();
    row.details.push(place.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "));
    row.details.push(t.with("last-used", &[("time", &moment(t, &session.last_seen_at))]));
    row.details.push(t.with("sessions-since", &[("time", &moment(t, &session.created_at))]));
    row
}

fn device(t: Texts, device: &Device) -> String {
    match (device.browser.as_deref(), device.os.as_deref()) {
        (Some(browser), Some(os)) => t.with("sessions-device", &[("browser", browser), ("os", os)]),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t.get("sessions-unknown-device").into_owned(),
    }
}
