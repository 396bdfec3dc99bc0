//! Holds `pages:` of gateway.yaml, compiled.

use crate::{
    language::Languages,
    pages::logo::Logo,
    types::{Color, Role},
};

/// Is where the picture is sent to, below the path of the account.
pub(crate) const PICTURE_PAGE: &str = "/settings/picture";

/// Describes the built-in pages, and what they and mails look like.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Says whether pages are served. The look holds for mails either way.
    pub is_enabled: bool,
    /// Is the path below which people sign in and up, without a slash at its end.
    pub auth_path: String,
    /// Is the path below which people look after their account, without a slash at its end.
    pub account_path: String,
    /// Describes the pages of administrators; `None` where there are none.
    pub admin: Option<AdminPages>,
    /// Is the name of the app, for people.
    pub name: String,
    pub logo: Option<Logo>,
    /// Is the colour of buttons and links.
    pub accent: Color,
    /// Holds CSS that follows the pages' own.
    pub stylesheet: Option<String>,
    pub links: Links,
    pub languages: Languages,
}

impl Settings {
    /// Returns the path that takes pictures of people, whose requests may be long.
    pub(crate) fn picture_path(&self) -> Option<String> {
        self.is_enabled.then(|| format!("{}{PICTURE_PAGE}", self.account_path))
    }

    /// Lists the paths below which every request is for a page.
    pub(crate) fn own_prefixes(&self) -> Vec<&str> {
        let admin = self.admin.as_ref().map(|admin| admin.path.as_str());
        let prefixes = [Some(self.auth_path.as_str()), Some(self.account_path.as_str()), admin];
        if self.is_enabled { prefixes.into_iter().flatten().collect() } else { Vec::new() }
    }
}

/// The built-in pages are off, and nothing has a name.
impl Default for Settings {
    fn default() -> Self {
        Self {
            is_enabled: false,
            auth_path: "/auth".to_owned(),
            account_path: "/account".to_owned(),
            admin: None,
            name: String::new(),
            logo: None,
            accent: Color::default(),
            stylesheet: None,
            links: Links { home: "/".to_owned(), terms: None, privacy: None, support: None },
            languages: Languages::default(),
        }
    }
}

/// Describes the pages of administrators.
#[derive(Debug, Clone)]
pub struct AdminPages {
    /// Is their path, without a slash at its end.
    pub path: String,
    /// Lists the roles that see them; where it is empty, everybody whom the auth API lets administer does.
    pub roles: Vec<Role>,
}

/// Lists where pages lead to.
#[derive(Debug, Clone)]
pub struct Links {
    /// Leads to the app.
    pub home: String,
    pub terms: Option<String>,
    pub privacy: Option<String>,
    pub support: Option<String>,
}
