//! Paths, targets and hosts: what two parsers could read differently is refused, and what is decided on is what is
//! forwarded (requirements PATH-*).

mod hosts;
mod spellings;
mod targets;
