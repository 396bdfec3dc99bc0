//! Mirrors `auth:` of gateway.yaml, see the parent.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{OrganizationCreation, SignUpMode},
    config::source::text::{SecretText, Secrets, Text, Texts},
    sessions::SameSite,
    types::FieldType,
};

/// Configures sign-up, sign-in and sessions.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_field_names, reason = "the library is called so, and the key after it")]
pub(crate) struct Auth {
    /// Is the path at which the auth API is mounted. Default: `/api/auth`.
    pub(crate) base_path: Option<Text>,
    /// Says where browsers without a session are sent from a required route: a path on the gateway or an absolute URL
    /// on a trusted origin. Default: none, they get 401.
    pub(crate) sign_in_page: Option<Text>,
    /// Lists further origins that may call with credentials and receive redirects: `https://www.example.com` or
    /// `https://*.preview.example.com`. `public_url`'s own is always trusted.
    pub(crate) trusted_origins: Vec<Text>,
    /// Says how long sessions live and how the cookie is set.
    pub(crate) session: Session,
    /// Lets the sessions go on that came here from the library better-auth. Default: none did.
    pub(crate) better_auth: Option<BetterAuth>,
    /// Describes the JSON Web Tokens that clients get from `/token` and `get-session`.
    pub(crate) jwt: Jwt,
    /// Says what a new password must be.
    pub(crate) password: Password,
    /// Configures the proof of the e-mail address.
    pub(crate) email_verification: EmailVerification,
    /// Says who may open an account.
    pub(crate) sign_up: SignUp,
    /// Describes the mailed links that set a new password.
    pub(crate) password_reset: PasswordReset,
    /// Configures what people tell of themselves.
    pub(crate) user: User,
    /// Says how people delete their accounts.
    pub(crate) delete_user: DeleteUser,
    /// Says what people are told by mail beside what they asked for.
    pub(crate) notifications: Notifications,
    /// Limits per account and per client address, a key each; what is left out keeps its default.
    pub(crate) rate_limits: BTreeMap<String, EndpointRateLimit>,
    /// Says what administrators may do over the auth API.
    pub(crate) admin: Admin,
    /// Describes second factors: who can set one up, and who needs one.
    pub(crate) two_factor: TwoFactor,
    /// Describes passkeys, which sign in without a password.
    pub(crate) passkeys: Passkeys,
    /// Describes the names that people sign in with beside their addresses.
    pub(crate) username: Username,
    /// Describes the codes that are mailed to be typed.
    pub(crate) email_otp: EmailOtp,
    /// Describes the mailed links that sign in.
    pub(crate) magic_link: MagicLink,
    /// Lets one browser keep the sessions of several accounts.
    pub(crate) multi_session: MultiSession,
    /// Describes the keys that people make for their programs.
    pub(crate) api_keys: ApiKeys,
    /// Lets pages show what a browser signed in with last.
    pub(crate) last_login_method: LastLoginMethod,
    /// Describes organizations, which users found and invite each other to.
    pub(crate) organizations: Organizations,
    /// Lists the providers that people sign in through: google, github, apple, or any name with `type: oidc`.
    pub(crate) social: BTreeMap<String, Provider>,
}

/// Says how long sessions live and how the cookie is set.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Session {
    /// A session unused for this long ends. Default: `7d`.
    pub(crate) expires_in: Option<Text>,
    /// A session's end is moved at most once in this time. Default: `1d`.
    pub(crate) refresh_after: Option<Text>,
    /// No session outlives this. Default: `30d`.
    pub(crate) absolute: Option<Text>,
    /// Says how young a session must be for sensitive operations. Default: `1d`.
    pub(crate) fresh_age: Option<Text>,
    /// Names the cookie, without prefix; `__Host-` or `__Secure-` is put before it on https. Default:
    /// `authgate_session`.
    pub(crate) cookie_name: Option<Text>,
    /// Says what stands before the name; with `auto` it is `__Host-` on https, `__Secure-` where `domain` is set.
    /// Default: auto.
    pub(crate) cookie_prefix: Option<CookiePrefix>,
    /// Is the cookie's `SameSite`. Default: lax. `none` needs https.
    pub(crate) same_site: Option<SameSite>,
    /// Is the cookie's `Domain`: `public_url`'s host or a parent of it. Default: none, the cookie is for the one host.
    pub(crate) domain: Option<Text>,
    /// Says how a request's session is checked.
    pub(crate) check: SessionCheck,
}

