//! The flows: sign-up, verification, sign-in, sign-out, and who a credential belongs to. They own the transactions and
//! know neither the auth surface's routes nor the proxy.

use std::sync::Arc;

use crate::{crypto::Sealer, mail::Outbox, observe::Metrics, store::Db};

mod accounts;
pub mod administration;
mod assertion;
mod callback_url;
mod change_email;
mod change_password;
mod client;
mod close_account;
mod confirm_email_change;
pub mod credential;
mod delete_user;
mod denial_queue;
mod denials;
mod device;
mod device_cookie;
mod display_name;
mod end_sessions;
mod fair_queue;
mod find_session;
#[cfg(test)]
pub(crate) mod fixture;
mod identify;
mod journal;
mod list_sessions;
mod location;
mod look_ahead;
mod mail_limit;
mod mailed_link;
mod new_device;
mod open_session;
mod password_notice;
mod passwords;
mod prove_address;
mod rate_class;
mod rate_limit;
mod request_reset;
mod reset_password;
mod revoke_sessions;
mod send_verification;
mod session_activity;
mod session_cache;
pub mod session_check;
mod session_watch;
mod set_password;
mod settings;
mod sign_in;
mod sign_out;
mod sign_up;
mod sign_up_choice;
pub mod social;
mod turns;
mod undo_email_change;
mod update_user;
mod verify_email;
mod verify_password;

pub use accounts::{UnlinkAccountError, WhichAccount, list_accounts, unlink_account};
pub use assertion::{ASSERTION_PURPOSE, AssertionSettings, Assertions};
pub use callback_url::{CallbackUrl, InvalidCallbackUrl};
pub use change_email::{ChangeEmailError, change_email, consent_to_email_change};
pub use change_password::{ChangePassword, ChangePasswordError, Changed, ChangedPassword, Sessions, change_password};
pub use client::Client;
pub use delete_user::{DeleteUser, DeleteUserError, Deletion, confirm_deletion, delete_user};
pub use denial_queue::Denial;
pub use denials::Denials;
pub use device::{Device, DeviceKind};
pub use device_cookie::{DEVICE_PURPOSE, DeviceCookie};
pub use display_name::{DisplayName, DisplayNameError};
pub use find_session::{FoundSession, find_session};
pub use identify::identify;
pub use list_sessions::{OwnSession, list_sessions};
pub use location::{Location, Locations, LocationsError};
pub use look_ahead::{MailedFor, link_target, would_delete, would_verify};
pub use open_session::NewSession;
pub use passwords::{Busy, Hasher, Verified, hash_password};
pub use rate_class::{RateClass, RateLimit, RateLimits};
pub use rate_limit::{Attempt, LimitError, forget_failures, limit_address, limit_user};
pub use request_reset::request_reset;
pub use reset_password::{ResetPasswordError, is_reset_token, reset_password};
pub use revoke_sessions::{Revoke, revoke_session, revoke_sessions};
pub use send_verification::{Asking, SendVerificationError, send_verification};
pub use session_activity::{SessionActivity, extend_session};
pub use session_cache::SessionCache;
pub use session_watch::{SessionWatch, Watched};
pub use set_password::{SetPasswordError, set_password};
pub use settings::{
    CheckMode, CookieSettings, RESET_EXPIRES_IN, SameSite, SessionSettings, Settings, VerificationSettings,
};
pub use sign_in::{SignIn, SignInError, SignedIn, sign_in};
pub use sign_out::sign_out;
pub use sign_up::{SignUp, SignUpError, SignedUp, sign_up};
pub use sign_up_choice::{SIGN_UP_PURPOSE, SignUpChoice};
pub use social::{Social, outgoing_client};
pub use turns::{Turn, Turns};
pub use undo_email_change::{UndoEmailChangeError, undo_email_change};
pub use update_user::{UpdateUser, update_user};
pub use verify_email::{Prover, VerifiedEmail, VerifyEmailError, needs_password, verify_email};
pub use verify_password::{VerifyPasswordError, verify_password};

/// What flows give back and fail with.
pub use crate::store::{
    Constraint, StoreError,
    accounts::Account,
    audit::{Event, Outcome},
    sessions::Session,
    users::User,
};

/// What every flow receives.
#[derive(Debug)]
pub struct Auth {
    pub db: Db,
    pub settings: Settings,
    pub hasher: Arc<Hasher>,
    /// Bounds what is done with passwords at the same time, by client address.
    pub turns: Turns,
    pub outbox: Outbox,
    pub denials: Denials,
    /// Seals the device cookie, for [`DEVICE_PURPOSE`].
    pub devices: Sealer,
    /// Seals what a browser chose at sign-up, for [`SIGN_UP_PURPOSE`].
    pub sign_ups: Sealer,
    pub locations: Locations,
    pub social: Social,
    pub metrics: Arc<Metrics>,
}
