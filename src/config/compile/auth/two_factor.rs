//! Compiles `auth.two_factor:`.

use std::time::Duration;

use crate::{
    auth::TwoFactorSettings,
    config::{
        compile::values::{duration, value},
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
};

/// `host` names the site in apps where nothing else is configured.
pub(crate) fn compile(raw: &raw::TwoFactor, host: &str, path: &KeyPath, report: &mut Report<'_>) -> TwoFactorSettings {
    let default = TwoFactorSettings::new(host);
    let enabled = value(raw.enabled, default.enabled, &path.key("enabled"), report);
    let mailed_code = value(raw.mailed_code, default.mailed_code, &path.key("mailed_code"), report);
    let trust_path = path.key("trust_device");
    let trust_device = match &raw.trust_device {
        // Anywhere else no time at all would be a mistake.
        Some(Text(text)) if text == "0s" => {
            report.record(&trust_path, text);
            Duration::ZERO
        }
        written => duration(written.as_ref(), default.trust_device, &trust_path, report),
    };
    if trust_device > TwoFactorSettings::MAX_TRUST {
        report.invalid(&trust_path, "must be at most 30d; 0s trusts no browser");
    }
    let issuer = raw.issuer.as_ref().map_or(default.issuer, |Text(text)| {
        let length = text.chars().count();
        if !(1..=TwoFactorSettings::MAX_ISSUER).contains(&length) || text.chars().any(char::is_control) {
            report.invalid(&path.key("issuer"), "must be a line of 1 to 64 characters");
        }
        text.clone()
    });
    report.record(&path.key("issuer"), &issuer);
    TwoFactorSettings { enabled, issuer, mailed_code, trust_device }
}
