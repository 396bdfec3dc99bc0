//! Runs `authgate keys`: the API keys of users and organizations, and what only an operator says of them.

use std::{process::ExitCode, time::Duration};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    auth::{
        ApiKeySettings, KeyRateLimit, StoredApiKey,
        admin::{
            AdministrationError, ApiKeyOwnerRef, OperatorApiKey, UserRef, create_key, list_keys, revoke_key,
            revoke_keys,
        },
    },
    cli::{
        Failure,
        administer::{Common, administer, answer, parse_duration, table, who},
    },
    store::api_keys::scopes_of,
    types::{ApiKey, ApiKeyId, format_timestamp},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List the API keys of a user or an organization, oldest first
    #[command(
        after_help = "Examples:\n  authgate keys list ada@example.com --json\n  authgate keys list --organization \
                            acme"
    )]
    List(List),
    /// Make an API key of a user or an organization, and show it this once
    #[command(after_help = "Examples:\n  authgate keys create ada@example.com --name ci --scope reports:read\n  \
                            authgate keys create --organization acme --name sync\n  authgate keys create ada@example.com --remaining 1000 --refill 1000 --refill-every 1d\n\n\
                            What is left out is as auth.api_keys has it.")]
    Create(Create),
    /// Revoke one API key, or all of a user's or an organization's
    #[command(after_help = "Examples:\n  authgate keys revoke key_0190b3c57a3b7c008000000000000000\n  authgate keys \
                            revoke --user ada@example.com\n  authgate keys revoke --organization acme\n\nThe next request with it is refused, on every replica.")]
    Revoke(Revoke),
}

/// Names whose keys: a user's, or an organization's.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Owner {
    /// Id or address
    #[arg(value_name = "USER", value_parser = who)]
    user: Option<UserRef>,
    /// Id or slug of the organization that owns them, in place of a user
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
}

impl Owner {
    fn read(self) -> Result<ApiKeyOwnerRef, Failure> {
        let organization = self.organization.map(ApiKeyOwnerRef::Organization);
        let owner = self.user.map(ApiKeyOwnerRef::User).or(organization);
        owner.ok_or_else(|| Failure::Usage(anyhow!("whose keys? name a user or an --organization")))
    }
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    owner: Owner,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    owner: Owner,
    /// Call the key so, in up to 32 characters
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Let the key begin with this
    #[arg(long, value_parser = prefix)]
    prefix: Option<String>,
    /// Let it expire after this, for example 90d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    expires_in: Option<Duration>,
    /// Allow it this, as resource:action; may be repeated, and takes the place of the configured permissions
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    scope: Vec<String>,
    /// Give it so many uses
    #[arg(long, value_name = "COUNT")]
    remaining: Option<u32>,
    /// Give it so many uses again after a while
    #[arg(long, value_name = "COUNT", requires_all = ["remaining", "refill_every"], value_parser = clap::value_parser!(u32).range(1..))]
    refill: Option<u32>,
    /// After how long
    #[arg(long, value_name = "DURATION", requires = "refill", value_parser = window)]
    refill_every: Option<Duration>,
    /// Give it so many uses in a window, over all replicas
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    rate_limit: Option<u32>,
    /// Let that window last so long
    #[arg(long, value_name = "DURATION", requires = "rate_limit", value_parser = window)]
    rate_window: Option<Duration>,
    /// Its uses are not limited
    #[arg(long, conflicts_with = "rate_limit")]
    no_rate_limit: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id
    #[arg(value_name = "KEY_ID", required_unless_present_any = ["user", "organization"], conflicts_with_all = ["user", "organization"])]
    key: Option<ApiKeyId>,
    /// Every key of this user
    #[arg(long, value_name = "USER", value_parser = who, conflicts_with = "organization")]
    user: Option<UserRef>,
    /// Every key of this organization, by its id or slug
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
    #[command(flatten)]
    common: Common,
}

