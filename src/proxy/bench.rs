//! What the benches (benches/) need of this room. Only in builds with the feature `bench`.

use std::net::IpAddr;

use http::HeaderMap;
pub use pingora::http::RequestHeader;

use crate::{
    proxy::{
        identity::headers::{IdentityNames, Outgoing, rewrite},
        request::forwarded::Forwarded,
        settings::IdentityPreset,
    },
    types::{ActiveSession, Credential, RequestId},
};

/// A request with these fields.
///
/// # Panics
/// When a field cannot be sent.
#[must_use]
pub fn request(fields: &HeaderMap) -> RequestHeader {
    let mut request = RequestHeader::build("GET", b"/", None).expect("a request");
    for (name, value) in fields {
        request.append_header(name, value).expect("a field");
    }
    request
}

/// What is known when the fields of a request are turned into those of its upstream.
#[derive(Debug)]
pub struct HeaderFilter {
    names: IdentityNames,
    session: ActiveSession,
    forwarded: Forwarded,
    request_id: RequestId,
    cookie_names: [&'static str; 4],
}

impl HeaderFilter {
    /// Of a request with these fields that `session`'s cookie came with.
    #[must_use]
    pub fn new(session: ActiveSession, fields: &HeaderMap, cookie_names: [&'static str; 4]) -> Self {
        Self {
            names: IdentityNames::new(IdentityPreset::XUser, None),
            session,
            forwarded: Forwarded::from_headers(IpAddr::from([192, 0, 2, 1]), fields, (&[], &|_| false), "https"),
            request_id: RequestId::generate(),
            cookie_names,
        }
    }

    /// Turns the client's fields into the upstream's, as for every request that is forwarded.
    ///
    /// # Panics
    /// When the rewriting fails, which no client may bring about.
    pub fn rewrite(&self, request: &mut RequestHeader) {
        let outgoing = Outgoing {
            names: &self.names,
            identity: Some((&self.session, Credential::Cookie)),
            assertion: None,
            forwarded: &self.forwarded,
            request_id: &self.request_id,
            cookie_names: self.cookie_names,
        };
        rewrite(request, &outgoing).expect("every request can be rewritten");
    }
}
