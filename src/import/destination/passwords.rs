//! Gives users the passwords that they had.

use std::collections::HashSet;

use sqlx::PgConnection;

use crate::{
    auth::{StoredPassword, UnusableHash, parse_stored},
    import::{
        destination::{Destination, no_user, outcome::Outcome},
        error::ImportError,
        finding::Reason,
        place::Located,
        record::{Kind, Password},
    },
    store::imports::accounts::{self, NewPassword},
    types::AccountId,
};

const KIND: Kind = Kind::Password;

impl Destination {
    pub(super) async fn write_passwords(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Password>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let locals = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let mut rows: Vec<NewPassword> = Vec::new();
        let mut users = HashSet::new();
        for Located { place, record } in records {
            let Some(local) = locals.get(&record.user_id) else {
                out.left_out(KIND, place, no_user(&record.user_id));
                continue;
            };
            let hash = match parse_stored(&record.hash) {
                Ok(StoredPassword::Hash(hash)) => hash,
                Ok(StoredPassword::NoPassword) => {
                    // Is how some origins say that somebody signs in otherwise.
                    out.count(KIND).unchanged += 1;
                    continue;
                }
                Err(error) => {
                    out.left_out(KIND, place, unusable(&error));
                    continue;
                }
            };
            if !users.insert(local.id.clone()) {
                out.left_out(KIND, place, second_password());
                continue;
            }
            rows.push(NewPassword {
                id: AccountId::generate().as_str().to_owned(),
                user_id: local.id.clone(),
                hash: hash.expose().to_owned(),
                keeps_earlier: local.is_merged,
                replaces_only: self.was_seen(KIND, local, record.created_at),
                created_at: record.created_at.min(self.now),
                updated_at: record.updated_at.min(self.now),
            });
        }
        let all = rows.len() as u64;
        let written =
            if self.dry_run { all } else { accounts::upsert_passwords(connection, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }
}

fn unusable(error: &UnusableHash) -> Reason {
    Reason::new(
        "PASSWORD_HASH_UNUSABLE",
        format!("the hash: {error}"),
        "the user comes without a password, and chooses one with \"Forgot your password?\"",
    )
}

fn second_password() -> Reason {
    Reason::new("PASSWORD_TWICE", "the user has a password already", "nothing has to be done: the first one counts")
}
