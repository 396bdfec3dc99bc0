//! Gives users the passkeys that they had. Each stays with its site: the relying party's id has to be the same here.

use std::collections::HashSet;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    import::{
        destination::{Destination, no_user, outcome::Outcome},
        error::ImportError,
        finding::Reason,
        ids::{distinct_id, hex, local_id},
        place::Located,
        record::{Kind, Passkey},
    },
    store::imports::accounts::{self, NewPasskey},
};

const KIND: Kind = Kind::Passkey;
/// Limits the name of a passkey, in characters.
const MAX_NAME: usize = 64;
const PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDING);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDING);

impl Destination {
    pub(super) async fn write_passkeys(
        &self,
        connection: &mut PgConnection,
        records: &[Located<Passkey>],
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        if records.is_empty() {
            return Ok(());
        }
        out.count(KIND).read += records.len() as u64;
        let locals = self.local_users(connection, records.iter().map(|located| &located.record.user_id), out).await?;
        let mut rows: Vec<NewPasskey> = Vec::new();
        let mut seen = HashSet::new();
        for Located { place, record } in records {
            let Some(local) = locals.get(&record.user_id) else {
                out.left_out(KIND, place, no_user(&record.user_id));
                continue;
            };
            if self.was_seen(KIND, local, record.created_at) {
                out.count(KIND).unchanged += 1;
                continue;
            }
            match passkey(record, &local.id, &self.origin) {
                Ok(row) if seen.insert(row.credential_id.clone()) => rows.push(row),
                Ok(_) => out.left_out(KIND, place, twice()),
                Err(reason) => out.left_out(KIND, place, reason),
            }
        }
        let all = rows.len() as u64;
        let written = if self.dry_run { all } else { accounts::insert_passkeys(connection, &rows).await?.len() as u64 };
        out.count(KIND).imported += written;
        out.count(KIND).unchanged += all - written;
        Ok(())
    }
}

fn passkey(record: &Passkey, user_id: &str, origin: &str) -> Result<NewPasskey, Reason> {
    let decode = |text: &str| decode(text).ok_or_else(unreadable);
    let credential_id = decode(&record.credential_id)?;
    let public_key = decode(&record.public_key)?;
    if !(1..=1023).contains(&credential_id.len()) || !(1..=2048).contains(&public_key.len()) {
        return Err(unreadable());
    }
    let handle = match &record.user_handle {
        Some(handle) => decode(handle)?,
        None => Uuid::new_v4().as_bytes().to_vec(),
    };
    let aaguid = record.aaguid.as_deref().and_then(|text| Uuid::parse_str(text).ok()).unwrap_or_default();
    let name = record.name.as_deref().map(|name| name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect());
    Ok(NewPasskey {
        id: local_id(&record.id),
        other_id: distinct_id(origin, &record.id),
        user_id: user_id.to_owned(),
        user_handle: hex(&handle),
        has_known_handle: record.user_handle.is_some(),
        name: name.filter(|name: &String| !name.is_empty()),
        credential_id: hex(&credential_id),
        public_key: hex(&public_key),
        counter: record.counter.into(),
        backup_eligible: record.backup_eligible,
        backed_up: record.backed_up,
        transports: record.transports.iter().take(8).cloned().collect(),
        aaguid: hex(aaguid.as_bytes()),
        created_at: record.created_at,
        last_used_at: record.last_used_at,
    })
}

/// Reads base64 of either alphabet, with and without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let engine = if text.contains(['+', '/']) { &BASE64 } else { &BASE64URL };
    engine.decode(text).ok()
}

fn unreadable() -> Reason {
    Reason::new(
        "PASSKEY_UNREADABLE",
        "the passkey's id or public key cannot be read",
        "the user adds a passkey anew, after signing in otherwise",
    )
}

fn twice() -> Reason {
    Reason::new("PASSKEY_TWICE", "another row has the same passkey", "nothing has to be done: the first one counts")
}
