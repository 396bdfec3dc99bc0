//! Says who sees the pages of administration, and what each of them may do there. The auth API checks every call again.

use axum::response::Response;
use serde::de::DeserializeOwned;

use crate::{
    auth::admin::{Permission, Permissions},
    language::{TextId, text},
    pages::{
        api_client::Reply,
        error::PageError,
        layout::Layout,
        problem::Problem,
        session::{self, Session},
        visit::Visit,
    },
};

/// Holds an administrator who is signed in.
pub(crate) struct Administrator {
    pub(crate) session: Session,
    permissions: Permissions,
}

/// Returns the administrator who is signed in. Nobody else learns that these pages are there.
pub(crate) async fn require(visit: &Visit) -> Result<Administrator, PageError> {
    let session = session::require(visit).await?;
    let pages = visit.pages.settings.admin.as_ref().ok_or(PageError::NotFound)?;
    let admin = visit.pages.auth.admin.as_ref().ok_or(PageError::NotFound)?;
    let roles = session.user.roles();
    let permissions = admin.permissions_of(&roles);
    let is_named =
        pages.roles.is_empty() || pages.roles.iter().any(|role| roles.iter().any(|own| own == role.as_str()));
    if permissions.is_empty() || !is_named {
        return Err(PageError::NotFound);
    }
    Ok(Administrator { session, permissions })
}

impl Administrator {
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// Returns what is around a page, with the navigation between those that the administrator may see.
    pub(crate) fn layout<'v>(&self, visit: &'v Visit, title: &str) -> Layout<'v> {
        self.session.shown(visit, visit.layout(title)).navigation(visit.path(), &self.entries(visit))
    }

    fn entries(&self, visit: &Visit) -> Vec<(String, TextId)> {
        let has_organizations = visit.pages.auth.organizations.is_some();
        let all = [
            (Permission::UserList, true, "users", text!("admin-users")),
            (Permission::OrganizationList, has_organizations, "organizations", text!("admin-organizations")),
            (Permission::AuditList, true, "audit", text!("admin-audit")),
            (Permission::MailRead, true, "outbox", text!("admin-outbox")),
            (Permission::HealthRead, true, "health", text!("admin-health")),
        ];
        let seen = all.into_iter().filter(|(permission, is_there, ..)| *is_there && self.may(*permission));
        seen.map(|(_, _, page, text)| (path(visit, page), text)).collect()
    }

    /// Reads what the API responded.
    pub(crate) fn read<T: DeserializeOwned>(&self, reply: Reply) -> Result<T, PageError> {
        reply.parse().map_err(|error| match error {
            PageError::Problem(problem) => self.refused(problem),
            other => other,
        })
    }

    /// Says why the API did not do what was asked. A session that proved too little, or that long ago, leads to the page
    /// that asks for a proof, and from there back.
    pub(crate) fn refused(&self, problem: Problem) -> PageError {
        match problem.code.as_str() {
            "UNAUTHORIZED" => PageError::SignInFirst,
            "SESSION_NOT_FRESH" | "REAUTHENTICATION_REQUIRED" => PageError::ProveFirst("reauthenticate"),
            "TWO_FACTOR_REQUIRED" if self.session.user.two_factor_enabled => PageError::ProveFirst("two_factor"),
            "TWO_FACTOR_REQUIRED" => PageError::ProveFirst("two_factor_setup"),
            _ => PageError::Problem(problem),
        }
    }

    /// Returns a problem that belongs beside a form; any other is an error of the whole page.
    pub(crate) fn beside_form(&self, problem: Problem) -> Result<Problem, PageError> {
        match self.refused(problem) {
            PageError::Problem(problem) => Ok(problem),
            other => Err(other),
        }
    }
}

/// Returns the path of a page of administration.
pub(crate) fn path(visit: &Visit, page: &str) -> String {
    let base = visit.pages.settings.admin.as_ref().map_or("", |admin| admin.path.as_str());
    format!("{base}/{page}")
}

/// Leads from the bare path to the first page that the administrator may see.
pub(crate) async fn lead(visit: Visit) -> Result<Response, PageError> {
    let administrator = require(&visit).await?;
    let entries = administrator.entries(&visit);
    let (first, _) = entries.first().ok_or(PageError::NotFound)?;
    Ok(visit.see_other(first))
}
