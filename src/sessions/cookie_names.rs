//! Tells the gateway's own cookies from those of the apps behind it.

use crate::{language::LANGUAGE_COOKIE, sessions::BetterAuthCookies};

/// Names the gateway's own cookies in full.
#[derive(Debug, Clone, Copy)]
pub struct CookieNames<'a> {
    /// Lists those of which a browser has one each.
    pub single: [&'a str; 9],
    /// Begins the name of every cookie that keeps one of several sessions.
    pub device_session_prefix: &'a str,
    /// Names those of better-auth's that ours take the place of.
    pub better_auth: Option<&'a BetterAuthCookies>,
}

impl CookieNames<'_> {
    /// Tells whether a cookie of this name is the gateway's alone, with any prefix: a browser may hold those from when the
    /// gateway had https, or a domain, or neither. No upstream sees it.
    #[must_use]
    pub fn contains(&self, name: &[u8]) -> bool {
        let name = bare(name);
        self.single.iter().any(|own| name == bare(own.as_bytes()))
            || name.starts_with(bare(self.device_session_prefix.as_bytes()))
            || self.better_auth.is_some_and(|cookies| cookies.contains(name))
    }

    /// Tells whether no upstream may set a cookie of this name, in any case. Beside those it is the one that keeps the
    /// language which somebody chose: apps may read it, to speak the same.
    #[must_use]
    pub fn forbids_setting(&self, name: &[u8]) -> bool {
        let (name, prefix) = (bare(name), bare(self.device_session_prefix.as_bytes()));
        name.eq_ignore_ascii_case(LANGUAGE_COOKIE.as_bytes())
            || self.single.iter().any(|own| name.eq_ignore_ascii_case(bare(own.as_bytes())))
            || name.split_at_checked(prefix.len()).is_some_and(|(begin, _)| begin.eq_ignore_ascii_case(prefix))
            || self.better_auth.is_some_and(|cookies| cookies.contains_in_any_case(name))
    }
}

/// Returns a name without `__Host-` and the like, which browsers know in any case.
fn bare(mut name: &[u8]) -> &[u8] {
    // Nearly all names have no prefix, and this is asked for each cookie of every request.
    while name.starts_with(b"__") {
        let prefixes = ["__Host-Http-", "__Host-", "__Secure-", "__Http-"];
        let Some(rest) = prefixes.iter().find_map(|prefix| strip_prefix(name, prefix)) else { break };
        name = rest;
    }
    name
}

fn strip_prefix<'n>(name: &'n [u8], prefix: &str) -> Option<&'n [u8]> {
    let (begin, rest) = name.split_at_checked(prefix.len())?;
    begin.eq_ignore_ascii_case(prefix.as_bytes()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_ours_take_the_place_of_are_ours_too() {
        let cookies = BetterAuthCookies::new(&[], BetterAuthCookies::DEFAULT_PREFIX, None);
        let names = |better_auth| CookieNames { single: ["sid"; 9], device_session_prefix: "multi-", better_auth };
        for name in ["better-auth.session_token", "__Secure-better-auth.session_data"] {
            assert!(names(Some(&cookies)).contains(name.as_bytes()), "{name}");
            assert!(names(Some(&cookies)).forbids_setting(name.to_ascii_uppercase().as_bytes()), "{name}");
            assert!(!names(None).contains(name.as_bytes()) && !names(None).forbids_setting(name.as_bytes()));
        }
    }

    #[test]
    fn our_names_are_ours_with_any_prefix() {
        let own = |prefix: &str| {
            let single = ["sid", "dev", "oauth", "sign_up", "two_factor", "trusted", "passkey", "admin", "form"];
            (single.map(|name| format!("{prefix}{name}")), format!("{prefix}multi-"))
        };
        for prefix in ["", "__Host-", "__Secure-"] {
            let (single, multi) = own(prefix);
            let single = single.each_ref().map(String::as_str);
            let names = CookieNames { single, device_session_prefix: &multi, better_auth: None };
            for ours in
                ["sid", "__Host-sid", "__Secure-sid", "__host-dev", "__Host-Http-passkey", "__Http-multi-1", "form"]
            {
                assert!(names.contains(ours.as_bytes()), "{prefix} {ours}");
                assert!(names.forbids_setting(ours.as_bytes()), "{prefix} {ours}");
            }
            for theirs in ["", "__Host-", "__sid", "__Host-sidx", "xsid", "__Other-sid", "multi", "a-multi-1"] {
                assert!(!names.forbids_setting(theirs.as_bytes()), "{prefix} {theirs}");
                assert!(!names.contains(theirs.as_bytes()), "{prefix} {theirs}");
            }
            for unset in ["SID", "__Host-Multi-1", "authgate_language", "__Host-Authgate_Language"] {
                assert!(!names.contains(unset.as_bytes()) && names.forbids_setting(unset.as_bytes()), "{unset}");
            }
        }
    }
}
