//! Reads `twoFactor`.

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    crypto::totp::TotpSecret,
    import::{
        better_auth::{
            context::Context,
            sealed::{is_sealed, open},
        },
        fields::Fields,
        finding::Reason,
        record::{Record, TwoFactor},
        tables::Found,
    },
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
    let secret = unsealed(row.required("secret")?);
    let backup_codes = row.text("backupCodes").and_then(unsealed).and_then(|text| serde_json::from_str(&text).ok());
    if secret.is_none() {
        found.changes.push(sealed());
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
        enabled_at: row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?,
    }));
    Ok(())
}

fn base32(bytes: &[u8]) -> String {
    TotpSecret::from_bytes(Zeroizing::new(bytes.to_vec())).to_base32().to_string()
}

fn sealed() -> Reason {
    Reason::new(
        "SECOND_FACTOR_SEALED",
        "the second factor is sealed with a secret that was not given",
        "give the secret that sealed it; as it is, codes are mailed to the user in place of the app's",
    )
}
