//! Does the work beside the requests: delivery of mail and deletion of what has expired. Each job may run on every
//! replica at once, ends when told to, and outlives an outage of the database.

mod deliver;
mod end_impersonations;
mod statement;
mod sweep;

pub use deliver::deliver_mail;
pub use end_impersonations::end_impersonations;
pub use sweep::{Retention, sweep_expired};
