//! Compiles `identity.assertion:`, and `audience:` of the upstreams.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderName, header::AUTHORIZATION};

use crate::{
    config::{
        compile::values::{duration, header_name, secrets, value},
        raw::{self, AssertionAlgorithm},
        source::{
            path::KeyPath,
            report::Report,
            text::{Secrets, Text},
        },
    },
    proxy::is_own_header,
    sessions::{AssertionKeys, AssertionSettings, KeyAlgorithm},
    types::Secret,
};

const MIN_TTL: Duration = Duration::from_secs(30);
const MAX_TTL: Duration = Duration::from_mins(5);

/// Returns `None` where no assertion is configured, or a wrong one. Its [`header`] was read before.
pub(crate) fn compile(
    raw: Option<raw::Assertion>,
    header: Option<HeaderName>,
    upstreams: &BTreeMap<String, raw::Upstream>,
    own_secrets: &[Secret],
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
    let keys = keys(raw.algorithm, raw.key, own_secrets, &path, report);
    let issuer = raw.issuer.map(|text| claim(&text, &path.key("issuer"), report));
    let ttl = ttl(raw.ttl.as_ref(), &path.key("ttl"), report);
    let common = raw.audience.as_ref().map(|text| claim(text, &path.key("audience"), report));
    let audiences = upstreams
        .iter()
        .map(|(name, upstream)| match (&upstream.audience, &common) {
            (Some(own), _) => claim(own, &of_upstream(name), report),
            (None, Some(common)) => report.record(&of_upstream(name), common.clone()),
            (None, None) => report.record(&of_upstream(name), name.clone()),
        })
        .collect();
    Some(AssertionSettings { header: header?, keys: keys?, issuer, ttl, audiences })
}

/// Returns the header of the assertion, which no additional field may have, whatever else is wrong with either.
pub(crate) fn header(raw: &raw::Assertion, report: &mut Report<'_>) -> Option<HeaderName> {
    let (path, default) = (KeyPath::from_keys(&["identity", "assertion", "header"]), AssertionSettings::HEADER);
    let text = raw.header.as_ref().map_or(default.as_str(), |Text(text)| text);
    report.record(&path, text);
    match header_name(text) {
        Some(name) if name == AUTHORIZATION || !is_own_header(&name) => return Some(name),
        Some(name) => report.invalid(&path, format!("{name} has a meaning already; take one of your own")),
        None => report
            .invalid(&path, "is Authorization, or a name of letters, digits and -, for example X-Identity-Assertion"),
    }
    None
}

fn keys(
    algorithm: Option<AssertionAlgorithm>,
    key: Option<Secrets>,
    own_secrets: &[Secret],
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<AssertionKeys> {
    let key_path = path.key("key");
    let algorithm = match value(algorithm, AssertionAlgorithm::default(), &path.key("algorithm"), report) {
        AssertionAlgorithm::EdDsa => KeyAlgorithm::EdDsa,
        AssertionAlgorithm::Es256 => KeyAlgorithm::Es256,
        AssertionAlgorithm::Hs256 if key.is_none() => {
            report.missing(
                &key_path,
                "algorithm: HS256, key: { env: BACKEND_JWT_SECRET }, the secret that the backends share",
            );
            return None;
        }
        AssertionAlgorithm::Hs256 => {
            let keys = secrets::compile(key, &key_path, report);
            if keys.iter().any(|key| own_secrets.contains(key)) {
                report.at(&key_path, "is the gateway's own secret; a backend that had it could sign everybody in");
            }
            return Some(AssertionKeys::Shared(keys));
        }
    };
    if key.is_some() {
        report.at_key(&key_path, "needs algorithm: HS256; the keys of the others follow from secret");
    }
    Some(AssertionKeys::Derived(algorithm))
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

/// Returns the text of an `aud` or `iss` claim.
pub(crate) fn claim(Text(text): &Text, path: &KeyPath, report: &mut Report<'_>) -> String {
    if !(1..=255).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        report.invalid(path, "a name is 1 to 255 visible ASCII characters without blanks, for example api");
    }
    report.record(path, text.clone())
}
