//! Tells which of a client's fields go no further, because of what servers behind take them for (HDR-02, HDR-07,
//! HDR-08, HDR-15).

use std::borrow::Cow;

use http::HeaderName;

/// Lists prefixes and names that only this gateway may fill, or that could lead a server behind to another decision.
/// They stop here whoever sends them and whatever preset is configured, so that switching presets never opens a gap.
const OWN_PREFIXES: [&str; 4] = ["remote-", "x-auth-request-", "x-forwarded-", "x-user-"];
const OWN_NAMES: [&str; 20] = [
    "forwarded",
    "proxy-authorization",
    "x-api-key-id",
    "x-auth-method",
    "x-client-ip",
    "x-http-method",
    "x-http-method-override",
    "x-identity-assertion",
    "x-impersonated-by",
    "x-method-override",
    "x-org-id",
    "x-org-role",
    "x-org-slug",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-real-ip",
    "x-request-id",
    "x-rewrite-url",
];
const SESSION_ID: &str = "x-session-id";
/// All of these begin with one of these letters.
const OWN_INITIALS: [char; 4] = ['f', 'p', 'r', 'x'];

/// These are the names by which else proxies, content delivery networks and platforms tell applications the client's
/// address, the outer host and scheme, or who was recognised. A trusted proxy's pass, a stranger's do not. They are
/// sorted, and none begins another.
const PROXY_PREFIXES: [&str; 22] = [
    "fly-forwarded-",
    "oidc-claim-",
    "ssl-client-",
    "tailscale-user-",
    "x-amzn-mtls-",
    "x-amzn-oidc-",
    "x-appengine-",
    "x-authenticated-",
    "x-authentik-",
    "x-envoy-original-",
    "x-goog-authenticated-user-",
    "x-goog-iap-",
    "x-ms-client-principal",
    "x-ms-token-",
    "x-original-",
    "x-pomerium-",
    "x-proxyuser-",
    "x-remote-",
    "x-ssl-client-",
    "x-vercel-forwarded-",
    "x-vouch-",
    "x-webauth-",
];
const PROXY_NAMES: [&str; 78] = [
    "akamai-client-ip",
    "ali-cdn-real-ip",
    "cdn-src-ip",
    "cf-access-authenticated-user-email",
    "cf-access-jwt-assertion",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-connecting-o2o",
    "cf-pseudo-ipv4",
    "cf-visitor",
    "client-cert",
    "client-cert-chain",
    "client-ip",
    "cloudfront-forwarded-proto",
    "cloudfront-viewer-address",
    "do-connecting-ip",
    "fastly-client-ip",
    "fastly-ssl",
    "fly-client-ip",
    "forwarded-for",
    "forwarded-for-ip",
    "forwarded-host",
    "forwarded-proto",
    "front-end-https",
    "http-client-ip",
    "http-x-forwarded-for",
    "impersonate-user",
    "incap-client-ip",
    "proxy-client-ip",
    "source-ip",
    "true-client-ip",
    "wl-proxy-client-ip",
    "wl-proxy-ssl",
    "x-apigateway-api-userinfo",
    "x-arr-clientcert",
    "x-arr-ssl",
    "x-auth-email",
    "x-auth-groups",
    "x-auth-roles",
    "x-auth-user",
    "x-auth-username",
    "x-azure-clientip",
    "x-azure-fdid",
    "x-azure-socketip",
    "x-client-addr",
    "x-client-address",
    "x-client-cert",
    "x-client-dn",
    "x-client-verify",
    "x-clientip",
    "x-cluster-client-ip",
    "x-consumer-custom-id",
    "x-consumer-groups",
    "x-consumer-id",
    "x-consumer-username",
    "x-credential-identifier",
    "x-custom-ip-authorization",
    "x-endpoint-api-userinfo",
    "x-envoy-external-address",
    "x-forward-for",
    "x-forwarded",
    "x-host",
    "x-http-host-override",
    "x-jwt-assertion",
    "x-nf-client-connection-ip",
    "x-originating-ip",
    "x-proxy-user",
    "x-real-client-ip",
    "x-real-host",
    "x-real-port",
    "x-scheme",
    "x-sucuri-clientip",
    "x-true-client-ip",
    "x-true-ip",
    "x-url-scheme",
    "x-user",
    "x-vercel-proxied-for",
    "x-waf-ip",
];

/// Tells whether a field of this (lower-case) name goes no further, whoever sent it. Names with `_` are dropped
/// altogether, since CGI-like servers could fold any of them into another (HDR-02); so is another spelling of a field
/// that means something to HTTP (`transfer.encoding`).
pub(crate) fn is_removed(name: &str) -> bool {
    if name.contains('_') {
        return true;
    }
    let canonical = canonical(name);
    if let Cow::Owned(folded) = &canonical
        && means_something_to_http(folded)
    {
        return true;
    }
    // Most of what browsers send begins otherwise.
    canonical.starts_with(OWN_INITIALS)
        && (canonical == SESSION_ID
            || OWN_NAMES.contains(&&*canonical)
            || OWN_PREFIXES.iter().any(|prefix| canonical.starts_with(prefix)))
}

/// Tells whether a field of this (lower-case) name is a proxy's to send.
pub(crate) fn is_of_proxies(name: &str) -> bool {
    let canonical = canonical(name);
    let name = &*canonical;
    // The last prefix that does not come after the name is the only one that can begin it.
    let before = PROXY_PREFIXES.partition_point(|prefix| *prefix <= name);
    let has_prefix = before.checked_sub(1).is_some_and(|at| name.starts_with(PROXY_PREFIXES[at]));
    has_prefix || PROXY_NAMES.binary_search(&name).is_ok()
}

