//! Writes mails: one variant a kind, rendered for its reader.

mod kinds;
mod letter;
mod render;
#[cfg(test)]
mod tests;

pub use kinds::Message;
pub(crate) use letter::LOGO_ID;
pub use render::Rendered;
