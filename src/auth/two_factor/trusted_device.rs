//! Reads and writes the cookie of trusted devices: a token for each account that the browser was trusted with, newest
//! first. A token that a client sends is looked up and never adopted.

use http::HeaderMap;

use crate::{
    sessions::{CookieSettings, credential::cookies},
    types::TrustedDeviceToken,
};

/// Limits the accounts that a browser is trusted with; the oldest is forgotten.
const MAX_ACCOUNTS: usize = 5;
/// Stands between two tokens, which cannot have it.
const SEPARATOR: char = '.';

/// Returns the tokens that a request presents.
#[must_use]
pub fn presented_trusted_devices(headers: &HeaderMap, settings: &CookieSettings) -> Vec<TrustedDeviceToken> {
    let values = cookies(headers, settings.trusted_device_name()).filter_map(|value| std::str::from_utf8(value).ok());
    let tokens = values.flat_map(|value| value.split(SEPARATOR));
    tokens.filter_map(|token| TrustedDeviceToken::parse(token).ok()).take(MAX_ACCOUNTS).collect()
}

/// Returns the cookie's value after the browser was trusted once more.
#[must_use]
pub fn trusted_devices_value(new: &TrustedDeviceToken, presented: &[TrustedDeviceToken]) -> String {
    let tokens = [new].into_iter().chain(presented).take(MAX_ACCOUNTS).map(TrustedDeviceToken::expose);
    tokens.collect::<Vec<_>>().join(&SEPARATOR.to_string())
}
