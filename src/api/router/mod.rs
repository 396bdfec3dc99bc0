//! Builds the whole auth API from one table: a line a route, with its guard and what limits it. Handlers name their
//! methods and paths themselves, for the document too.

mod calls;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{FromRequestParts, MatchedPath, Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use utoipa::openapi::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use crate::{
    api::{
        Guard, Problem, RequestContext, check_origin,
        endpoints::{
            admin::{
                audit, health, impersonation, organizations as all_organizations, outbox, permission, roles_and_bans,
                search, sessions as user_sessions, sign_in_methods, users,
            },
            api_keys::{create as api_key_creation, manage as own_api_keys, verify as api_key_verification},
            avatars,
            email_codes::{account, send, sign_in as code_sign_in},
            export_data, key_set, magic_link,
            oauth::{callback, linked_identities, provider_sign_in, provider_tokens},
            organizations::{
                active as active_organization, change as organization_change, invitations, members, membership,
                read as organizations, replies, team_members, teams,
            },
            pages::{
                change_email, delete_user, magic_link as magic_link_page, organization_invitation, reset_password,
                verify_email,
            },
            passkeys::{manage as own_passkeys, register as passkey_registration, sign_in as passkey_sign_in},
            password_reset, passwords,
            sessions::{current, device_sessions, session_management},
            sign_in, sign_out, sign_up,
            two_factor::{devices, manage, verify},
            user, username, verification,
        },
        error::layer::{error_layer, not_found},
        extract::{body::max_picture_body, caller::Caller},
        log_rejected_origin,
        openapi::{self, ALIASES, Document},
    },
    auth::{Auth, Client, Denial, Event, Outcome, RateClass, Settings, limit_address},
    pages::MailedRoute,
    types::UserFields,
};

use key_set::KeySet;

/// Holds one route: what keeps other sites' pages from it, what counts its requests per client address, and its
/// handler.
type Row = (Guard, Option<RateClass>, fn() -> UtoipaMethodRouter<Arc<Auth>>);

const TABLE: &[Row] = &[
    (Guard::SignIn, Some(RateClass::SignUp), || routes!(sign_up::sign_up)),
    // It counts in its flow, since only failed sign-ins do.
    (Guard::SignIn, None, || routes!(sign_in::sign_in)),
    (Guard::SignIn, Some(RateClass::SocialSignIn), || routes!(provider_sign_in::sign_in)),
    (Guard::Session, Some(RateClass::SocialSignIn), || routes!(provider_sign_in::link)),
    // Bound to their beginnings, which are counted; the form comes from a provider's page and is only forwarded.
    (Guard::None, None, || routes!(callback::callback, callback::forward_form_post)),
    (Guard::Page, None, || routes!(callback::error)),
    (Guard::Session, None, || routes!(sign_out::sign_out)),
    (Guard::Session, None, || routes!(current::get_session)),
    (Guard::Session, None, || routes!(current::me)),
    (Guard::Session, None, || routes!(current::token)),
    (Guard::Session, None, || routes!(session_management::list_sessions)),
    (Guard::Session, None, || routes!(session_management::revoke_session)),
    (Guard::Session, None, || routes!(session_management::revoke_sessions)),
    (Guard::Session, None, || routes!(session_management::revoke_other_sessions)),
    (Guard::Session, None, || routes!(session_management::update_session)),
    (Guard::Session, Some(RateClass::VerifyToken), || routes!(current::verify_token)),
    (Guard::Session, Some(RateClass::SendVerification), || routes!(verification::send)),
    (Guard::Session, Some(RateClass::VerifyEmail), || routes!(verification::verify)),
    (Guard::Page, None, || routes!(verify_email::ask)),
    (Guard::Page, Some(RateClass::VerifyEmail), || routes!(verify_email::confirm)),
    (Guard::Page, Some(RateClass::SendVerification), || routes!(verify_email::resend)),
    (Guard::Session, Some(RateClass::PasswordResetRequest), || routes!(password_reset::request)),
    // One look-up of what nobody can guess; mail scanners follow it too.
    (Guard::Session, None, || routes!(password_reset::follow)),
    (Guard::Session, Some(RateClass::PasswordReset), || routes!(password_reset::reset)),
    (Guard::Page, None, || routes!(reset_password::choose)),
    (Guard::Page, Some(RateClass::PasswordReset), || routes!(reset_password::set)),
    (Guard::Page, None, || routes!(reset_password::ask)),
    (Guard::Page, Some(RateClass::PasswordResetRequest), || routes!(reset_password::request)),
    // They are counted in their flows too, for the account.
    (Guard::Session, Some(RateClass::ChangePassword), || routes!(passwords::change)),
    (Guard::Session, None, || routes!(passwords::set)),
    (Guard::Session, None, || routes!(user::update)),
    // Nobody but a page that shows a picture knows its address, and the connections that reads may take are bounded.
    (Guard::None, None, || routes!(avatars::show)),
    (Guard::Session, Some(RateClass::ChangeEmail), || routes!(user::change_email)),
    (Guard::Session, None, || routes!(user::pending_email_change)),
    (Guard::Page, None, || routes!(change_email::ask_consent)),
    (Guard::Page, Some(RateClass::VerifyEmail), || routes!(change_email::consent)),
    (Guard::Page, None, || routes!(change_email::ask_undo)),
    (Guard::Page, Some(RateClass::VerifyEmail), || routes!(change_email::undo)),
    // It counts in its flow, for the account.
    (Guard::Session, None, || routes!(export_data::export)),
    (Guard::Session, Some(RateClass::DeleteUser), || routes!(user::delete)),
    (Guard::Session, Some(RateClass::DeleteUser), || routes!(user::delete_callback)),
    (Guard::Page, None, || routes!(delete_user::ask)),
    (Guard::Page, Some(RateClass::DeleteUser), || routes!(delete_user::confirm)),
    (Guard::Session, None, || routes!(linked_identities::list)),
    (Guard::Session, None, || routes!(linked_identities::unlink)),
    (Guard::Session, None, || routes!(provider_tokens::get)),
    (Guard::Session, None, || routes!(provider_tokens::refresh)),
    (Guard::Session, None, || routes!(provider_tokens::info)),
    (Guard::Session, Some(RateClass::VerifyPassword), || routes!(passwords::verify)),
    (Guard::Session, None, || routes!(current::ok)),
    (Guard::Session, None, || routes!(key_set::jwks)),
    (Guard::Session, None, || routes!(openapi::openapi)),
];

/// Names a part of the auth API that is there only where it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plugin {
    Username,
    EmailOtp,
    TwoFactor,
    MagicLink,
    MultiSession,
    Passkey,
    Organization,
    /// Needs the one before.
    Team,
    ApiKey,
    Admin,
}

