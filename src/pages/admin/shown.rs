//! Writes what the auth API tells as people read it.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::{
    language::Texts,
    pages::{notice::Notice, visit::Visit},
    types::parse_timestamp,
};

/// Shows a state in a word or two.
pub(crate) struct Badge {
    pub(crate) text: String,
    /// Is a class of the style sheet.
    pub(crate) tone: &'static str,
}

impl Badge {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: "" }
    }

    pub(crate) fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: "good" }
    }

    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: "bad" }
    }
}

/// Writes a time of the API's.
pub(crate) fn when(t: Texts, text: &str) -> String {
    parse_timestamp(text).map_or_else(|| text.to_owned(), |at| t.date_time(at))
}

/// Reads a day that a date field sent, as the moment at which it begins.
pub(crate) fn day(text: &str) -> Option<OffsetDateTime> {
    (text.len() == 10).then(|| parse_timestamp(&format!("{text}T00:00:00Z"))).flatten()
}

/// Returns the good news that an address brings from the form before it.
pub(crate) fn said(visit: &Visit, known: &[&str]) -> Option<Notice> {
    let said = visit.query("said").filter(|said| known.contains(said))?;
    Some(Notice::good(visit.t.get(&format!("admin-said-{said}"))))
}

/// Describes a device, as far as it is known.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Device {
    browser: Option<String>,
    os: Option<String>,
}

/// Describes a place, as far as it is known.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Location {
    city: Option<String>,
    country: Option<String>,
}

/// Names a device, as `Firefox, Linux`.
pub(crate) fn device_name(t: Texts, device: &Device) -> String {
    let known = [device.browser.as_deref(), device.os.as_deref()];
    let known: Vec<&str> = known.into_iter().flatten().collect();
    if known.is_empty() { t.get("admin-unknown-device").into_owned() } else { known.join(", ") }
}

/// Names a place, as `Paris, France`.
pub(crate) fn place_name(location: Option<&Location>) -> Option<String> {
    let Location { city, country } = location?;
    let known: Vec<&str> = [city.as_deref(), country.as_deref()].into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn only_what_is_known_is_named() {
        let t = Texts::new(Language::English);
        assert_eq!(device_name(t, &Device::default()), "Unknown device");
        let device = Device { browser: Some("Firefox".to_owned()), os: Some("Linux".to_owned()) };
        assert_eq!(device_name(t, &device), "Firefox, Linux");
        assert_eq!(place_name(Some(&Location::default())), None);
        let place = Location { city: None, country: Some("France".to_owned()) };
        assert_eq!(place_name(Some(&place)).as_deref(), Some("France"));
        assert_eq!(when(t, "2026-11-21T00:45:10.000Z"), "21 November 2026, 00:45 UTC");
        assert!(day("2026-11-21").is_some() && day("2026-11-21T").is_none() && day("soon").is_none());
    }
}
