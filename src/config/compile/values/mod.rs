//! Values that several sections share: durations, sizes, names.

pub(crate) mod secrets;

use std::time::Duration;

use crate::config::source::{path::KeyPath, report::Report, text::Text};

/// Returns a duration longer than nothing and at most ten years, or the default.
pub(crate) fn duration(raw: Option<&Text>, default: Duration, path: &KeyPath, report: &mut Report<'_>) -> Duration {
    const LONGEST: Duration = Duration::from_hours(3650 * 24);
    let Some(Text(text)) = raw else { return default };
    match humantime::parse_duration(text) {
        Ok(value) if value.is_zero() => report.invalid(path, "must be longer than nothing, for example 15m"),
        Ok(value) if value > LONGEST => report.invalid(path, "must be at most 3650d"),
        Ok(value) => return value,
        Err(_) => report.invalid(path, "a duration is a number with ms, s, m, h or d, for example 15m or 1h30m"),
    }
    default
}

/// Returns a size in bytes.
pub(crate) fn size(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> Option<u64> {
    match text.parse::<bytesize::ByteSize>() {
        Ok(size) if size.as_u64() > 0 => Some(size.as_u64()),
        _ => {
            report.invalid(path, "a size is a number of bytes with B, KiB, MiB or GiB, for example 50MiB");
            None
        }
    }
}

/// Returns whether the text is 1 to 64 of `a-z 0-9` and the further characters.
pub(crate) fn is_name(text: &str, further: &[u8]) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || further.contains(&b))
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
