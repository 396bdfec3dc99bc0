//! Says why nobody signs in through a provider.

use crate::{
    auth::{
        SignUpChoice, SignUpRefusal,
        oauth::provider::{http_client::HttpError, id_token::IdTokenError, loggable::loggable},
    },
    store::StoreError,
};

/// Describes why a discovery document is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    #[error("its discovery document is of the issuer {found}, and gateway.yaml names {configured}{hint}")]
    Issuer { found: String, configured: String, hint: &'static str },
    #[error("its discovery document names no issuer, and gateway.yaml names {configured}")]
    NoIssuer { configured: String },
    #[error("its discovery document has no {0}, or one that is no https URL")]
    Endpoint(&'static str),
}

/// Describes why a provider does not tell who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider is down, slow, overrun, or talking nonsense.
    #[error("its {what} is of no use now")]
    Unavailable { what: &'static str, source: HttpError },
    /// The discovery document contradicts the configuration.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// It said no to the code or the refresh token, with its own word for it.
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("the id token does not hold")]
    IdToken(#[from] IdTokenError),
    #[error("the token response has no id token; is openid among the scopes?")]
    NoIdToken,
    #[error("userinfo is about another subject than the id token")]
    OtherSubject,
    #[error("the provider told nothing to know somebody by")]
    NoProfile,
}

impl ProviderError {
    /// Returns the constructor of an error that names what could not be had.
    pub(crate) fn unavailable(what: &'static str) -> impl Fn(HttpError) -> Self {
        move |source| Self::Unavailable { what, source }
    }
}

/// Lists the errors of all flows; `api::error` has a status and a word for each.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    #[error("no such provider is configured")]
    UnknownProvider,
    #[error("the provider has no id tokens")]
    NoIdTokens,
    #[error("the callback names no flow")]
    StateNotFound,
    /// Means that the state is unknown, expired, finished, of another provider or of another browser.
    #[error("the callback is of no flow of this browser and provider")]
    StateMismatch,
    #[error("the callback is of the issuer {found}, expected is {expected}")]
    IssuerMismatch { found: String, expected: String },
    #[error("the callback has no code")]
    NoCode,
    #[error("the provider sends an error: {}", .0.said)]
    Denied(Denied),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("the provider tells no address that can own an account")]
    EmailNotFound,
    #[error("nobody has proved the address")]
    EmailNotVerified,
    /// The account is there, and a mail is on its way to the address. The browser keeps what makes the identity count
    /// once it proves the address.
    #[error("the address is to be proved by mail")]
    AwaitsProof(Box<SignUpChoice>),
    /// The address is somebody's, and one of the two sides has not proved it.
    #[error("the address has an account that may not be linked")]
    AccountNotLinked,
    /// There is no account yet, and there may be none.
    #[error(transparent)]
    SignUpRefused(#[from] SignUpRefusal),
    #[error("the user is banned")]
    Banned,
    #[error("the identity is linked to another user")]
    LinkedToOther,
    #[error("the identity has another address than the user")]
    EmailMismatch,
    /// The session that began it is gone, or another user's is there.
    #[error("who began to link is not who came back")]
    UnableToLink,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Describes why there is no token for the provider's own API.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Means that it is not there, or is somebody else's.
    #[error("the user has no such account")]
    UnknownAccount,
    /// Means that it is a password, or a provider that is not configured any more.
    #[error("the account is of no configured provider")]
    NoProvider,
    #[error("no token is stored")]
    NoToken,
    #[error("no refresh token is stored")]
    NoRefreshToken,
    #[error("at the provider {provider}")]
    Provider { provider: String, source: ProviderError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenError {
    pub(crate) fn at(provider: &str, source: ProviderError) -> Self {
        Self::Provider { provider: provider.to_owned(), source }
    }
}

/// Holds what a provider says in place of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Is a known word, since it goes on to the frontend (REDIR-04).
    word: &'static str,
    /// Is the word as it came, for the log.
    said: String,
}

impl Denied {
    /// Lists the words of RFC 6749 §4.1.2.1, `OpenID` Connect Core §3.1.2.6 and Apple.
    const KNOWN: [&'static str; 12] = [
        "access_denied",
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "user_cancelled_authorize",
    ];

    pub(crate) fn parse(text: &str) -> Self {
        let word = Self::KNOWN.into_iter().find(|known| *known == text).unwrap_or("invalid_callback_request");
        Self { word, said: loggable(text) }
    }

    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.word
    }

    /// Tells whether the user said no, or was to do something first: nothing that an operator could put right.
    #[must_use]
    pub fn is_by_user(&self) -> bool {
        self.word == "access_denied" || self.word == "user_cancelled_authorize" || self.word.ends_with("_required")
    }
}
