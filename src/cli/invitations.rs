//! Runs `authgate users invite`: it makes a link with which one address may sign up.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use crate::{
    auth::{
        CallbackUrl,
        admin::{InviteError, invite, withdraw_invitation},
    },
    cli::{
        Failure,
        administer::{Common, administer, answer},
    },
    config::Config,
    types::{Email, format_timestamp},
};

#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// The address that may sign up
    #[arg(value_name = "EMAIL")]
    email: Email,
    /// The page that signs people up: a path of `public_url`, or a URL of a trusted origin; the built-in one unless you name
    /// yours
    #[arg(long, value_name = "PATH", conflicts_with = "withdraw")]
    page: Option<String>,
    /// Take an open invitation back instead
    #[arg(long)]
    withdraw: bool,
    #[command(flatten)]
    common: Common,
}

/// Does what the arguments say.
pub(crate) fn run(arguments: &Invite) -> Result<ExitCode, Failure> {
    let Invite { email, page, withdraw, common } = arguments;
    let address = email.as_str();
    if *withdraw {
        let was_open = administer(common, async |_, admin, now| {
            withdraw_invitation(admin, email, now).await.map_err(|error| Failure::Runtime(error.into()))
        })?;
        let text = if was_open { "the invitation is withdrawn" } else { "there was no open invitation" };
        return answer(common.json, &json!({ "withdrawn": was_open }), &format!("{address}: {text}"));
    }
    let (link, expires_at) = administer(common, async |config, admin, now| {
        let settings = &config.auth;
        let page = match page {
            Some(page) => parse_page(config, page)?,
            None => parse_page(config, &built_in_page(config)?)?,
        };
        let invited = invite(admin, &settings.sign_up, email, now).await.map_err(|error| match error {
            InviteError::NoInvitations | InviteError::EmailDomain => Failure::Usage(anyhow!("{address}: {error}")),
            InviteError::EmailTaken => Failure::Runtime(anyhow!("{address}: {error}")),
            InviteError::Store(_) => Failure::Runtime(error.into()),
        })?;
        Ok((page.absolute_with_invitation(&invited.token, &settings.public_url), invited.expires_at))
    })?;
    let expires = format_timestamp(expires_at);
    let text = format!("{link}\nfor {address} alone, once, until {expires}; it is shown this once");
    answer(common.json, &json!({ "email": email, "link": link, "expiresAt": expires }), &text)
}

/// Returns the built-in page that signs people up.
fn built_in_page(config: &Config) -> Result<String, Failure> {
    if config.pages.is_enabled {
        return Ok(format!("{}/sign-up", config.pages.auth_path));
    }
    Err(Failure::Usage(anyhow!("the built-in pages are off: --page says which page of yours signs people up")))
}

/// Reads where a browser is led.
pub(crate) fn parse_page(config: &Config, page: &str) -> Result<CallbackUrl, Failure> {
    CallbackUrl::parse(page, &config.auth.trusted_origins, &config.auth.public_url).map_err(|_| {
        Failure::Usage(anyhow!("--page: {page:?} is neither a path like /sign-up nor a URL of a trusted origin"))
    })
}
