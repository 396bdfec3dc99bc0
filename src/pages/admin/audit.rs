//! Serves the audit log: what its filters find, the newest first, and the ways to take it away.

use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use time::Duration;

use crate::{
    auth::admin::Permission,
    language::Texts,
    pages::{
        admin::{
            access::{self, Administrator, path},
            address::address,
            export_bounds,
            paging::{Paging, ROWS},
            shown::{Badge, day, when},
        },
        error::PageError,
        field::{Field, Kind},
        layout::Layout,
        visit::{PageResult, Visit},
    },
    types::format_timestamp,
};

#[derive(Template)]
#[template(path = "admin_audit.html")]
struct AuditPage<'v> {
    layout: Layout<'v>,
    heading: String,
    action: String,
    filters: Vec<Field>,
    exports: Vec<(String, String)>,
    export_bounds: String,
    rows: Vec<Row>,
    paging: Paging,
}

struct Row {
    event: String,
    /// Leads to the events of the same name.
    same: String,
    outcome: Badge,
    when: String,
    facts: Vec<Fact>,
    /// Is shown when it is asked for.
    further: Vec<Fact>,
}

/// Holds name, value, and the page about it.
type Fact = (String, String, Option<String>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    events: Vec<Event>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the API calls them so")]
struct Event {
    event: String,
    outcome: String,
    occurred_at: String,
    user_id: Option<String>,
    actor: Option<String>,
    ip_address: String,
    user_agent: String,
    request_id: Option<String>,
    detail: Value,
}

/// Holds the filters as they were typed.
pub(crate) struct Filters {
    pub(crate) event: String,
    pub(crate) user: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Filters {
    pub(crate) fn of(visit: &Visit) -> Self {
        let [event, user, from, to] =
            ["event", "user", "from", "to"].map(|name| visit.query(name).unwrap_or_default().trim().to_owned());
        Self { event, user, from, to }
    }

    /// Returns them as the parameters of this page's address.
    pub(crate) fn kept(&self) -> [(&'static str, &str); 4] {
        [("event", &self.event), ("user", &self.user), ("from", &self.from), ("to", &self.to)]
    }

    /// Returns the address of the API, where the filters make sense. Both days belong to what is shown.
    pub(crate) async fn target(
        &self,
        visit: &Visit,
        administrator: &Administrator,
        further: &[(&str, &str)],
    ) -> Result<Option<String>, PageError> {
        let since = day(&self.from);
        let until = day(&self.to).map(|day| day + Duration::DAY);
        let is_wrong = (since.is_none() && !self.from.is_empty()) || (until.is_none() && !self.to.is_empty());
        let Some(user) = self.user_id(visit, administrator).await?.filter(|_| !is_wrong) else { return Ok(None) };
        let (since, until) = (since.map(format_timestamp), until.map(format_timestamp));
        let parameters = [
            ("event", self.event.as_str()),
            ("userId", &user),
            ("since", since.as_deref().unwrap_or_default()),
            ("until", until.as_deref().unwrap_or_default()),
        ];
        Ok(Some(address("/admin/audit-events", &[&parameters, further].concat())))
    }

    /// Returns the id of the user, who may be named by their address; `None` where nobody has it.
    async fn user_id(&self, visit: &Visit, administrator: &Administrator) -> Result<Option<String>, PageError> {
        #[derive(Deserialize)]
        struct Users {
            users: Vec<User>,
        }
        #[derive(Deserialize)]
        struct User {
            id: String,
        }
        if !self.user.contains('@') {
            return Ok(Some(self.user.clone()));
        }
        let target = [("filterField", "email"), ("filterValue", self.user.as_str()), ("limit", "1")];
        let found: Users = administrator.read(visit.get(&address("/admin/list-users", &target)).await?)?;
        Ok(found.users.into_iter().next().map(|user| user.id))
    }
}

/// Shows a page of events.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    let t = visit.t;
    let filters = Filters::of(&visit);
    let cursor = visit.query("cursor").unwrap_or_default();
    let limit = ROWS.to_string();
    let target = filters.target(&visit, &administrator, &[("cursor", cursor), ("limit", &limit)]).await?;
    let found = match target {
        Some(target) => administrator.read(visit.get(&target).await?)?,
        None => Found { events: Vec::new(), next_cursor: None },
    };
    let own = path(&visit, "audit");
    let export =
        |format: &str| address(&path(&visit, "audit/export"), &[&filters.kept()[..], &[("format", format)]].concat());
    let exports = vec![
        (export("csv"), t.get("admin-export-csv").into_owned()),
        (export("jsonl"), t.get("admin-export-jsonl").into_owned()),
    ];
    let heading = t.get("admin-audit").into_owned();
    visit.show(&AuditPage {
        layout: administrator.layout(&visit, &heading),
        heading,
        filters: fields(t, &filters),
        exports,
        export_bounds: export_bounds::text(t),
        paging: Paging::of_cursor(&own, &filters.kept(), cursor.is_empty(), found.next_cursor.as_deref()),
        rows: found.events.into_iter().map(|event| row(&visit, &administrator, event)).collect(),
        action: own,
    })
}

fn fields(t: Texts, filters: &Filters) -> Vec<Field> {
    let field = |kind, name, label, value: &str| Field::new(kind, name, t.get(label)).optional().value(value);
    vec![
        field(Kind::Text, "event", "admin-event", &filters.event),
        field(Kind::Text, "user", "admin-event-user", &filters.user),
        field(Kind::Date, "from", "admin-from", &filters.from),
        field(Kind::Date, "to", "admin-to", &filters.to),
    ]
}

fn row(visit: &Visit, administrator: &Administrator, event: Event) -> Row {
    let t = visit.t;
    let may_see_users = administrator.may(Permission::UserGet);
    let user_page = |id: &str| {
        let is_id = !id.starts_with("cli:");
        (is_id && may_see_users).then(|| path(visit, &format!("users/{id}")))
    };
    let fact = |name: &str, value: Option<String>, page: Option<String>| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((t.get(name).into_owned(), value, page))
    };
    let is_own = event.user_id == event.actor;
    let (about, by) = (event.user_id.as_deref().and_then(user_page), event.actor.as_deref().and_then(user_page));
    let facts = [
        fact("admin-event-about", event.user_id, about),
        fact("admin-event-actor", event.actor.filter(|_| !is_own), by),
        fact("admin-event-address", Some(event.ip_address), None),
    ];
    let further = [
        fact("admin-event-browser", Some(event.user_agent), None),
        fact("admin-event-request", event.request_id, None),
        fact("admin-event-detail", has_detail(&event.detail).then(|| event.detail.to_string()), None),
    ];
    let is_good = event.outcome == "success";
    Row {
        same: address(&path(visit, "audit"), &[("event", &event.event)]),
        event: event.event,
        outcome: if is_good { Badge::good(event.outcome) } else { Badge::bad(event.outcome) },
        when: when(t, &event.occurred_at),
        facts: facts.into_iter().flatten().collect(),
        further: further.into_iter().flatten().collect(),
    }
}

fn has_detail(detail: &Value) -> bool {
    detail.as_object().is_some_and(|detail| !detail.is_empty())
}