impl Plugin {
    /// Tells whether it is there where nothing is configured.
    #[must_use]
    pub fn is_on_by_default(self) -> bool {
        match self {
            Self::TwoFactor | Self::Passkey => true,
            Self::Username
            | Self::EmailOtp
            | Self::MagicLink
            | Self::MultiSession
            | Self::Organization
            | Self::Team
            | Self::ApiKey
            | Self::Admin => false,
        }
    }

    /// Tells whether the configuration has it.
    #[must_use]
    pub fn is_on(self, settings: &Settings) -> bool {
        match self {
            Self::Username => settings.username.is_some(),
            Self::EmailOtp => settings.email_otp.is_some(),
            Self::TwoFactor => settings.two_factor.enabled,
            Self::MagicLink => settings.magic_link.is_some(),
            Self::MultiSession => settings.multi_session.is_some(),
            Self::Passkey => settings.passkeys.is_some(),
            Self::Organization => settings.organizations.is_some(),
            Self::Team => settings.organizations.as_ref().is_some_and(|organizations| organizations.teams.is_some()),
            Self::ApiKey => settings.api_keys.is_some(),
            Self::Admin => settings.admin.is_some(),
        }
    }
}

const PLUGINS: &[(Plugin, Row)] = &[
    // They count in their flows, for the account.
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::VerifyPassword), || routes!(manage::enable))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::VerifyPassword), || routes!(manage::totp_uri))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::VerifyPassword), || routes!(manage::disable))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::VerifyPassword), || routes!(manage::generate_backup_codes))),
    // One look-up of what nobody can guess.
    (Plugin::TwoFactor, (Guard::Session, None, || routes!(verify::list_methods))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::TwoFactor), || routes!(verify::totp))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::TwoFactor), || routes!(verify::send_otp))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::TwoFactor), || routes!(verify::otp))),
    (Plugin::TwoFactor, (Guard::Session, Some(RateClass::TwoFactor), || routes!(verify::backup_code))),
    (Plugin::TwoFactor, (Guard::Session, None, || routes!(devices::list))),
    (Plugin::TwoFactor, (Guard::Session, None, || routes!(devices::revoke))),
    // It counts in its flow.
    (Plugin::Username, (Guard::SignIn, None, || routes!(username::sign_in))),
    (Plugin::Username, (Guard::Session, Some(RateClass::UsernameCheck), || routes!(username::is_available))),
    (Plugin::EmailOtp, (Guard::SignIn, Some(RateClass::SendVerification), || routes!(send::send))),
    (Plugin::EmailOtp, (Guard::Session, Some(RateClass::PasswordResetRequest), || routes!(send::request_reset))),
    (Plugin::EmailOtp, (Guard::Session, Some(RateClass::PasswordResetRequest), || routes!(send::forget_password))),
    // Flows that try a code count the tries themselves.
    (Plugin::EmailOtp, (Guard::Session, None, || routes!(send::check))),
    (Plugin::EmailOtp, (Guard::SignIn, None, || routes!(code_sign_in::sign_in))),
    (Plugin::EmailOtp, (Guard::SignIn, None, || routes!(code_sign_in::verify))),
    (Plugin::EmailOtp, (Guard::Session, Some(RateClass::PasswordReset), || routes!(account::reset))),
    (Plugin::EmailOtp, (Guard::Session, Some(RateClass::ChangeEmail), || routes!(account::request_email_change))),
    (Plugin::EmailOtp, (Guard::Session, Some(RateClass::ChangeEmail), || routes!(account::change_email))),
    (Plugin::MagicLink, (Guard::SignIn, Some(RateClass::SendVerification), || routes!(magic_link::send))),
    (Plugin::MagicLink, (Guard::None, Some(RateClass::VerifyEmail), || routes!(magic_link::verify))),
    (Plugin::MagicLink, (Guard::Page, None, || routes!(magic_link_page::ask))),
    (Plugin::MagicLink, (Guard::Page, Some(RateClass::VerifyEmail), || routes!(magic_link_page::confirm))),
    // Look-ups of what nobody can guess, a few each.
    (Plugin::MultiSession, (Guard::Session, None, || routes!(device_sessions::list))),
    (Plugin::MultiSession, (Guard::Session, None, || routes!(device_sessions::set_active))),
    (Plugin::MultiSession, (Guard::Session, None, || routes!(device_sessions::revoke))),
    (Plugin::Passkey, (Guard::Session, Some(RateClass::Passkey), || routes!(passkey_registration::options))),
    (Plugin::Passkey, (Guard::Session, Some(RateClass::Passkey), || routes!(passkey_registration::verify))),
    (Plugin::Passkey, (Guard::Session, Some(RateClass::Passkey), || routes!(passkey_sign_in::options))),
    (Plugin::Passkey, (Guard::SignIn, Some(RateClass::Passkey), || routes!(passkey_sign_in::verify))),
    (Plugin::Passkey, (Guard::Session, None, || routes!(own_passkeys::list))),
    (Plugin::Passkey, (Guard::Session, None, || routes!(own_passkeys::delete))),
    (Plugin::Passkey, (Guard::Session, None, || routes!(own_passkeys::update))),
    // Those who found and invite are counted in the flows, for the account.
    (Plugin::Organization, (Guard::Session, None, || routes!(organization_change::create))),
    (Plugin::Organization, (Guard::Session, None, || routes!(organization_change::check_slug))),
    (Plugin::Organization, (Guard::Session, None, || routes!(organization_change::update))),
    (Plugin::Organization, (Guard::Session, None, || routes!(organization_change::delete))),
    (Plugin::Organization, (Guard::Session, None, || routes!(active_organization::set_active))),
    (Plugin::Organization, (Guard::Session, None, || routes!(organizations::list))),
    (Plugin::Organization, (Guard::Session, None, || routes!(organizations::get))),
    (Plugin::Organization, (Guard::Session, None, || routes!(organizations::get_full))),
    (Plugin::Organization, (Guard::Session, None, || routes!(members::list))),
    (Plugin::Organization, (Guard::Session, None, || routes!(members::active))),
    (Plugin::Organization, (Guard::Session, None, || routes!(members::active_role))),
    (Plugin::Organization, (Guard::Session, None, || routes!(membership::remove))),
    (Plugin::Organization, (Guard::Session, None, || routes!(membership::update_role))),
    (Plugin::Organization, (Guard::Session, None, || routes!(membership::leave))),
    (Plugin::Organization, (Guard::Session, None, || routes!(members::has_permission))),
    (Plugin::Organization, (Guard::Session, None, || routes!(invitations::invite))),
    (Plugin::Organization, (Guard::Session, None, || routes!(invitations::cancel))),
    (Plugin::Organization, (Guard::Session, None, || routes!(invitations::list))),
    (Plugin::Organization, (Guard::Session, None, || routes!(replies::get))),
    (Plugin::Organization, (Guard::Session, None, || routes!(replies::accept))),
    (Plugin::Organization, (Guard::Session, None, || routes!(replies::reject))),
    (Plugin::Organization, (Guard::Session, None, || routes!(replies::list_own))),
    (Plugin::Organization, (Guard::Page, None, || routes!(organization_invitation::ask))),
    (Plugin::Organization, (Guard::Page, Some(RateClass::VerifyEmail), || routes!(organization_invitation::accept))),
    (Plugin::Team, (Guard::Session, None, || routes!(teams::create))),
    (Plugin::Team, (Guard::Session, None, || routes!(teams::list))),
    (Plugin::Team, (Guard::Session, None, || routes!(teams::update))),
    (Plugin::Team, (Guard::Session, None, || routes!(teams::remove))),
    (Plugin::Team, (Guard::Session, None, || routes!(teams::set_active))),
    (Plugin::Team, (Guard::Session, None, || routes!(team_members::add))),
    (Plugin::Team, (Guard::Session, None, || routes!(team_members::remove))),
    (Plugin::Team, (Guard::Session, None, || routes!(team_members::list))),
    (Plugin::Team, (Guard::Session, None, || routes!(team_members::list_of_user))),
    // The number of keys of a user is bounded, so none of these is counted.
    (Plugin::ApiKey, (Guard::Session, None, || routes!(api_key_creation::create))),
    (Plugin::ApiKey, (Guard::Session, None, || routes!(own_api_keys::list))),
    (Plugin::ApiKey, (Guard::Session, None, || routes!(own_api_keys::get))),
    (Plugin::ApiKey, (Guard::Session, None, || routes!(own_api_keys::update))),
    (Plugin::ApiKey, (Guard::Session, None, || routes!(own_api_keys::delete))),
    (Plugin::ApiKey, (Guard::Session, Some(RateClass::VerifyToken), || routes!(api_key_verification::verify))),
    (Plugin::Admin, (Guard::Session, None, || routes!(search::list))),
    (Plugin::Admin, (Guard::Session, None, || routes!(users::get))),
    (Plugin::Admin, (Guard::Session, None, || routes!(users::create))),
    (Plugin::Admin, (Guard::Session, None, || routes!(users::update))),
    (Plugin::Admin, (Guard::Session, None, || routes!(users::set_password))),
    (Plugin::Admin, (Guard::Session, None, || routes!(roles_and_bans::set_role))),
    (Plugin::Admin, (Guard::Session, None, || routes!(roles_and_bans::ban))),
    (Plugin::Admin, (Guard::Session, None, || routes!(roles_and_bans::unban))),
    (Plugin::Admin, (Guard::Session, None, || routes!(roles_and_bans::remove))),
    (Plugin::Admin, (Guard::Session, None, || routes!(user_sessions::list))),
    (Plugin::Admin, (Guard::Session, None, || routes!(user_sessions::revoke))),
    (Plugin::Admin, (Guard::Session, None, || routes!(user_sessions::revoke_all))),
    (Plugin::Admin, (Guard::Session, None, || routes!(impersonation::impersonate))),
    (Plugin::Admin, (Guard::Session, None, || routes!(impersonation::stop))),
    (Plugin::Admin, (Guard::Session, None, || routes!(permission::has_permission))),
    (Plugin::Admin, (Guard::Session, None, || routes!(audit::list))),
    (Plugin::Admin, (Guard::Session, None, || routes!(sign_in_methods::list))),
    (Plugin::Admin, (Guard::Session, None, || routes!(all_organizations::list))),
    (Plugin::Admin, (Guard::Session, None, || routes!(all_organizations::get))),
    (Plugin::Admin, (Guard::Session, None, || routes!(outbox::list))),
    (Plugin::Admin, (Guard::Session, None, || routes!(outbox::retry))),
    (Plugin::Admin, (Guard::Session, None, || routes!(health::get))),
];

