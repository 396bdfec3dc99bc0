//! Says who sends a request: what the edge measured of it, and the credential it carries.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Problem, origin_check::trusted_page},
    auth::{
        Auth, Client, DeviceCookie, DeviceSessionCookie, Flow, SignUpChoice, presented_challenge,
        presented_device_sessions, presented_passkey_challenge, presented_trusted_devices,
    },
    sessions::credential::{Presented, presented},
    types::{
        AcceptedCredentials, ChallengeToken, ClientIp, Origin, PasskeyChallengeToken, RequestId, SessionToken,
        TrustedDeviceToken,
    },
};

/// Holds what the edge knows of a request; whoever calls the router puts it into the request's extensions.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub request_id: RequestId,
    pub client_ip: ClientIp,
    pub now: OffsetDateTime,
    /// Is cancelled when the client goes away before its response.
    pub gone: CancellationToken,
}

/// Says that the edge put no [`RequestContext`] into the request.
#[derive(Debug, thiserror::Error)]
#[error("the request reached the auth API without its context")]
struct NoContext;

/// Marks a request for the head of a response alone: nothing may change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadOnly;

/// Extracts everything about a request but its body.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    /// Is in whole milliseconds, as times are stored and shown.
    pub(crate) now: OffsetDateTime,
    pub(crate) presented: Presented,
    /// Says where the browser signed in before; it counts its attempts and says nothing about who is asking.
    pub(crate) device: Option<DeviceCookie>,
    /// Spare the browser the second factor of the accounts that it was trusted with.
    pub(crate) trusted_devices: Vec<TrustedDeviceToken>,
    /// Names the sign-in that waits for a second factor in this browser.
    pub(crate) challenge: Option<ChallengeToken>,
    /// Holds the sessions that the browser claims to keep, where it keeps several.
    pub(crate) device_session_cookies: Vec<DeviceSessionCookie>,
    /// Names what the browser's authenticator was asked.
    pub(crate) passkey_challenge: Option<PasskeyChallengeToken>,
    /// Is what the browser chose when it signed somebody up.
    pub(crate) sign_up: Option<SignUpChoice>,
    /// Is the origin of the page that asks, where it is trusted.
    pub(crate) page: Option<Origin>,
    /// Tells whether only the head of a response is asked for.
    pub(crate) is_head: bool,
}

impl Caller {
    /// Returns what the flow of this request receives.
    pub(crate) fn flow<'a>(&'a self, auth: &'a Auth) -> Flow<'a> {
        Flow { auth, client: &self.client, now: self.now, device_session_cookies: &self.device_session_cookies }
    }

    /// Returns the session's token, whichever way it came. A malformed one is never looked up (DOS-07). A JSON Web Token
    /// is none: backends get to see it, and whoever holds it reads who its user is and changes nothing (JWT-02).
    pub(crate) fn token(&self) -> Option<&SessionToken> {
        match &self.presented {
            Presented::Cookie(token) | Presented::Bearer(token) => Some(token),
            Presented::None
            | Presented::Jwt(_)
            | Presented::ApiKey(_)
            | Presented::MalformedApiKey
            | Presented::MalformedCookie
            | Presented::MalformedBearer => None,
        }
    }

    /// Returns the token of the session that the browser presents. A bearer token is kept by no browser.
    pub(crate) fn cookie_token(&self) -> Option<&SessionToken> {
        match &self.presented {
            Presented::Cookie(token) => Some(token),
            Presented::None
            | Presented::Bearer(_)
            | Presented::Jwt(_)
            | Presented::ApiKey(_)
            | Presented::MalformedApiKey
            | Presented::MalformedCookie
            | Presented::MalformedBearer => None,
        }
    }

    /// Logs why something could not be read, for pages that tell it in words of their own.
    pub(crate) fn log(&self, problem: &Problem) {
        problem.log(Some(&self.client.request_id));
    }

    /// Leaves out who is asking.
    pub(crate) fn forget(&mut self) {
        self.presented = Presented::None;
    }
}

impl FromRequestParts<Arc<Auth>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        let context = parts.extensions.get::<RequestContext>().ok_or_else(|| Problem::internal(NoContext))?;
        let client = Client {
            gone: context.gone.clone(),
            ..Client::new(context.client_ip, &context.request_id, &parts.headers)
        };
        let presented = presented(&parts.headers, &auth.settings.cookie, AcceptedCredentials::ALL);
        let device = DeviceCookie::presented(&parts.headers, &auth.settings.cookie, &auth.devices);
        let trusted_devices = presented_trusted_devices(&parts.headers, &auth.settings.cookie);
        let challenge = presented_challenge(&parts.headers, &auth.settings.cookie);
        let device_session_cookies = match auth.settings.multi_session {
            Some(_) => presented_device_sessions(&parts.headers, &auth.settings.cookie),
            None => Vec::new(),
        };
        let passkey_challenge = presented_passkey_challenge(&parts.headers, &auth.settings.cookie);
        let now = whole_milliseconds(context.now);
        let sign_up = SignUpChoice::presented(&parts.headers, &auth.settings.cookie, &auth.sign_ups, now);
        let page = trusted_page(&parts.headers, &auth.settings.trusted_origins);
        let is_head = parts.extensions.get::<HeadOnly>().is_some();
        Ok(Self {
            client,
            now,
            presented,
            device,
            trusted_devices,
            challenge,
            device_session_cookies,
            passkey_challenge,
            sign_up,
            page,
            is_head,
        })
    }
}

fn whole_milliseconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_millisecond(time.millisecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_are_cut_to_milliseconds() {
        let time = datetime!(2026-11-27 19:15:31.330_999_9 UTC);
        assert_eq!(whole_milliseconds(time), datetime!(2026-11-27 19:15:31.330 UTC));
    }
}
