//! Says who may do what, as pure functions. Nothing is forwarded without the [`Permit`] that only this room makes.

mod decide;
mod permit;

pub use decide::{Decision, Denial, RequestFacts, authorise};
pub use permit::Permit;
