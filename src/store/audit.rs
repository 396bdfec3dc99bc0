//! Reads and writes `auth.audit_events`: the audit log, append-only (LOG-03, LOG-04).

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::StoreError,
    types::{ClientIp, RequestId, UserId},
};

/// Names what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    SignUp,
    SignIn,
    /// Is a code or link to sign in that was asked for.
    SignInMailed,
    SignOut,
    /// Another session that the browser keeps became the one that it is used with.
    SessionActivated,
    VerificationSent,
    EmailVerified,
    PasswordResetRequested,
    PasswordReset,
    PasswordChanged,
    /// Is a first password beside other ways to sign in.
    PasswordSet,
    UserUpdated,
    EmailChangeRequested,
    /// The old address allowed it.
    EmailChangeConsented,
    EmailChanged,
    /// Means that the change was undone from the old address, with everything that came after it.
    EmailChangeUndone,
    /// Is one more way to sign in, through a provider.
    AccountLinked,
    AccountUnlinked,
    SessionRevoked,
    SessionsRevoked,
    /// A second factor came into force.
    TwoFactorEnabled,
    TwoFactorDisabled,
    /// The backup codes were replaced.
    BackupCodesGenerated,
    BackupCodeUsed,
    /// Is a second factor that was proved, or not, in a session or on the way to one.
    SecondFactor,
    /// A browser was spared the second factor from then on.
    DeviceTrusted,
    /// Is the end of that, for one browser.
    DeviceTrustRevoked,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    OrganizationCreated,
    OrganizationUpdated,
    OrganizationDeleted,
    /// An address was invited to an organization.
    MemberInvited,
    InvitationAccepted,
    InvitationRejected,
    InvitationCanceled,
    /// An operator put somebody into an organization.
    MemberAdded,
    MemberRemoved,
    MemberLeft,
    MemberRolesChanged,
    TeamCreated,
    TeamUpdated,
    TeamRemoved,
    TeamMemberAdded,
    TeamMemberRemoved,
    ApiKeyCreated,
    ApiKeyUpdated,
    ApiKeyDeleted,
    /// An operator began to bring users from elsewhere, or went on with it.
    ImportStarted,
    ImportFinished,
    /// Means that an operator wrote down everything that is stored of everybody.
    EverythingExported,
    UserCreated,
    UserInvited,
    /// Is what an administrator changed of somebody else's data.
    UserChanged,
    UsersListed,
    /// Means that an administrator looked at one user.
    UserViewed,
    UserSessionsListed,
    ImpersonationStarted,
    ImpersonationStopped,
    AuditEventsListed,
    OrganizationsListed,
    /// Means that an administrator looked at one organization.
    OrganizationViewed,
    OutboxListed,
    /// Is mail that was given up, and is tried again.
    MailRetried,
    HealthViewed,
    /// Is what somebody was given of everything that is stored about them.
    DataExported,
    InvitationWithdrawn,
    UserBanned,
    UserUnbanned,
    RolesChanged,
    /// A link to confirm it was mailed.
    UserDeletionRequested,
    UserDeleted,
    /// Is an attempt past its limit, before any work was done for it.
    RateLimited,
    /// Is a proxied request that its route refuses to this user.
    AccessDenied,
    /// Is a request to the auth API from a page of an origin that is not trusted.
    OriginRejected,
    /// The configuration was loaded once more, and taken over or not.
    ConfigReloaded,
    /// Events of a kind were too many to be written down; this says how many.
    EventsDropped,
}

