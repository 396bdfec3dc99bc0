//! Tells once, with the remedy, what stands in somebody's way: pages and hosts that are rejected, and paths of the app that
//! AuthGate takes for itself.

use crate::{
    dev::console::{self, LINK, STRONG, WARNING, styled},
    types::{FirstSeen, OriginPattern},
};

/// Bounds the paths that are listed.
const MAX_PATHS: usize = 5;

/// Tells of origins that may not call.
pub(crate) fn rejected_origins() -> FirstSeen {
    FirstSeen::new(|origin| print(&rejected_origin(origin)))
}

/// Tells of hosts that are not served. `public` is the one that is.
pub(crate) fn rejected_hosts(public: &str) -> FirstSeen {
    let public = public.to_owned();
    FirstSeen::new(move |host| print(&rejected_host(host, &public)))
}

/// Tells of paths that never reach the app.
pub(crate) fn hidden_paths(paths: &[String], base_path: &str) {
    print(&hidden(paths, base_path));
}

fn print(notice: &str) {
    console::print_line(&format!("{} {notice}", styled(WARNING, "note:")));
}

fn rejected_origin(origin: &str) -> String {
    let shown = styled(STRONG, &origin.escape_debug().to_string());
    if origin == "null" {
        return format!(
            "a page with the origin {shown} may not call: it is a file or in a sandboxed frame; let a development server of \
             this machine serve it"
        );
    }
    match OriginPattern::parse(origin) {
        Ok(_) => {
            let option = styled(LINK, &format!("--trusted-origin {origin}"));
            format!("pages of {shown} may not call; if they are yours, start with {option} (auth.trusted_origins)")
        }
        Err(error) => format!("pages of {shown} may not call, and cannot be trusted: {error}"),
    }
}

fn rejected_host(host: &str, public: &str) -> String {
    let shown = styled(STRONG, &host.escape_debug().to_string());
    let option = styled(LINK, "--config");
    format!(
        "requests for the host {shown} are refused (421): come by http://{public} or any other name of this machine, or list \
         the host as server.hosts in the file of {option}"
    )
}

fn hidden(paths: &[String], base_path: &str) -> String {
    let listed =
        paths.iter().take(MAX_PATHS).map(|path| path.escape_debug().to_string()).collect::<Vec<_>>().join(", ");
    let more = match paths.len().saturating_sub(MAX_PATHS) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let option = styled(LINK, "--config");
    format!(
        "your app has {}{more}, but AuthGate itself answers everything below {base_path}: move them in your app, or set \
         auth.base_path in the file of {option}",
        styled(STRONG, &listed)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_notice_names_the_remedy() {
        for (notice, remedy) in [
            (rejected_origin("https://phone.example"), "--trusted-origin https://phone.example"),
            (rejected_origin("null"), "a development server of this machine"),
            (rejected_origin("ftp://x"), "cannot be trusted: an origin has the scheme"),
            (rejected_host("evil.example", "localhost:8080"), "come by http://localhost:8080"),
            (rejected_host("evil.example", "localhost:8080"), "server.hosts"),
            (hidden(&["/api/auth/me".to_owned()], "/api/auth"), "set auth.base_path"),
        ] {
            assert!(plain(&notice).contains(remedy), "{notice}");
        }
        let endless: Vec<String> = (0..9).map(|number| format!("/api/auth/{number}")).collect();
        let notice = plain(&hidden(&endless, "/api/auth"));
        assert!(notice.contains("/api/auth/4 and 4 more,") && !notice.contains("/api/auth/5"), "{notice}");
        let hostile = rejected_origin("\u{1b}[2Jx");
        assert!(!hostile.contains("\u{1b}[2J"), "{hostile:?}");
    }
}
