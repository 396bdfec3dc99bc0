//! Describes what a row of `auth.verifications` tells the flow that spends it, as JSON. The purpose of a row says which kind it
//! holds. Rows outlive a version of the gateway and two versions run side by side during a hand-over: a field may be
//! added where it is optional, and none may change.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    store::verifications::purpose::Purpose,
    types::{Email, SessionId},
};

/// Is the payload of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Payload {
    Link(Link),
    EmailChange(EmailChange),
    OauthState(OauthState),
    MagicLink(MagicLink),
    PasskeyChallenge(PasskeyChallenge),
}

/// Describes a link that proves an address, sets a password or deletes an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Link {
    /// It leads here in the end, as it was asked for. This is to be checked against today's configuration.
    #[serde(rename = "callbackURL", skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

/// Describes a change of address that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailChange {
    pub from: Email,
    pub to: Email,
    /// Is the session that asked.
    pub session_id: SessionId,
    /// The link leads here in the end, as it was asked for. This is to be checked against today's configuration.
    #[serde(rename = "callbackURL", skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

/// Describes a link that signs in, or up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MagicLink {
    pub email: Email,
    /// Is the name of a new account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The link leads here in the end, as it was asked for. These are to be checked against today's configuration.
    #[serde(rename = "callbackURL", skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    #[serde(rename = "newUserCallbackURL", skip_serializing_if = "Option::is_none")]
    pub new_user_callback_url: Option<String>,
    #[serde(rename = "errorCallbackURL", skip_serializing_if = "Option::is_none")]
    pub error_callback_url: Option<String>,
}

/// Describes an authorization request that has not come back from its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthState {
    /// This is to be known when it does, sealed, in base64.
    pub sealed: String,
}

