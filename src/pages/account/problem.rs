//! Puts what the API complains of beside the fields of forms.

use crate::pages::{
    field::{FormView, field_of},
    problem::Problem,
    visit::Visit,
};

/// Puts a problem beside its field. Where the API complains of what a field says, that is told in our words: its own are
/// for programmers.
pub(crate) fn place(view: &mut FormView, visit: &Visit, problem: &Problem) -> Option<String> {
    let complaint = problem.message.split_once("[body.").and_then(|(_, rest)| rest.split_once(']'));
    match complaint {
        Some((field, _)) if problem.code == "VALIDATION_ERROR" => {
            view.place(Some(field), visit.t.get("account-not-taken").into_owned())
        }
        _ => view.place(field_of(&problem.code), visit.problem_text(problem)),
    }
}
