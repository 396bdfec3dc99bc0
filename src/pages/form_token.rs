//! Proves that a form was sent from a page that this browser was shown (CSRF-03, CSRF-05): a cookie that only the browser has,
//! and in each form the cookie's hash under the gateway's key. It keeps strangers from signing a browser in, too, where
//! there is no session yet.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, header};

use crate::crypto::Mac;

/// Names what the keys of form tokens are derived for.
pub const FORM_PURPOSE: &str = "page forms";
const NAME: &str = "authgate_form";
const BYTES: usize = 32;

/// Holds what the browser keeps between a form and its submission.
#[derive(Clone)]
pub(crate) struct FormCookie {
    value: String,
    is_new: bool,
}

impl FormCookie {
    /// Returns the browser's cookie, or a new one.
    pub(crate) fn from_headers(headers: &HeaderMap, is_secure: bool) -> Self {
        let name = name(is_secure);
        let presented = cookie(headers, &name)
            .filter(|value| URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == BYTES));
        if let Some(value) = presented {
            return Self { value: value.to_owned(), is_new: false };
        }
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the system has randomness");
        Self { value: URL_SAFE_NO_PAD.encode(bytes), is_new: true }
    }

    /// Returns what the hidden field of each form holds.
    pub(crate) fn token(&self, mac: &Mac) -> String {
        URL_SAFE_NO_PAD.encode(mac.make(&self.value))
    }

    /// Tells whether a form came from a page that this browser was shown.
    pub(crate) fn verifies(&self, token: &str, mac: &Mac) -> bool {
        !self.is_new && URL_SAFE_NO_PAD.decode(token).is_ok_and(|hash| mac.verifies(&self.value, &hash))
    }

    /// Returns the `Set-Cookie` line of one that the browser does not have yet.
    pub(crate) fn set_cookie(&self, is_secure: bool) -> Option<String> {
        if !self.is_new {
            return None;
        }
        let mut line = format!("{}={}; Path=/; HttpOnly; SameSite=Lax", name(is_secure), self.value);
        if is_secure {
            let _ = write!(line, "; Secure");
        }
        Some(line)
    }
}

/// The prefix keeps other hosts of the domain from setting one that they know.
fn name(is_secure: bool) -> String {
    if is_secure { format!("__Host-{NAME}") } else { NAME.to_owned() }
}

/// Returns a cookie's value.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}
