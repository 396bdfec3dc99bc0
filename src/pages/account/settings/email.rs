//! Shows the address of an account, as part of its settings.

use serde::Deserialize;

use crate::pages::{
    account::{
        page::{Part, Section},
        time::moment,
    },
    error::PageError,
    field::{Field, FormView, Kind, Weight},
    place::place,
    problem::Problem,
    session::Session,
    visit::Visit,
};

/// Holds a change that is still to be proved.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pending {
    new_email: String,
    step: String,
    expires_at: String,
}

/// Shows the address and whether it is proved, with the form for another. A problem that belongs to no field comes back.
pub(crate) async fn section(
    visit: &Visit,
    session: &Session,
    failed: Option<(&str, &Problem)>,
) -> Result<(Section, Option<String>), PageError> {
    let t = visit.t;
    let user = &session.user;
    let badge = if user.email_verified { "account-email-verified" } else { "account-email-unverified" };
    let mut section = Section::new(t.get("email"))
        .badge(t.get(badge))
        .part(Part::Facts(vec![(t.get("account-email-now").into_owned(), user.email.clone())]));
    if !user.email_verified {
        let action = visit.account_path("settings/email/verify");
        section = section.form(FormView::button(action, Vec::new(), t.get("send-verification-again")));
    }
    let pending: Option<Pending> = visit.get("/pending-email-change").await?.parse()?;
    if let Some(pending) = pending {
        let text = if pending.step == "consent" { "account-email-consent" } else { "account-email-proof" };
        let until = moment(t, &pending.expires_at);
        section = section.text(t.with(text, &[("email", &pending.new_email), ("until", &until)]));
    }
    let email = Field::new(Kind::Email, "email", t.get("account-email-new")).autocomplete("email");
    let email = email.value(failed.map_or("", |(typed, _)| typed)).hint(t.get("account-email-hint"));
    let action = visit.account_path("settings/email");
    let mut view = FormView::new(action, vec![email], t.get("account-email-change")).weight(Weight::Secondary);
    let rest = failed.and_then(|(_, problem)| place(&mut view, visit, problem));
    Ok((section.form(view), rest))
}
