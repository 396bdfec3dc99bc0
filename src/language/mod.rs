//! Holds all texts for people, a catalogue a language, and chooses the language that somebody reads.
//!
//! Knows nothing of pages and mails: these name a text by its id. Names and other values that are inserted are text, and
//! whoever puts a text into HTML escapes the whole of it.

mod accept;
mod asked;
mod catalogue;
mod languages;
mod number;
mod text_id;
mod texts;

pub use asked::{AskedLanguage, LANGUAGE_COOKIE};
pub use languages::{Language, Languages};
pub use text_id::TextId;
pub(crate) use text_id::text;
pub use texts::Texts;
