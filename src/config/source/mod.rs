//! Holds the text of the configuration: its document, its environment variables, and errors with their places.

pub(crate) mod decode;
pub(crate) mod document;
pub(crate) mod effective;
pub(crate) mod environment;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod location;
pub(crate) mod path;
pub(crate) mod report;
pub(crate) mod text;