/// Folds a name as CGI-like servers read it: whatever is neither letter nor digit is one character to them.
pub(crate) fn canonical(name: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if name.bytes().all(is_plain) {
        return name.into();
    }
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect::<String>().into()
}

/// Tells whether a header has a meaning to HTTP, to browsers or to this gateway, so that nothing else can be put into
/// it.
#[must_use]
pub fn is_own_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    means_something_to_http(name) || (is_removed(name) && name != "x-identity-assertion")
}

/// Tells whether a header can carry an additional field of users: one of an application's own names, or one beside
/// those of `X-User-` that the gateway fills.
#[must_use]
pub fn is_free_for_field(name: &HeaderName) -> bool {
    const OF_USERS: [&str; 5] = ["email", "email-verified", "id", "name", "roles"];
    let name = name.as_str();
    let is_beside = name.strip_prefix("x-user-").is_some_and(|rest| !rest.is_empty() && !OF_USERS.contains(&rest));
    name.starts_with("x-")
        && name.len() > 2
        && name != "x-api-key"
        && !means_something_to_http(name)
        && !is_of_proxies(name)
        && (is_beside || !is_removed(name))
}

fn means_something_to_http(name: &str) -> bool {
    const TAKEN: [&str; 26] = [
        "accept",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "date",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "proxy-authenticate",
        "proxy-connection",
        "range",
        "referer",
        "server",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "vary",
        "via",
    ];
    TAKEN.contains(&name) || ["sec-", "if-", "access-control-"].iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_ours_begins_with_one_of_the_initials() {
        for name in OWN_NAMES.iter().chain(&OWN_PREFIXES).chain([&SESSION_ID]) {
            assert!(name.starts_with(OWN_INITIALS), "{name}");
        }
    }

    #[test]
    fn removes_every_spelling_that_some_server_could_believe() {
        for name in [
            "x-user-id",
            "X-User-Id",
            "x_user_id",
            "x-user_id",
            "x.user.id",
            "x!user'id",
            "x-user-roles",
            "remote-user",
            "x-auth-request-user",
            "x-session-id",
            "x_impersonated_by",
            "x-auth-method",
            "x-real-ip",
            "forwarded",
            "x-forwarded-uri",
            "x-forwarded-ssl",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "x-identity-assertion",
            "x.identity.assertion",
            "my_app",
            "transfer_encoding",
            "transfer.encoding",
            "transfer~encoding",
            "content.length",
            "content_length",
            "sec.fetch.site",
        ] {
            assert!(is_removed(&name.to_ascii_lowercase()), "{name}");
        }
        for name in ["x-org-id", "x.org.role", "x-org-slug", "x-api-key-id"] {
            assert!(is_removed(name), "{name}");
        }
        for name in ["accept", "x-app", "user-agent", "x-userid", "content-type", "transfer-encoding", "x.app", "x!app"]
        {
            assert!(!is_removed(name), "{name}");
        }
    }

    #[test]
    fn knows_what_proxies_say() {
        assert!(PROXY_NAMES.is_sorted() && PROXY_PREFIXES.is_sorted());
        assert!(PROXY_PREFIXES.windows(2).all(|pair| !pair[1].starts_with(pair[0])));
        for name in PROXY_NAMES.into_iter().chain([
            "x-original-forwarded-for",
            "x-original-anything",
            "x-ms-client-principal",
            "x-ms-client-principal-name",
            "x-appengine-user-ip",
            "x-remote-user",
            "x-proxyuser-ip",
            "x-forwarded",
            "true.client.ip",
            "cf.connecting.ip",
        ]) {
            assert!(is_of_proxies(name), "{name}");
        }
        for name in [
            "accept",
            "x-origin",
            "x-app",
            "x-client-id",
            "x-client-version",
            "x-remote",
            "x-webhook-signature",
            "x-ms-version",
            "cf-ray",
            "cf-ipcountry",
            "x-authorization",
            "x-consumer-tier",
            "x-auth-token",
            "x-api-key",
        ] {
            assert!(!is_of_proxies(name), "{name}");
        }
    }

    #[test]
    fn fields_take_no_name_that_says_something_already() {
        for (name, expected) in [
            ("X-User-Company", true),
            ("X-Company", true),
            ("X-User-Id", false),
            ("X-User-Email", false),
            ("X-User-Email-Verified", false),
            ("X-User-Name", false),
            ("X-User-Roles", false),
            ("X-User-", false),
            ("X-", false),
            ("Company", false),
            ("Authorization", false),
            ("Cookie", false),
            ("Accept-Language", false),
            ("X-Session-Id", false),
            ("X-Auth-Method", false),
            ("X-Org-Id", false),
            ("X-Api-Key", false),
            ("X-Api-Key-Id", false),
            ("X-Request-Id", false),
            ("X-Forwarded-User", false),
            ("X-Auth-Request-Company", false),
            ("X-Identity-Assertion", false),
            ("X-Real-Ip", false),
            ("X-Remote-User", false),
            ("X-Original-Url", false),
            ("X-User_Company", false),
            ("X-User.Id", false),
            ("Transfer-Encoding", false),
            ("Connection", false),
            ("Remote-User", false),
        ] {
            assert_eq!(is_free_for_field(&name.parse().unwrap()), expected, "{name}");
        }
    }

    #[test]
    fn headers_with_a_meaning_are_not_to_be_named() {
        for (name, expected) in [
            ("X-Identity-Assertion", false),
            ("X-App-Token", false),
            ("Authorization", true),
            ("X-User-Id", true),
            ("X-Forwarded-Proof", true),
            ("Remote-Token", true),
            ("X-Request-Id", true),
            ("Sec-Token", true),
            ("Cookie", true),
        ] {
            assert_eq!(is_own_header(&name.parse().unwrap()), expected, "{name}");
        }
    }
}
