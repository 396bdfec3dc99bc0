//! Lists the columns that operators can name, where an application calls them otherwise.

/// Returns the columns of a table; of one that is not listed here all can be named.
pub(super) fn of(table: &str) -> &'static [&'static str] {
    match table {
        "user" => &USER,
        "account" => &ACCOUNT,
        "twoFactor" => &["id", "userId", "secret", "backupCodes", "verified", "createdAt"],
        "passkey" => &PASSKEY,
        "organization" => &["id", "name", "slug", "logo", "metadata", "createdAt"],
        "team" => &["id", "organizationId", "name", "createdAt", "updatedAt"],
        "member" => &["id", "organizationId", "userId", "role", "createdAt"],
        "teamMember" => &["id", "teamId", "userId", "createdAt"],
        "invitation" => &INVITATION,
        "apikey" => &API_KEY,
        "session" => &SESSION,
        _ => &[],
    }
}

const USER: [&str; 15] = [
    "id",
    "email",
    "emailVerified",
    "name",
    "image",
    "role",
    "banned",
    "banReason",
    "banExpires",
    "username",
    "displayUsername",
    "isAnonymous",
    "twoFactorEnabled",
    "createdAt",
    "updatedAt",
];
const ACCOUNT: [&str; 13] = [
    "id",
    "userId",
    "providerId",
    "accountId",
    "password",
    "accessToken",
    "refreshToken",
    "idToken",
    "accessTokenExpiresAt",
    "refreshTokenExpiresAt",
    "scope",
    "createdAt",
    "updatedAt",
];
const PASSKEY: [&str; 11] = [
    "id",
    "userId",
    "name",
    "publicKey",
    "credentialID",
    "counter",
    "deviceType",
    "backedUp",
    "transports",
    "aaguid",
    "createdAt",
];
const INVITATION: [&str; 9] =
    ["id", "organizationId", "email", "role", "teamId", "status", "inviterId", "createdAt", "expiresAt"];
const API_KEY: [&str; 21] = [
    "id",
    "userId",
    "referenceId",
    "key",
    "name",
    "prefix",
    "start",
    "enabled",
    "expiresAt",
    "metadata",
    "permissions",
    "remaining",
    "refillAmount",
    "refillInterval",
    "lastRefillAt",
    "rateLimitEnabled",
    "rateLimitMax",
    "rateLimitTimeWindow",
    "lastRequest",
    "createdAt",
    "updatedAt",
];
const SESSION: [&str; 10] = [
    "id",
    "userId",
    "token",
    "expiresAt",
    "ipAddress",
    "userAgent",
    "impersonatedBy",
    "activeOrganizationId",
    "createdAt",
    "updatedAt",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists the columns that a reader asks for.
    fn read(source: &str) -> Vec<&str> {
        let methods = ["text", "required", "flag", "value", "number", "time", "time_or", "json"];
        let calls = source.split("row.").skip(1).filter_map(|rest| rest.split_once("(\""));
        let names = calls.filter(|(method, _)| methods.contains(method)).map(|(_, rest)| rest.split('"').next());
        names.flatten().collect()
    }

    #[test]
    fn every_column_that_is_read_can_be_named() {
        for (source, tables) in [
            (include_str!("users.rs"), &["user"][..]),
            (include_str!("accounts.rs"), &["account"]),
            (include_str!("two_factors.rs"), &["twoFactor"]),
            (include_str!("passkeys.rs"), &["passkey"]),
            (include_str!("organizations.rs"), &["organization", "team", "member", "teamMember", "invitation"]),
            (include_str!("api_keys.rs"), &["apikey"]),
            (include_str!("sessions.rs"), &["session"]),
        ] {
            let names = read(source);
            assert!(names.len() >= 4, "{tables:?}: {names:?}");
            let is_known = |name: &&str| tables.iter().any(|table| of(table).contains(name));
            let unknown: Vec<&str> = names.into_iter().filter(|name| !is_known(name)).collect();
            assert!(unknown.is_empty(), "{tables:?}: {unknown:?}");
        }
    }
}
