//! Writes mails: one variant a kind, rendered for its reader.

mod kinds;
mod render;
#[cfg(test)]
mod tests;

pub use kinds::Message;
pub use render::Rendered;
