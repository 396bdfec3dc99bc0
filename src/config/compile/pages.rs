//! Compiles `pages:`.

use std::path::Path;

use url::Url;

use crate::{
    auth::{self, CallbackUrl, SignUpMode},
    config::{
        compile::values::{check_roles, value},
        raw,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean, listed},
            text::Text,
        },
    },
    language::{Language, Languages},
    mail,
    pages::{AdminPages, Links, Logo, Settings},
    routing::CanonicalPath,
    types::Color,
};

/// Bounds a logo and a style sheet in bytes: both go with many pages.
const MAX_FILE: usize = 256 * 1024;
/// Bounds the name that pages and mails show, in characters.
const MAX_NAME: usize = 60;
const DEFAULT_AUTH_PATH: &str = "/auth";
const DEFAULT_ACCOUNT_PATH: &str = "/account";

/// Returns the settings but for what other sections supply, see [`complete`]. `has_own` tells whether a route was written for
/// something below a path: whoever has pages there gets none of ours unless they say so.
pub(crate) fn compile(
    raw: &raw::Pages,
    (raw_auth, base_path): (&raw::Auth, &str),
    has_own: impl Fn(&str) -> bool,
    folder: &Path,
    report: &mut Report<'_>,
) -> Settings {
    let path = KeyPath::from_keys(&["pages"]);
    let auth_path = own_path(raw.auth_path.as_ref(), DEFAULT_AUTH_PATH, &path.key("auth_path"), report);
    let account_path = own_path(raw.account_path.as_ref(), DEFAULT_ACCOUNT_PATH, &path.key("account_path"), report);
    let overlaps = |own: &str| is_within(own, base_path) || is_within(base_path, own);
    let has_own = raw_auth.sign_in_page.is_some()
        || has_own(&auth_path)
        || has_own(&account_path)
        || overlaps(&auth_path)
        || overlaps(&account_path);
    let is_enabled = value(raw.enabled, !has_own, &path.key("enabled"), report);
    for (key, own) in [("auth_path", &auth_path), ("account_path", &account_path)] {
        if is_enabled && overlaps(own) {
            report.at(&path.key(key), format!("{own} and auth.base_path ({base_path}) may not lie within each other"));
        }
    }
    if is_enabled && (is_within(&account_path, &auth_path) || is_within(&auth_path, &account_path)) {
        report.at(
            &path.key("account_path"),
            format!("{account_path} and auth_path ({auth_path}) may not lie within each other"),
        );
    }
    let has_admin = raw_auth.admin.enabled == Some(true);
    let admin = admin(raw.admin.as_ref(), has_admin, &auth_path, &path.key("admin"), report);
    if let Some(admin) = admin.as_ref().filter(|_| is_enabled) {
        check_admin_path(&admin.path, (&auth_path, &account_path, base_path), &path.key("admin").key("path"), report);
    }
    let accent = accent(raw.accent.as_ref(), &path.key("accent"), report);
    let logo = raw.logo_file.as_ref().and_then(|file| logo(file, folder, &path.key("logo_file"), report));
    let stylesheet =
        raw.stylesheet_file.as_ref().and_then(|file| stylesheet(file, folder, &path.key("stylesheet_file"), report));
    Settings {
        is_enabled,
        auth_path,
        account_path,
        admin,
        name: name(raw.name.as_ref(), &path.key("name"), report),
        logo,
        accent,
        stylesheet,
        links: links(&raw.links, &path.key("links"), report),
        languages: languages(raw.languages.as_deref(), &path.key("languages"), report),
    }
}

/// Fills in the name, where none is written, and lets mails look like the pages.
pub(crate) fn complete(pages: &mut Settings, auth: &auth::Settings, mail: &mut mail::Settings) {
    if pages.name.is_empty() {
        let sender = mail.from.name.as_deref().filter(|name| !name.trim().is_empty());
        sender.unwrap_or_else(|| auth.public_url.host()).clone_into(&mut pages.name);
    }
    mail.look = mail::Look {
        name: pages.name.clone(),
        accent: pages.accent,
        // Mail programs show fewer kinds of pictures than browsers.
        logo: pages.logo.as_ref().and_then(|logo| mail::Logo::new(logo.bytes())),
    };
}

