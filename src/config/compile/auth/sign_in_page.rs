//! Checks `auth.sign_in_page` against the routes: a page that needs a session itself, or more of one, sends browsers round
//! in circles.

use http::Method;
use url::Url;

use crate::{
    config::source::{path::KeyPath, report::Report},
    routing::{Access, CanonicalPath, OnUnauthenticated, Routes},
    types::{PublicUrl, without_port},
};

/// Reports a page of the gateway's own hosts whose route sends whoever has no session to that same page. A page that no
/// route covers is left alone: behind another proxy that asks by forward-auth, it may be served elsewhere.
pub(crate) fn check(page: &str, public_url: &PublicUrl, hosts: &[String], routes: &Routes, report: &mut Report<'_>) {
    let Some(url) = Url::parse(public_url.origin().as_str()).ok().and_then(|base| base.join(page).ok()) else { return };
    let is_relative = page.starts_with('/');
    let authority = url.port().map_or_else(
        || url.host_str().unwrap_or_default().to_owned(),
        |port| format!("{}:{port}", url.host_str().unwrap_or_default()),
    );
    if !is_relative && !hosts.contains(&authority) {
        return;
    }
    let Ok(path) = CanonicalPath::parse(url.path()) else { return };
    // A path is looked for on the host that the request came to.
    let asked = hosts.iter().filter(|host| is_relative || **host == authority);
    let circular = asked.map(|host| without_port(host)).find_map(|host| {
        let route = routes.get(routes.find(host, &path, &Method::GET)?);
        let is_circular = match route.access {
            Access::Public => false,
            Access::Required { .. } => route.on_unauthenticated == OnUnauthenticated::Auto,
            // The page is closed to users who have to prove more, by a redirect or without.
            Access::Optional => !route.require.two_factor_roles.is_empty(),
        };
        is_circular.then_some(route)
    });
    if let Some(route) = circular {
        report.at(
            &KeyPath::from_keys(&["auth", "sign_in_page"]),
            match route.access {
                Access::Optional => format!(
                    "the route {:?} covers the page and is closed to users who have to prove a second factor \
                     (auth.two_factor.required_for_roles); put a route with access: public before it",
                    route.name
                ),
                Access::Public | Access::Required { .. } => format!(
                    "the route {:?} covers the page and needs a session itself, so browsers would be sent there for \
                     ever; put a route with access: public before it",
                    route.name
                ),
            },
        );
    }
}