/// Returns the rows that are there.
fn rows(is_on: impl Fn(Plugin) -> bool) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().chain(PLUGINS.iter().filter(move |(plugin, _)| is_on(*plugin)).map(|(_, row)| row))
}

/// Returns all routes below `base_path`. Anything else there, and any other method, is a bare 404. The caller puts a
/// [`crate::api::RequestContext`] into each request. `key_set` is the JSON Web Key Set that is published.
///
/// # Panics
/// Never: the document is a tree of texts.
pub fn router(auth: Arc<Auth>, key_set: String) -> Router {
    let Settings { base_path, cookie, user_fields, .. } = &auth.settings;
    let is_on = |plugin: Plugin| plugin.is_on(&auth.settings);
    let document = document(base_path, &cookie.name, user_fields, is_on);
    let json = serde_json::to_vec(&document).expect("a tree of texts serialises");
    let table = rows(is_on).fold(Router::new(), |table, row| add(table, row, &auth));
    let table = Router::new()
        // The base may be any path: `:` and `*` mean nothing here.
        .without_v07_checks()
        .nest(&auth.settings.base_path, table)
        .method_not_allowed_fallback(not_found)
        .fallback(not_found)
        .layer(Extension(Document(json.into())))
        .layer(Extension(KeySet(key_set.into())))
        .with_state(auth);
    // A router around the router: axum names the allowed methods outside of the inner one's layers.
    Router::new().fallback_service(table).layer(from_fn(error_layer))
}

