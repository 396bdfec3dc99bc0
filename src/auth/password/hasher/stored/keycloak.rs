//! Reads the password credentials of Keycloak, which are two JSON texts.

use serde::Deserialize;

use crate::auth::password::hasher::stored::{
    argon2_hash::Argon2Hash,
    error::UnusableHash,
    fields::{base64, number},
    hash::StoredHash,
    pbkdf2_hash::Pbkdf2Hash,
};

/// Is `credentialData`. Keycloak adds fields that are not needed here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    hash_iterations: u32,
    algorithm: String,
    #[serde(default)]
    additional_parameters: Parameters,
}

/// Holds what argon2 takes more; each value is a list of one text.
#[derive(Deserialize, Default)]
struct Parameters {
    #[serde(default, rename = "type")]
    variant: Vec<String>,
    #[serde(default)]
    version: Vec<String>,
    #[serde(default)]
    memory: Vec<String>,
    #[serde(default)]
    parallelism: Vec<String>,
}

/// Is `secretData`.
#[derive(Deserialize)]
struct SecretData {
    value: String,
    salt: String,
}

pub(super) fn parse(credential_data: &str, secret_data: &str) -> Result<StoredHash, UnusableHash> {
    let data: CredentialData = serde_json::from_str(credential_data)
        .map_err(|_| UnusableHash::Malformed("its credentialData is not that of a password"))?;
    let secret: SecretData = serde_json::from_str(secret_data)
        .map_err(|_| UnusableHash::Malformed("its secretData is not that of a password"))?;
    let (salt, result) = (base64(&secret.salt)?, base64(&secret.value)?);
    let pbkdf2 = |digest| Pbkdf2Hash::new(digest, data.hash_iterations, salt.clone(), &result).map(StoredHash::Pbkdf2);
    match data.algorithm.as_str() {
        "pbkdf2" => pbkdf2("sha1"),
        "pbkdf2-sha256" => pbkdf2("sha256"),
        "pbkdf2-sha512" => pbkdf2("sha512"),
        "argon2" => {
            let parameters = &data.additional_parameters;
            // Some releases write none, and mean the newest one.
            let version = match parameters.version.as_slice() {
                [] => "1.3",
                versions => one(versions)?,
            };
            let version = match version {
                "1.3" => 0x13,
                "1.0" => 0x10,
                _ => return Err(UnusableHash::Malformed("its version is none that there is")),
            };
            let algorithm = format!("argon2{}", one(&parameters.variant)?);
            let (memory, lanes) = (number(one(&parameters.memory)?)?, number(one(&parameters.parallelism)?)?);
            let costs = [memory, data.hash_iterations, lanes];
            Argon2Hash::new(&algorithm, version, costs, salt, &result).map(StoredHash::Argon2)
        }
        _ => Err(UnusableHash::UnknownKind),
    }
}

fn one(values: &[String]) -> Result<&str, UnusableHash> {
    match values {
        [value] => Ok(value),
        _ => Err(UnusableHash::Malformed("its parameters are others")),
    }
}