impl Event {
    /// Returns the name as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::SignInMailed => "sign_in_mailed",
            Self::SignOut => "sign_out",
            Self::SessionActivated => "session_activated",
            Self::VerificationSent => "verification_sent",
            Self::EmailVerified => "email_verified",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::UserUpdated => "user_updated",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChangeConsented => "email_change_consented",
            Self::EmailChanged => "email_changed",
            Self::EmailChangeUndone => "email_change_undone",
            Self::AccountLinked => "account_linked",
            Self::AccountUnlinked => "account_unlinked",
            Self::SessionRevoked => "session_revoked",
            Self::SessionsRevoked => "sessions_revoked",
            Self::TwoFactorEnabled => "two_factor_enabled",
            Self::TwoFactorDisabled => "two_factor_disabled",
            Self::BackupCodesGenerated => "backup_codes_generated",
            Self::BackupCodeUsed => "backup_code_used",
            Self::SecondFactor => "second_factor",
            Self::DeviceTrusted => "device_trusted",
            Self::DeviceTrustRevoked => "device_trust_revoked",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRenamed => "passkey_renamed",
            Self::PasskeyRemoved => "passkey_removed",
            Self::OrganizationCreated => "organization_created",
            Self::OrganizationUpdated => "organization_updated",
            Self::OrganizationDeleted => "organization_deleted",
            Self::MemberInvited => "member_invited",
            Self::InvitationAccepted => "invitation_accepted",
            Self::InvitationRejected => "invitation_rejected",
            Self::InvitationCanceled => "invitation_canceled",
            Self::MemberAdded => "member_added",
            Self::MemberRemoved => "member_removed",
            Self::MemberLeft => "member_left",
            Self::MemberRolesChanged => "member_roles_changed",
            Self::TeamCreated => "team_created",
            Self::TeamUpdated => "team_updated",
            Self::TeamRemoved => "team_removed",
            Self::TeamMemberAdded => "team_member_added",
            Self::TeamMemberRemoved => "team_member_removed",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyUpdated => "api_key_updated",
            Self::ApiKeyDeleted => "api_key_deleted",
            Self::ImportStarted => "import_started",
            Self::ImportFinished => "import_finished",
            Self::EverythingExported => "everything_exported",
            Self::UserCreated => "user_created",
            Self::UserInvited => "user_invited",
            Self::UserChanged => "user_changed",
            Self::UsersListed => "users_listed",
            Self::UserViewed => "user_viewed",
            Self::UserSessionsListed => "user_sessions_listed",
            Self::ImpersonationStarted => "impersonation_started",
            Self::ImpersonationStopped => "impersonation_stopped",
            Self::AuditEventsListed => "audit_events_listed",
            Self::OrganizationsListed => "organizations_listed",
            Self::OrganizationViewed => "organization_viewed",
            Self::OutboxListed => "outbox_listed",
            Self::MailRetried => "mail_retried",
            Self::HealthViewed => "health_viewed",
            Self::DataExported => "data_exported",
            Self::InvitationWithdrawn => "invitation_withdrawn",
            Self::UserBanned => "user_banned",
            Self::UserUnbanned => "user_unbanned",
            Self::RolesChanged => "roles_changed",
            Self::UserDeletionRequested => "user_deletion_requested",
            Self::UserDeleted => "user_deleted",
            Self::RateLimited => "rate_limited",
            Self::AccessDenied => "access_denied",
            Self::OriginRejected => "origin_rejected",
            Self::ConfigReloaded => "config_reloaded",
            Self::EventsDropped => "events_dropped",
        }
    }
}

/// Tells how an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Success,
    /// The address had an account already.
    AccountExists,
    /// Means that there is no account by this address, or none with a password.
    UnknownAccount,
    WrongPassword,
    Banned,
    EmailNotVerified,
    /// The first factor was proved, and the second one is asked for: at sign-in, or by a route.
    SecondFactorRequired,
    /// Means that a code is another one, or was used or is too old.
    WrongCode,
    /// Means that an authenticator's answer was not verified.
    WrongPasskey,
    /// Means that a passkey counts fewer signatures than before: there may be a copy of it.
    ClonedPasskey,
    /// Means that a one-time token is unknown, spent or past its end.
    InvalidToken,
    /// The session is too old for what was asked.
    SessionNotFresh,
    /// The session was not proved lately, so the account's address was asked first.
    ConsentNeeded,
    /// Means that the user has none of the roles that the route asks for.
    MissingRole,
    /// Means that the user has none of the roles that the route asks for in the active organization.
    MissingOrganizationRole,
    /// Means that the API key lacks a scope that the route asks for.
    MissingScope,
    /// Means that the route asks for a proof, which no API key gives.
    ApiKeyNotAllowed,
    /// Means that the route asks for a user, and that the API key of an organization was presented.
    UserRequired,
    /// Means that the session was proved longer ago than the route takes.
    ReauthenticationRequired,
    /// Means that the request came from a page of an origin that is not trusted.
    CrossOrigin,
    /// Means that it was turned away for any other reason; the event says which.
    Refused,
    /// Nothing was looked at.
    RateLimited,
}

