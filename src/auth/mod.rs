//! Holds the flows: sign-up, verification, sign-in, sign-out, and who a credential belongs to. They own the
//! transactions and know neither the auth API's routes nor the proxy.

pub(crate) mod account;
pub mod admin;
mod announce;
pub(crate) mod api_key;
pub(crate) mod audit;
mod client;
pub(crate) mod device;
pub(crate) mod email;
#[cfg(test)]
pub(crate) mod fixture;
mod flow;
mod instance;
pub(crate) mod limits;
pub mod oauth;
pub(crate) mod organization;
pub mod passkey;
pub(crate) mod password;
pub(crate) mod passwordless;
pub(crate) mod session;
mod settings;
pub(crate) mod two_factor;

pub use account::delete::{DeleteUser, DeleteUserError, Deletion, confirm_deletion, delete_user};
pub use account::display_name::{DisplayName, DisplayNameError};
pub use account::export::{PersonalData, SecondFactorKind, export_data};
pub use account::linked_identities::{AccountSelector, UnlinkAccountError, list_accounts, unlink_account};
pub use account::picture::{FoundPicture, Image, ImageError, MAX_IMAGE_URL, PictureName, find_picture};
pub use account::picture_type::PictureType;
pub use account::sign_up::{SignUp, SignUpError, SignedUp, sign_up};
pub use account::sign_up_choice::{SIGN_UP_PURPOSE, SignUpChoice};
pub use account::sign_up_refusal::SignUpRefusal;
pub use account::update::{UpdateUser, UpdateUserError, update_user};
pub use account::username::{UsernameChange, UsernameTaken, email_of_username, is_username_free};
pub use admin::AdminSettings;
pub use api_key::{
    create::{NewApiKey, create_api_key},
    error::ApiKeyError,
    manage::{ApiKeyUpdate, delete_api_key, find_api_key, list_api_keys, list_organization_api_keys, update_api_key},
    settings::{ApiKeySettings, KeyRateLimit},
    verify::{VerifyApiKeyError, verify_api_key},
};
pub use audit::denial_queue::Denial;
pub use audit::denials::Denials;
pub use client::Client;
pub use device::location::{Location, Locations, LocationsError};
pub use device::user_agent::{Device, DeviceKind};
pub use email::callback_url::{CallbackUrl, InvalidCallbackUrl};
pub use email::change::{ChangeEmailError, change_email, consent_to_email_change, find_pending_email_change};
pub use email::link_preview::{MailedFor, link_target, would_delete, would_verify};
pub use email::send_verification::{Asking, SendVerificationError, send_verification};
pub use email::undo_change::{UndoEmailChangeError, undo_email_change};
pub use email::verification::{VerifiedEmail, VerifyEmailError};
pub use email::verify::{Prover, needs_password, verify_email};
pub use flow::{Auth, Flow, FlowError};
pub use instance::Instance;
pub use limits::attempts::{Attempt, forget_failures, limit_address, limit_user};
pub use limits::classes::{RateClass, RateLimit, RateLimits};
pub use limits::concurrency::{Busy, ConcurrencyLimit, ConcurrencyPermit};
pub use limits::device_cookie::{DEVICE_PURPOSE, DeviceCookie};
pub use oauth::{OAuth, PROVIDER_TOKEN_PURPOSE, outgoing_client};
pub use organization::{
    change::{activate_organization, delete_organization, is_slug_free, update_organization},
    create::{NewOrganization, create_organization},
    error::{OrganizationAction, OrganizationError},
    invite::{Invite, invite_member},
    members::{MemberRef, leave_organization, remove_member, update_member_roles},
    membership::named_or_active,
    read::{
        FullOrganization, find_active_member, find_full_organization, find_organization, find_roles, list_invitations,
        list_members, list_organizations,
    },
    reply::{
        accept_invitation, cancel_invitation, find_invitation, list_own_invitations, preview_invitation,
        reject_invitation,
    },
    settings::{OrganizationCreation, OrganizationSettings, TeamSettings},
    team_members::{add_team_member, list_own_teams, list_team_members, list_teams_of_member, remove_team_member},
    teams::{activate_team, create_team, list_teams, remove_team, update_team},
};
pub use passkey::{
    ceremony::{NewPasskeyChallenge, presented_passkey_challenge},
    error::{ManagePasskeyError, PasskeySignInError, RegisterPasskeyError},
    manage::{list_passkeys, remove_passkey, rename_passkey},
    register::{PasskeyWish, begin_passkey_registration, register_passkey},
    relying_party::{Attachment, CHALLENGE_EXPIRES_IN as PASSKEY_CHALLENGE_EXPIRES_IN},
    settings::PasskeySettings,
    sign_in::{begin_passkey_sign_in, sign_in_with_passkey},
};
pub use password::change::{ChangePassword, ChangePasswordError, Changed, ChangedPassword, Sessions, change_password};
pub use password::hasher::{
    Hasher,
    argon2id::hash_password,
    stored::{FirebaseProject, StoredPassword, UnusableHash, parse_firebase, parse_keycloak, parse_stored},
    verify::Verified,
};
pub use password::proof::hash_new_password;
pub use password::request_reset::request_reset;
pub use password::reset::{ResetPasswordError, is_reset_token, reset_password};
pub use password::set::{SetPasswordError, set_password};
pub use password::sign_in::{SignIn, SignInError, SignedIn, sign_in};
pub use password::verify::{VerifyPasswordError, verify_password};
pub(crate) use passwordless::code::hashed_text;
pub use passwordless::{
    account::Newcomer,
    browser::SignInBrowser,
    change_email::{change_email_with_code, request_email_change},
    code::CODE_PURPOSE,
    error::PasswordlessError,
    magic_link::{
        MagicLinkPreview, MagicLinkRequest, SignedInByLink, preview_magic_link, send_magic_link, sign_in_with_link,
    },
    reset::reset_password_with_code,
    send_code::{CodeKind, send_code},
    sign_in::{CodeSignIn, sign_in_with_code},
    try_code::check_code,
    verify::{ProvedByCode, verify_email_with_code},
};
pub use session::complete::SignInStep;
pub use session::device_session_cookies::{
    DeviceSessionCookie, presented_device_session_ids, presented_device_sessions,
};
pub use session::device_sessions::{
    Activated, DeviceSession, DeviceSessionError, DeviceSessions, activate_session, end_device_session,
    list_device_sessions,
};
pub use session::extend::extend_session;
pub use session::find::{FoundSession, find_named_session, find_session};
pub use session::list::{OwnSession, list_sessions};
pub use session::open::NewSession;
pub use session::revoke::{Revoke, revoke_session, revoke_sessions};
pub use session::sign_out::sign_out;
pub use settings::{
    AvatarSettings, EmailOtpSettings, MagicLinkSettings, MultiSessionSettings, RESET_EXPIRES_IN, Settings, SignUpMode,
    SignUpSettings, VerificationSettings,
};
pub use two_factor::TOTP_PURPOSE;
pub use two_factor::challenge::{CHALLENGE_EXPIRES_IN, NewChallenge, TwoFactorMethod, presented_challenge};
pub use two_factor::change::{disable_two_factor, replace_backup_codes};
pub use two_factor::claimant::Claimant;
pub use two_factor::enable::{EnableMethod, Enabling, enable_two_factor, pending_totp_uri};
pub use two_factor::error::TwoFactorError;
pub use two_factor::mailed_code::send_second_factor_code;
pub use two_factor::methods::list_two_factor_methods;
pub use two_factor::settings::TwoFactorSettings;
pub use two_factor::trust::{OwnTrustedDevice, list_trusted_devices, revoke_trusted_device};
pub use two_factor::trusted_device::{presented_trusted_devices, trusted_devices_value};
pub use two_factor::verify::{
    ProvedSession, TypedCode, VerifiedSecondFactor, VerifySecondFactor, verify_second_factor,
};

/// Re-exports what flows give back and fail with.
pub use crate::store::{
    Constraint, StoreError,
    api_keys::StoredApiKey,
    audit::{Event, Outcome},
    audit_search::AuditEvent,
    organizations::{
        Organization, OrganizationChanges, OrganizationRef,
        invitations::{Invitation, InvitationDetails},
        members::{Member, MemberField, MemberFilter, MemberOperator, MemberQuery, MemberUser},
        teams::{Team, TeamMember},
    },
    passkeys::Passkey,
    sessions::Session,
    users::{User, accounts::Account},
};
