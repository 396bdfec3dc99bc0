//! The flows: sign-up, verification, sign-in, sign-out, and who a credential belongs to. They own the transactions and
//! know neither HTTP nor the proxy.

pub mod credential;
mod identify;
pub mod session_check;
mod settings;

pub use identify::identify;
pub use settings::{CookieSettings, SameSite, SessionSettings, Settings, VerificationSettings};
