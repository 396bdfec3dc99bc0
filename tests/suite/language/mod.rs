//! The catalogues of texts, checked by reading them: nothing is missing in a language, and nothing stands outside.

mod catalogues;
pub(crate) mod ftl;
mod templates;
