//! What the upstream is told and what it never sees (requirements HDR-*).

mod credentials;
mod forwarding;
mod identity;
