//! Compiles the ways in beside a password and an address.

use std::{ops::RangeInclusive, time::Duration};

use crate::{
    auth::{EmailOtpSettings, MagicLinkSettings},
    config::{
        compile::values::{duration, number, value},
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    types::{Username, UsernameRules},
};

pub(crate) fn username(raw: &raw::Username, path: &KeyPath, report: &mut Report<'_>) -> Option<UsernameRules> {
    let default = UsernameRules::default();
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let lengths = 1..=UsernameRules::MAX_LENGTH;
    let min_length = number(raw.min_length, default.min_length, lengths.clone(), &path.key("min_length"), report);
    let max_length =
        number(raw.max_length, default.max_length.max(min_length), lengths, &path.key("max_length"), report);
    if max_length < min_length {
        report.invalid(&path.key("max_length"), format!("must be at least min_length, which is {min_length}"));
    }
    let reserved_path = path.key("reserved");
    let mut reserved = Vec::new();
    for (index, Text(text)) in raw.reserved.iter().enumerate() {
        match Username::parse(text) {
            Some(name) => reserved.push(name),
            None => report.invalid(&reserved_path.index(index), "a name holds up to 64 letters, digits, _ and ."),
        }
    }
    report.record(&reserved_path, reserved.iter().map(Username::display).collect::<Vec<_>>());
    is_enabled.then(|| UsernameRules::new(min_length, max_length, &reserved))
}

/// Bounds how long a code or a link works: a mail takes its time, and a longer life gives more time to guess.
const MAILED_LIFE: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(1);

pub(crate) fn email_otp(raw: &raw::EmailOtp, path: &KeyPath, report: &mut Report<'_>) -> Option<EmailOtpSettings> {
    let default = EmailOtpSettings::default();
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let length = number(raw.length, default.length, 6..=10, &path.key("length"), report);
    let expires_in = duration(raw.expires_in.as_ref(), default.expires_in, &path.key("expires_in"), report);
    if !MAILED_LIFE.contains(&expires_in) {
        report.invalid(&path.key("expires_in"), "must be 1m to 1h");
    }
    let attempts = number(raw.attempts, default.attempts, 1..=10, &path.key("attempts"), report);
    is_enabled.then_some(EmailOtpSettings { length, expires_in, attempts })
}

pub(crate) fn magic_link(raw: &raw::MagicLink, path: &KeyPath, report: &mut Report<'_>) -> Option<MagicLinkSettings> {
    let default = MagicLinkSettings::default();
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let expires_in = duration(raw.expires_in.as_ref(), default.expires_in, &path.key("expires_in"), report);
    if !MAILED_LIFE.contains(&expires_in) {
        report.invalid(&path.key("expires_in"), "must be 1m to 1h");
    }
    is_enabled.then_some(MagicLinkSettings { expires_in })
}
