//! Shows administrators which mail was not delivered yet and why, and lets them try again what was given up.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::admin::{
        administration::{Administration, AdministrationError},
        permissions::Permission,
    },
    store::{
        audit::Event,
        outbox_search::{self, OutboxCounts, OutboxEntry},
        retry_once,
    },
};

/// Holds a part of the outbox.
#[derive(Debug)]
pub struct OutboxPage {
    pub entries: Vec<OutboxEntry>,
    pub counts: OutboxCounts,
}

/// Lists a part of the outbox; `is_failed` chooses what was given up, or what waits.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_outbox(
    administration: &Administration,
    is_failed: Option<bool>,
    (limit, offset): (i64, i64),
    now: OffsetDateTime,
) -> Result<OutboxPage, AdministrationError> {
    let mut connection = administration.db.acquire_for_content().await?;
    let entries = outbox_search::list(&mut connection, is_failed, (limit, offset)).await?;
    let counts = outbox_search::count(&mut connection).await?;
    let detail = json!({ "offset": offset, "mails": entries.len() });
    administration.record(&mut connection, Event::OutboxListed, None, detail, now).await?;
    Ok(OutboxPage { entries, counts })
}

/// Tries mail again that was given up: one message, or all. Returns how many these are.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn retry_mail(
    administration: &Administration,
    id: Option<i64>,
    now: OffsetDateTime,
) -> Result<u64, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        administration.require_allowed(&mut transaction, Permission::MailRetry).await?;
        let retried = outbox_search::update_due(&mut transaction, id).await?;
        let detail = json!({ "mail": id, "mails": retried });
        administration.record(&mut transaction, Event::MailRetried, None, detail, now).await?;
        transaction.commit().await?;
        Ok(retried)
    })
    .await
}
