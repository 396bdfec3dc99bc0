//! The flows: sign-up, verification, sign-in, sign-out, and who a credential belongs to. They own the transactions and
//! know neither HTTP nor the proxy.

mod settings;

pub use settings::{CookieSettings, SameSite, SessionSettings, Settings, VerificationSettings};
