//! Makes texts of others fit for our log.

/// Further characters are cut off.
const MAX_LENGTH: usize = 200;

/// Returns the text without control characters and not longer than a line of the log bears.
pub(crate) fn loggable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_LENGTH).collect()
}
