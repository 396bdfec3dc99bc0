//! Reads `account`: passwords, and identities at providers.

use time::OffsetDateTime;

use crate::import::{
    better_auth::{
        context::Context,
        sealed::{is_sealed, open},
    },
    fields::Fields,
    finding::Reason,
    record::{Identity, Password, Record},
    tables::Found,
};

pub(super) fn read(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let user_id = row.required("userId")?;
    let (provider, account_id) = (row.required("providerId")?, row.required("accountId")?);
    let created_at = row.time_or("createdAt", OffsetDateTime::UNIX_EPOCH)?;
    let updated_at = row.time_or("updatedAt", created_at)?;
    if provider == "credential" {
        if account_id != user_id {
            return Err(Reason::new(
                "PASSWORD_OF_ANOTHER",
                "the password's accountId is not its userId, so that better-auth never took it",
                "nothing has to be done: the user chooses a password with \"Forgot your password?\"",
            ));
        }
        if let Some(hash) = row.text("password") {
            found.push(Record::Password(Password { user_id, hash, created_at, updated_at }));
        }
        return Ok(());
    }
    let mut sealed = 0;
    let mut token = |name: &str| {
        let text = row.text(name)?;
        if !is_sealed(&text) {
            return Some(text);
        }
        let opened = open(&text, context.secrets);
        sealed += i32::from(opened.is_none());
        opened.map(|text| text.to_string())
    };
    let (access_token, refresh_token) = (token("accessToken"), token("refreshToken"));
    if sealed > 0 {
        found.changes.push(Reason::new(
            "TOKENS_SEALED",
            "the provider's tokens are sealed with a secret that was not given",
            "give better-auth's secret in BETTER_AUTH_SECRET; without, the user links the provider anew",
        ));
    }
    let scopes = row.text("scope").unwrap_or_default();
    found.push(Record::Identity(Identity {
        user_id,
        provider,
        account_id,
        scopes: scopes.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        access_token,
        refresh_token,
        id_token: row.text("idToken"),
        access_token_expires_at: row.time("accessTokenExpiresAt")?,
        refresh_token_expires_at: row.time("refreshTokenExpiresAt")?,
        created_at,
        updated_at,
    }));
    Ok(())
}
