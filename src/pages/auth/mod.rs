//! Serves the pages on which people come in: a file a page.

mod accounts;
mod assets;
mod card;
mod email_code;
mod forgot_password;
mod language;
mod link_by_mail;
mod magic_link;
mod reset_password;
mod resume;
mod sign_in;
mod sign_in_outcome;
mod sign_out;
mod sign_up;
mod step_up;
mod stop_impersonating;
mod two_factor;
mod verify_email;

use std::sync::Arc;

use axum::routing::{MethodRouter, get};

use crate::pages::{state::Pages, visit::Visit};

/// Lists the pages below the path of sign-in.
pub(crate) fn routes(pages: &Pages) -> Vec<(&'static str, MethodRouter<Arc<Pages>>)> {
    let mut table = vec![
        ("", get(sign_in::lead)),
        ("/", get(sign_in::lead)),
        ("/sign-in", get(sign_in::show).post(sign_in::submit)),
        ("/sign-in/{provider}", part_of("sign-in").post(sign_in::start_provider)),
        ("/continue", get(resume::show)),
        ("/sign-up", get(sign_up::show).post(sign_up::submit)),
        ("/verify-email", get(verify_email::show).post(verify_email::submit)),
        ("/forgot-password", get(forgot_password::show).post(forgot_password::submit)),
        ("/reset-password", get(reset_password::show).post(reset_password::submit)),
        ("/step-up", get(step_up::show).post(step_up::submit)),
        ("/sign-out", get(sign_out::show).post(sign_out::submit)),
        ("/language", part_of("sign-in").post(language::choose)),
        ("/stop-impersonating", get(stop_impersonating::show).post(stop_impersonating::submit)),
        ("/pages.js", get(assets::script)),
        ("/logo", get(assets::logo)),
    ];
    if pages.auth.two_factor.enabled {
        table.push(("/two-factor", get(two_factor::show).post(two_factor::submit)));
        table.push(("/two-factor/send-code", part_of("two-factor").post(two_factor::send_code)));
    }
    if pages.auth.magic_link.is_some() {
        table.push(("/magic-link", get(magic_link::show).post(magic_link::submit)));
    }
    if pages.auth.email_otp.is_some() {
        table.push(("/email-otp", get(email_code::show).post(email_code::submit)));
    }
    if pages.auth.multi_session.is_some() {
        table.push(("/accounts", get(accounts::show).post(accounts::choose)));
        table.push(("/accounts/remove", part_of("accounts").post(accounts::remove)));
    }
    table
}

/// Leads to the page whose form a path takes, where somebody opens the address of the form.
fn part_of(page: &'static str) -> MethodRouter<Arc<Pages>> {
    get(move |visit: Visit| async move { visit.see_other(&visit.auth_path(page)) })
}
