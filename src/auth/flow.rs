//! What every flow receives.

use std::sync::Arc;

use crate::{
    auth::{Denials, Hasher, Locations, Settings, Social, Turns},
    crypto::Sealer,
    mail::Outbox,
    observe::Metrics,
    store::Db,
};

/// What every flow receives.
#[derive(Debug)]
pub struct Auth {
    pub db: Db,
    pub settings: Settings,
    pub hasher: Arc<Hasher>,
    /// Bounds what is done with passwords at the same time, by client address.
    pub turns: Turns,
    pub outbox: Outbox,
    pub denials: Denials,
    /// Seals the device cookie, for [`DEVICE_PURPOSE`](super::DEVICE_PURPOSE).
    pub devices: Sealer,
    /// Seals what a browser chose at sign-up, for [`SIGN_UP_PURPOSE`](super::SIGN_UP_PURPOSE).
    pub sign_ups: Sealer,
    pub locations: Locations,
    pub social: Social,
    pub metrics: Arc<Metrics>,
}
