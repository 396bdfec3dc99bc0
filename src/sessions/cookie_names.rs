//! Tells the gateway's own cookies from those of the apps behind it.

/// Names the gateway's own cookies in full.
#[derive(Debug, Clone, Copy)]
pub struct CookieNames<'a> {
    /// Lists those of which a browser has one each.
    pub single: [&'a str; 7],
    /// Begins the name of every cookie that keeps one of several sessions.
    pub device_session_prefix: &'a str,
}

impl CookieNames<'_> {
    /// Tells whether a cookie of this name is the gateway's, as it reads names itself.
    #[must_use]
    pub fn contains(&self, name: &[u8]) -> bool {
        self.single.iter().any(|own| name == own.as_bytes()) || name.starts_with(self.device_session_prefix.as_bytes())
    }

    /// Tells whether a name without `__Host-` and the like is that of one of the gateway's cookies, in any case.
    #[must_use]
    pub fn contains_bare(&self, name: &[u8]) -> bool {
        let prefix = bare(self.device_session_prefix).as_bytes();
        self.single.iter().any(|own| name.eq_ignore_ascii_case(bare(own).as_bytes()))
            || name.split_at_checked(prefix.len()).is_some_and(|(begin, _)| begin.eq_ignore_ascii_case(prefix))
    }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches("__Host-").trim_start_matches("__Secure-")
}