impl Outcome {
    /// Returns the name as it is stored; also the label of `authgate_sign_ins_total`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::AccountExists => "account_exists",
            Self::UnknownAccount => "unknown_account",
            Self::WrongPassword => "wrong_password",
            Self::Banned => "banned",
            Self::EmailNotVerified => "email_not_verified",
            Self::SecondFactorRequired => "second_factor_required",
            Self::WrongCode => "wrong_code",
            Self::WrongPasskey => "wrong_passkey",
            Self::ClonedPasskey => "cloned_passkey",
            Self::InvalidToken => "invalid_token",
            Self::SessionNotFresh => "session_not_fresh",
            Self::ConsentNeeded => "consent_needed",
            Self::MissingRole => "missing_role",
            Self::MissingOrganizationRole => "missing_organization_role",
            Self::MissingScope => "missing_scope",
            Self::ApiKeyNotAllowed => "api_key_not_allowed",
            Self::UserRequired => "user_required",
            Self::ReauthenticationRequired => "reauthentication_required",
            Self::CrossOrigin => "cross_origin",
            Self::Refused => "refused",
            Self::RateLimited => "rate_limited",
        }
    }

    /// Tells whether the account's own credential was shown, so that the account itself is who acted.
    fn is_by_the_account(self) -> bool {
        match self {
            Self::Success
            | Self::Banned
            | Self::EmailNotVerified
            | Self::SecondFactorRequired
            | Self::SessionNotFresh
            | Self::ConsentNeeded
            | Self::MissingRole
            | Self::MissingOrganizationRole
            | Self::MissingScope
            | Self::ApiKeyNotAllowed
            | Self::UserRequired
            | Self::ReauthenticationRequired
            | Self::CrossOrigin => true,
            Self::AccountExists
            | Self::UnknownAccount
            | Self::WrongPassword
            | Self::WrongCode
            | Self::WrongPasskey
            | Self::ClonedPasskey
            | Self::InvalidToken
            | Self::Refused
            | Self::RateLimited => false,
        }
    }
}

/// Tells who or what caused an event.
#[derive(Debug, Clone, Copy)]
pub enum Cause<'a> {
    Request {
        ip: ClientIp,
        user_agent: &'a str,
        request_id: &'a RequestId,
        /// Is an administrator who acts on the account, or in its place; `None` where it acts itself.
        by: Option<&'a UserId>,
    },
    /// Is somebody with access to the database, on the command line: `cli:` and the name at the operating system.
    Operator(&'a str),
    /// Is nobody that the gateway knows of.
    Unknown,
}

/// Describes a row to write. `user_id` is the account it is about.
#[derive(Debug)]
pub struct Entry<'a> {
    pub event: Event,
    pub outcome: Outcome,
    pub user_id: Option<&'a UserId>,
    pub cause: Cause<'a>,
    pub detail: serde_json::Value,
}

impl Entry<'_> {
    /// Returns the account itself, or `cli:` and who was at the command line; nobody where anybody may have asked.
    fn actor(&self) -> Option<String> {
        match (self.cause, self.event) {
            (Cause::Operator(name), _) => Some(format!("cli:{name}")),
            (Cause::Request { by: Some(administrator), .. }, _) => Some(administrator.to_string()),
            // Whatever comes of it, only a live session gets that far.
            (Cause::Request { .. }, Event::EmailChangeRequested | Event::UserDeletionRequested) => {
                self.user_id.map(ToString::to_string)
            }
            (Cause::Request { .. }, Event::PasswordResetRequested | Event::VerificationSent | Event::SignInMailed)
            | (Cause::Unknown, _) => None,
            (Cause::Request { .. }, _) => {
                self.user_id.filter(|_| self.outcome.is_by_the_account()).map(ToString::to_string)
            }
        }
    }

    fn client(&self) -> (String, &str, Option<&str>) {
        match self.cause {
            Cause::Request { ip, user_agent, request_id, .. } => {
                (ip.to_string(), user_agent, Some(request_id.as_str()))
            }
            Cause::Operator(_) | Cause::Unknown => (String::new(), "", None),
        }
    }
}

