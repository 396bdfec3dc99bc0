//! Compiles `auth.organizations:`.

use std::{ops::RangeInclusive, time::Duration};

use crate::{
    auth::{CallbackUrl, OrganizationSettings, TeamSettings},
    config::{
        compile::values::{duration, number, value},
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    types::{PublicUrl, TrustedOrigins},
};

/// Bounds how long an invitation works: people read their mail after a weekend, and forget about it after a month.
const LIFE: RangeInclusive<Duration> = Duration::from_hours(1)..=Duration::from_hours(30 * 24);

/// `trusted` says where pages may be.
pub(crate) fn compile(
    raw: &raw::Organizations,
    trusted: Option<(&TrustedOrigins, &PublicUrl)>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<OrganizationSettings> {
    let default = OrganizationSettings::default();
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let creation = value(raw.creation, default.creation, &path.key("creation"), report);
    let max_per_user = number(raw.max_per_user, default.max_per_user, 1..=1000, &path.key("max_per_user"), report);
    let max_members = number(raw.max_members, default.max_members, 1..=100_000, &path.key("max_members"), report);
    let max_invitations =
        number(raw.max_invitations, default.max_invitations, 1..=10_000, &path.key("max_invitations"), report);
    let life = path.key("invitation_expires_in");
    let invitation_expires_in =
        duration(raw.invitation_expires_in.as_ref(), default.invitation_expires_in, &life, report);
    if !LIFE.contains(&invitation_expires_in) {
        report.invalid(&life, "must be 1h to 30d");
    }
    let page_path = path.key("sign_up_page");
    let mut sign_up_page = None;
    if let (Some(Text(text)), Some((trusted, public_url))) = (&raw.sign_up_page, trusted) {
        match CallbackUrl::parse(text, trusted, public_url) {
            Ok(page) => {
                report.record(&page_path, page.as_str());
                sign_up_page = Some(page);
            }
            Err(_) => report.invalid(&page_path, "must be a path like /sign-up, or a URL of a trusted origin"),
        }
    }
    let teams = teams(&raw.teams, &path.key("teams"), report);
    is_enabled.then_some(OrganizationSettings {
        creation,
        max_per_user,
        max_members,
        max_invitations,
        invitation_expires_in,
        sign_up_page,
        teams,
    })
}

fn teams(raw: &raw::Teams, path: &KeyPath, report: &mut Report<'_>) -> Option<TeamSettings> {
    let default = TeamSettings::default();
    let is_enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let count = path.key("max_per_organization");
    let max_per_organization = number(raw.max_per_organization, default.max_per_organization, 1..=1000, &count, report);
    let max_members = number(raw.max_members, default.max_members, 1..=100_000, &path.key("max_members"), report);
    is_enabled.then_some(TeamSettings { max_per_organization, max_members })
}
