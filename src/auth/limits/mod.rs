//! Limits how much anybody may try: attempts and mails in a window, and work with passwords at the same time.

pub(crate) mod attempts;
pub(crate) mod classes;
pub(crate) mod concurrency;
pub(crate) mod device_cookie;
pub(crate) mod fair_queue;
pub(crate) mod mails;
mod reached;
mod subject;
