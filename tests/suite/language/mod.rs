//! The catalogues of texts, checked by reading them: nothing is missing in a language, and nothing stands outside.

mod catalogues;
mod ftl;
mod templates;
