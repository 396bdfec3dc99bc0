//! Renders the page of settings.

use http::StatusCode;

use crate::{
    language::text,
    pages::{
        account::{
            page::AccountPage,
            settings::{email, language, picture, profile},
        },
        form::Form,
        notice::Notice,
        problem::Problem,
        session::Session,
        visit::{PageResult, Visit},
    },
};

/// Holds what the page shows beside what is stored.
#[derive(Default)]
pub(crate) struct Settings<'f> {
    /// Is a profile that was not taken.
    pub(crate) profile: Option<(&'f Form, &'f Problem)>,
    /// Is an address that was not taken.
    pub(crate) email: Option<(&'f str, &'f Problem)>,
    /// Is why a picture was not taken.
    pub(crate) picture: Option<(String, StatusCode)>,
}

impl Settings<'_> {
    pub(crate) async fn show(self, visit: &Visit, session: &Session) -> PageResult {
        let problem = self.profile.map(|(_, problem)| problem).or(self.email.map(|(_, problem)| problem));
        let (profile, rest) = profile::section(visit, session, self.profile);
        let (email, rest_of_email) = email::section(visit, session, self.email).await?;
        let mut page = AccountPage::new(visit, session, text!("account-settings"));
        if let Some(problem) = problem {
            page = page.status(problem.status).notice(rest.or(rest_of_email).map(Notice::bad));
        }
        if let Some((text, status)) = self.picture {
            page = page.status(status).notice(Some(Notice::bad(text)));
        }
        let sections = [profile, picture::section(visit, session), email];
        page.sections(sections).sections(language::section(visit)).show(visit)
    }
}
