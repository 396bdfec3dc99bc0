//! Ends a sign-in without a password in the browser that it happens in.

use sqlx::PgConnection;

use crate::{
    auth::{
        DeviceCookie, Flow, Prover, SignedIn,
        session::{complete::complete_sign_in, first_factor::FirstFactor},
    },
    store::{
        StoreError, Tx,
        users::{User, credentials},
    },
    types::{AuthMethod, SecondFactor, SessionToken, TrustedDeviceToken},
};

/// Holds what a browser brings along.
#[derive(Debug)]
pub struct SignInBrowser<'a> {
    pub prover: Prover<'a>,
    /// Is the session this browser had before; it ends (SESS-02).
    pub replaces: Option<&'a SessionToken>,
    /// Spare the browser the second factor.
    pub trusted_devices: &'a [TrustedDeviceToken],
    pub device: Option<&'a DeviceCookie>,
}

impl SignInBrowser<'_> {
    /// Signs the user in; asks for the second factor as after a password, unless the same act proved one.
    pub(crate) async fn sign_in(
        &self,
        flow: Flow<'_>,
        transaction: &mut Tx,
        user: User,
        (method, second_factor): (AuthMethod<'_>, Option<SecondFactor>),
    ) -> Result<SignedIn, StoreError> {
        let first = FirstFactor {
            user: &user,
            method,
            second_factor,
            remember: true,
            replaces: self.replaces,
            trusted_devices: self.trusted_devices,
        };
        let step = complete_sign_in(flow, transaction, &first).await?;
        let device = self.known_device(transaction, &user).await?;
        Ok(SignedIn { user, step, device })
    }

    /// Returns the device as the browser keeps it from now on. Without a password there is none to be guessed.
    async fn known_device(&self, connection: &mut PgConnection, user: &User) -> Result<DeviceCookie, StoreError> {
        let password = credentials::find(connection, &user.id).await?.map(|(_, hash)| hash);
        Ok(match password {
            Some(hash) => DeviceCookie::signed_in(self.device, &user.email, &hash),
            None => self.device.cloned().unwrap_or_else(DeviceCookie::new),
        })
    }
}