fn name(text: &str) -> Result<String, String> {
    let is_line = (1..=ApiKeySettings::MAX_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    is_line.then(|| text.to_owned()).ok_or_else(|| "a line of 1 to 32 characters".to_owned())
}

fn prefix(text: &str) -> Result<String, String> {
    ApiKey::is_prefix(text).then(|| text.to_owned()).ok_or_else(|| "1 to 32 of A-Z a-z 0-9 _ -".to_owned())
}

fn scope(text: &str) -> Result<String, String> {
    ApiKeySettings::is_scope(text)
        .then(|| text.to_owned())
        .ok_or_else(|| "resource:action, for example reports:read".to_owned())
}

fn window(text: &str) -> Result<Duration, String> {
    let window = parse_duration(text)?;
    if KeyRateLimit::WINDOWS.contains(&window) { Ok(window) } else { Err("must be 1s to 366d".to_owned()) }
}

/// Does what the arguments say.
pub(crate) fn run(command: Keys) -> Result<ExitCode, Failure> {
    match command {
        Keys::List(List { owner, common }) => {
            let owner = owner.read()?;
            let (owner, keys) =
                administer(&common, async |_, admin, _| list_keys(admin, &owner).await.map_err(with_owner(&owner)))?;
            let objects: Vec<Value> = keys.iter().map(object).collect();
            let rows: Vec<[String; 7]> = keys.iter().map(row).collect();
            let text = table(["ID", "NAME", "START", "STATE", "SCOPES", "LAST USED", "EXPIRES"], &rows);
            let (user, organization) = owner.ids();
            answer(common.json, &json!({ "userId": user, "organizationId": organization, "keys": objects }), &text)
        }
        Keys::Create(create) => {
            let owner = create.owner.read()?;
            let new = OperatorApiKey {
                name: create.name,
                prefix: create.prefix,
                expires_in: create.expires_in,
                scopes: (!create.scope.is_empty()).then_some(create.scope),
                remaining: create.remaining,
                refill: create.refill.zip(create.refill_every),
                rate_limit: match create.rate_limit {
                    Some(limit) => {
                        let window = create.rate_window.unwrap_or(KeyRateLimit::DEFAULT.window);
                        Some(Some(KeyRateLimit { limit, window }))
                    }
                    None => create.no_rate_limit.then_some(None),
                },
            };
            let (stored, key) = administer(&create.common, async |config, admin, now| {
                let settings = config.auth.api_keys.clone().ok_or_else(|| {
                    Failure::Usage(anyhow!("there are no API keys: auth.api_keys.enabled is not true"))
                })?;
                if matches!(owner, ApiKeyOwnerRef::Organization(_)) && config.auth.organizations.is_none() {
                    let error = anyhow!("there are no organizations: auth.organizations.enabled is not true");
                    return Err(Failure::Usage(error));
                }
                create_key(admin, &settings, (&owner, &new), now).await.map_err(with_owner(&owner))
            })?;
            let (user, organization) = stored.owner.ids();
            let object = json!({
                "userId": user, "organizationId": organization, "key": key.expose(), "apiKey": object(&stored),
            });
            let text = format!("{}\nid {}; it is not shown again", key.expose(), stored.id);
            answer(create.common.json, &object, &text)
        }
        Keys::Revoke(Revoke { key, user, organization, common }) => {
            let revoked = administer(&common, async |_, admin, now| {
                if let Some(key) = key {
                    let with_key = |error| Failure::Runtime(anyhow::Error::new(error).context(key.to_string()));
                    revoke_key(admin, &key, now).await.map_err(with_key)
                } else {
                    let owner = Owner { user, organization }.read()?;
                    revoke_keys(admin, &owner, now).await.map_err(with_owner(&owner))
                }
            })?;
            let (user, organization) = revoked.owner.ids();
            let count = revoked.keys_revoked;
            let object = json!({ "userId": user, "organizationId": organization, "keysRevoked": count });
            answer(common.json, &object, &format!("{count} key(s) revoked"))
        }
    }
}

/// Returns a function that names the owner in an error.
fn with_owner(owner: &ApiKeyOwnerRef) -> impl FnOnce(AdministrationError) -> Failure {
    let name = match owner {
        ApiKeyOwnerRef::User(UserRef::Id(id)) => id.to_string(),
        ApiKeyOwnerRef::User(UserRef::Email(email)) => email.as_str().to_owned(),
        ApiKeyOwnerRef::Organization(name) => name.clone(),
    };
    move |error| Failure::Runtime(anyhow::Error::new(error).context(name))
}

/// Returns the stable form (docs/api-keys.md).
fn object(key: &StoredApiKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "start": key.start,
        "enabled": key.enabled,
        "scopes": scopes_of(&key.permissions),
        "remaining": key.remaining,
        "refillAmount": key.refill_amount,
        "refillInterval": key.refill_interval_ms,
        "rateLimitEnabled": key.rate_limit_enabled,
        "rateLimitMax": key.rate_limit_max,
        "rateLimitTimeWindow": key.rate_limit_window_ms,
        "createdAt": format_timestamp(key.created_at),
        "lastUsedAt": key.last_used_at.map(format_timestamp),
        "expiresAt": key.expires_at.map(format_timestamp),
    })
}

fn row(key: &StoredApiKey) -> [String; 7] {
    [
        key.id.to_string(),
        key.name.clone().unwrap_or_default(),
        key.start.clone(),
        if key.enabled { "enabled" } else { "disabled" }.to_owned(),
        scopes_of(&key.permissions).join(","),
        key.last_used_at.map(format_timestamp).unwrap_or_default(),
        key.expires_at.map(format_timestamp).unwrap_or_default(),
    ]
}