fn add(mut table: Router<Arc<Auth>>, (guard, class, routes): &Row, auth: &Arc<Auth>) -> Router<Arc<Auth>> {
    let (_, paths, mut handlers) = routes();
    if let Some(class) = class {
        handlers = handlers.route_layer(from_fn_with_state((*class, Arc::clone(auth)), count_request));
    }
    // Outermost, so that what other sites' pages send counts against nobody.
    handlers = handlers.route_layer(from_fn_with_state((*guard, Arc::clone(auth)), require_origin));
    for path in paths.paths.keys() {
        let handlers = match calls::counted(path) {
            Some(call) => handlers.clone().route_layer(from_fn_with_state((call, Arc::clone(auth)), calls::count_call)),
            None => handlers.clone(),
        };
        let aliases = ALIASES.iter().filter(|(_, of)| of == path).map(|(alias, _)| *alias);
        for path in aliases.chain([path.as_str()]) {
            table = table.route(path, handlers.clone());
        }
    }
    table
}

/// Returns every path of the auth API, below its base, with its parameters by name; those too that are not there.
#[must_use]
pub fn templates() -> Vec<String> {
    let described = rows(|_| true).flat_map(|(_, _, routes)| routes().1.paths.into_keys());
    described.chain(ALIASES.map(|(alias, _)| alias.to_owned())).collect()
}

