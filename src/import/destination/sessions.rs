//! Keeps users signed in.

use std::collections::HashSet;

use sqlx::PgConnection;

use crate::{
    import::{
        destination::{Destination, no_user, outcome::Outcome},
        error::ImportError,
        finding::Reason,
        ids::{distinct_id, local_id, unhex},
        place::Located,
        record::{Kind, Session},
    },
    store::imports::sessions::{self, NewSession},
};

const KIND: Kind = Kind::Session;
/// Limits what is kept of the name of a browser, in bytes.
const MAX_USER_AGENT: usize = 512;

impl Destination {
    pub(super) async fn write_sessions(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Session>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let live: Vec<&Located<Session>> =
            records.iter().filter(|located| located.record.expires_at > self.now).collect();
        out.count(KIND).expired += (records.len() - live.len()) as u64;
        let locals = self.local_users(connection, live.iter().map(|located| &located.record.user_id), out).await?;
        let earlier: Vec<String> =
            locals.values().filter(|local| !local.is_new).map(|local| local.id.clone()).collect();
        let secured = self.secured(connection, &earlier).await?;
        let organizations = live.iter().filter_map(|located| located.record.active_organization_id.as_ref());
        let organizations = self.local_organizations(connection, organizations, out).await?;
        let mut rows: Vec<NewSession> = Vec::new();
        for Located { place, record } in live {
            let Some(local) = locals.get(&record.user_id) else {
                out.left_out(KIND, place, no_user(&record.user_id));
                continue;
            };
            if self.was_seen(KIND, local, record.created_at) {
                out.count(KIND).unchanged += 1;
                continue;
            }
            if secured.contains(&local.id) {
                out.left_out(KIND, place, secured_here());
                continue;
            }
            if unhex(&record.token_hash).is_none_or(|hash| hash.len() != 32) {
                out.left_out(KIND, place, no_hash());
                continue;
            }
            let created_at = record.created_at.min(self.now);
            let active = record.active_organization_id.as_ref();
            rows.push(NewSession {
                id: local_id(&record.id),
                other_id: distinct_id(&self.origin, &record.id),
                token_hash: record.token_hash.clone(),
                user_id: local.id.clone(),
                auth_method: record.auth_method.clone(),
                remember: record.remember,
                ip_address: record.ip_address.chars().filter(|c| !c.is_control()).take(64).collect(),
                user_agent: shortened(&record.user_agent),
                active_organization_id: active.and_then(|id| organizations.get(id)).map(|local| local.id.clone()),
                created_at,
                updated_at: record.updated_at.min(self.now).max(created_at),
                expires_at: record.expires_at,
                // A life is not shortened by the move, however long the origin let it be.
                absolute_expires_at: record.expires_at.max(created_at + self.rules.session_absolute),
            });
        }
        let all = rows.len() as u64;
        let written = if self.dry_run { all } else { sessions::insert(connection, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }

    /// Returns those of the users for whom a sign-in at the origin is no proof any more.
    async fn secured(
        &self,
        connection: &mut PgConnection,
        user_ids: &[String],
    ) -> Result<HashSet<String>, ImportError> {
        if user_ids.is_empty() {
            return Ok(HashSet::new());
        }
        Ok(sessions::find_secured(connection, &self.origin, user_ids).await?.into_iter().collect())
    }
}

fn shortened(text: &str) -> String {
    let mut kept = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if kept.len() + c.len_utf8() > MAX_USER_AGENT {
            break;
        }
        kept.push(c);
    }
    kept
}

fn secured_here() -> Reason {
    Reason::new(
        "SECURED_HERE",
        "its user chose another password here, or set up a second factor, which a sign-in at the origin did not need",
        "the user signs in again",
    )
}

fn no_hash() -> Reason {
    Reason::new(
        "SESSION_INVALID",
        "the hash of the token is not SHA-256 in hexadecimal digits",
        "the user signs in again",
    )
}
