//! Leads into the outbox: mail is written in the transaction that causes it, and leaves from `jobs` (promise 4).

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::Notify;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    crypto::{Sealer, Unsealable},
    language::Language,
    mail::{message::Message, reader::Reader},
    store::{self, StoreError, Tx},
    types::Email,
};

/// Is the purpose that the outbox's sealer is derived for: `keyring.sealer(OUTBOX_PURPOSE)`.
pub const OUTBOX_PURPOSE: &str = "mail-outbox";

/// Seals messages into the outbox table and wakes the worker. Cheap to clone; all clones wake the same worker.
#[derive(Clone)]
pub struct Outbox {
    sealer: Sealer,
    waker: Arc<Notify>,
}

/// Holds what a row's payload contains. The recipient is inside, so that a changed column sends nobody's link to
/// somebody else.
#[derive(Serialize, Deserialize)]
pub struct OutboxMessage {
    pub id: OutboxMessageId,
    pub to: Email,
    pub message: Message,
    /// Is the language of its reader. What was written before there were several is in English.
    #[serde(default)]
    pub language: Language,
}

/// Becomes the Message-ID. A redelivered message has the same one, so that mail servers can drop the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutboxMessageId(Uuid);

impl OutboxMessageId {
    /// Makes a new one, sortable by time.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for OutboxMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Describes why a payload is no message to this process. Another replica may still be able to read it.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableMessage {
    #[error("the message was sealed with a secret that is not configured (any more), or its row was changed")]
    Unsealable(#[from] Unsealable),
    #[error("the message is of a kind that this version does not know")]
    UnknownKind,
}

impl Outbox {
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self { sealer, waker: Arc::new(Notify::new()) }
    }

    /// Writes the message in the caller's transaction: it will be delivered if and only if that commits. The commit
    /// wakes the worker of this process, which looks at once then instead of at its next poll.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    pub async fn enqueue(
        &self,
        transaction: &mut Tx,
        to: &Email,
        (message, reader): (&Message, Reader<'_>),
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let language = reader.language(transaction, to).await?;
        let queued =
            OutboxMessage { id: OutboxMessageId::generate(), to: to.clone(), message: message.clone(), language };
        let plain = Zeroizing::new(serde_json::to_vec(&queued).expect("messages are plain data with text keys"));
        store::outbox::insert(transaction, message.kind(), to, &self.sealer.seal(&plain), now).await?;
        transaction.notify_after_commit(&self.waker);
        Ok(())
    }

    /// Waits for the commit of a message; one while nobody waits is kept. It is for one worker.
    pub async fn woken(&self) {
        self.waker.notified().await;
    }

    /// Opens a row's payload.
    pub fn open(&self, payload: &[u8]) -> Result<OutboxMessage, UnreadableMessage> {
        let plain = self.sealer.open(payload)?;
        // The error would quote the text, which holds the link.
        serde_json::from_slice(&plain).map_err(|_| UnreadableMessage::UnknownKind)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

impl fmt::Debug for OutboxMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutboxMessage({} to {:?})", self.message.kind(), self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_queued_before_there_were_languages_is_in_english() {
        let id = "01920000-0000-7000-8000-000000000000";
        let message = r#"{"kind":"verify_email","name":"A","link":"L","expires_in_minutes":15}"#;
        let stored = format!(r#"{{"id":"{id}","to":"a@example.com","message":{message}}}"#);
        let queued: OutboxMessage = serde_json::from_str(&stored).unwrap();
        assert_eq!(queued.language, Language::English);
        let queued = OutboxMessage { language: Language::German, ..queued };
        assert!(serde_json::to_string(&queued).unwrap().ends_with(r#""language":"de"}"#));
    }
}
