//! Reads and writes times in the one form there is: logs, command-line output and pages share it.

use std::io;

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Appends the time as `2026-11-20T21:07:31.042Z`: always UTC, always 24 characters, so that lines sort as text. A year
/// beyond 9999 cannot be written and leaves nothing.
pub fn write_timestamp(out: &mut dyn io::Write, time: OffsetDateTime) -> io::Result<()> {
    let time = time.to_offset(UtcOffset::UTC);
    let Some(year) = u16::try_from(time.year()).ok().filter(|year| *year <= 9999) else { return Ok(()) };
    let mut text = *b"0000-00-00T00:00:00.000Z";
    digits(&mut text[..4], year);
    digits(&mut text[5..7], u8::from(time.month()).into());
    digits(&mut text[8..10], time.day().into());
    digits(&mut text[11..13], time.hour().into());
    digits(&mut text[14..16], time.minute().into());
    digits(&mut text[17..19], time.second().into());
    digits(&mut text[20..23], time.millisecond());
    out.write_all(&text)
}

/// Writes a number in as many digits as there is room for. Every line of the access log has a time, and a formatter that
/// knows all formats takes ten times as long.
fn digits(out: &mut [u8], mut number: u16) {
    for place in out.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
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

/// Reads a time of RFC 3339, in UTC. A year that another zone or a table would overflow with is none.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)?;
    (1900..9999).contains(&time.year()).then_some(time)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn reads_what_every_zone_and_table_can_hold() {
        assert_eq!(parse_timestamp("2026-01-02T01:00:00+02:00"), Some(datetime!(2026-01-01 23:00:00 UTC)));
        for text in ["9999-12-31T23:59:59-23:59", "9999-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "2026-01-02", ""] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn writes_utc_with_milliseconds() {
        for (time, text) in [
            (datetime!(2026-11-20 21:07:31.042_999 UTC), "2026-11-20T21:07:31.042Z"),
            (datetime!(2026-01-02 01:00:00 +02:00), "2026-01-01T23:00:00.000Z"),
            (datetime!(0009-12-31 23:59:59.999 UTC), "0009-12-31T23:59:59.999Z"),
            (datetime!(-0001-01-01 00:00:00 UTC), ""),
        ] {
            let mut out = Vec::new();
            write_timestamp(&mut out, time).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
            assert_eq!(format_timestamp(time), text);
        }
    }
}
