//! Serves the page with everything that opens the account: a file a section.

use http::StatusCode;

use crate::{
    language::text,
    pages::{
        account::{
            page::AccountPage,
            security::{devices, identities, passkeys, password, sessions, two_factor},
        },
        form::Form,
        notice::Notice,
        oauth_failure::known_failure,
        problem::Problem,
        session::{self, Session},
        sign_in_methods,
        visit::{PageResult, Visit},
    },
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    let notice = visit.query("error").map(|code| {
        let text = known_failure(code).unwrap_or(text!("identities-failed"));
        Notice::bad(visit.t.text(text).into_owned())
    });
    page(&visit, &session, None, (StatusCode::OK, notice)).await
}

/// Shows the page after a password was not taken. The problem stands beside its field.
pub(crate) async fn show_password(visit: &Visit, session: &Session, form: &Form, problem: &Problem) -> PageResult {
    page(visit, session, Some((form, problem)), (problem.status, None)).await
}

/// Shows the page after something else on it did not go well.
pub(crate) async fn show_failed(visit: &Visit, session: &Session, problem: &Problem) -> PageResult {
    page(visit, session, None, (problem.status, Some(Notice::bad(visit.problem_text(problem))))).await
}

async fn page(
    visit: &Visit,
    session: &Session,
    password: Option<(&Form, &Problem)>,
    (status, notice): (StatusCode, Option<Notice>),
) -> PageResult {
    let accounts = sign_in_methods::list(visit).await?;
    let (password, rest) = password::section(visit, sign_in_methods::have_password(&accounts), password);
    let page = AccountPage::new(visit, session, text!("account-security"))
        .notice(notice)
        .notice(rest.map(Notice::bad))
        .status(status)
        .section(password)
        .sections(two_factor::section(visit, session))
        .sections(passkeys::section(visit).await?)
        .sections(identities::section(visit, &accounts))
        .section(sessions::section(visit).await?)
        .sections(devices::section(visit, session).await?);
    page.show(visit)
}
