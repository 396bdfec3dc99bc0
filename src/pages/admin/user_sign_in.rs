//! Shows how a user signs in: with what beside the password, and through whom.

use serde::Deserialize;

use crate::pages::{
    admin::{
        access::Administrator,
        address::address,
        page::{Item, Section},
        shown::when,
        user_view::User,
    },
    error::PageError,
    visit::Visit,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Methods {
    two_factor: Option<TwoFactor>,
    backup_codes: u64,
    trusted_browsers: u64,
    passkeys: Vec<Passkey>,
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TwoFactor {
    /// Is `totp` or `email`.
    kind: String,
    enabled_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passkey {
    name: Option<String>,
    created_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the API calls them so")]
struct Account {
    provider_id: String,
    account_id: String,
    created_at: String,
}

/// Returns the section.
pub(crate) async fn section(visit: &Visit, administrator: &Administrator, user: &User) -> Result<Section, PageError> {
    let t = visit.t;
    let target = address("/admin/list-user-sign-in-methods", &[("id", &user.id)]);
    let methods: Methods = administrator.read(visit.get(&target).await?)?;
    let mut items = Vec::new();
    for account in methods.accounts {
        let since = t.with("admin-since", &[("when", &when(t, &account.created_at))]);
        items.push(if account.provider_id == "credential" {
            Item { title: t.get("password").into_owned(), lines: vec![since], ..Item::default() }
        } else {
            Item { title: account.provider_id, lines: vec![account.account_id, since], ..Item::default() }
        });
    }
    for passkey in methods.passkeys {
        let name = passkey.name.filter(|name| !name.is_empty());
        let since = t.with("admin-since", &[("when", &when(t, &passkey.created_at))]);
        let lines = name.into_iter().chain([since]).collect();
        items.push(Item { title: t.get("admin-passkey").into_owned(), lines, ..Item::default() });
    }
    if let Some(factor) = methods.two_factor {
        let title = t.get(if factor.kind == "totp" { "admin-factor-app" } else { "admin-factor-mail" }).into_owned();
        let since = match &factor.enabled_at {
            Some(at) => t.with("admin-since", &[("when", &when(t, at))]),
            None => t.get("admin-factor-unproved").into_owned(),
        };
        let codes = t.count("admin-backup-codes", methods.backup_codes);
        let browsers = t.count("admin-trusted-browsers", methods.trusted_browsers);
        items.push(Item { title, lines: vec![since, codes, browsers], ..Item::default() });
    }
    let text = items.is_empty().then(|| t.get("admin-no-sign-in").into_owned());
    Ok(Section { heading: t.get("admin-sign-in").into_owned(), text, items, ..Section::default() })
}
