//! Runs `authgate users`: the people of the database.

use std::{process::ExitCode, time::Duration};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    auth::{
        DisplayName,
        admin::{
            self, Banned, CreateUserError, Filter, NewBan, NewUser, Removed, UserRecord, UserRef, Welcome, ban_user,
            create_user, find_user, list_users, remove_user, set_roles, unban_user,
        },
        hash_password,
    },
    cli::{
        Failure,
        administer::{
            Common, administer, answer, clean, confirm, parse_duration, read_line, require_yes, table, who, with_user,
        },
        factors,
        invitations::{self, parse_page},
    },
    config::Config,
    types::{Email, Owner, Password, PasswordHash, Role, UserId, format_timestamp},
};

/// Bounds a line in bytes: more than any password that is taken.
const MAX_PASSWORD_LINE: u64 = 8 * 1024;
const MAX_REASON_CHARACTERS: usize = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Make a user, for example the first administrator
    #[command(after_help = "Examples:\n  authgate users create ada@example.com --name Ada --role admin --verified\n  \
                            pass show ada | authgate users create ada@example.com --name Ada --password-stdin\n  \
                            authgate users create bob@example.com --name Bob --invite --page /sign-in\n\n\
                            Without a password the user chooses one by a password reset, or with the mailed link of \
                            --invite, which works once, for seven days, and proves the address. Without --verified \
                            the address has to be proved first.")]
    Create(Create),
    /// Make a link with which an address may sign up, where `auth.sign_up.mode` is `invitation`
    #[command(after_help = "Examples:\n  authgate users invite ada@example.com --page /sign-up\n  authgate users \
                            invite ada@example.com --withdraw\n\nThe link works for the address alone, once, for \
                            seven days. Whoever comes from a provider that vouches for the address needs no link.")]
    Invite(invitations::Invite),
    /// List users
    #[command(
        after_help = "Examples:\n  authgate users list --role admin\n  authgate users list --search example.com \
                            --limit 200 --json\n\nUsers come in the order of their ids; --after goes on behind the \
                            last one of a page."
    )]
    List(List),
    /// Show one user
    #[command(after_help = "Example:\n  authgate users show ada@example.com --json")]
    Show(Named),
    /// Refuse a user from now on, and end their sessions
    #[command(after_help = "Examples:\n  authgate users ban mallory@example.com --reason 'sends spam'\n  authgate \
                            users ban mallory@example.com --for 7d")]
    Ban(BanArgs),
    /// Lift a ban
    #[command(after_help = "Example:\n  authgate users unban mallory@example.com")]
    Unban(Named),
    /// Replace a user's roles
    #[command(after_help = "Examples:\n  authgate users set-role ada@example.com admin support\n  authgate users \
                            set-role ada@example.com --none\n\nSessions stay: the user's next request is judged by \
                            the new roles.")]
    SetRole(SetRole),
    /// Show the second factor of a user, or take it away from whoever has lost everything
    #[command(subcommand)]
    Factors(factors::FactorsCommand),
    /// Delete a user with everything of theirs
    #[command(after_help = "Example:\n  authgate users delete ada@example.com --yes\n\nSessions, ways to sign in, \
                            links and waiting mail go with the user; the audit log keeps the id. It cannot be undone.")]
    Delete(Delete),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The address
    #[arg(value_name = "EMAIL")]
    email: Email,
    /// What the user is called
    #[arg(long)]
    name: DisplayName,
    /// A role; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// The address is known to be the user's
    #[arg(long)]
    verified: bool,
    /// Read a password, one line, from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Mail a link with which the user proves the address and chooses a password
    #[arg(long, conflicts_with_all = ["verified", "password_stdin"])]
    invite: bool,
    /// Where the browser goes from there: a path of `public_url`, or a URL of a trusted origin
    #[arg(long, value_name = "PATH", requires = "invite")]
    page: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// At most so many, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Go on behind this user
    #[arg(long, value_name = "ID")]
    after: Option<UserId>,
    /// Only users with this role
    #[arg(long)]
    role: Option<Role>,
    /// Only users who are banned now
    #[arg(long)]
    banned: bool,
    /// Only users with this text in the address or the name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Id or address
    #[arg(value_name = "USER", value_parser = who)]
    user: UserRef,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct BanArgs {
    #[command(flatten)]
    named: Named,
    /// Why; shown to operators only
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// For how long, for example 7d; without it until the ban is lifted
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    duration: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct SetRole {
    /// Id or address
    #[arg(value_name = "USER", value_parser = who)]
    user: UserRef,
    /// All the roles the user is to have
    #[arg(value_name = "ROLE", required_unless_present = "none", conflicts_with = "none")]
    roles: Vec<Role>,
    /// Take every role away
    #[arg(long)]
    none: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    named: Named,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Does what the arguments say.
pub(crate) fn run(command: Users) -> Result<ExitCode, Failure> {
    match command {
        Users::Create(arguments) => create(arguments),
        Users::Invite(arguments) => invitations::run(&arguments),
        Users::List(arguments) => list(arguments),
        Users::Show(Named { user, common }) => {
            let record =
                administer(&common, async |_, admin, _| find_user(admin, &user).await.map_err(with_user(&user)))?;
            answer(common.json, &json!({ "user": object(&record) }), &details(&record))
        }
        Users::Ban(arguments) => ban(arguments),
        Users::Unban(Named { user, common }) => {
            let record = administer(&common, async |_, admin, now| {
                unban_user(admin, &user, now).await.map_err(with_user(&user))
            })?;
            let text = format!("{} is not banned", record.user.email.as_str());
            answer(common.json, &json!({ "user": object(&record) }), &text)
        }
        Users::SetRole(SetRole { user, roles, none: _, common }) => {
            let record = administer(&common, async |_, admin, now| {
                set_roles(admin, &user, roles, now).await.map_err(with_user(&user))
            })?;
            let text = format!("{} has {}", record.user.email.as_str(), roles_text(&record));
            answer(common.json, &json!({ "user": object(&record) }), &text)
        }
        Users::Factors(command) => factors::run(command),
        Users::Delete(arguments) => delete(arguments),
    }
}

fn create(arguments: Create) -> Result<ExitCode, Failure> {
    let Create { email, name, roles, verified, password_stdin, invite, page, common } = arguments;
    let typed = password_stdin.then(|| read_line(MAX_PASSWORD_LINE)).transpose().map_err(Failure::Usage)?;
    let has_password = typed.is_some();
    let record = administer(&common, async |config, admin, now| {
        let password = match typed {
            Some(line) => Some(hashed(config, &line, Owner { email: &email, name: name.as_str() })?),
            None => None,
        };
        let page = page.map(|page| parse_page(config, &page)).transpose()?;
        let welcome = invite.then_some(Welcome { settings: &config.auth, page: page.as_ref() });
        let input = NewUser {
            email: email.clone(),
            name,
            roles,
            image: None,
            additional_fields: serde_json::Map::new(),
            email_verified: verified,
            password,
        };
        create_user(admin, input, welcome.as_ref(), now).await.map_err(|error| match error {
            CreateUserError::EmailTaken => Failure::Runtime(anyhow!("{}: {error}", email.as_str())),
            CreateUserError::Administration(_) => Failure::Runtime(error.into()),
        })
    })?;
    let next = match (has_password, invite) {
        (true, _) => "",
        (false, true) => "\na mail is on its way with which the user chooses a password",
        (false, false) => "\nno password yet: the user chooses one by a password reset",
    };
    let text = format!("{} created as {}{next}", record.user.email.as_str(), record.user.id);
    answer(common.json, &json!({ "user": object(&record) }), &text)
}

/// Hashes a password that keeps the rules for everybody's passwords.
fn hashed(config: &Config, line: &str, owner: Owner<'_>) -> Result<PasswordHash, Failure> {
    let password = Password::choose(line, &config.auth.password, Some(owner))
        .map_err(|error| Failure::Usage(anyhow!("the password on standard input: {error}")))?;
    Ok(hash_password(&password))
}

fn list(arguments: List) -> Result<ExitCode, Failure> {
    let List { limit, after, role, banned, search, common } = arguments;
    let filter = Filter { after, role, banned, search };
    let (people, has_more) = administer(&common, async |_, admin, _| {
        list_users(admin, &filter, limit).await.map_err(|error| Failure::Runtime(error.into()))
    })?;
    let next = people.last().filter(|_| has_more).map(|record| &record.user.id);
    let objects: Vec<Value> = people.iter().map(object).collect();
    let rows: Vec<[String; 7]> = people.iter().map(row).collect();
    let mut text = table(["ID", "EMAIL", "NAME", "ROLES", "STATE", "SESSIONS", "CREATED"], &rows);
    if let Some(next) = next {
        text = format!("{text}more: --after {next}");
    }
    answer(common.json, &json!({ "users": objects, "next": next }), &text)
}

fn ban(arguments: BanArgs) -> Result<ExitCode, Failure> {
    let BanArgs { named: Named { user, common }, reason, duration } = arguments;
    let Banned { record, sessions_ended } = administer(&common, async |_, admin, now| {
        let ban = NewBan { until: duration.map(|duration| now + duration), reason };
        ban_user(admin, &user, ban, now).await.map_err(with_user(&user))
    })?;
    let text = format!("{} is {}; {sessions_ended} session(s) ended", record.user.email.as_str(), state(&record));
    answer(common.json, &json!({ "user": object(&record), "sessionsEnded": sessions_ended }), &text)
}

fn delete(arguments: Delete) -> Result<ExitCode, Failure> {
    let Delete { named: Named { user, common }, yes } = arguments;
    require_yes(yes, "delete")?;
    let Removed { record, sessions_ended } = administer(&common, async |_, admin, now| {
        if !yes {
            let record = find_user(admin, &user).await.map_err(with_user(&user))?;
            let question = format!("Delete {} with {} session(s)?", record.user.email.as_str(), record.sessions);
            confirm(&question, "nothing was deleted")?;
        }
        remove_user(admin, &user, now).await.map_err(with_user(&user))
    })?;
    let text = format!("{} is gone; {sessions_ended} session(s) ended", record.user.email.as_str());
    answer(common.json, &json!({ "user": object(&record), "sessionsEnded": sessions_ended }), &text)
}

fn reason(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) || text.chars().count() > MAX_REASON_CHARACTERS {
        return Err(format!("a reason is one line of at most {MAX_REASON_CHARACTERS} characters"));
    }
    Ok(text.to_owned())
}

/// Returns the stable form (docs/administration.md).
fn object(record: &UserRecord) -> Value {
    let admin::UserRecord { user, ban, sign_in_methods, sessions } = record;
    let newest = ban.newest();
    json!({
        "id": user.id,
        "email": user.email,
        "emailVerified": user.email_verified,
        "name": user.name,
        "image": user.image,
        "roles": user.roles,
        "banned": ban.in_force().is_some(),
        "bannedAt": newest.map(|ban| format_timestamp(ban.since)),
        "banExpires": newest.and_then(|ban| ban.until).map(format_timestamp),
        "banReason": newest.and_then(|ban| ban.reason.as_deref()),
        "signInMethods": sign_in_methods,
        "sessions": sessions,
        "createdAt": format_timestamp(user.created_at),
        "updatedAt": format_timestamp(user.updated_at),
    })
}

fn row(record: &UserRecord) -> [String; 7] {
    [
        record.user.id.to_string(),
        record.user.email.as_str().to_owned(),
        record.user.name.clone(),
        record.user.roles.join(","),
        state(record),
        record.sessions.to_string(),
        format_timestamp(record.user.created_at),
    ]
}

fn details(record: &UserRecord) -> String {
    let user = &record.user;
    let mut lines = vec![
        ("id", user.id.to_string()),
        ("email", user.email.as_str().to_owned()),
        ("name", clean(&user.name)),
        ("state", state(record)),
        ("roles", record.user.roles.join(",")),
        ("signs in by", record.sign_in_methods.join(",")),
        ("sessions", record.sessions.to_string()),
        ("created", format_timestamp(user.created_at)),
        ("changed", format_timestamp(user.updated_at)),
    ];
    if let Some(ban) = record.ban.newest() {
        lines.push(("ban since", format_timestamp(ban.since)));
        lines.push(("ban reason", clean(ban.reason.as_deref().unwrap_or_default())));
    }
    lines.iter().map(|(name, value)| format!("{name:12}{value}").trim_end().to_owned() + "\n").collect()
}

fn state(record: &UserRecord) -> String {
    match record.ban.in_force() {
        Some(ban) => {
            ban.until.map_or_else(|| "banned".to_owned(), |until| format!("banned until {}", format_timestamp(until)))
        }
        None if record.user.email_verified => "active".to_owned(),
        None => "unverified".to_owned(),
    }
}

fn roles_text(record: &UserRecord) -> String {
    if record.user.roles.is_empty() {
        "no role".to_owned()
    } else {
        format!("the roles {}", record.user.roles.join(", "))
    }
}
