//! Is the composition root: the one place where everything is constructed and wired, and where it ends again.

mod database;
mod failure;
mod generation;
mod handover;
mod listeners;
mod ops;
mod reload;
mod run;
mod runtime;
mod serve;
mod signals;

pub use failure::Failure;

pub(crate) use database::{describe_database, migrate, open_database, prepare_database};
pub(crate) use generation::DevParts;
pub(crate) use handover::{Invocation, REPLACES};
pub(crate) use listeners::{Addresses, Listeners};
pub(crate) use run::{Start, Stopped, run};
pub(crate) use runtime::build_runtime;
pub(crate) use serve::serve;
pub(crate) use signals::Signals;
