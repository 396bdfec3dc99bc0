//! `auth.audit_events`: the security journal, append-only (LOG-03, LOG-04).

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::types::{ClientIp, RequestId, UserId};

use super::StoreError;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    SignUp,
    SignIn,
    SignOut,
    EmailVerified,
    SessionRevoked,
    SessionsRevoked,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::EmailVerified => "email_verified",
            Self::SessionRevoked => "session_revoked",
            Self::SessionsRevoked => "sessions_revoked",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Success,
    /// The address had an account already.
    AccountExists,
    /// No account by this address, or none with a password.
    UnknownAccount,
    WrongPassword,
    Banned,
    EmailNotVerified,
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
        }
    }
}

/// A row to write. `user_id` is the account it is about.
#[derive(Debug)]
pub struct Entry<'a> {
    pub event: Event,
    pub outcome: Outcome,
    pub user_id: Option<&'a UserId>,
    pub ip: ClientIp,
    pub user_agent: &'a str,
    pub request_id: &'a RequestId,
    pub detail: serde_json::Value,
}

/// Appends to the journal.
pub async fn insert(connection: &mut PgConnection, entry: &Entry<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.audit_events
            (occurred_at, event, outcome, user_id, ip_address, user_agent, request_id, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        now,
        entry.event.as_str(),
        entry.outcome.as_str(),
        entry.user_id.map(UserId::as_str),
        entry.ip.to_string(),
        entry.user_agent,
        entry.request_id.as_str(),
        entry.detail,
    )
    .execute(connection)
    .await?;
    Ok(())
}