/// Says which bodies may be longer than others.
#[derive(Debug, Clone, Default)]
pub struct PictureBodies {
    /// Lists the paths whose bodies may hold a picture.
    pub paths: Vec<String>,
    /// Limits how long these may be, in bytes.
    pub max_body: usize,
    /// Limits how long the picture may be.
    pub max_picture: usize,
}

/// Returns which bodies may hold a picture.
#[must_use]
pub fn picture_bodies(settings: &Settings) -> PictureBodies {
    let taking = ["/sign-up/email", "/update-user", "/sign-in/email-otp"];
    let aliases = ALIASES.iter().filter(|(_, of)| taking.contains(of)).map(|(alias, _)| *alias);
    let paths = taking.into_iter().chain(aliases).map(|path| format!("{}{path}", settings.base_path)).collect();
    PictureBodies { paths, max_body: max_picture_body(settings.avatars), max_picture: settings.avatars.max_size }
}

/// Returns the description of all routes that are there, as it is where the auth API is mounted at `base_path`.
#[must_use]
pub fn document(base_path: &str, cookie_name: &str, fields: &UserFields, is_on: impl Fn(Plugin) -> bool) -> OpenApi {
    let table = rows(is_on).fold(OpenApiRouter::new(), |table, (_, _, routes)| table.routes(routes()));
    openapi::complete(table.into_openapi(), base_path, cookie_name, fields)
}

