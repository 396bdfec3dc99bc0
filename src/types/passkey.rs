//! Defines what names passkeys and their users to authenticators.

use std::fmt;

use uuid::Uuid;

/// Means that the bytes name no credential: WebAuthn allows 1 to 1023 of them.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("a credential id is 1 to 1023 bytes")]
pub struct InvalidCredentialId;

/// Names a passkey, as its authenticator chose it. It is no secret, and proves nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    const MAX_BYTES: usize = 1023;

    /// Takes the bytes off the wire or out of the database.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, InvalidCredentialId> {
        if (1..=Self::MAX_BYTES).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(InvalidCredentialId) }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialId")
    }
}

/// Names a user to authenticators in place of the user's id: an authenticator shows it to whoever holds it, before it
/// verifies anybody (WebAuthn §14.6.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PasskeyUserHandle(Uuid);

impl PasskeyUserHandle {
    /// Makes a new handle of 128 random bits.
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system provides randomness");
        Self(Uuid::from_bytes(bytes))
    }

    /// Reads a handle; `None` for what is none of ours.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }

    /// Returns the bytes, as authenticators store them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns the form that the library takes.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Debug for PasskeyUserHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyUserHandle")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credential_ids_have_the_length_of_the_standard() {
        for (length, valid) in [(0, false), (1, true), (64, true), (1023, true), (1024, false)] {
            assert_eq!(CredentialId::from_bytes(vec![0; length]).is_ok(), valid, "{length}");
        }
    }

    #[test]
    fn handles_are_random_and_read_as_they_are_written() {
        let handle = PasskeyUserHandle::generate();
        assert_ne!(handle, PasskeyUserHandle::generate());
        assert_eq!(PasskeyUserHandle::from_bytes(handle.as_bytes()), Some(handle));
        assert_eq!(PasskeyUserHandle::from_bytes(b"u1"), None);
    }
}
