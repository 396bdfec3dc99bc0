//! `auth:` of gateway.yaml, see the parent.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    auth::SignUpMode,
    config::source::text::{SecretText, Text, Texts},
    sessions::SameSite,
    types::FieldType,
};

/// Sign-up, sign-in and sessions.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    /// Where the auth API is mounted. Default: `/api/auth`.
    pub(crate) base_path: Option<Text>,
    /// Where browsers without a session are sent from a required route: a path on the gateway or an absolute URL on a
    /// trusted origin. Default: none, they get 401.
    pub(crate) sign_in_page: Option<Text>,
    /// Further origins that may call with credentials and receive redirects: `https://www.example.com` or
    /// `https://*.preview.example.com`. `public_url`'s own is always trusted.
    pub(crate) trusted_origins: Vec<Text>,
    /// How long sessions live and how the cookie is set.
    pub(crate) session: Session,
    /// The JSON Web Tokens that clients get from `/token` and `get-session`.
    pub(crate) jwt: Jwt,
    /// What a new password must be.
    pub(crate) password: Password,
    /// Proof of the e-mail address.
    pub(crate) email_verification: EmailVerification,
    /// Who may open an account.
    pub(crate) sign_up: SignUp,
    /// Mailed links that set a new password.
    pub(crate) password_reset: PasswordReset,
    /// What people tell of themselves.
    pub(crate) user: User,
    /// How people delete their accounts.
    pub(crate) delete_user: DeleteUser,
    /// What people are told by mail beside what they asked for.
    pub(crate) notifications: Notifications,
    /// Limits per account and per client address, a key each; what is left out keeps its default.
    pub(crate) rate_limits: BTreeMap<String, EndpointRateLimit>,
    /// Sign-in through others: google, github, apple, or any name with `type: oidc`.
    pub(crate) social: BTreeMap<String, Provider>,
}

/// How long sessions live and how the cookie is set.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Session {
    /// A session unused for this long ends. Default: `7d`.
    pub(crate) expires_in: Option<Text>,
    /// A session's end is moved at most once in this time. Default: `1d`.
    pub(crate) refresh_after: Option<Text>,
    /// No session outlives this. Default: `30d`.
    pub(crate) absolute: Option<Text>,
    /// How young a session must be for sensitive operations. Default: `1d`.
    pub(crate) fresh_age: Option<Text>,
    /// Name of the cookie without prefix; `__Host-` or `__Secure-` is put before it on https. Default:
    /// `authgate_session`.
    pub(crate) cookie_name: Option<Text>,
    /// What stands before the name. `auto`: `__Host-` on https, `__Secure-` where `domain` is set. Default: auto.
    pub(crate) cookie_prefix: Option<CookiePrefix>,
    /// The cookie's `SameSite`. Default: lax. `none` needs https.
    pub(crate) same_site: Option<SameSite>,
    /// The cookie's `Domain`: `public_url`'s host or a parent of it. Default: none, the cookie is for the one host.
    pub(crate) domain: Option<Text>,
    /// How a request's session is checked.
    pub(crate) check: SessionCheck,
}

/// What stands before a cookie's name, and what browsers hold it to.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CookiePrefix {
    /// `__Host-` on https, `__Secure-` where `domain` is set, nothing on http.
    #[default]
    Auto,
    /// `__Host-`: for the one host, over https. Not with `domain`.
    Host,
    /// `__Secure-`: over https.
    Secure,
    /// Nothing: a neighbour on a subdomain could then set a cookie of this name.
    None,
}

/// The JSON Web Tokens that clients get from `/token` and `get-session`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Jwt {
    /// How long one is valid, `1s` to `1h`. Whoever verifies it by the keys alone takes it until then, after a sign-out
    /// too; the gateway does not. Default: `15m`.
    pub(crate) expires_in: Option<Text>,
    /// Its `aud` claim. Default: the origin of `public_url`.
    pub(crate) audience: Option<Text>,
}

/// How a request's session is checked.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionCheck {
    /// Default: database.
    pub(crate) mode: Option<CheckMode>,
    /// With `cached`: the longest time a revoked session may still pass, `100ms` to `5s`. Default: 1s.
    pub(crate) max_staleness: Option<Text>,
}

/// Where the truth about a session is taken from.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckMode {
    /// Every request asks PostgreSQL.
    Database,
    /// A cache with a bound. Not supported yet.
    Cached,
}

/// What a new password must be.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Password {
    /// 8 to 64 characters. Default: 8.
    pub(crate) min_length: Option<usize>,
    /// 64 to 1024 characters. Default: 128.
    pub(crate) max_length: Option<usize>,
    /// Which passwords are refused because attackers try them first. Default: builtin.
    pub(crate) blocklist: Option<Blocklist>,
}