/// Checks the origin before the body is looked at (contract §15.6).
async fn require_origin(State((guard, auth)): State<(Guard, Arc<Auth>)>, request: Request, next: Next) -> Response {
    let checked = check_origin(request.method(), request.headers(), guard, &auth.settings.trusted_origins);
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(rejection) => {
            record_rejected_origin(&auth, &request);
            Problem::from(rejection).into_response()
        }
    };
    if guard == Guard::Page {
        response.extensions_mut().insert(MailedRoute);
    }
    response
}

/// Records the rejection by its endpoint. The session is not looked up for it.
fn record_rejected_origin(auth: &Auth, request: &Request) {
    let Some(context) = request.extensions().get::<RequestContext>() else { return };
    log_rejected_origin(request.headers(), &context.request_id);
    auth.denials.record(Denial {
        event: Event::OriginRejected,
        outcome: Outcome::CrossOrigin,
        user_id: None,
        place: format!("_auth{}", endpoint_template(auth, request)),
        client: Client::new(context.client_ip, &context.request_id, request.headers()),
        at: context.now,
    });
}

/// Returns the template of a request's path below the base: its parameters may be secret (LOG-05).
fn endpoint_template<'r>(auth: &Auth, request: &'r Request) -> &'r str {
    let template = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    template.strip_prefix(auth.settings.base_path.as_str()).unwrap_or(template)
}

/// Counts the request before the body is looked at, so that nothing which follows can be had for free.
async fn count_request(
    State((class, auth)): State<(RateClass, Arc<Auth>)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &auth).await?;
    if caller.is_head {
        // It tries nothing, and what mail programs look at in advance is not their reader's attempt.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    }
    limit_address(caller.flow(&auth), class).await?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}
