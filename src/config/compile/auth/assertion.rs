//! `identity.assertion:`, and `audience:` of the upstreams.

use std::{collections::BTreeMap, time::Duration};

use http::HeaderName;

use crate::{
    config::{
        compile::values::duration,
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    proxy::is_own_header,
    sessions::AssertionSettings,
};

const MIN_TTL: Duration = Duration::from_secs(30);
const MAX_TTL: Duration = Duration::from_mins(5);

/// Returns `None` where no assertion is configured, or a wrong one.
pub(crate) fn compile(
    raw: Option<raw::Assertion>,
    upstreams: &BTreeMap<String, raw::Upstream>,
    report: &mut Report<'_>,
) -> Option<AssertionSettings> {
    let of_upstream = |name: &str| KeyPath::from_keys(&["upstreams", name, "audience"]);
    let Some(raw) = raw else {
        for (name, _) in upstreams.iter().filter(|(_, upstream)| upstream.audience.is_some()) {
            let message =
                "says for whom assertions are; needs identity.assertion, for example identity: { assertion: {} }";
            report.at_key(&of_upstream(name), message);
        }
        return None;
    };
    let path = KeyPath::from_keys(&["identity", "assertion"]);
    let header = header(raw.header.as_ref(), &path.key("header"), report);
    let ttl = ttl(raw.ttl.as_ref(), &path.key("ttl"), report);
    if let Some(common) = &raw.audience {
        report.record(&path.key("audience"), common);
    }
    let common = raw.audience.as_ref().map(|text| audience(text, &path.key("audience"), report));
    let audiences = upstreams
        .iter()
        .map(|(name, upstream)| {
            let audience = match (&upstream.audience, &common) {
                (Some(own), _) => audience(own, &of_upstream(name), report),
                (None, Some(common)) => common.clone(),
                (None, None) => name.clone(),
            };
            report.record(&of_upstream(name), audience)
        })
        .collect();
    Some(AssertionSettings { header: header?, ttl, audiences })
}

fn header(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> Option<HeaderName> {
    let default = AssertionSettings::HEADER;
    let text = raw.map_or(default.as_str(), |Text(text)| text);
    report.record(path, text);
    // `_` and `.` would be one spelling too many: both are read as `-` (HDR-02).
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match HeaderName::try_from(text) {
        Ok(name) if is_plain && !is_own_header(&name) => return Some(name),
        Ok(name) if is_plain => report.invalid(path, format!("{name} has a meaning already; take one of your own")),
        _ => report.invalid(path, "a header is named by letters, digits and -, for example X-Identity-Assertion"),
    }
    None
}

fn ttl(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> Duration {
    let ttl = duration(raw, AssertionSettings::TTL, path, report);
    if (MIN_TTL..=MAX_TTL).contains(&ttl) && ttl.subsec_nanos() == 0 {
        return ttl;
    }
    report.invalid(
        path,
        "must be 30s to 5m, in whole seconds: an assertion is valid for that long even after a sign-out",
    );
    AssertionSettings::TTL
}

fn audience(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> String {
    if !(1..=255).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        report.invalid(path, "an audience is 1 to 255 visible ASCII characters without blanks, for example api");
    }
    text.clone()
}
