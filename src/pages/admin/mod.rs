//! Serves the pages of administrators: a file a page.

mod access;
mod address;
mod audit;
mod audit_export;
mod create_user;
mod export_bounds;
mod health;
mod list_page;
mod organization;
mod organizations;
mod outbox;
mod page;
mod paging;
mod remove_user;
mod shown;
mod user;
mod user_actions;
mod user_forms;
mod user_sessions;
mod user_sign_in;
mod user_view;
mod users;

use std::sync::Arc;

use axum::routing::{MethodRouter, get};

use crate::pages::state::Pages;

/// Lists the pages below the path of administration.
pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<Arc<Pages>>)> {
    vec![
        ("", get(access::lead)),
        ("/", get(access::lead)),
        ("/users", get(users::show)),
        ("/users/create", get(create_user::show).post(create_user::submit)),
        ("/users/{id}", get(user::show)),
        ("/users/{id}/remove", get(remove_user::show).post(remove_user::submit)),
        ("/users/{id}/{action}", get(user_actions::lead).post(user_actions::submit)),
        ("/organizations", get(organizations::show)),
        ("/organizations/{id}", get(organization::show)),
        ("/audit", get(audit::show)),
        ("/audit/export", get(audit_export::show)),
        ("/outbox", get(outbox::show).post(outbox::retry)),
        ("/health", get(health::show)),
    ]
}
