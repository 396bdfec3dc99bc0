//! Tells the providers apart, and where each of them is.

/// Is a path below the gateway's public URL.
pub(super) const PATH: &str = "/__dev/provider";
/// Names the gateway to the providers. It is no secret: everybody who reaches it is on this machine.
pub(crate) const CLIENT_ID: &str = "authgate-dev";
pub(crate) const CLIENT_SECRET: &str = "pretend";

/// Returns the issuer for the provider of this name.
pub(crate) fn issuer(origin: &str, name: &str) -> String {
    Protocol::of(name).issuer(origin)
}

/// Tells what a pretend provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    OpenId,
    /// It speaks as GitHub Enterprise Server does, which has everything on one host.
    GitHub,
    Apple,
}

impl Protocol {
    pub(super) fn of(provider: &str) -> Self {
        match provider {
            "github" => Self::GitHub,
            "apple" => Self::Apple,
            _ => Self::OpenId,
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::OpenId => PATH,
            Self::GitHub => "/__dev/provider/github",
            Self::Apple => "/__dev/provider/apple",
        }
    }

    pub(super) fn issuer(self, origin: &str) -> String {
        format!("{origin}{}", self.path())
    }
}