/// Says what stands before a cookie's name, and what browsers hold it to.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CookiePrefix {
    /// Puts `__Host-` on https, `__Secure-` where `domain` is set, nothing on http.
    #[default]
    Auto,
    /// Puts `__Host-`: the cookie is for the one host, over https. It does not go with `domain`.
    Host,
    /// Puts `__Secure-`: the cookie is sent over https only.
    Secure,
    /// Puts nothing: a neighbour on a subdomain could then set a cookie of this name.
    None,
}

/// Lets the sessions go on that came here from the library better-auth: its cookie is exchanged for ours, and its tokens
/// are taken as bearer tokens.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BetterAuth {
    /// Is what better-auth signed its cookies with: the app's `BETTER_AUTH_SECRET`. A list where several did. Required.
    pub(crate) secret: Option<Secrets>,
    /// Is the app's `advanced.cookiePrefix`. Default: `better-auth`.
    pub(crate) cookie_prefix: Option<Text>,
    /// Is the name of the session cookie where the app gave it one of its own, without `__Secure-`. Default: the prefix
    /// with `.session_token`.
    pub(crate) cookie_name: Option<Text>,
}

/// Describes the JSON Web Tokens that clients get from `/token` and `get-session`.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Jwt {
    /// Says how long one is valid, `1s` to `1h`. Whoever verifies it by the keys alone takes it until then, after a
    /// sign-out too; the gateway does not. Default: `15m`.
    pub(crate) expires_in: Option<Text>,
    /// Is its `aud` claim. Default: the origin of `public_url`.
    pub(crate) audience: Option<Text>,
}

/// Says how a request's session is checked.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SessionCheck {
    /// Says where the truth about a session is taken from. Default: database.
    pub(crate) mode: Option<CheckMode>,
    /// With `cached`, limits the time that a revoked session may still pass, `100ms` to `5s`. Default: 1s.
    pub(crate) max_staleness: Option<Text>,
}

/// Says where the truth about a session is taken from.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckMode {
    /// Asks PostgreSQL at every request.
    Database,
    /// Lets memory answer within the bound of `max_staleness`.
    Cached,
}

/// Says what a new password must be.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Password {
    /// Is the fewest characters, 8 to 64. Default: 8.
    pub(crate) min_length: Option<usize>,
    /// Is the most characters, 64 to 1024. Default: 128.
    pub(crate) max_length: Option<usize>,
    /// Says which passwords are refused because attackers try them first. Default: builtin.
    pub(crate) blocklist: Option<Blocklist>,
}

/// Says which passwords are refused because attackers try them first.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Blocklist {
    /// Refuses the lists in the binary, and words of the address, of `mail.from`'s name and of `public_url`'s host.
    Builtin,
    /// Refuses none: nothing but the lengths counts.
    None,
}

/// Configures the proof of the e-mail address.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EmailVerification {
    /// Nobody signs in before the address is verified. Default: true.
    pub(crate) required: Option<bool>,
    /// Says how long a mailed link works. Default: `15m`.
    pub(crate) expires_in: Option<Text>,
    /// The proof also signs in, in the browser that signed up with a password and nowhere else. Default: false.
    pub(crate) auto_sign_in: Option<bool>,
}

/// Says who may open an account.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignUp {
    /// Says who may open an account. Default: open.
    pub(crate) mode: Option<SignUpMode>,
    /// Accounts have addresses of these domains only: `example.com`, or `*.example.com` for all domains below it.
    /// Default: any.
    pub(crate) allowed_email_domains: Vec<Text>,
}

/// Describes the mailed links that set a new password.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordReset {
    /// Says how long a mailed link works. Default: `1h`.
    pub(crate) expires_in: Option<Text>,
}

/// Configures what people tell of themselves.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct User {
    /// Configures pictures that are sent as data.
    pub(crate) avatars: Avatars,
    /// Lists what users have beside name, address and picture, by the name of each field.
    pub(crate) additional_fields: BTreeMap<String, AdditionalField>,
}

/// Configures pictures that are sent as data. The gateway stores and serves them.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Avatars {
    /// Limits the size of a picture, 1KiB to 1MiB. Default: `256KiB`.
    pub(crate) max_size: Option<Text>,
}

/// Describes a field that users have beside name, address and picture.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdditionalField {
    /// Is the field's type. Default: string.
    #[serde(rename = "type")]
    pub(crate) kind: Option<FieldType>,
    /// Sign-ups with a password have to say it, unless it has a default. Default: false.
    pub(crate) required: Option<bool>,
    /// Users set it themselves. Default: true.
    pub(crate) input: Option<bool>,
    /// Says what it is where nothing was set. Default: null.
    pub(crate) default: Option<FieldDefault>,
    /// Limits the text, in characters: 1 to 5000, with `header` to 500. Default: 255.
    pub(crate) max_length: Option<u32>,
    /// Users see it. Default: true.
    pub(crate) returned: Option<bool>,
    /// Names the header that tells it to upstreams, beginning with `X-`. Default: none.
    pub(crate) header: Option<Text>,
}