/// Lets people choose among the languages. Where there is anything to choose, users have a `language`, and no additional
/// field may be called so.
pub(crate) fn offer_languages(auth: &mut auth::Settings, languages: &Languages, report: &mut Report<'_>) {
    if languages.are_several() && auth.user_fields.iter().any(|field| field.name == "language") {
        let path = KeyPath::from_keys(&["auth", "user", "additional_fields", "language"]);
        report.at_key(&path, "the name is taken where pages.languages offers several; choose another");
    }
    auth.offer_languages(languages.clone());
}

/// Lets invitations to organizations lead to the page that signs people up, and from there to the page that accepts them, where
/// no page of one's own is named.
pub(crate) fn sign_up_invited(auth: &mut auth::Settings, pages: &Settings, report: &mut Report<'_>) {
    let can_sign_up = pages.is_enabled && auth.sign_up.mode != SignUpMode::Closed;
    let Some(organizations) = auth.organizations.as_mut().filter(|_| can_sign_up) else { return };
    if organizations.sign_up_page.is_some() {
        return;
    }
    let (auth_path, account_path) = (&pages.auth_path, &pages.account_path);
    let page = format!("{auth_path}/sign-up?redirect={account_path}/organizations");
    organizations.sign_up_page = CallbackUrl::parse(&page, &auth.trusted_origins, &auth.public_url).ok();
    report.record(&KeyPath::from_keys(&["auth", "organizations", "sign_up_page"]), page);
}

fn own_path(raw: Option<&Text>, default: &str, path: &KeyPath, report: &mut Report<'_>) -> String {
    let Some(Text(text)) = raw else { return report.record(path, default.to_owned()) };
    let canonical = CanonicalPath::parse(text).ok().map(|path| path.as_str().to_owned());
    let is_plain = |own: &String| own != "/" && !own.ends_with('/') && !own.contains(['*', ';', '{', '}', '%']);
    let Some(own) = canonical.filter(is_plain) else {
        report.invalid(path, format!("a path like {default}: not / alone, no / at the end, none of * {{ }} ; % in it"));
        return default.to_owned();
    };
    report.record(path, own)
}

