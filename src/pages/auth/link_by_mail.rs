//! Asks for an address that a link is mailed to: to set a new password, or to sign in. The pages tell nobody whether there is
//! such an account.

use http::StatusCode;
use serde_json::Value;

use crate::{
    language::{TextId, text},
    pages::{
        auth::card::Card,
        field::{Field, FormView, Kind},
        form::Form,
        notice::Notice,
        place::place,
        problem::Problem,
        visit::{PageResult, Visit},
    },
};

/// Names such a page, and its texts by their ids.
pub(crate) struct LinkByMail {
    /// Is the page's path below that of sign-in.
    pub(crate) page: &'static str,
    /// Lets the API send the mail.
    pub(crate) endpoint: &'static str,
    pub(crate) heading: TextId,
    pub(crate) text: TextId,
    pub(crate) button: TextId,
    pub(crate) sent_heading: TextId,
    pub(crate) sent_text: TextId,
}

impl LinkByMail {
    pub(crate) fn show(&self, visit: &Visit) -> PageResult {
        self.ask(visit, &Form::default(), None)
    }

    /// Lets the API send the mail, which `body` asks for.
    pub(crate) async fn send(&self, visit: &Visit, form: &Form, body: &Value) -> PageResult {
        match visit.post(self.endpoint, body).await?.ok() {
            Ok(_) => Card::new(visit, self.sent_heading)
                .lead(visit.t.text(self.sent_text))
                .link(visit.auth_path("sign-in"), text!("back-to-sign-in"))
                .show(visit, StatusCode::OK),
            Err(problem) => self.ask(visit, form, Some(&problem)),
        }
    }

    fn ask(&self, visit: &Visit, form: &Form, problem: Option<&Problem>) -> PageResult {
        let t = visit.t;
        let email = Field::new(Kind::Email, "email", t.get("email")).autocomplete("username");
        let mut view = FormView::new(visit.auth_path(self.page), vec![email.focused()], t.text(self.button));
        view.refill(form);
        let notice = problem.and_then(|problem| place(&mut view, visit, problem));
        Card::new(visit, self.heading)
            .lead(t.text(self.text))
            .notice(notice.map(Notice::bad))
            .form(view)
            .link(visit.auth_path("sign-in"), text!("back-to-sign-in"))
            .show(visit, problem.map_or(StatusCode::OK, |problem| problem.status))
    }
}