/// Describes what an authenticator was asked. It is over after minutes, and nobody misses one that the next version of the
/// gateway cannot read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyChallenge {
    /// Is the library's own state, with the challenge.
    pub state: Value,
    /// Is the session that asked, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Is the name that a new passkey is to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Payload {
    /// Returns the payload of a link that leads nowhere but to the gateway's own page.
    #[must_use]
    pub fn empty() -> Self {
        Self::Link(Link::default())
    }

    /// Returns the payload of a link, and where it leads in the end.
    #[must_use]
    pub fn link(callback_url: Option<&str>) -> Self {
        Self::Link(Link { callback_url: callback_url.map(str::to_owned) })
    }

    /// Reads the payload of a row of this purpose. `None` where no version of the gateway wrote it.
    pub(super) fn parse(purpose: Purpose, json: Value) -> Option<Self> {
        match purpose {
            Purpose::VerifyEmail
            | Purpose::ResetPassword
            | Purpose::DeleteUser
            | Purpose::FailedSignIns
            | Purpose::AccountExists
            | Purpose::Invitation
            | Purpose::OrganizationInvitation
            | Purpose::TwoFactorCode
            | Purpose::SignInCode
            | Purpose::VerifyEmailCode
            | Purpose::ResetPasswordCode => serde_json::from_value(json).ok().map(Self::Link),
            Purpose::ChangeEmail | Purpose::ConsentEmailChange | Purpose::ChangeEmailCode => {
                serde_json::from_value(json).ok().map(Self::EmailChange)
            }
            Purpose::OauthState => serde_json::from_value(json).ok().map(Self::OauthState),
            Purpose::MagicLink => serde_json::from_value(json).ok().map(Self::MagicLink),
            Purpose::PasskeyRegistration | Purpose::PasskeySignIn => {
                serde_json::from_value(json).ok().map(Self::PasskeyChallenge)
            }
        }
    }

    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("a payload is a tree of texts")
    }

    /// Returns where the link leads in the end, as it was asked for.
    #[must_use]
    pub fn callback_url(&self) -> Option<&str> {
        match self {
            Self::Link(Link { callback_url })
            | Self::EmailChange(EmailChange { callback_url, .. })
            | Self::MagicLink(MagicLink { callback_url, .. }) => callback_url.as_deref(),
            Self::OauthState(_) | Self::PasskeyChallenge(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Lists each row as the first release wrote it: such rows are in databases that are upgraded.
    #[test]
    fn rows_of_the_first_release_are_read() {
        let change = |callback_url: Option<&str>| {
            Payload::EmailChange(EmailChange {
                from: "old@example.com".parse().unwrap(),
                to: "new@example.com".parse().unwrap(),
                session_id: "0190b3c5-7a3b-7c00-8000-000000000000".parse().unwrap(),
                callback_url: callback_url.map(str::to_owned),
            })
        };
        let stored_change = |callback_url: Value| {
            json!({
                "from": "old@example.com", "to": "new@example.com",
                "sessionId": "0190b3c5-7a3b-7c00-8000-000000000000", "callbackURL": callback_url,
            })
        };
        for (purpose, stored, expected) in [
            (Purpose::VerifyEmail, json!({ "callbackURL": "/welcome" }), Payload::link(Some("/welcome"))),
            (Purpose::VerifyEmail, json!({ "callbackURL": null }), Payload::empty()),
            (Purpose::ResetPassword, json!({ "callbackURL": "/reset" }), Payload::link(Some("/reset"))),
            (Purpose::ResetPassword, json!({}), Payload::empty()),
            (Purpose::DeleteUser, json!({ "callbackURL": "/bye" }), Payload::link(Some("/bye"))),
            (Purpose::FailedSignIns, json!({}), Payload::empty()),
            (Purpose::AccountExists, json!({}), Payload::empty()),
            (Purpose::TwoFactorCode, json!({}), Payload::empty()),
            (Purpose::Invitation, json!({}), Payload::empty()),
            (Purpose::ChangeEmail, stored_change(json!("/settings")), change(Some("/settings"))),
            (Purpose::ConsentEmailChange, stored_change(Value::Null), change(None)),
            (
                Purpose::OauthState,
                json!({ "sealed": "AUWVaQ==" }),
                Payload::OauthState(OauthState { sealed: "AUWVaQ==".to_owned() }),
            ),
        ] {
            assert_eq!(Payload::parse(purpose, stored), Some(expected.clone()), "{purpose:?}");
            assert_eq!(Payload::parse(purpose, expected.to_json()), Some(expected), "{purpose:?}");
        }
    }

    #[test]
    fn what_is_written_has_the_names_that_older_versions_read() {
        let session = "0190b3c5-7a3b-7c00-8000-000000000000";
        let change = EmailChange {
            from: "old@example.com".parse().unwrap(),
            to: "new@example.com".parse().unwrap(),
            session_id: session.parse().unwrap(),
            callback_url: Some("/settings".to_owned()),
        };
        let written = json!({
            "from": "old@example.com", "to": "new@example.com", "sessionId": session, "callbackURL": "/settings",
        });
        assert_eq!(Payload::EmailChange(change).to_json(), written);
        assert_eq!(Payload::link(Some("/welcome")).to_json(), json!({ "callbackURL": "/welcome" }));
        assert_eq!(Payload::empty().to_json(), json!({}));
        let state = OauthState { sealed: "AUWVaQ==".to_owned() };
        assert_eq!(Payload::OauthState(state).to_json(), json!({ "sealed": "AUWVaQ==" }));
    }

    #[test]
    fn what_no_version_wrote_is_none() {
        for (purpose, stored) in [
            (Purpose::VerifyEmail, json!({ "callbackURL": 1 })),
            (Purpose::VerifyEmail, Value::Null),
            (Purpose::ChangeEmail, json!({})),
            (Purpose::ChangeEmail, json!({ "from": "no address", "to": "new@example.com", "sessionId": "s" })),
            (Purpose::OauthState, json!({})),
        ] {
            assert_eq!(Payload::parse(purpose, stored), None, "{purpose:?}");
        }
    }
}
