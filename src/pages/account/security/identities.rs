//! Lists through whom somebody signs in, as part of the page of security.

use crate::pages::{
    account::{
        page::{AccountPage, Link, Row, Section},
        time::day,
    },
    error::PageError,
    field::{FormView, Weight},
    leaving::provider_name,
    session,
    sign_in_methods::{Account, list},
    visit::{PageResult, Visit, encoded},
};

/// Shows the providers that are linked, and those that can be; nothing where there are none.
pub(crate) fn section(visit: &Visit, accounts: &[Account]) -> Option<Section> {
    let t = visit.t;
    let providers = &visit.pages.auth.social;
    let linked: Vec<&Account> = accounts.iter().filter(|account| !account.is_password()).collect();
    if providers.is_empty() && linked.is_empty() {
        return None;
    }
    let linked_rows = linked.iter().map(|account| {
        let title = name(visit, &account.provider_id);
        let path = format!("{}?id={}", visit.account_path("security/unlink"), encoded(&account.id));
        Row {
            details: vec![t.with("identities-since", &[("day", &day(t, &account.created_at))])],
            links: vec![Link::new(path, t.get("identities-unlink")).about(title.clone())],
            title,
            ..Row::default()
        }
    });
    let further = providers.iter().filter(|provider| linked.iter().all(|account| account.provider_id != provider.id));
    let further_rows = further.map(|provider| {
        let title = provider_name(provider).to_owned();
        let hidden = vec![("provider", provider.id.clone())];
        let link = FormView::button(visit.account_path("security/link"), hidden, t.get("identities-link"));
        Row { forms: vec![link.about(title.clone())], title, ..Row::default() }
    });
    let section = Section::new(t.get("identities")).text(t.get("identities-text"));
    Some(section.rows(linked_rows.chain(further_rows).collect(), ""))
}

/// Returns what people call a provider; its id where it is not configured any more.
fn name(visit: &Visit, id: &str) -> String {
    let provider = visit.pages.auth.social.iter().find(|provider| provider.id == id);
    provider.map_or(id, provider_name).to_owned()
}

/// Asks before it is unlinked.
pub(crate) async fn ask(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    let id = visit.query("id").unwrap_or_default();
    let accounts = list(&visit).await?;
    let account = accounts.iter().find(|account| account.id == id).ok_or(PageError::NotFound)?;
    let t = visit.t;
    let name = name(&visit, &account.provider_id);
    let form = FormView::button(visit.account_path("security/unlink"), Vec::new(), t.get("identities-unlink"));
    let form = form.weight(Weight::Danger).hidden("id", id);
    let heading = t.with("identities-unlink-heading", &[("provider", &name)]);
    AccountPage::titled(&visit, &session, &heading)
        .back(Link::new(visit.account_path("security"), t.get("account-security")))
        .section(Section::new(heading).text(t.with("identities-unlink-text", &[("provider", &name)])).form(form))
        .show(&visit)
}
