//! Runs `authgate sessions`: who is signed in, and the end of it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    auth::admin::{OpenSession, UserRef, list_sessions, revoke_session, revoke_sessions},
    cli::{
        Failure,
        administer::{Common, administer, answer, table, who, with_user},
    },
    types::{SessionId, format_timestamp},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// List a user's live sessions, newest first
    #[command(after_help = "Example:\n  authgate sessions list ada@example.com --json")]
    List(List),
    /// End one session, or all of a user's
    #[command(after_help = "Examples:\n  authgate sessions revoke 0190b3c5-7a3b-7c00-8000-000000000000\n  authgate \
                            sessions revoke --user ada@example.com\n\nThe next request with it is refused, on every \
                            replica.")]
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Id or address
    #[arg(value_name = "USER", value_parser = who)]
    user: UserRef,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The session's id
    #[arg(value_name = "SESSION_ID", required_unless_present = "user", conflicts_with = "user")]
    session: Option<SessionId>,
    /// Every session of this user
    #[arg(long, value_name = "USER", value_parser = who)]
    user: Option<UserRef>,
    #[command(flatten)]
    common: Common,
}

/// Does what the arguments say.
pub(crate) fn run(command: Sessions) -> Result<ExitCode, Failure> {
    match command {
        Sessions::List(List { user, common }) => {
            let (user_id, sessions) =
                administer(&common, async |_, admin, _| list_sessions(admin, &user).await.map_err(with_user(&user)))?;
            let objects: Vec<Value> = sessions.iter().map(object).collect();
            let rows: Vec<[String; 7]> = sessions.iter().map(row).collect();
            let text = table(["ID", "METHOD", "ADDRESS", "USER AGENT", "CREATED", "LAST SEEN", "EXPIRES"], &rows);
            answer(common.json, &json!({ "userId": user_id, "sessions": objects }), &text)
        }
        Sessions::Revoke(Revoke { session, user, common }) => {
            let revoked = administer(&common, async |_, admin, now| match (session, user) {
                (_, Some(user)) => revoke_sessions(admin, &user, now).await.map_err(with_user(&user)),
                (Some(session), None) => revoke_session(admin, &session, now)
                    .await
                    .map_err(|error| Failure::Runtime(anyhow::Error::new(error).context(session.to_string()))),
                (None, None) => Err(Failure::Usage(anyhow::anyhow!("which session, or whose?"))),
            })?;
            let object = json!({ "userId": revoked.user_id, "sessionsEnded": revoked.sessions_ended });
            answer(common.json, &object, &format!("{} session(s) ended", revoked.sessions_ended))
        }
    }
}

/// Returns the stable form (docs/administration.md).
fn object(session: &OpenSession) -> Value {
    json!({
        "id": session.id,
        "authMethod": session.auth_method,
        "remember": session.remember,
        "ipAddress": session.ip_address,
        "userAgent": session.user_agent,
        "createdAt": format_timestamp(session.created_at),
        "lastSeenAt": format_timestamp(session.last_seen_at),
        "expiresAt": format_timestamp(session.expires_at),
    })
}

fn row(session: &OpenSession) -> [String; 7] {
    [
        session.id.to_string(),
        session.auth_method.clone(),
        session.ip_address.clone(),
        session.user_agent.clone(),
        format_timestamp(session.created_at),
        format_timestamp(session.last_seen_at),
        format_timestamp(session.expires_at),
    ]
}