/// Tells whether a path is another or lies below it.
pub(crate) fn is_within(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn admin(
    raw: Option<&raw::PagesAdmin>,
    has_admin: bool,
    auth_path: &str,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<AdminPages> {
    let Some(raw) = raw else {
        return has_admin.then(|| AdminPages { path: format!("{auth_path}/admin"), roles: Vec::new() });
    };
    if !has_admin {
        report.at_key(path, "these pages need auth.admin: { enabled: true }");
    }
    let own = own_path(raw.path.as_ref(), &format!("{auth_path}/admin"), &path.key("path"), report);
    let roles = raw.roles.as_deref().unwrap_or_default();
    report.record(&path.key("roles"), roles);
    check_roles(roles, &path.key("roles"), report);
    let roles = roles.iter().filter_map(|Text(role)| role.parse().ok()).collect();
    Some(AdminPages { path: own, roles })
}

/// Requires that the pages of administrators are where no others are. Below the path of sign-in they are at one place alone.
fn check_admin_path(
    own: &str,
    (auth_path, account_path, base_path): (&str, &str, &str),
    path: &KeyPath,
    report: &mut Report<'_>,
) {
    for (key, other) in [("account_path", account_path), ("auth.base_path", base_path)] {
        if is_within(own, other) || is_within(other, own) {
            report.at(path, format!("{own} and {key} ({other}) may not lie within each other"));
        }
    }
    let at_its_place = is_within(own, &format!("{auth_path}/admin"));
    if is_within(auth_path, own) || (is_within(own, auth_path) && !at_its_place) {
        report.at(path, format!("{own} lies among the pages of auth_path ({auth_path}); {auth_path}/admin is free"));
    }
}

fn name(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> String {
    let Some(Text(text)) = raw else { return String::new() };
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
        report.invalid(path, format!("a name of 1 to {MAX_NAME} characters on one line"));
    }
    report.record(path, text.to_owned())
}

fn accent(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> Color {
    let Some(Text(text)) = raw else {
        report.record(path, Color::default().to_string());
        return Color::default();
    };
    let Some(color) = Color::parse(text) else {
        report.invalid(path, "a colour like \"#1d4ed8\", in quotes");
        return Color::default();
    };
    // WCAG 2.2 asks for it of white text on a button (success criterion 1.4.3).
    let contrast = color.contrast_to_white();
    if contrast < 4.5 {
        report.at(path, format!("{text} has a contrast of {contrast:.1} to white, and 4.5 is needed to read what stands on a button; take a darker one"));
    }
    report.record(path, color.to_string());
    color
}

fn read(Text(file): &Text, folder: &Path, path: &KeyPath, report: &mut Report<'_>) -> Option<Vec<u8>> {
    report.record(path, file);
    match std::fs::read(folder.join(file)) {
        Ok(bytes) if bytes.len() > MAX_FILE => {
            report.at(path, format!("{file} has {} bytes; at most {MAX_FILE} are sent with pages", bytes.len()));
            None
        }
        Ok(bytes) => Some(bytes),
        Err(error) => {
            report.at(path, format!("{file} cannot be read: {error}"));
            None
        }
    }
}

fn logo(file: &Text, folder: &Path, path: &KeyPath, report: &mut Report<'_>) -> Option<Logo> {
    let bytes = read(file, folder, path, report)?;
    let logo = Logo::parse(bytes);
    if logo.is_none() {
        report.at(path, format!("{} is no SVG, PNG, JPEG or WebP", file.0));
    }
    logo
}

fn stylesheet(file: &Text, folder: &Path, path: &KeyPath, report: &mut Report<'_>) -> Option<String> {
    let bytes = read(file, folder, path, report)?;
    match String::from_utf8(bytes) {
        // It stands within a page, whose end of style it would be.
        Ok(text) if text.to_ascii_lowercase().contains("</style") => {
            report.at(path, format!("{} contains </style", file.0));
            None
        }
        Ok(text) => Some(text),
        Err(_) => {
            report.at(path, format!("{} is not UTF-8", file.0));
            None
        }
    }
}

fn links(raw: &raw::pages::PagesLinks, path: &KeyPath, report: &mut Report<'_>) -> Links {
    let home = link(raw.home.as_ref(), &path.key("home"), report).unwrap_or_else(|| "/".to_owned());
    Links {
        home,
        terms: link(raw.terms.as_ref(), &path.key("terms"), report),
        privacy: link(raw.privacy.as_ref(), &path.key("privacy"), report),
        support: link(raw.support.as_ref(), &path.key("support"), report),
    }
}

fn link(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> Option<String> {
    let Text(text) = raw?;
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    let is_url = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http" | "mailto"));
    if !(is_path || is_url) || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        report.invalid(path, "a path like /terms, or a URL of https or mailto");
        return None;
    }
    Some(report.record(path, text.clone()))
}

fn languages(raw: Option<&[Text]>, path: &KeyPath, report: &mut Report<'_>) -> Languages {
    let Some(raw) = raw else {
        report.record(path, ["en"]);
        return Languages::default();
    };
    report.record(path, raw);
    let mut languages = Vec::new();
    let codes = Language::ALL.map(Language::code);
    for (index, Text(text)) in raw.iter().enumerate() {
        match Language::parse(text) {
            Some(language) if languages.contains(&language) => {
                report.at(&path.index(index), format!("{text} stands here twice"));
            }
            Some(language) => languages.push(language),
            None => {
                let hint = did_you_mean(text, codes);
                report.at(&path.index(index), format!("unknown language{hint} valid: {}", listed(codes)));
            }
        }
    }
    let Some((default, further)) = languages.split_first() else {
        if raw.is_empty() {
            report.at(path, "at least one language is offered, for example [en]");
        }
        return Languages::default();
    };
    Languages::new(*default, further.iter().copied())
}
