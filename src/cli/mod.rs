//! Reads the command line: what can be asked for, and which room does it. Exit codes: 0 done, 1 failed at run time, 2
//! usage or configuration.

mod administer;
mod arguments;
mod audit;
mod config_file;
mod export;
mod factors;
mod healthcheck;
mod import;
mod invitations;
mod invocation;
mod keys;
mod organizations;
mod output;
mod routes;
mod run;
mod sessions;
mod users;

pub use arguments::Cli;
pub use run::run;

pub(crate) use config_file::ConfigArgs;

pub use crate::app::Failure;