/// Says what a field is where nothing was set, in the form of its type.
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

/// Says how people delete their accounts.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeleteUser {
    /// A deletion takes a link that is mailed to them. Otherwise the password or a fresh session is enough. Default:
    /// false.
    pub(crate) mailed_confirmation: Option<bool>,
}

/// Says what people are told by mail beside what they asked for.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Notifications {
    /// Tells of a sign-in with a browser or system that is new to the account. Default: true.
    pub(crate) new_device: Option<bool>,
}

/// Says what administrators may do over the auth API.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Admin {
    /// Administrators list, change, ban and remove users over the auth API. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Lists what users of a role may do, as `resource:action`; `user:*` is all of a kind but `user:impersonate-admins`.
    /// Default: the role `admin` has `user:*`, `session:*`, `audit:*`, `organization:*`, `mail:*` and `health:*`.
    pub(crate) roles: BTreeMap<String, Vec<Text>>,
    /// Lets administrators act in a user's place.
    pub(crate) impersonation: Impersonation,
    /// Administrators choose passwords of others, who are told by mail. Default: false, they have links mailed.
    pub(crate) set_passwords: Option<bool>,
}

/// Lets administrators act in a user's place.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Impersonation {
    /// Administrators whose role has `user:impersonate` may. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Says how long such a session lasts, `1m` to `1h`. Default: `1h`.
    pub(crate) expires_in: Option<Text>,
}

/// Describes second factors.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TwoFactor {
    /// Users can set up a second factor, and are asked for it then. Default: true.
    pub(crate) enabled: Option<bool>,
    /// Names the site in authenticator apps, 1 to 64 characters. Default: the host of `server.public_url`.
    pub(crate) issuer: Option<Text>,
    /// A code may be mailed in place of one from an authenticator app. Default: true.
    pub(crate) mailed_code: Option<bool>,
    /// Says for how long a browser can be spared the second factor, at most 30d; 0s is never. Default: 30d.
    pub(crate) trust_device: Option<Text>,
    /// Lists roles whose users come past no route that looks at sessions without a second factor. Default: none.
    pub(crate) required_for_roles: Vec<Text>,
}

/// Describes passkeys, which sign in without a password.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Passkeys {
    /// Users can add passkeys, and sign in with them. Default: true where `server.public_url` has a domain name, as
    /// browsers make passkeys for no address of numbers.
    pub(crate) enabled: Option<bool>,
    /// Is the domain that passkeys are for: the host of `server.public_url` or a parent of it, which then covers all hosts
    /// below. Passkeys are lost when it changes. Default: the host of `server.public_url`.
    pub(crate) rp_id: Option<Text>,
    /// Names the site where people choose a passkey, 1 to 64 characters. Default: the host of `server.public_url`.
    pub(crate) rp_name: Option<Text>,
}

/// Describes the names that people sign in with beside their addresses.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Username {
    /// People have such names. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Is the fewest characters, 1 to 64. Default: 3.
    pub(crate) min_length: Option<usize>,
    /// Is the most characters, 1 to 64. Default: 30.
    pub(crate) max_length: Option<usize>,
    /// Lists further names that nobody gets, whatever stands between their letters, beside those that are built in.
    pub(crate) reserved: Vec<Text>,
}

/// Describes the codes that are mailed to be typed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EmailOtp {
    /// Codes are mailed to sign in, to prove an address, for a new password and for another address. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Is the number of digits, 6 to 10. Default: 6.
    pub(crate) length: Option<usize>,
    /// Says how long a code works, `1m` to `1h`. Default: `5m`.
    pub(crate) expires_in: Option<Text>,
    /// Limits the tries of a code, 1 to 10. Default: 3.
    pub(crate) attempts: Option<u32>,
}

/// Describes the keys that people make for their programs.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApiKeys {
    /// Users can make keys, and routes recognise requests by them. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Names the header that keys come in, beside `Authorization: Bearer`. Default: `X-API-Key`.
    pub(crate) header: Option<Text>,
    /// Begins keys, 1 to 32 of `A-Z a-z 0-9 _ -`, so that scanners of source code find them. Default: `ag_`.
    pub(crate) prefix: Option<Text>,
    /// Limits the keys of a user, 1 to 1000. Default: 20.
    pub(crate) max_per_user: Option<u32>,
    /// Ends the keys of whoever asks for no other time, `1d` to `365d`. Default: they last.
    pub(crate) expires_in: Option<Text>,
    /// Limits the uses of each new key.
    pub(crate) rate_limit: KeyRateLimit,
    /// Lists what keys may that users make for themselves, each a `resource:action` as in `scopes:` of routes. Default:
    /// nothing.
    pub(crate) permissions: Vec<Text>,
}

