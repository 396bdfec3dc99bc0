//! Serves the pages on which people look after their account: a file a page, or a section of one.

mod api_keys;
mod data;
mod delete;
mod organizations;
mod page;
mod security;
mod settings;
mod step;
mod time;

use std::sync::Arc;

use axum::routing::{MethodRouter, get};

use crate::pages::{
    account::{
        organizations::{list, member, organization},
        security::{identities, page as security_page, passkeys, submit as security_forms, two_factor},
        settings::submit as settings_forms,
    },
    settings::PICTURE_PAGE,
    state::Pages,
    visit::Visit,
};

type Row = (&'static str, MethodRouter<Arc<Pages>>);

/// Lists the pages below the path of the account.
pub(crate) fn routes(pages: &Pages) -> Vec<Row> {
    let auth = &pages.auth;
    let mut table = vec![
        ("", get(settings_forms::lead)),
        ("/", get(settings_forms::lead)),
        ("/settings", get(settings_forms::show).post(settings_forms::change_profile)),
        (PICTURE_PAGE, part_of("settings").post(settings_forms::send_picture)),
        ("/settings/picture/remove", part_of("settings").post(settings_forms::remove_picture)),
        ("/settings/email", part_of("settings").post(settings_forms::change_email)),
        ("/settings/email/verify", part_of("settings").post(settings_forms::send_verification)),
        ("/security", get(security_page::show)),
        ("/security/password", part_of("security").post(security_forms::change_password)),
        ("/security/sessions/revoke", part_of("security").post(security_forms::end_session)),
        ("/security/sessions/revoke-others", part_of("security").post(security_forms::end_other_sessions)),
        ("/security/link", part_of("security").post(security_forms::link_identity)),
        ("/security/unlink", get(identities::ask).post(security_forms::unlink_identity)),
        ("/data", get(data::show).post(data::export)),
        ("/delete", get(delete::show).post(delete::submit)),
    ];
    if auth.passkeys.is_some() {
        table.push(("/security/passkeys/{id}", get(passkeys::show).post(passkeys::rename)));
        table.push(("/security/passkeys/{id}/delete", part_of("security").post(passkeys::delete)));
    }
    if auth.two_factor.enabled {
        table.push(("/security/two-factor", get(two_factor::show).post(two_factor::begin)));
        table.push(("/security/two-factor/confirm", part_of("security/two-factor").post(two_factor::confirm)));
        table.push(("/security/two-factor/disable", get(two_factor::ask_disable).post(two_factor::disable)));
        table.push(("/security/two-factor/codes", get(two_factor::ask_codes).post(two_factor::codes)));
        table.push(("/security/devices/revoke", part_of("security").post(security_forms::end_trust)));
    }
    if auth.api_keys.is_some() {
        table.push(("/api-keys", get(api_keys::show).post(api_keys::create)));
        table.push(("/api-keys/enabled", part_of("api-keys").post(api_keys::enable)));
        table.push(("/api-keys/{id}/delete", get(api_keys::ask_delete).post(api_keys::delete)));
    }
    if auth.organizations.is_some() {
        table.extend(of_organizations());
    }
    table
}

fn of_organizations() -> [Row; 11] {
    [
        ("/organizations", get(list::show).post(list::create)),
        ("/organizations/reply", part_of("organizations").post(list::reply)),
        ("/organizations/{id}", get(organization::show)),
        ("/organizations/{id}/active", part_of("organizations").post(organization::activate)),
        ("/organizations/{id}/rename", part_of("organizations").post(organization::change)),
        ("/organizations/{id}/invite", part_of("organizations").post(organization::send_invitation)),
        ("/organizations/{id}/invitations/cancel", part_of("organizations").post(organization::cancel_invitation)),
        ("/organizations/{id}/leave", get(organization::ask_leave).post(organization::leave)),
        ("/organizations/{id}/delete", get(organization::ask_delete).post(organization::delete)),
        ("/organizations/{id}/members/{member}", get(member::show).post(member::change)),
        ("/organizations/{id}/members/{member}/remove", part_of("organizations").post(member::remove)),
    ]
}

/// Leads to the page whose form a path takes: whoever signs in again, or takes another language, comes back with GET.
fn part_of(page: &'static str) -> MethodRouter<Arc<Pages>> {
    get(move |visit: Visit| async move { visit.see_other(&visit.account_path(page)) })
}
