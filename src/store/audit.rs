//! `auth.audit_events`: the security journal, append-only (LOG-03, LOG-04).

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::types::{ClientIp, RequestId, UserId};

use super::StoreError;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    SignUp,
    SignIn,
    SignOut,
    VerificationSent,
    EmailVerified,
    PasswordResetRequested,
    PasswordReset,
    PasswordChanged,
    /// A first password beside other ways to sign in.
    PasswordSet,
    UserUpdated,
    EmailChangeRequested,
    EmailChanged,
    AccountUnlinked,
    SessionRevoked,
    SessionsRevoked,
    UserCreated,
    UserBanned,
    UserUnbanned,
    RolesChanged,
    UserDeleted,
    /// An attempt past its limit, before any work was done for it.
    RateLimited,
    /// A proxied request that its route refuses to this user.
    AccessDenied,
    /// A request to the auth surface from a page of an origin that is not trusted.
    OriginRejected,
}

impl Event {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::VerificationSent => "verification_sent",
            Self::EmailVerified => "email_verified",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::UserUpdated => "user_updated",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::AccountUnlinked => "account_unlinked",
            Self::SessionRevoked => "session_revoked",
            Self::SessionsRevoked => "sessions_revoked",
            Self::UserCreated => "user_created",
            Self::UserBanned => "user_banned",
            Self::UserUnbanned => "user_unbanned",
            Self::RolesChanged => "roles_changed",
            Self::UserDeleted => "user_deleted",
            Self::RateLimited => "rate_limited",
            Self::AccessDenied => "access_denied",
            Self::OriginRejected => "origin_rejected",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Success,
    /// The address had an account already.
    AccountExists,
    /// No account by this address, or none with a password.
    UnknownAccount,
    WrongPassword,
    Banned,
    EmailNotVerified,
    /// A one-time token that is unknown, spent or past its end.
    InvalidToken,
    /// The session is too old for what was asked.
    SessionNotFresh,
    /// None of the roles that the route asks for.
    MissingRole,
    /// From a page of an origin that is not trusted.
    CrossOrigin,
    /// Turned away for any other reason; the event says which.
    Refused,
}

impl Outcome {
    /// As stored; also the label of `authgate_sign_ins_total`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::AccountExists => "account_exists",
            Self::UnknownAccount => "unknown_account",
            Self::WrongPassword => "wrong_password",
            Self::Banned => "banned",
            Self::EmailNotVerified => "email_not_verified",
            Self::InvalidToken => "invalid_token",
            Self::SessionNotFresh => "session_not_fresh",
            Self::MissingRole => "missing_role",
            Self::CrossOrigin => "cross_origin",
            Self::Refused => "refused",
        }
    }
}

/// Who or what caused it.
#[derive(Debug, Clone, Copy)]
pub enum Cause<'a> {
    Request {
        ip: ClientIp,
        user_agent: &'a str,
        request_id: &'a RequestId,
    },
    /// Somebody with access to the database, on the command line: `cli:` and the name at the operating system.
    Operator(&'a str),
}

/// A row to write. `user_id` is the account it is about.
#[derive(Debug)]
pub struct Entry<'a> {
    pub event: Event,
    pub outcome: Outcome,
    pub user_id: Option<&'a UserId>,
    pub cause: Cause<'a>,
    pub detail: serde_json::Value,
}

/// Appends to the journal.
pub async fn insert(connection: &mut PgConnection, entry: &Entry<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    let user_id = entry.user_id.map(UserId::as_str);
    let (actor, ip, user_agent, request_id) = match entry.cause {
        // In the name of the account itself, where it came to pass.
        Cause::Request { ip, user_agent, request_id } => {
            let actor = user_id.filter(|_| entry.outcome == Outcome::Success);
            (actor.map(str::to_owned), ip.to_string(), user_agent, Some(request_id.as_str()))
        }
        Cause::Operator(name) => (Some(format!("cli:{name}")), String::new(), "", None),
    };
    sqlx::query!(
        "
        insert into auth.audit_events
            (occurred_at, event, outcome, user_id, actor, ip_address, user_agent, request_id, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        now,
        entry.event.as_str(),
        entry.outcome.as_str(),
        user_id,
        actor,
        ip,
        user_agent,
        request_id,
        entry.detail,
    )
    .execute(connection)
    .await?;
    Ok(())
}
