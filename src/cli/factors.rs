//! Runs `authgate users factors`: what somebody proves themselves with beside the first factor, and the way back for
//! whoever has lost all of it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    auth::admin::{
        Factor, Factors, FactorsReset, Passkey, TrustedDevice, UserRef, find_factors, find_user, reset_factors,
    },
    cli::{
        Failure,
        administer::{Common, administer, answer, confirm, require_yes, table, who, with_user},
    },
    types::format_timestamp,
};

#[derive(Debug, Subcommand)]
pub(crate) enum FactorsCommand {
    /// Show a user's second factor, how many backup codes are left, the passkeys, and the browsers that are trusted
    #[command(after_help = "Example:\n  authgate users factors list ada@example.com --json")]
    List(List),
    /// Take a user's second factor away, with backup codes and trusted browsers, and end their sessions
    #[command(
        after_help = "Example:\n  authgate users factors reset ada@example.com --yes\n\nThe password stays, and \
                            the owner is told by mail. Ask first who it is that asks: a mailbox alone should not do."
    )]
    Reset(Reset),
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
pub(crate) struct Reset {
    #[command(flatten)]
    list: List,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Does what the arguments say.
pub(crate) fn run(command: FactorsCommand) -> Result<ExitCode, Failure> {
    match command {
        FactorsCommand::List(List { user, common }) => {
            let (record, factors) = administer(&common, async |_, admin, now| {
                find_factors(admin, &user, now).await.map_err(with_user(&user))
            })?;
            let object = json!({ "userId": record.user.id, "factors": object(&factors) });
            answer(common.json, &object, &details(&factors))
        }
        FactorsCommand::Reset(Reset { list: List { user, common }, yes }) => {
            require_yes(yes, "reset")?;
            let reset = administer(&common, async |config, admin, now| {
                if !yes {
                    let record = find_user(admin, &user).await.map_err(with_user(&user))?;
                    let question = format!("Take the second factor of {} away?", record.user.email.as_str());
                    confirm(&question, "nothing was taken away")?;
                }
                reset_factors(admin, &config.auth, &user, now).await.map_err(with_user(&user))
            })?;
            let FactorsReset { record, factors, sessions_ended } = reset;
            let object = json!({
                "userId": record.user.id, "factors": object(&factors), "sessionsEnded": sessions_ended,
            });
            let email = record.user.email.as_str();
            answer(common.json, &object, &format!("{email} has no second factor; {sessions_ended} session(s) ended"))
        }
    }
}

/// Returns the stable form (docs/administration.md).
fn object(factors: &Factors) -> Value {
    json!({
        "second": factors.second.as_ref().map(|factor| json!({
            "kind": kind(factor),
            "enabledAt": factor.enabled_at.map(format_timestamp),
        })),
        "backupCodes": factors.backup_codes,
        "passkeys": factors.passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "trustedBrowsers": factors.trusted_browsers.iter().map(browser).collect::<Vec<_>>(),
    })
}

fn passkey(passkey: &Passkey) -> Value {
    json!({
        "id": passkey.id,
        "name": passkey.name,
        "createdAt": format_timestamp(passkey.created_at),
        "lastUsedAt": passkey.last_used_at.map(format_timestamp),
    })
}

fn browser(browser: &TrustedDevice) -> Value {
    json!({
        "id": browser.id,
        "ipAddress": browser.ip_address,
        "userAgent": browser.user_agent,
        "createdAt": format_timestamp(browser.created_at),
        "lastUsedAt": format_timestamp(browser.last_used_at),
        "expiresAt": format_timestamp(browser.expires_at),
    })
}

fn kind(factor: &Factor) -> &'static str {
    if factor.is_totp { "totp" } else { "mailed-code" }
}

fn details(factors: &Factors) -> String {
    let second = match &factors.second {
        None => "none".to_owned(),
        Some(factor) => match factor.enabled_at {
            Some(since) => format!("{}, since {}", kind(factor), format_timestamp(since)),
            None => format!("{}, not in force: its first code was not proved", kind(factor)),
        },
    };
    let passkeys: Vec<[String; 4]> = factors.passkeys.iter().map(passkey_row).collect();
    let passkeys = if passkeys.is_empty() {
        "none\n".to_owned()
    } else {
        format!("\n{}", table(["ID", "NAME", "CREATED", "LAST USED"], &passkeys))
    };
    let browsers: Vec<[String; 5]> = factors.trusted_browsers.iter().map(browser_row).collect();
    let browsers = if browsers.is_empty() {
        "none\n".to_owned()
    } else {
        format!("\n{}", table(["ID", "ADDRESS", "USER AGENT", "LAST USED", "EXPIRES"], &browsers))
    };
    format!(
        "second factor     {second}\nbackup codes      {}\npasskeys          {passkeys}trusted browsers  {browsers}",
        factors.backup_codes
    )
}

fn passkey_row(passkey: &Passkey) -> [String; 4] {
    [
        passkey.id.to_string(),
        passkey.name.clone().unwrap_or_default(),
        format_timestamp(passkey.created_at),
        passkey.last_used_at.map_or_else(|| "never".to_owned(), format_timestamp),
    ]
}

fn browser_row(browser: &TrustedDevice) -> [String; 5] {
    [
        browser.id.to_string(),
        browser.ip_address.clone(),
        browser.user_agent.clone(),
        format_timestamp(browser.last_used_at),
        format_timestamp(browser.expires_at),
    ]
}
