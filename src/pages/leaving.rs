//! Leads on to a provider's page. It is no redirect, since browsers hold those of forms against the policy, and nobody
//! knows beforehand where all providers are.

use askama::Template;

use crate::{
    auth::oauth::{ProviderKind, ProviderSettings},
    pages::{
        layout::Layout,
        visit::{PageResult, Visit},
    },
};

/// Leads on by itself.
#[derive(Template)]
#[template(path = "leaving.html")]
struct Leaving<'v> {
    layout: Layout<'v>,
    heading: String,
    url: String,
}

/// Shows a page that leads on to another site.
pub(crate) fn leave(visit: &Visit, url: &str) -> PageResult {
    let heading = visit.t.get("leaving-heading").into_owned();
    visit.show(&Leaving { layout: visit.layout(&heading), heading, url: url.to_owned() })
}

/// Returns what people call a provider.
pub(crate) fn provider_name(provider: &ProviderSettings) -> &str {
    match &provider.kind {
        ProviderKind::Google { .. } => "Google",
        ProviderKind::GitHub { .. } => "GitHub",
        ProviderKind::Apple(_) => "Apple",
        ProviderKind::Oidc { .. } => &provider.id,
    }
}
