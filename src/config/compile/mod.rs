//! Compiles the raw mirror into a [`Config`]. Every rule about values is here, a file per section; each reports all
//! that it finds.

pub(crate) mod auth;
pub(crate) mod database;
pub(crate) mod mail;
pub(crate) mod pages;
pub(crate) mod routes;
pub(crate) mod server;
pub(crate) mod upstreams;
pub(crate) mod values;

use crate::{
    config::{
        Config,
        compile::{
            auth::{api_keys, assertion, sign_in_page, two_factor},
            database::retention,
            server::geoip,
            values::{secrets, value},
        },
        raw::Raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    observe::{self, LogFormat},
    proxy::{self, IdentityPreset, SignInPage},
};
use std::path::Path;

/// Returns the configuration, or `None` after reporting why there is none. Files are relative to `folder`.
pub(crate) fn compile(mut raw: Raw, folder: &Path, report: &mut Report<'_>) -> Option<Config> {
    // Pages of administrators are of no use without what they call.
    if raw.pages.admin.is_some() && raw.auth.admin.enabled.is_none() {
        raw.auth.admin.enabled = Some(true);
    }
    let root = KeyPath::default();
    let server = server::compile(raw.server, folder, report);
    let database = database::compile(raw.database, report);
    let secrets = secrets::compile(raw.secret, &root.key("secret"), report);
    let upstream_names: Vec<String> = raw.upstreams.keys().cloned().collect();
    let upstreams = upstreams::compile(&raw.upstreams, folder, report);
    let base_path = auth::base_path(raw.auth.base_path.as_ref(), report);
    let two_factor_path = KeyPath::from_keys(&["auth", "two_factor"]);
    let two_factor = two_factor::required(&raw.auth.two_factor, &two_factor_path, report);
    let accepted = routes::RouteContext {
        upstreams: &upstream_names,
        hosts: &server.hosts,
        has_public_url: server.public_url.is_some(),
        base_path: &base_path,
        two_factor: &two_factor,
        has_organizations: raw.auth.organizations.enabled == Some(true),
        has_api_keys: api_keys::is_enabled(&raw.auth.api_keys),
    };
    let written: Vec<String> =
        raw.routes.iter().filter_map(|route| route.matches.path.as_ref()).map(|Text(path)| path.clone()).collect();
    let routes = routes::compile(raw.routes, &accepted, report);
    let headers_path = KeyPath::from_keys(&["identity", "headers"]);
    let identity_headers = value(raw.identity.headers, IdentityPreset::default(), &headers_path, report);
    let assertion_header = raw.identity.assertion.as_ref().and_then(|raw| assertion::header(raw, report));
    let auth =
        auth::compile(&raw.auth, base_path.clone(), server.public_url.as_ref(), assertion_header.as_ref(), report);
    let assertion = assertion::compile(raw.identity.assertion, assertion_header, &raw.upstreams, &secrets, report);
    let pages = pages::compile(
        &raw.pages,
        (&raw.auth, &base_path),
        |own| written.iter().any(|path| pages::is_within(path, own)),
        folder,
        report,
    );
    let mail = mail::compile(raw.mail, report);
    let retention = retention::compile(&raw.retention, report);
    let locations = geoip::compile(raw.geoip, folder, report);
    let log = log(&raw.log, report);

    let public_url = server.public_url?;
    let sign_in_page = auth.sign_in_page;
    if let Some(page) = &sign_in_page {
        sign_in_page::check(page, &public_url, &server.hosts, &routes, report);
    }
    let mut auth = auth.settings?;
    let mut mail = mail?;
    let mut pages = pages;
    pages::complete(&mut pages, &auth, &mut mail);
    pages::offer_languages(&mut auth, &pages.languages, report);
    pages::sign_up_invited(&mut auth, &pages, report);
    auth.password.blocklist.add_words_of(mail.from.name.as_deref().unwrap_or_default());
    let own_page = sign_in_page.map(|page| SignInPage { page, parameter: SignInPage::OWN });
    let built_in = || SignInPage { page: format!("{}/sign-in", pages.auth_path), parameter: SignInPage::BUILT_IN };
    let sign_in_page = own_page.or_else(|| pages.is_enabled.then(built_in));
    let proxy = proxy::Settings {
        hosts: server.hosts,
        accepts_loopback: false,
        rejected_hosts: None,
        public_scheme: if public_url.is_https() { "https" } else { "http" },
        trusted_proxies: server.trusted_proxies,
        identity_headers,
        assertion,
        base_path: auth.base_path.clone(),
        user_fields: auth.user_fields.clone(),
        organizations: auth.organizations.is_some(),
        trusted_origins: auth.trusted_origins.clone(),
        cookie: auth.cookie.clone(),
        api_key_header: auth.api_keys.as_ref().map(|keys| keys.header.clone()),
        sign_in_page,
        upstreams,
        tls: server.tls,
        proxy_protocol: server.proxy_protocol,
        hsts: server.hsts,
        max_requests: server.max_requests,
        max_unread: server.max_unread,
    };
    let config = Config {
        listen: server.listen,
        redirect_listen: server.redirect_listen,
        ops_listen: server.ops_listen,
        threads: server.threads,
        database: database?,
        secrets,
        proxy,
        routes,
        auth,
        mail,
        pages,
        retention,
        locations,
        log,
        files: Vec::new(),
        source: String::new(),
        printed: String::new(),
    };
    report.is_clean().then_some(config)
}

fn log(raw: &crate::config::raw::Log, report: &mut Report<'_>) -> observe::Settings {
    let path = KeyPath::from_keys(&["log"]);
    let format = value(raw.format, LogFormat::default(), &path.key("format"), report);
    let level = raw.level.as_ref().map_or("info", |level| level.0.as_str());
    report.record(&path.key("level"), level);
    if tracing_subscriber::EnvFilter::try_new(level).is_err() || level.is_empty() {
        report.invalid(
            &path.key("level"),
            "a level is error, warn, info, debug, trace or off, or a filter such as \"info,authgate=debug\"",
        );
    }
    observe::Settings { format, level: level.to_owned() }
}
