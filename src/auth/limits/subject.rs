//! Says whose attempts are counted, and under which key (BRUTE-05).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    auth::{DeviceCookie, limits::classes::RateClass},
    types::{ClientIp, Email, UserId},
};

/// Tells whose attempts are counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    Address(ClientIp),
    Email(&'a Email),
    /// Is an account on a device that signed in to it before.
    Device(&'a DeviceCookie, &'a Email),
    /// Is an account at the address where its password was reset, until its next sign-in from there, or where a code
    /// was asked for.
    ResetAddress(ClientIp, &'a Email),
    User(&'a UserId),
}

/// Returns the one spelling of a subject (BRUTE-05). Addresses of people are hashed: most of those that are tried have
/// no account.
pub(super) fn key(class: RateClass, subject: Subject<'_>) -> String {
    let class = class.as_str();
    match subject {
        Subject::Address(ip) => format!("{class}:address:{}", ip.bucket()),
        Subject::Email(email) => format!("{class}:email:{}", hashed(email)),
        Subject::Device(device, email) => format!("{class}:device:{}:{}", hashed(email), device.id()),
        Subject::ResetAddress(ip, email) => format!("{class}:device:{}:{}", hashed(email), ip.bucket()),
        Subject::User(user) => format!("{class}:user:{user}"),
    }
}

/// Returns an address of a person as keys hold it.
pub(super) fn hashed(email: &Email) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(email.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::PasswordHash;

    #[test]
    fn one_subject_has_one_key() {
        let email = |text: &str| text.parse::<Email>().unwrap();
        let of_email = |text: &str| key(RateClass::SignIn, Subject::Email(&email(text)));
        assert_eq!(of_email("Alice@EXAMPLE.com"), of_email("alice@example.com"));
        assert_ne!(of_email("bob@example.com"), of_email("alice@example.com"));
        assert!(!of_email("alice@example.com").contains("alice"));
        let of_ip = |text: &str| key(RateClass::SignUp, Subject::Address(ClientIp::new(text.parse().unwrap())));
        assert_eq!(of_ip("::ffff:192.0.2.1"), "sign_up:address:192.0.2.1");
        assert_eq!(of_ip("2001:db8::1"), of_ip("2001:db8::ffff:2"));
        assert_ne!(of_ip("2001:db8:0:1::1"), of_ip("2001:db8::1"));
        let alice = email("alice@example.com");
        let device = DeviceCookie::signed_in(None, &alice, &PasswordHash::new("hash".into()));
        let on_device = key(RateClass::SignIn, Subject::Device(&device, &alice));
        assert!(on_device != of_email("alice@example.com") && on_device.len() <= 400, "{on_device}");
    }
}
