//! Writes times in the one form there is: logs, command-line output and pages share it.

use std::io;

use time::{OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

/// Writes `2026-11-20T21:07:31.042Z`: always UTC, always 24 characters, so that lines sort as text.
const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Appends the time. A year beyond 9999 cannot be written and leaves nothing.
pub fn write_timestamp(out: &mut dyn io::Write, time: OffsetDateTime) -> io::Result<()> {
    let mut writer = out;
    match time.to_offset(UtcOffset::UTC).format_into(&mut writer, FORMAT) {
        Err(time::error::Format::StdIo(error)) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Returns the time as text.
#[must_use]
pub fn format_timestamp(time: OffsetDateTime) -> String {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = write_timestamp(&mut text, time);
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn writes_utc_with_milliseconds() {
        for (time, text) in [
            (datetime!(2026-11-20 21:07:31.042_999 UTC), "2026-11-20T21:07:31.042Z"),
            (datetime!(2026-01-02 01:00:00 +02:00), "2026-01-01T23:00:00.000Z"),
        ] {
            let mut out = Vec::new();
            write_timestamp(&mut out, time).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
            assert_eq!(format_timestamp(time), text);
        }
    }
}
