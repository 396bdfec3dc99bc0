//! Writes down everything that is stored of users, so that nobody is locked in: lines of JSON, each of which is a
//! [`Record`] that `authgate import jsonl` reads.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::TryStreamExt;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    crypto::{Sealer, totp::TotpSecret},
    import::record::{Kind, Record},
    store::{StoreError, exports},
};

/// Opens what is sealed. Without, secrets stay here.
#[derive(Debug)]
pub struct Secrets {
    pub totp: Sealer,
    pub provider_tokens: Sealer,
}

/// Describes why nothing more was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
    #[error("{0} cannot be read: {1}")]
    Unreadable(&'static str, serde_json::Error),
}

/// Writes everything as it is at one moment, and returns how many records there are of each kind. The connection is of no
/// other use afterwards: its transaction stays open.
///
/// Fails where the database or the output does, or where a stored record is in no form that this release knows; what was
/// written until then is no whole export.
pub async fn export(
    connection: &mut sqlx::PgConnection,
    secrets: Option<&Secrets>,
    out: &mut impl Write,
    mut told: impl FnMut(&BTreeMap<Kind, u64>),
) -> Result<BTreeMap<Kind, u64>, ExportError> {
    exports::begin(connection).await?;
    let mut counts = BTreeMap::new();
    for kind in Kind::ALL {
        let mut records = match kind {
            Kind::User => exports::users(connection),
            Kind::Password => exports::passwords(connection),
            Kind::Identity => exports::identities(connection),
            Kind::TwoFactor => exports::two_factors(connection),
            Kind::Passkey => exports::passkeys(connection),
            Kind::Session => exports::sessions(connection),
            Kind::Organization => exports::organizations(connection),
            Kind::Team => exports::teams(connection),
            Kind::Member => exports::members(connection),
            Kind::TeamMember => exports::team_members(connection),
            Kind::Invitation => exports::invitations(connection),
            Kind::ApiKey => exports::api_keys(connection),
            // They end within the hour, and nothing but their hashes is known.
            Kind::Verification => continue,
        };
        while let Some(stored) = records.try_next().await? {
            let record = record(kind, stored, secrets)?;
            serde_json::to_writer(&mut *out, &record).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            *counts.entry(kind).or_default() += 1;
            told(&counts);
        }
    }
    out.flush()?;
    Ok(counts)
}

/// Opens what is sealed in a record, or leaves it out.
fn record(kind: Kind, stored: Value, secrets: Option<&Secrets>) -> Result<Record, ExportError> {
    let mut record: Record =
        serde_json::from_value(stored).map_err(|error| ExportError::Unreadable(kind.plural(), error))?;
    match &mut record {
        Record::Identity(identity) => {
            for token in [&mut identity.access_token, &mut identity.refresh_token, &mut identity.id_token] {
                let opened = token.as_deref().and_then(|sealed| opened(sealed, secrets.map(|s| &s.provider_tokens)));
                *token = opened.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
            }
        }
        Record::TwoFactor(factor) => {
            let opened = factor.secret.as_deref().and_then(|sealed| opened(sealed, secrets.map(|s| &s.totp)));
            factor.secret = opened.map(|plain| TotpSecret::from_bytes(plain).to_base32().to_string());
        }
        Record::Passkey(passkey) => {
            for bytes in [Some(&mut passkey.credential_id), Some(&mut passkey.public_key), passkey.user_handle.as_mut()]
                .into_iter()
                .flatten()
            {
                *bytes = URL_SAFE_NO_PAD.encode(unhex(bytes));
            }
        }
        _ => {}
    }
    Ok(record)
}

fn opened(text: &str, sealer: Option<&Sealer>) -> Option<Zeroizing<Vec<u8>>> {
    sealer?.open(&unhex(text)).ok()
}

/// Reads hexadecimal digits that the database wrote.
fn unhex(text: &str) -> Vec<u8> {
    crate::import::unhex(text).unwrap_or_default()
}
