//! Holds what every page carries: one style sheet, the logo, one script. All of it is made once, and the content security
//! policy names it by its hash.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::pages::Settings;

const STYLE: &str = include_str!("templates/style.css");
/// Signs in with passkeys and copies texts; every page works without it but for passkeys.
pub(crate) const SCRIPT: &str = include_str!("templates/pages.js");

/// Holds the style of all pages, with the operator's colour and rules.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) style: String,
    style_hash: String,
}

impl Look {
    pub(crate) fn new(settings: &Settings) -> Self {
        let further = settings.stylesheet.as_deref().unwrap_or_default();
        let style = format!(":root{{--accent:{}}}\n{STYLE}{further}", settings.accent);
        let style_hash = STANDARD.encode(Sha256::digest(&style));
        Self { style, style_hash }
    }

    /// Returns the content security policy of a page. Browsers hold a form's redirects against it too, so wherever a form
    /// may lead is named: `form_target` is the source of another site, beside our own.
    pub(crate) fn content_security_policy(&self, form_target: Option<&str>) -> String {
        let target = form_target.map(|target| format!(" {target}")).unwrap_or_default();
        format!(
            "default-src 'none'; style-src 'sha256-{}'; img-src 'self' data:; script-src 'self'; connect-src 'self'; \
             form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'",
            self.style_hash,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_one_style_and_nothing_inline() {
        let settings = Settings { stylesheet: Some("p { color: red }".to_owned()), ..Settings::default() };
        let look = Look::new(&settings);
        let hash = STANDARD.encode(Sha256::digest(&look.style));
        let policy = look.content_security_policy(None);
        assert!(policy.starts_with(&format!("default-src 'none'; style-src 'sha256-{hash}'; ")), "{policy}");
        assert!(policy.contains("form-action 'self'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(look.style.starts_with(":root{--accent:#1d4ed8}") && look.style.ends_with("p { color: red }"));
    }
}
