//! Serves the mail outbox: what waits, what was given up and why, and a button that tries it again.

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::{
    auth::admin::Permission,
    pages::{
        admin::{
            access::{self, Administrator, path},
            address::address,
            list_page::ListPage,
            page::Item,
            paging::{Paging, ROWS, page_number},
            shown::{Badge, said, when},
        },
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        visit::{PageResult, Visit},
    },
};

#[derive(Deserialize)]
struct Found {
    mails: Vec<Mail>,
    waiting: u64,
    failed: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    id: String,
    kind: String,
    recipient: String,
    created_at: String,
    next_attempt_at: Option<String>,
    attempts: u64,
    last_error: Option<String>,
    failed_at: Option<String>,
}

/// Shows a page of the outbox.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let administrator = access::require(&visit).await?;
    let notice = said(&visit, &["mail-retried"]);
    page(&visit, &administrator, notice, StatusCode::OK).await
}

/// Tries one message again, or all that were given up.
pub(crate) async fn retry(visit: Visit, form: Form) -> PageResult {
    let administrator = access::require(&visit).await?;
    let body = form.optional("mail").map_or_else(|| json!({}), |id| json!({ "id": id }));
    match visit.post("/admin/outbox/retry", &body).await?.ok() {
        Ok(_) => Ok(visit.see_other(&path(&visit, "outbox?said=mail-retried"))),
        Err(problem) => {
            let problem = administrator.beside_form(problem)?;
            let notice = Notice::bad(visit.problem_text(&problem));
            page(&visit, &administrator, Some(notice), problem.status).await
        }
    }
}

async fn page(visit: &Visit, administrator: &Administrator, notice: Option<Notice>, status: StatusCode) -> PageResult {
    let t = visit.t;
    let state = visit.query("state").filter(|state| ["waiting", "failed"].contains(state)).unwrap_or_default();
    let page = page_number(visit);
    let (limit, offset) = (ROWS.to_string(), ((page - 1) * ROWS).to_string());
    let target = address("/admin/outbox", &[("state", state), ("limit", &limit), ("offset", &offset)]);
    let found: Found = administrator.read(visit.get(&target).await?)?;
    let total = match state {
        "waiting" => found.waiting,
        "failed" => found.failed,
        _ => found.waiting + found.failed,
    };
    let own = path(visit, "outbox");
    let may_retry = administrator.may(Permission::MailRetry);
    let choice = |value: &str, text: String| (value.to_owned(), text);
    let choices = vec![
        choice("", t.get("admin-any").into_owned()),
        choice("failed", t.count("admin-mail-failed-count", found.failed)),
        choice("waiting", t.count("admin-mail-waiting-count", found.waiting)),
    ];
    let retry_all = FormView::button(own.clone(), Vec::new(), t.get("admin-mail-retry-all"));
    let heading = t.get("admin-outbox").into_owned();
    let view = ListPage {
        layout: administrator.layout(visit, &heading),
        heading,
        notice,
        filters: vec![Field::new(Kind::Select, "state", t.get("admin-mail-state")).value(state).options(choices)],
        nothing: t.get("admin-no-mail").into_owned(),
        items: found.mails.into_iter().map(|mail| item(visit, &own, may_retry, mail)).collect(),
        forms: if may_retry && found.failed > 1 { vec![retry_all] } else { Vec::new() },
        paging: Paging::of_total(t, &own, &[("state", state)], page, total),
        action: own,
    };
    Ok(visit.page(status, &view))
}

fn item(visit: &Visit, own: &str, may_retry: bool, mail: Mail) -> Item {
    let t = visit.t;
    let is_failed = mail.failed_at.is_some();
    let at = |id: &str, time: &Option<String>| time.as_deref().map(|time| t.with(id, &[("when", &when(t, time))]));
    let mut lines = vec![mail.recipient, t.with("admin-mail-made", &[("when", &when(t, &mail.created_at))])];
    lines.extend(at("admin-mail-given-up", &mail.failed_at));
    if mail.attempts > 0 {
        lines.push(t.count("admin-mail-attempts", mail.attempts));
        lines.extend(at("admin-mail-next", &mail.next_attempt_at));
    }
    lines.extend(mail.last_error.map(|error| t.with("admin-mail-error", &[("error", &error)])));
    let badge =
        if is_failed { Badge::bad(t.get("admin-mail-failed")) } else { Badge::plain(t.get("admin-mail-waiting")) };
    let retry = || FormView::button(own, vec![("mail", mail.id)], t.get("admin-mail-retry"));
    Item { title: mail.kind, lines, badges: vec![badge], form: (is_failed && may_retry).then(retry), ..Item::default() }
}
