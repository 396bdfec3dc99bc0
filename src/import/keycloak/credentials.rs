//! Reads the credentials of a user: passwords, second factors, and security keys. Each of them is JSON in texts.

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    auth::{StoredPassword, parse_keycloak},
    import::{
        fields::{Fields, from_epoch},
        person::{Factor, base32, passkey_left_out, push_factors, unusable_password},
        record::{Kind, Password, Record},
        tables::Found,
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    r#type: String,
    created_date: Option<i64>,
    #[serde(default)]
    secret_data: String,
    #[serde(default, rename = "credentialData")]
    data: String,
}

/// Is what an app has to know of its codes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OtpData {
    sub_type: String,
    digits: u32,
    period: Option<i64>,
    algorithm: String,
    secret_encoding: Option<String>,
}

#[derive(Deserialize)]
struct OtpSecret {
    value: String,
}

pub(super) fn read(row: &Fields, user_id: &str, created_at: OffsetDateTime, found: &mut Found) {
    let credentials = row.value("credentials").and_then(Value::as_array);
    let mut factors = Vec::new();
    for credential in credentials.into_iter().flatten() {
        let Ok(credential) = serde_json::from_value::<Credential>(credential.clone()) else {
            factors.push(Factor::Other("a credential cannot be read".to_owned()));
            continue;
        };
        let created_at = credential.created_date.and_then(from_epoch).unwrap_or(created_at);
        match credential.r#type.as_str() {
            "password" => match parse_keycloak(&credential.data, &credential.secret_data) {
                Ok(StoredPassword::Hash(hash)) => found.push(Record::Password(Password {
                    user_id: user_id.to_owned(),
                    hash: hash.expose().to_owned(),
                    created_at,
                    updated_at: created_at,
                })),
                Ok(StoredPassword::NoPassword) => {}
                Err(error) => found.leave_out(Kind::Password, unusable_password(&error)),
            },
            "otp" => factors.push(match secret(&credential) {
                Ok(secret) => Factor::App { secret, backup_codes: Vec::new(), enabled_at: created_at },
                Err(message) => Factor::Other(message),
            }),
            "webauthn" => {
                found.leave_out(Kind::Passkey, passkey_left_out());
                factors.push(Factor::Other("a security key does not come".to_owned()));
            }
            "webauthn-passwordless" => found.leave_out(Kind::Passkey, passkey_left_out()),
            kind => factors.push(Factor::Other(format!("nothing here is like the credential {kind:?}"))),
        }
    }
    push_factors(user_id, factors, created_at, found);
}

/// Returns the key in base 32, or says why no app has a use for it.
fn secret(credential: &Credential) -> Result<String, String> {
    let unreadable = |_| "the data of the credential cannot be read".to_owned();
    let data: OtpData = serde_json::from_str(&credential.data).map_err(unreadable)?;
    let secret: OtpSecret = serde_json::from_str(&credential.secret_data).map_err(unreadable)?;
    let kind = (data.sub_type.as_str(), data.digits, data.period.unwrap_or(30), data.algorithm.as_str());
    if kind != ("totp", 6, 30, "HmacSHA1") {
        let (kind, digits, period, algorithm) = kind;
        return Err(format!(
            "{kind} with {digits} digits every {period} s and {algorithm} is not totp with 6, 30 s and HmacSHA1"
        ));
    }
    match data.secret_encoding.as_deref() {
        Some("BASE32") => Ok(secret.value),
        // The bytes of the text are the key.
        None => Ok(base32(secret.value.as_bytes())),
        Some(other) => Err(format!("the secret is in the encoding {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn otp(data: &Value, value: &str) -> Result<String, String> {
        secret(&Credential {
            r#type: "otp".to_owned(),
            created_date: None,
            secret_data: json!({ "value": value }).to_string(),
            data: data.to_string(),
        })
    }

    #[test]
    fn the_text_of_a_secret_is_the_key_unless_it_says_otherwise() {
        let mut data = json!({ "subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1" });
        // RFC 6238 has this key.
        let text = "12345678901234567890";
        assert_eq!(otp(&data, text).as_deref(), Ok("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        data["secretEncoding"] = json!("BASE32");
        assert_eq!(otp(&data, "GEZDGNBV").as_deref(), Ok("GEZDGNBV"));
        for (name, value) in [
            ("period", json!(60)),
            ("digits", json!(8)),
            ("algorithm", json!("HmacSHA256")),
            ("subType", json!("hotp")),
            ("secretEncoding", json!("HEX")),
        ] {
            let mut data = data.clone();
            data[name] = value;
            assert!(otp(&data, text).is_err(), "{data}");
        }
    }
}