/// Limits the uses of a key.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeyRateLimit {
    /// Says whether new keys have a limit. Default: true.
    pub(crate) enabled: Option<bool>,
    /// Counts the requests within a window, over all replicas. Default: 1000.
    pub(crate) limit: Option<u32>,
    /// Is the length of the window, `1s` to `366d`, which begins with its first request. Default: `1m`.
    pub(crate) window: Option<Text>,
}

/// Describes the mailed links that sign in.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MagicLink {
    /// Links are mailed that sign in. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Says how long a link works, `1m` to `1h`. Default: `5m`.
    pub(crate) expires_in: Option<Text>,
}

/// Lets one browser keep the sessions of several accounts.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MultiSession {
    /// A browser keeps several sessions. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Limits how many, 2 to 10. Default: 5.
    pub(crate) max: Option<usize>,
}

/// Lets pages show what a browser signed in with last.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LastLoginMethod {
    /// Sets a cookie that scripts of pages read. Default: false.
    pub(crate) enabled: Option<bool>,
}

/// Describes organizations, which users found and invite each other to.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Organizations {
    /// There are organizations. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Says who founds them. Default: anyone.
    pub(crate) creation: Option<OrganizationCreation>,
    /// Limits how many organizations a user may own when founding one more, 1 to 1000. Default: 5.
    pub(crate) max_per_user: Option<u32>,
    /// Limits the members of an organization, 1 to 100000. Default: 100.
    pub(crate) max_members: Option<u32>,
    /// Limits the open invitations of an organization, 1 to 10000. Default: 100.
    pub(crate) max_invitations: Option<u32>,
    /// Says how long an invitation works, `1h` to `30d`. Default: `48h`.
    pub(crate) invitation_expires_in: Option<Text>,
    /// Is the page of your frontend that signs people up, a path of `public_url` or a URL of a trusted origin: whoever opens
    /// an invitation without an account finds a link to it, with `invitation=` in the query. Default: none.
    pub(crate) sign_up_page: Option<Text>,
    /// Describes teams within organizations.
    pub(crate) teams: Teams,
}

/// Describes teams within organizations.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Teams {
    /// Organizations have teams. Default: false.
    pub(crate) enabled: Option<bool>,
    /// Limits the teams of an organization, 1 to 1000. Default: 20.
    pub(crate) max_per_organization: Option<u32>,
    /// Limits the members of a team, 1 to 100000. Default: 100.
    pub(crate) max_members: Option<u32>,
}

/// Limits attempts at an endpoint of the auth API.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EndpointRateLimit {
    /// Counts the attempts in a window, 1 to 1000000.
    pub(crate) limit: Option<u32>,
    /// Is the length of the window, for example `15m`: `1s` to `1d`.
    pub(crate) window: Option<Text>,
}

/// Describes a provider that people sign in through.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Provider {
    /// Says what the provider speaks: `oidc`, for every provider that is not google, github or apple.
    #[serde(rename = "type")]
    pub(crate) kind: Option<ProviderKind>,
    /// Says where the provider is. Of an OIDC provider it is the https URL below which
    /// `.well-known/openid-configuration` is found. Others need it only where it is not the usual one, as with GitHub
    /// Enterprise Server.
    pub(crate) issuer: Option<Text>,
    /// Is the client id as the provider gave it. Of a list the first begins sign-ins; id tokens that apps bring may be
    /// for any of them.
    pub(crate) client_id: Option<Texts>,
    /// Is the client secret as the provider gave it, from the environment or a file.
    pub(crate) client_secret: Option<SecretText>,
    /// Says what is asked for.
    pub(crate) scopes: Option<Vec<Text>>,
    /// Is the team's id at Apple.
    pub(crate) team_id: Option<Text>,
    /// Is the key's id at Apple.
    pub(crate) key_id: Option<Text>,
    /// Is the private key for Apple, in PEM form, from the environment or a file.
    pub(crate) private_key: Option<SecretText>,
    /// Accepts, with Google, only accounts of this Workspace domain, or of any with `*`.
    pub(crate) hd: Option<Text>,
    /// Keeps the provider's tokens, sealed, for `get-access-token`. Default: false.
    pub(crate) store_tokens: Option<bool>,
}

/// Says what a provider speaks.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProviderKind {
    /// Is OpenID Connect with discovery.
    Oidc,
}
