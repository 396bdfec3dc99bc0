//! Writes the times that the API tells.

use crate::{language::Texts, types::parse_timestamp};

/// Writes a minute. What is no time is written as it is.
pub(crate) fn moment(t: Texts, text: &str) -> String {
    parse_timestamp(text).map_or_else(|| text.to_owned(), |at| t.date_time(at))
}

/// Writes a day.
pub(crate) fn day(t: Texts, text: &str) -> String {
    parse_timestamp(text).map_or_else(|| text.to_owned(), |at| t.date(at))
}
