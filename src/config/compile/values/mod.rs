//! Compiles values that several sections share: durations, sizes, names. What is in effect is recorded on the way.

pub(crate) mod secrets;

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use http::HeaderName;
use serde::Serialize;

use crate::config::source::{path::KeyPath, report::Report, text::Text};

/// Returns what is written, or the default.
pub(crate) fn value<T: Serialize>(raw: Option<T>, default: T, path: &KeyPath, report: &mut Report<'_>) -> T {
    report.record(path, raw.unwrap_or(default))
}

/// Returns the number that is written, or the default.
pub(crate) fn number<T: Serialize + PartialOrd + Display>(
    raw: Option<T>,
    default: T,
    range: RangeInclusive<T>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> T {
    let number = value(raw, default, path, report);
    if !range.contains(&number) {
        report.invalid(path, format!("must be {} to {}", range.start(), range.end()));
    }
    number
}

/// Returns a duration longer than nothing and at most ten years, or the default.
pub(crate) fn duration(raw: Option<&Text>, default: Duration, path: &KeyPath, report: &mut Report<'_>) -> Duration {
    const LONGEST: Duration = Duration::from_hours(3650 * 24);
    let mut value = default;
    if let Some(Text(text)) = raw {
        match humantime::parse_duration(text) {
            Ok(written) if written.is_zero() => report.invalid(path, "must be longer than nothing, for example 15m"),
            Ok(written) if written > LONGEST => report.invalid(path, "must be at most 3650d"),
            Ok(written) => value = written,
            Err(_) => report.invalid(path, "a duration is a number with ms, s, m, h or d, for example 15m or 1h30m"),
        }
    }
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    report.record(path, shortest(value.as_millis(), &units));
    value
}

/// Returns a size in bytes.
pub(crate) fn size(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<u64> {
    match text.parse::<bytesize::ByteSize>() {
        Ok(size) if size.as_u64() > 0 => {
            report.record(path, shortest(size.as_u64().into(), &[("MiB", 1024 * 1024), ("KiB", 1024), ("B", 1)]));
            Some(size.as_u64())
        }
        _ => {
            report.invalid(path, "a size is a number of bytes with B, KiB, MiB or GiB, for example 50MiB");
            None
        }
    }
}

/// Writes an amount with the first unit, of the given lengths, that divides it.
fn shortest(amount: u128, units: &[(&str, u128)]) -> String {
    let unit = units.iter().find(|(_, length)| amount.is_multiple_of(*length));
    unit.map_or_else(|| amount.to_string(), |(unit, length)| format!("{}{unit}", amount / length))
}

/// Returns whether the text is 1 to 64 of `a-z 0-9` and the further characters.
pub(crate) fn is_name(text: &str, further: &[u8]) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || further.contains(&b))
}

/// Reports every name that can be no role's.
pub(crate) fn check_roles(roles: &[Text], path: &KeyPath, report: &mut Report<'_>) {
    for (index, Text(role)) in roles.iter().enumerate() {
        if !is_name(role, b"_:-") {
            report.invalid(&path.index(index), "a role is 1 to 64 characters out of a-z 0-9 _ : -");
        }
    }
}

/// Parses the name of a header that the gateway fills: letters, digits and `-`. `_` and `.` would be one spelling too
/// many, since both are read as `-` (HDR-02).
pub(crate) fn header_name(text: &str) -> Option<HeaderName> {
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    HeaderName::try_from(text).ok().filter(|_| is_plain)
}

/// Tells what is wrong with an internationalised host name: that it has to be written in its ASCII form. `None` for
/// others.
pub(crate) fn not_ascii(host: &str) -> Option<String> {
    let ascii = if host.is_ascii() { return None } else { idna::domain_to_ascii(host) };
    Some(ascii.map_or_else(
        |_| "is no host name".to_owned(),
        |ascii| format!("an internationalised name is written in its ASCII form: {ascii}"),
    ))
}

/// Returns whether the text is a host name or address as it stands in a URL, lower case, without port.
pub(crate) fn is_host(text: &str) -> bool {
    url::Url::parse(&format!("http://{text}")).is_ok_and(|url| {
        url.host_str() == Some(text) && url.port().is_none() && url.path() == "/" && url.username().is_empty()
    })
}
