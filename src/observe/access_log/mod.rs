//! Writes the access log: one line a request.

mod line;
mod render;
mod writer;

pub use line::AccessLine;
pub use writer::AccessLog;
