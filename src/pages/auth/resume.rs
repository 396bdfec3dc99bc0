//! Leads on whoever comes back from a provider or from a mailed link: to where they wanted, to the second factor, or to the
//! page to sign in at. What these lead back to is a page of ours, since the way on is known only then.

use crate::pages::{
    leaving::leave,
    redirect_target::RedirectTarget,
    session,
    visit::{PageResult, Visit, with_parameter},
};

/// Tells, in the address, that a second factor is asked for.
const TWO_FACTOR: &str = "two_factor_required";

/// Returns the path of the page, for the API. One that is too long for the API leads straight to where it was to end.
pub(crate) fn path(visit: &Visit) -> String {
    let path = visit.auth_path("continue");
    let is_taken = RedirectTarget::parse(&path, &visit.pages.auth).is_some();
    if is_taken { path } else { visit.target_or_home() }
}

/// Leads on.
pub(crate) async fn show(visit: Visit) -> PageResult {
    match visit.query("error") {
        Some(TWO_FACTOR) => return Ok(visit.see_other(&visit.auth_path("two-factor"))),
        Some(code) => return Ok(visit.see_other(&with_parameter(&visit.auth_path("sign-in"), "error", code))),
        None => {}
    }
    if session::find(&visit).await?.is_some() {
        // A form of the page of a mailed link led here, and browsers hold its redirects against that page's policy, which
        // names no other site.
        return match visit.target().filter(|target| target.policy_source().is_some()) {
            Some(target) => leave(&visit, target.as_str()),
            None => Ok(visit.see_other(&visit.target_or_home())),
        };
    }
    let is_waiting = visit.get("/two-factor/list-methods").await?.ok().is_ok();
    Ok(visit.see_other(&visit.auth_path(if is_waiting { "two-factor" } else { "sign-in" })))
}
