//! Links users with their accounts at providers.

use std::collections::{HashMap, HashSet};

use sqlx::PgConnection;

use crate::{
    import::{
        destination::{Destination, no_user, outcome::Outcome},
        error::ImportError,
        finding::Reason,
        ids::hex,
        place::Located,
        record::{Identity, Kind},
    },
    store::imports::accounts::{self, NewIdentity},
    types::AccountId,
};

const KIND: Kind = Kind::Identity;

impl Destination {
    pub(super) async fn write_identities(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Identity>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let locals = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let owners = owners(connection, records).await?;
        let mut rows: Vec<NewIdentity> = Vec::new();
        let mut seen = HashSet::new();
        for Located { place, record } in records {
            let Some(local) = locals.get(&record.user_id) else {
                out.left_out(KIND, place, no_user(&record.user_id));
                continue;
            };
            let identity = (record.provider.clone(), record.account_id.clone());
            match owners.get(&identity) {
                Some(owner) if *owner == local.id => out.count(KIND).unchanged += 1,
                Some(_) => out.left_out(KIND, place, of_somebody_else(record)),
                None if self.was_seen(KIND, local, record.created_at) => out.count(KIND).unchanged += 1,
                None if !seen.insert(identity) => out.left_out(KIND, place, twice(record)),
                None if record.account_id.is_empty() || !is_provider(&record.provider) => {
                    out.left_out(KIND, place, nameless(record));
                }
                None => rows.push(self.identity(record, &local.id)),
            }
        }
        let all = rows.len() as u64;
        let written =
            if self.dry_run { all } else { accounts::insert_identities(connection, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }

    fn identity(&self, record: &Identity, user_id: &str) -> NewIdentity {
        let seal = |token: &Option<String>| {
            let token = token.as_ref().filter(|token| !token.is_empty());
            token.map(|token| hex(&self.rules.provider_tokens.seal(token.as_bytes())))
        };
        NewIdentity {
            id: AccountId::generate().as_str().to_owned(),
            user_id: user_id.to_owned(),
            provider_id: record.provider.clone(),
            account_id: record.account_id.clone(),
            scopes: record.scopes.clone(),
            access_token: seal(&record.access_token),
            refresh_token: seal(&record.refresh_token),
            id_token: seal(&record.id_token),
            access_token_expires_at: record.access_token_expires_at,
            refresh_token_expires_at: record.refresh_token_expires_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

async fn owners(
    connection: &mut PgConnection,
    records: &[Located<Identity>],
) -> Result<HashMap<(String, String), String>, ImportError> {
    let providers: Vec<String> = records.iter().map(|located| located.record.provider.clone()).collect();
    let account_ids: Vec<String> = records.iter().map(|located| located.record.account_id.clone()).collect();
    let owners = accounts::find_owners(connection, &providers, &account_ids).await?;
    Ok(owners.into_iter().map(|(provider, account_id, owner)| ((provider, account_id), owner)).collect())
}

/// Tells whether a provider can be called so in the configuration.
fn is_provider(name: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    name != "credential" && (1..=64).contains(&name.len()) && name.bytes().all(is_word)
}

fn of_somebody_else(record: &Identity) -> Reason {
    Reason::new(
        "IDENTITY_TAKEN",
        format!("somebody else signs in here with {} {:?}", record.provider, record.account_id),
        "unlink it there first, or join the two accounts with --on-clash merge",
    )
}

fn twice(record: &Identity) -> Reason {
    Reason::new(
        "IDENTITY_TWICE",
        format!("two users have {} {:?}: the first one keeps it", record.provider, record.account_id),
        "find out in the origin whose it is",
    )
}

fn nameless(record: &Identity) -> Reason {
    Reason::new(
        "IDENTITY_INVALID",
        format!("{:?} {:?} is no identity at a provider", record.provider, record.account_id),
        "give the provider a name of letters, digits, - and _ with --provider OLD=NEW",
    )
}
