//! Keeps mail that never leaves: in memory, for `authgate dev` to show.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::OffsetDateTime;

use crate::types::Email;

/// Limits how many are kept; the oldest go first.
const CAPACITY: usize = 200;

/// Describes a captured message.
#[derive(Clone)]
pub struct CapturedMail {
    pub to: Email,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Lists them in the order of the text.
    pub links: Vec<String>,
    /// Says when the message was written into the outbox.
    pub at: OffsetDateTime,
}

impl fmt::Debug for CapturedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CapturedMail({:?} to {:?})", self.subject, self.to)
    }
}

/// Holds the last 200 messages. All clones share them.
#[derive(Clone, Default)]
pub struct MailCapture {
    newest_first: Arc<Mutex<VecDeque<CapturedMail>>>,
}

impl MailCapture {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists the messages, newest first.
    #[must_use]
    pub fn list(&self) -> Vec<CapturedMail> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn push(&self, captured: CapturedMail) {
        let mut messages = self.lock();
        messages.truncate(CAPACITY - 1);
        messages.push_front(captured);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<CapturedMail>> {
        self.newest_first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MailCapture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailCapture")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_two_hundred_newest_first() {
        let mail = MailCapture::new();
        for number in 0..250 {
            mail.clone().push(CapturedMail {
                to: "a@example.com".parse().unwrap(),
                subject: number.to_string(),
                text: String::new(),
                html: String::new(),
                links: Vec::new(),
                at: OffsetDateTime::UNIX_EPOCH,
            });
        }
        let subjects: Vec<String> = mail.list().into_iter().map(|captured| captured.subject).collect();
        assert_eq!(subjects, (50..250).rev().map(|number| number.to_string()).collect::<Vec<_>>());
    }
}
