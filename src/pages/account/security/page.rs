//! Serves the page with everything that opens the account: a file a section.

use crate::pages::{
    account::{
        page::AccountPage,
        security::{devices, identities, passkeys, password, sessions, two_factor},
        sign_in_methods,
    },
    notice::Notice,
    problem::Problem,
    session::{self, Session},
    visit::{PageResult, Visit},
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    let notice = visit.query("error").map(|_| Notice::bad(visit.t.get("identities-failed").into_owned()));
    page(&visit, &session, None, notice).await
}

/// Shows the page after something on it did not go well.
pub(crate) async fn show_failed(visit: &Visit, session: &Session, problem: &Problem) -> PageResult {
    page(visit, session, Some(problem), None).await
}

/// Shows the page. A problem with a password stands beside its field.
async fn page(visit: &Visit, session: &Session, problem: Option<&Problem>, notice: Option<Notice>) -> PageResult {
    let accounts = sign_in_methods::list(visit).await?;
    let (password, rest) = password::section(visit, sign_in_methods::have_password(&accounts), problem);
    let page = AccountPage::new(visit, session, "account-security")
        .notice(notice)
        .notice(rest.map(Notice::bad))
        .status(problem.map_or(http::StatusCode::OK, |problem| problem.status))
        .section(password)
        .sections(two_factor::section(visit, session))
        .sections(passkeys::section(visit).await?)
        .sections(identities::section(visit, &accounts))
        .section(sessions::section(visit).await?)
        .sections(devices::section(visit, session).await?);
    page.show(visit)
}
