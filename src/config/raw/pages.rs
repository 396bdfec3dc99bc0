//! Mirrors `pages:` of gateway.yaml.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::source::text::Text;

/// Describes the built-in pages: sign-in, sign-up, account, administration. They work without JavaScript.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pages {
    /// Serves the pages. Default: true, and false where `auth.sign_in_page` names pages of your own, a route's path lies below
    /// `auth_path` or `account_path`, or one of these overlaps `auth.base_path`.
    pub(crate) enabled: Option<bool>,
    /// Is the path below which people sign in and up. Default: `/auth`.
    pub(crate) auth_path: Option<Text>,
    /// Is the path below which people look after their account. Default: `/account`.
    pub(crate) account_path: Option<Text>,
    /// Describes the pages of administrators. Default: they are there where `auth.admin` is enabled.
    pub(crate) admin: Option<PagesAdmin>,
    /// Is the name that pages and mails show, at most 60 characters. Default: the name in `mail.from`, or else the host.
    pub(crate) name: Option<Text>,
    /// Names the file of a logo: SVG, PNG, JPEG or WebP, at most 256 KiB. Mails show a PNG or JPEG alone. Default: none.
    pub(crate) logo_file: Option<Text>,
    /// Is the colour of buttons and links, `#rrggbb`, with a contrast of at least 4.5 to white. Default: `#1d4ed8`.
    pub(crate) accent: Option<Text>,
    /// Names a CSS file that follows the pages' own, at most 256 KiB. Default: none.
    pub(crate) stylesheet_file: Option<Text>,
    /// Lists where pages lead to.
    pub(crate) links: PagesLinks,
    /// Lists the languages that are offered, of `en`, `de`, `fr` and `es`; the first is the default. Default: `[en]`.
    pub(crate) languages: Option<Vec<Text>>,
}

/// Describes the pages of administrators. They need `auth.admin`, which is on where they are described.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PagesAdmin {
    /// Is their path; below `auth_path` it is `auth_path` and `/admin`. Default: that.
    pub(crate) path: Option<Text>,
    /// Lists the roles that see them. What each may do there, `auth.admin` says. Default:
    /// all whom `auth.admin` lets administer.
    pub(crate) roles: Option<Vec<Text>>,
}

/// Lists where pages lead to: paths, or URLs of https, http or mailto.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PagesLinks {
    /// Leads to the app, after sign-in too. Default: `/`.
    pub(crate) home: Option<Text>,
    /// Leads to the terms that whoever signs up agrees to. Default: none.
    pub(crate) terms: Option<Text>,
    /// Leads to the privacy notice. Default: none.
    pub(crate) privacy: Option<Text>,
    /// Leads to help. Default: none.
    pub(crate) support: Option<Text>,
}
