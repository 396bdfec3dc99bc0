//! Serves the page to sign in at: with a password and whatever else is configured.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use serde_json::json;

use crate::{
    language::{Texts, text},
    pages::{
        auth::{
            card::{Card, PasskeyButton},
            resume,
            sign_in_outcome::lead_on,
        },
        error::PageError,
        field::{Field, FormView, Kind, Weight},
        form::Form,
        leaving::{leave, provider_name},
        notice::Notice,
        oauth_failure::oauth_failure,
        place::place,
        problem::Problem,
        session,
        visit::{PageResult, Visit, with_parameter},
    },
};

/// Leads from the bare path to the page.
pub(crate) async fn lead(visit: Visit) -> Response {
    visit.see_other(&visit.auth_path("sign-in"))
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    // The gateway leads here whoever has to prove more for a route.
    if let Some(step_up) = visit.query("step_up") {
        return Ok(visit.see_other(&with_parameter(&visit.auth_path("step-up"), "step_up", step_up)));
    }
    // A verified address may have signed its owner in.
    if visit.query("said") == Some("verified") && session::find(&visit).await?.is_some() {
        return Ok(visit.see_other(&visit.target_or_home()));
    }
    let notice = visit.query("error").map(|code| Notice::bad(failure(visit.t, code)));
    let notice = notice.or_else(|| {
        let said =
            visit.query("said").filter(|said| ["password-set", "signed-out", "deleted", "verified"].contains(said))?;
        Some(Notice::good(visit.t.get(&format!("said-{said}")).into_owned()))
    });
    page(&visit, &Form::default(), None, notice)
}

/// Says why a sign-in in another way came to nothing, which the address tells by a code.
fn failure(t: Texts, code: &str) -> String {
    let problem = format!("problem-{code}");
    if t.has(&problem) { t.get(&problem) } else { t.text(oauth_failure(code)) }.into_owned()
}

/// Signs in with a password.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let account = form.text("email");
    let remember = form.is_checked("remember");
    let password = form.raw("password");
    let is_username = visit.pages.auth.username.is_some() && !account.contains('@');
    let reply = if is_username {
        let body = json!({ "username": account, "password": password, "rememberMe": remember });
        visit.post("/sign-in/username", &body).await?
    } else {
        let body = json!({ "email": account, "password": password, "rememberMe": remember });
        visit.post("/sign-in/email", &body).await?
    };
    match reply.ok() {
        Ok(body) => Ok(lead_on(&visit, &body)),
        Err(problem) => page(&visit, &form, Some(&problem), None),
    }
}

/// Leads to a provider's page.
pub(crate) async fn start_provider(visit: Visit, Path(provider): Path<String>, _form: Form) -> PageResult {
    let body = json!({
        "provider": provider,
        "callbackURL": resume::path(&visit),
        "errorCallbackURL": visit.auth_path("sign-in"),
        "disableRedirect": true,
    });
    let body = visit.post("/sign-in/social", &body).await?.ok().map_err(PageError::Problem)?;
    let url = body["url"].as_str().ok_or(PageError::Internal)?;
    leave(&visit, url)
}

fn page(visit: &Visit, form: &Form, problem: Option<&Problem>, notice: Option<Notice>) -> PageResult {
    let t = visit.t;
    let auth = &visit.pages.auth;
    let account = if auth.username.is_some() {
        Field::new(Kind::Text, "email", t.get("email-or-username"))
    } else {
        Field::new(Kind::Email, "email", t.get("email"))
    };
    // The tokens let the browser offer a passkey beside the passwords that it keeps.
    let autocomplete = if auth.passkeys.is_some() { "username webauthn" } else { "username" };
    let fields = vec![
        account.autocomplete(autocomplete).focused(),
        Field::new(Kind::Password, "password", t.get("password")).autocomplete("current-password"),
        Field::new(Kind::Checkbox, "remember", t.get("remember-me")).optional().checked(true),
    ];
    let mut password = FormView::new(visit.auth_path("sign-in"), fields, t.get("sign-in"));
    password.refill(form);
    let mut notice = notice;
    let mut status = StatusCode::OK;
    if let Some(problem) = problem {
        status = problem.status;
        notice = place(&mut password, visit, problem).map(Notice::bad);
    }
    let providers = auth.social.iter().map(|provider| {
        let label = t.with("continue-with", &[("provider", provider_name(provider))]);
        let action = visit.auth_path(&format!("sign-in/{}", provider.id));
        FormView::button(action, Vec::new(), label).weight(Weight::Secondary)
    });
    let mut card = Card::new(visit, text!("sign-in-heading")).notice(notice).form(password).forms(providers);
    if !auth.social.is_empty() {
        card = card.divider(t.get("or"));
    }
    if auth.passkeys.is_some() {
        card = card.passkey(Some(PasskeyButton { base_path: auth.base_path.clone(), target: visit.target_or_home() }));
    }
    if auth.email_otp.is_some() {
        card = card.link(visit.auth_path("email-otp"), text!("email-code-instead"));
    }
    if auth.magic_link.is_some() {
        card = card.link(visit.auth_path("magic-link"), text!("magic-link-instead"));
    }
    card = card.link(visit.auth_path("forgot-password"), text!("forgot-password"));
    if visit.can_sign_up(visit.invitation()) {
        card = card.link(visit.auth_path_invited("sign-up", visit.invitation()), text!("no-account-yet"));
    }
    if problem.is_some_and(|problem| problem.code == "EMAIL_NOT_VERIFIED") {
        card = card.link(visit.auth_path("verify-email"), text!("send-verification-again"));
    }
    card.show(visit, status)
}