/// Appends to the audit log.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, entry: &Entry<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    let (ip, user_agent, request_id) = entry.client();
    sqlx::query!(
        "
        insert into auth.audit_events
            (occurred_at, event, outcome, user_id, actor, ip_address, user_agent, request_id, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        now,
        entry.event.as_str(),
        entry.outcome.as_str(),
        entry.user_id.map(UserId::as_str),
        entry.actor(),
        ip,
        user_agent,
        request_id,
        entry.detail,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Appends many entries, each with its time, in one statement.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_all(
    connection: &mut PgConnection,
    entries: &[(OffsetDateTime, Entry<'_>)],
) -> Result<(), StoreError> {
    let column = |value: fn(&Entry<'_>) -> String| entries.iter().map(|(_, entry)| value(entry)).collect::<Vec<_>>();
    let times: Vec<OffsetDateTime> = entries.iter().map(|(time, _)| *time).collect();
    let users: Vec<Option<String>> = entries.iter().map(|(_, e)| e.user_id.map(ToString::to_string)).collect();
    let actors: Vec<Option<String>> = entries.iter().map(|(_, entry)| entry.actor()).collect();
    let requests: Vec<Option<String>> = entries.iter().map(|(_, entry)| entry.client().2.map(str::to_owned)).collect();
    let details: Vec<serde_json::Value> = entries.iter().map(|(_, entry)| entry.detail.clone()).collect();
    sqlx::query!(
        "
        insert into auth.audit_events
            (occurred_at, event, outcome, user_id, actor, ip_address, user_agent, request_id, detail)
        select * from unnest(
            $1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::jsonb[]
        )
        ",
        &times,
        &column(|entry| entry.event.as_str().to_owned()),
        &column(|entry| entry.outcome.as_str().to_owned()),
        &users as &[Option<String>],
        &actors as &[Option<String>],
        &column(|entry| entry.client().0),
        &column(|entry| entry.client().1.to_owned()),
        &requests as &[Option<String>],
        &details,
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actor_is_who_proved_to_be_it() {
        let (user, request_id) = (UserId::generate(), RequestId::generate());
        let request = Cause::Request {
            ip: ClientIp::new(std::net::Ipv4Addr::LOCALHOST.into()),
            user_agent: "",
            request_id: &request_id,
            by: None,
        };
        let administrator = UserId::generate();
        let Cause::Request { ip, user_agent, request_id, .. } = request else { unreachable!("it is one") };
        let in_their_place = Cause::Request { ip, user_agent, request_id, by: Some(&administrator) };
        let operator = Cause::Operator("root");
        for (cause, event, outcome, expected) in [
            (request, Event::SignIn, Outcome::Success, Some(user.to_string())),
            (request, Event::SignIn, Outcome::WrongPassword, None),
            (request, Event::AccessDenied, Outcome::MissingRole, Some(user.to_string())),
            (request, Event::PasswordResetRequested, Outcome::Success, None),
            (request, Event::EmailChangeRequested, Outcome::AccountExists, Some(user.to_string())),
            (in_their_place, Event::UserUpdated, Outcome::Success, Some(administrator.to_string())),
            (in_their_place, Event::PasswordChanged, Outcome::WrongPassword, Some(administrator.to_string())),
            (operator, Event::UserBanned, Outcome::Success, Some("cli:root".to_owned())),
        ] {
            let detail = serde_json::json!({});
            let entry = Entry { event, outcome, user_id: Some(&user), cause, detail };
            assert_eq!(entry.actor(), expected, "{event:?} {outcome:?}");
        }
    }
}
