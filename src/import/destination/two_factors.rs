//! Gives users the second factors that they had.

use std::collections::HashSet;

use sqlx::PgConnection;

use crate::{
    crypto::totp::TotpSecret,
    import::{
        destination::{Destination, no_user, outcome::Outcome},
        error::ImportError,
        finding::Reason,
        ids::{hex, unhex},
        place::Located,
        record::{Kind, TwoFactor},
    },
    store::imports::accounts::{self, NewTwoFactor},
    types::BackupCode,
};

const KIND: Kind = Kind::TwoFactor;
/// Bounds the secret of an authenticator app, in bytes: less is guessed, and no app makes more.
const SECRET: std::ops::RangeInclusive<usize> = 10..=256;

impl Destination {
    pub(super) async fn write_two_factors(
        &self,
        connection: &mut PgConnection,
        records: &[Located<TwoFactor>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let locals = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let mut rows: Vec<NewTwoFactor> = Vec::new();
        let mut users = HashSet::new();
        for Located { place, record } in records {
            let Some(local) = locals.get(&record.user_id) else {
                out.left_out(KIND, place, no_user(&record.user_id));
                continue;
            };
            if self.was_seen(KIND, local, record.enabled_at) {
                out.count(KIND).unchanged += 1;
                continue;
            }
            match self.two_factor(record, &local.id) {
                Ok(_) if !users.insert(local.id.clone()) => out.left_out(KIND, place, second_factor_twice()),
                Ok(row) => rows.push(row),
                Err(reason) => out.left_out(KIND, place, reason),
            }
        }
        let all = rows.len() as u64;
        let written =
            if self.dry_run { all } else { accounts::insert_two_factors(connection, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }

    fn two_factor(&self, record: &TwoFactor, user_id: &str) -> Result<NewTwoFactor, Reason> {
        let secret = record.secret.as_deref().map(|text| TotpSecret::from_base32(text).ok_or_else(no_secret));
        let secret = secret.transpose()?;
        if secret.as_ref().is_some_and(|secret| !SECRET.contains(&secret.expose().len())) {
            return Err(no_secret());
        }
        let hashes = record.backup_codes.iter().map(|code| match BackupCode::parse(code) {
            Ok(code) => Ok(hex(code.hash().as_bytes())),
            Err(_) => Err(no_backup_code()),
        });
        let known = record.backup_code_hashes.iter().map(|hash| match unhex(hash) {
            Some(bytes) if bytes.len() == 32 => Ok(hash.to_ascii_lowercase()),
            _ => Err(no_backup_code()),
        });
        Ok(NewTwoFactor {
            user_id: user_id.to_owned(),
            secret: secret.map(|secret| hex(&self.rules.totp_secrets.seal(secret.expose()))),
            code_hashes: hashes.chain(known).collect::<Result<_, _>>()?,
            enabled_at: record.enabled_at,
        })
    }
}

fn no_secret() -> Reason {
    Reason::new(
        "TOTP_SECRET_INVALID",
        "the secret of the authenticator app is no text in base 32 of 10 to 256 bytes",
        "the user sets up a second factor anew",
    )
}

fn no_backup_code() -> Reason {
    Reason::new(
        "BACKUP_CODE_INVALID",
        "one of the backup codes is none: 8 to 32 letters and digits, or SHA-256 in hexadecimal digits",
        "the user sets up a second factor anew",
    )
}

fn second_factor_twice() -> Reason {
    Reason::new("TWO_FACTOR_TWICE", "the user has a second factor already", "nothing has to be done: the first counts")
}
