//! Reads `twoFactor`.

use crate::import::{
    better_auth::{
        context::Context,
        sealed::{is_sealed, open},
    },
    fields::Fields,
    finding::Reason,
    person::base32,
    record::{Record, TwoFactor},
    tables::Found,
};

pub(super) fn read(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let user_id = row.required("userId")?;
    // One that was never proved is not in force; before release 1.6 nothing but the user said so.
    let is_verified = row.value("verified").is_none() || row.flag("verified");
    if !is_verified || !context.with_second_factor.contains(&user_id) {
        return Ok(());
    }
    let unsealed = |text: String| {
        if is_sealed(&text) { open(&text, context.secrets).map(|text| text.to_string()) } else { Some(text) }
    };
    let secret = row.text("secret").and_then(unsealed);
    if secret.is_none() {
        found.changes.push(sealed());
    }
    let sealed_codes = row.text("backupCodes");
    let backup_codes: Option<Vec<String>> =
        sealed_codes.clone().and_then(unsealed).and_then(|text| serde_json::from_str(&text).ok());
    if sealed_codes.is_some() && backup_codes.is_none() {
        found.changes.push(sealed_backup_codes());
    }
    found.push(Record::TwoFactor(TwoFactor {
        user_id,
        // Authenticator apps got the characters of the secret in base 32, unless it was brought from elsewhere before.
        secret: secret.map(|secret| match secret.strip_prefix("base32:") {
            Some(brought) => brought.to_owned(),
            None => base32(secret.as_bytes()),
        }),
        backup_codes: backup_codes.unwrap_or_default(),
        backup_code_hashes: Vec::new(),
        // The table of most releases keeps no time.
        enabled_at: row.time("createdAt").ok().flatten().unwrap_or(context.now),
    }));
    Ok(())
}

fn sealed() -> Reason {
    Reason::new(
        "SECOND_FACTOR_SEALED",
        "the second factor is sealed with a secret that was not given",
        "give the secret that sealed it; as it is, codes are mailed to the user in place of the app's",
    )
}

fn sealed_backup_codes() -> Reason {
    Reason::new(
        "BACKUP_CODES_SEALED",
        "the backup codes are sealed with a secret that was not given, or in another form",
        "give the secret that sealed them, or ask the user to make new ones",
    )
}
