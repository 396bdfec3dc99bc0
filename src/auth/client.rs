//! Says who is on the other end of a request.

use http::{HeaderMap, header};
use tokio_util::sync::CancellationToken;

use crate::{
    language::AskedLanguage,
    store::{audit::Cause, sessions::Session},
    types::{ClientIp, RequestId, UserId},
};

/// Limits the user agents: longer ones are of no use in a list of sessions.
const USER_AGENT_BYTES: usize = 512;

/// Describes the other end, as sessions and the audit log record it.
#[derive(Debug, Clone)]
pub struct Client {
    pub ip: ClientIp,
    /// Has at most 512 bytes, without control characters.
    pub user_agent: String,
    pub request_id: RequestId,
    /// Holds the language that the request asks for.
    pub asked_language: AskedLanguage,
    /// Is the administrator who acts in the place of the session's user; the audit log names them as the actor.
    pub impersonated_by: Option<UserId>,
    /// Is cancelled when the client goes away before its response: nothing more is waited for on its behalf.
    pub gone: CancellationToken,
}

impl Client {
    /// Takes over what the edge measured, and what the request says of itself. The client is here to stay.
    #[must_use]
    pub fn new(ip: ClientIp, request_id: &RequestId, headers: &HeaderMap) -> Self {
        Self {
            ip,
            user_agent: user_agent(headers),
            request_id: request_id.clone(),
            asked_language: AskedLanguage::new(headers),
            impersonated_by: None,
            gone: CancellationToken::new(),
        }
    }
}

impl Client {
    /// Returns the same for what happens to a session in which an administrator may act: they caused it then.
    #[must_use]
    pub(crate) fn acting_in(&self, session: &Session) -> Self {
        Self { impersonated_by: session.impersonated_by.clone(), ..self.clone() }
    }

    /// Describes the request as the cause of an event.
    #[must_use]
    pub(crate) fn cause(&self) -> Cause<'_> {
        Cause::Request {
            ip: self.ip,
            user_agent: &self.user_agent,
            request_id: &self.request_id,
            by: self.impersonated_by.as_ref(),
        }
    }
}

fn user_agent(headers: &HeaderMap) -> String {
    let value = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut text: String = value.unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    text.truncate(text.floor_char_boundary(USER_AGENT_BYTES));
    text
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn user_agents_are_one_bounded_line() {
        let long = "ä".repeat(300);
        for (sent, kept) in [
            (&b"Mozilla/5.0"[..], "Mozilla/5.0"),
            (b"a\tb", "ab"),
            (b"a\xffb", "a\u{fffd}b"),
            (long.as_bytes(), &long[..512]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, HeaderValue::from_bytes(sent).unwrap());
            assert_eq!(user_agent(&headers), kept);
        }
        assert_eq!(user_agent(&HeaderMap::new()), "");
    }
}
