//! Compiles `auth.two_factor:`.

use std::time::Duration;

use crate::{
    auth::TwoFactorSettings,
    config::{
        compile::values::{check_roles, duration, value},
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
};

/// Says who can prove a second factor, and who has to on every route that looks at sessions.
#[derive(Debug)]
pub(crate) struct RequiredTwoFactor {
    pub(crate) is_enabled: bool,
    pub(crate) roles: Vec<String>,
}

/// Returns what routes need of the section.
pub(crate) fn required(raw: &raw::TwoFactor, path: &KeyPath, report: &mut Report<'_>) -> RequiredTwoFactor {
    let is_enabled = raw.enabled.unwrap_or(TwoFactorSettings::new("").enabled);
    let path = path.key("required_for_roles");
    check_roles(&raw.required_for_roles, &path, report);
    if !is_enabled && !raw.required_for_roles.is_empty() {
        report.at_key(&path, "needs two_factor.enabled: true, or users of these roles could not come in");
    }
    RequiredTwoFactor { is_enabled, roles: roles(raw) }
}

fn roles(raw: &raw::TwoFactor) -> Vec<String> {
    raw.required_for_roles.iter().map(|Text(role)| role.clone()).collect()
}

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
    report.record(&path.key("required_for_roles"), &raw.required_for_roles);
    let required_for_roles = roles(raw);
    TwoFactorSettings { enabled, issuer, mailed_code, trust_device, required_for_roles }
}
