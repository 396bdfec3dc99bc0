//! Holds what every page has around it: head, navigation, footer.

use http::HeaderMap;

use crate::{
    auth::admin::presented_admin_session,
    language::{TextId, Texts},
    pages::{Links, state::Pages},
};

/// Holds it.
pub(crate) struct Layout<'v> {
    pub(crate) t: Texts,
    pub(crate) title: String,
    pub(crate) app: &'v str,
    pub(crate) style: &'v str,
    pub(crate) links: &'v Links,
    pub(crate) logo: Option<String>,
    pub(crate) script: String,
    pub(crate) form_token: String,
    pub(crate) languages: Vec<LanguageChoice>,
    pub(crate) language_action: String,
    pub(crate) here: String,
    pub(crate) navigation: Vec<NavigationLink>,
    pub(crate) person: Option<PersonView>,
    /// Says in whose place an administrator acts, beside what leads back.
    pub(crate) impersonating: Option<String>,
    pub(crate) stop_impersonating: String,
}

/// Describes a language that can be chosen.
pub(crate) struct LanguageChoice {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) is_current: bool,
}

/// Describes an entry of the navigation.
pub(crate) struct NavigationLink {
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) is_current: bool,
}

/// Describes who is signed in, and where they leave.
pub(crate) struct PersonView {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) sign_out: String,
}

impl<'v> Layout<'v> {
    /// Holds what is around a page that looks nothing up, such as that of an error. A browser that keeps an administrator's
    /// own session is in somebody's place.
    pub(crate) fn plain(pages: &'v Pages, t: Texts, title: &str, headers: &HeaderMap) -> Self {
        let is_in_place = presented_admin_session(headers, &pages.auth.cookie).is_some();
        let impersonating = is_in_place.then(|| t.get("impersonating-somebody").into_owned());
        Self { impersonating, ..Self::bare(pages, t, title) }
    }

    fn bare(pages: &'v Pages, t: Texts, title: &str) -> Self {
        let settings = &pages.settings;
        let auth_path = &settings.auth_path;
        Self {
            t,
            title: title.to_owned(),
            app: &settings.name,
            style: &pages.look.style,
            links: &settings.links,
            logo: settings.logo.as_ref().map(|_| format!("{auth_path}/logo")),
            script: format!("{auth_path}/pages.js"),
            form_token: String::new(),
            languages: Vec::new(),
            language_action: format!("{auth_path}/language"),
            here: String::new(),
            navigation: Vec::new(),
            person: None,
            impersonating: None,
            stop_impersonating: format!("{auth_path}/stop-impersonating"),
        }
    }

    /// Holds what is around a page with forms. `here` is where the choice of a language leads back to.
    pub(crate) fn new(pages: &'v Pages, t: Texts, title: &str, form_token: String, here: String) -> Self {
        let languages = pages.settings.languages.iter().map(|language| LanguageChoice {
            code: language.code(),
            name: language.own_name(),
            is_current: language == t.language(),
        });
        Self { form_token, languages: languages.collect(), here, ..Self::bare(pages, t, title) }
    }

    /// Puts a navigation beside the page at `here`: path and id of the text of each entry.
    pub(crate) fn navigation(mut self, here: &str, entries: &[(String, TextId)]) -> Self {
        let is_current =
            |path: &str| here.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // The longest one counts, where paths lie within each other.
        let current = entries.iter().filter(|(path, _)| is_current(path)).max_by_key(|(path, _)| path.len());
        let current = current.map(|(path, _)| path.clone());
        self.navigation = entries
            .iter()
            .map(|(path, text)| NavigationLink {
                path: path.clone(),
                label: self.t.text(*text).into_owned(),
                is_current: current.as_ref() == Some(path),
            })
            .collect();
        self
    }
}