/// Passwords that attackers try first.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Blocklist {
    /// The lists in the binary, and words of the address, of `mail.from`'s name and of `public_url`'s host.
    Builtin,
    /// Nothing but the lengths counts.
    None,
}

/// Proof of the e-mail address.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EmailVerification {
    /// Nobody signs in before the address is verified. Default: true.
    pub(crate) required: Option<bool>,
    /// How long a mailed link works. Default: `15m`.
    pub(crate) expires_in: Option<Text>,
    /// The proof also signs in, in the browser that signed up with a password and nowhere else. Default: false.
    pub(crate) auto_sign_in: Option<bool>,
}

/// Who may open an account.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignUp {
    /// Default: open.
    pub(crate) mode: Option<SignUpMode>,
    /// Accounts have addresses of these domains only: `example.com`, or `*.example.com` for all domains below it.
    /// Default: any.
    pub(crate) allowed_email_domains: Vec<Text>,
}

/// Mailed links that set a new password.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordReset {
    /// How long a mailed link works. Default: `1h`.
    pub(crate) expires_in: Option<Text>,
}

/// What people tell of themselves.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct User {
    /// Pictures that are sent as data.
    pub(crate) avatars: Avatars,
    /// What users have beside name, address and picture, by the name of each field.
    pub(crate) additional_fields: BTreeMap<String, AdditionalField>,
}

/// Pictures that are sent as data. The gateway stores and serves them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Avatars {
    /// The largest picture, 1KiB to 1MiB. Default: `256KiB`.
    pub(crate) max_size: Option<Text>,
}

/// A field that users have beside name, address and picture.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdditionalField {
    /// Default: string.
    #[serde(rename = "type")]
    pub(crate) kind: Option<FieldType>,
    /// Sign-ups with a password have to say it, unless it has a default. Default: false.
    pub(crate) required: Option<bool>,
    /// Users set it themselves. Default: true.
    pub(crate) input: Option<bool>,
    /// What it is where nothing was set. Default: null.
    pub(crate) default: Option<FieldDefault>,
    /// The longest text, in characters: 1 to 5000, with `header` to 500. Default: 255.
    pub(crate) max_length: Option<u32>,
    /// Users see it. Default: true.
    pub(crate) returned: Option<bool>,
    /// The header that tells it to upstreams, beginning with `X-`. Default: none.
    pub(crate) header: Option<Text>,
}

/// What a field is where nothing was set, in the form of its type.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct FieldDefault(pub(crate) Texts);

impl JsonSchema for FieldDefault {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "default".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean", "array", "null"], "items": { "type": "string" } })
    }
}

/// How people delete their accounts.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeleteUser {
    /// It takes a link that is mailed to them. Otherwise the password or a fresh session is enough. Default: false.
    pub(crate) mailed_confirmation: Option<bool>,
}

/// What people are told by mail beside what they asked for.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Notifications {
    /// Of a sign-in with a browser or system that is new to the account. Default: true.
    pub(crate) new_device: Option<bool>,
}

/// A limit on an endpoint of the auth API.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EndpointRateLimit {
    /// Attempts in a window, 1 to 1000000.
    pub(crate) limit: Option<u32>,
    /// Length of the window, for example `15m`: `1s` to `1d`.
    pub(crate) window: Option<Text>,
}

/// Somebody else's sign-in.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Provider {
    /// `oidc`, for every provider that is not google, github or apple.
    #[serde(rename = "type")]
    pub(crate) kind: Option<ProviderKind>,
    /// Where the provider is. Of an OIDC provider: the https URL below which `.well-known/openid-configuration` is found.
    /// Of the others: only where it is not the usual one, as with GitHub Enterprise Server.
    pub(crate) issuer: Option<Text>,
    /// As the provider gave it. Of a list the first begins sign-ins; id tokens that apps bring may be for any of them.
    pub(crate) client_id: Option<Texts>,
    /// As the provider gave it, from the environment or a file.
    pub(crate) client_secret: Option<SecretText>,
    /// What is asked for.
    pub(crate) scopes: Option<Vec<Text>>,
    /// Of Apple.
    pub(crate) team_id: Option<Text>,
    /// Of Apple.
    pub(crate) key_id: Option<Text>,
    /// Of Apple, in PEM form, from the environment or a file.
    pub(crate) private_key: Option<SecretText>,
    /// Of Google: only accounts of this Workspace domain, or of any with `*`.
    pub(crate) hd: Option<Text>,
    /// Keep the provider's tokens, sealed, for `get-access-token`. Default: false.
    pub(crate) store_tokens: Option<bool>,
}

/// What a provider speaks.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProviderKind {
    /// OpenID Connect with discovery.
    Oidc,
}
