//! Compiles `secret:` (SECR-01).

use crate::{
    config::source::{
        path::KeyPath,
        report::Report,
        text::{SecretText, Secrets},
    },
    types::Secret,
};

const MIN_BYTES: usize = 32;
const HOW: &str = "make one with: openssl rand -base64 32";
/// Lists words that examples and templates use; a secret made of them was never made.
const PLACEHOLDERS: [&str; 12] = [
    "changeme",
    "change-me",
    "change_me",
    "secret",
    "password",
    "example",
    "placeholder",
    "insecure",
    "default",
    "authgate",
    "replace",
    "your-",
];

pub(crate) fn compile(raw: Option<Secrets>, path: &KeyPath, report: &mut Report<'_>) -> Vec<Secret> {
    match raw {
        None => {
            report.missing(path, &format!("secret: {{ env: AUTHGATE_SECRET }}, and {HOW}"));
            Vec::new()
        }
        Some(Secrets::One(SecretText(secret))) => {
            check(&secret, path, report);
            vec![secret]
        }
        Some(Secrets::Many(list)) => {
            if list.is_empty() {
                report.at(path, format!("needs at least one secret; {HOW}"));
            }
            let mut secrets: Vec<Secret> = Vec::new();
            for (index, SecretText(secret)) in list.into_iter().enumerate() {
                let path = path.index(index);
                check(&secret, &path, report);
                if secrets.contains(&secret) {
                    report.at(&path, "the same secret is listed twice");
                }
                secrets.push(secret);
            }
            secrets
        }
    }
}

fn check(secret: &Secret, path: &KeyPath, report: &mut Report<'_>) {
    report.record_secret(path);
    let text = secret.expose();
    if text.len() < MIN_BYTES {
        report.at(path, format!("has {} bytes; a secret has at least {MIN_BYTES}; {HOW}", text.len()));
    } else if is_placeholder(text) {
        report.at(path, format!("is a placeholder that anybody could guess; {HOW}"));
    }
}

/// Tells whether all but a few characters are placeholder words, or fewer than 8 different characters are used.
fn is_placeholder(text: &str) -> bool {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    let mut rest = text.to_lowercase();
    for word in PLACEHOLDERS {
        rest = rest.replace(word, "");
    }
    characters.len() < 8 || rest.len() * 3 < text.len()
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_recognised_and_random_text_is_not() {
        for (text, expected) in [
            ("changemechangemechangemechangeme", true),
            ("secretsecretsecretsecretsecretsecret", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true),
            ("0123012301230123012301230123012301230123", true),
            ("please-change-me-secret-password-default", true),
            ("k2Vx0dLrXvSxkJm9q0uG1yN8bq1jv3Yt7r5wZ4cE6hA=", false),
            ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", false),
            ("correct horse battery staple and some more", false),
        ] {
            assert_eq!(is_placeholder(text), expected, "{text}");
        }
    }
}
