//! Counts attempts before their work is done (BRUTE-01 to BRUTE-07). Without the database nothing is let through. What
//! is known to be refused is refused by reading.

use std::time::Duration;

use sqlx::PgConnection;

use crate::{
    auth::{
        Auth, Client, DeviceCookie, Flow, FlowError,
        limits::{
            classes::{self, PEOPLE_BEHIND_AN_ADDRESS, RateClass, RateLimit},
            reached::record_once,
            subject::{Subject, hashed, key},
        },
    },
    store::{
        StoreError,
        rate_limits::{self, Backoff, Counted},
        retry_once, users,
    },
    types::{Email, PasswordHash, UserId},
};

/// One attempt an hour is left after a hundred wrong passwords in a row, for everybody who shows nothing else: a reset
/// by mail opens the account at once, and a device that it knows has attempts of its own (BRUTE-01, BRUTE-07). Whatever
/// strangers do, the account opens an hour after they stop.
const BACKOFF: Backoff =
    Backoff { max_delay: Duration::from_hours(1), max_delay_from: 100, remembered: Duration::from_hours(24) };
/// Nobody is told to come back sooner.
const MIN_DELAY: Duration = Duration::from_secs(1);

/// Is an attempt that was allowed and counted. Its flow says how it ended; unsaid, it has failed.
#[derive(Debug)]
#[must_use = "an attempt that is never said to have succeeded counts as failed"]
pub struct Attempt {
    /// Is the key under which it is one of a row.
    account: String,
    /// Is the key under which it is one of many.
    address: Option<String>,
    /// Is the key of what else a success clears.
    clears: Option<String>,
    /// Says for how long everybody else is refused who tries the same account.
    refused_elsewhere: Option<Duration>,
}

impl Attempt {
    /// Returns the error for a wrong password, where that is what everybody else gets. Where a password was reset a
    /// right one opens a blocked account, and nothing else shows.
    pub(crate) fn refusal(&self) -> Option<FlowError> {
        self.refused_elsewhere.map(|retry_after| FlowError::RateLimited { retry_after })
    }

    /// Ends the row of failures. It is called in the transaction of the success, close to its end.
    pub async fn succeeded(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let keys: Vec<String> = [&self.account].into_iter().chain(&self.clears).cloned().collect();
        rate_limits::delete_by_keys(connection, &keys).await?;
        if let Some(address) = &self.address {
            rate_limits::update_refunded(connection, address).await?;
        }
        Ok(())
    }

    /// Refunds the attempt: no password was checked after all.
    pub async fn refund(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        rate_limits::update_refunded(connection, &self.account).await?;
        if let Some(address) = &self.address {
            rate_limits::update_refunded(connection, address).await?;
        }
        Ok(())
    }
}

/// Counts a request for the address that it comes from.
pub async fn limit_address(flow: Flow<'_>, class: RateClass) -> Result<(), FlowError> {
    let attempted = (class, Subject::Address(flow.client.ip));
    refuse_blocked(flow.auth, attempted).await?;
    count(flow, attempted).await?;
    Ok(())
}

/// Counts an attempt of a signed-in user at what the class names. Whoever gives the right password has
/// [succeeded](Attempt::succeeded); where requests are limited and not guesses (`change_email`), nothing is to be said.
pub async fn limit_user(flow: Flow<'_>, class: RateClass, user: &UserId) -> Result<Attempt, FlowError> {
    let attempted = (class, Subject::User(user));
    refuse_blocked(flow.auth, attempted).await?;
    let account = count(flow, attempted).await?;
    Ok(Attempt { account, address: None, clears: None, refused_elsewhere: None })
}

/// Counts a sign-in with a password, for the address and for the account.
pub(crate) async fn limit_sign_in(
    flow: Flow<'_>,
    email: &Email,
    device: Option<&DeviceCookie>,
) -> Result<Attempt, FlowError> {
    let known = known_device(flow.auth, email, device).await?;
    let subject = known.map_or(Subject::Email(email), |device| Subject::Device(device, email));
    let address = (RateClass::SignInAddress, Subject::Address(flow.client.ip));
    let account = (RateClass::SignIn, subject);
    let reserved = Subject::ResetAddress(flow.client.ip, email);
    let (account, refused_elsewhere) = match find_block(flow.auth, &[address, account]).await? {
        Some(Block { class: RateClass::SignIn, retry_after, .. })
            if known.is_none() && is_reserved(flow.auth, reserved).await? =>
        {
            ((RateClass::SignIn, reserved), Some(retry_after))
        }
        Some(Block { class, is_noted: true, retry_after }) => return Err(refused(flow.auth, class, retry_after)),
        _ => (account, None),
    };
    // One is counted after the other: an address that is refused must not use up other people's attempts as well.
    let address = count(flow, address).await?;
    let account = count(flow, account).await?;
    let clears = Some(key(RateClass::SignIn, Subject::Email(email))).filter(|key| *key != account);
    Ok(Attempt { account, address: Some(address), clears, refused_elsewhere })
}

/// Counts a try of a mailed code, for the client address and for the one that the code was mailed to. Whoever asked for
/// the code is counted by themselves, so that strangers do not use up their tries (BRUTE-10).
pub(crate) async fn limit_code(flow: Flow<'_>, email: &Email, has_asked: bool) -> Result<Attempt, FlowError> {
    let subject = if has_asked { Subject::ResetAddress(flow.client.ip, email) } else { Subject::Email(email) };
    let (address, account) =
        ((RateClass::SignInAddress, Subject::Address(flow.client.ip)), (RateClass::EmailCode, subject));
    let block = find_block(flow.auth, &[address, account]).await?;
    if let Some(Block { class, is_noted: true, retry_after }) = block {
        return Err(refused(flow.auth, class, retry_after));
    }
    let address = count(flow, address).await?;
    let account = count(flow, account).await?;
    Ok(Attempt { account, address: Some(address), clears: None, refused_elsewhere: None })
}

/// Returns the device, if it signed in to the account with the password that the account has now (BRUTE-11).
async fn known_device<'a>(
    auth: &Auth,
    email: &Email,
    device: Option<&'a DeviceCookie>,
) -> Result<Option<&'a DeviceCookie>, StoreError> {
    let Some(device) = device.filter(|device| device.names(email)) else { return Ok(None) };
    let look_up = || async { users::find_with_password(&mut *auth.db.acquire().await?, email).await };
    let found = retry_once(look_up).await?;
    let hash: Option<PasswordHash> = found.and_then(|found| found.credential).map(|(_, hash)| hash);
    Ok(hash.filter(|hash| device.knows(email, hash)).map(|_| device))
}

/// Resets the failures of who has set a new password by mail, on every device. It runs in the transaction of the reset.
pub async fn forget_failures(connection: &mut PgConnection, email: &Email, user: &UserId) -> Result<(), StoreError> {
    let of_user = [RateClass::ChangePassword, RateClass::VerifyPassword, RateClass::DeleteUser];
    let keys: Vec<String> = of_user
        .into_iter()
        .map(|class| key(class, Subject::User(user)))
        .chain([key(RateClass::SignIn, Subject::Email(email))])
        .collect();
    // Devices come first, as in the order of keys: a sign-in that succeeds meanwhile waits, and neither for ever.
    rate_limits::delete_by_account_of_devices(connection, &hashed(email)).await?;
    rate_limits::delete_by_keys(connection, &keys).await
}

/// Tells why an attempt will be refused.
struct Block {
    class: RateClass,
    /// Says whether one was refused already, so that there is nothing to write.
    is_noted: bool,
    retry_after: Duration,
}

/// Finds the first of these that is blocked.
async fn find_block(auth: &Auth, attempted: &[(RateClass, Subject<'_>)]) -> Result<Option<Block>, StoreError> {
    let limited = attempted.iter().filter(|(class, _)| auth.settings.rate_limits.get(*class).is_some());
    let keys: Vec<String> = limited.map(|(class, subject)| key(*class, *subject)).collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let blocked = rate_limits::list_blocked(&mut *auth.db.acquire().await?, &keys).await?;
    Ok(attempted.iter().find_map(|(class, subject)| {
        let key = key(*class, *subject);
        let found = blocked.iter().find(|blocked| blocked.key == key)?;
        Some(Block { class: *class, is_noted: found.is_noted, retry_after: whole_seconds(found.retry_after) })
    }))
}

/// Refuses what is known to be refused: that costs a look-up and no write.
async fn refuse_blocked(auth: &Auth, attempted: (RateClass, Subject<'_>)) -> Result<(), FlowError> {
    match find_block(auth, &[attempted]).await? {
        Some(Block { class, is_noted: true, retry_after }) => Err(refused(auth, class, retry_after)),
        _ => Ok(()),
    }
}

fn refused(auth: &Auth, class: RateClass, retry_after: Duration) -> FlowError {
    auth.metrics.rate_limited.with_label_values(&[class.as_str()]).inc();
    FlowError::RateLimited { retry_after }
}

fn whole_seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX).max(MIN_DELAY)
}

/// Keeps the attempts of an account at the client's address apart, so that its owner, who has just set a new password
/// by mail, signs in from there whatever strangers do elsewhere (BRUTE-07). In the transaction of the reset.
pub(crate) async fn reserve_attempts(
    connection: &mut PgConnection,
    email: &Email,
    client: &Client,
) -> Result<(), StoreError> {
    let key = key(RateClass::SignIn, Subject::ResetAddress(client.ip, email));
    rate_limits::insert_unused(connection, &key, BACKOFF.remembered).await
}

async fn is_reserved(auth: &Auth, reserved: Subject<'_>) -> Result<bool, StoreError> {
    let key = key(RateClass::SignIn, reserved);
    Ok(rate_limits::find_key(&mut *auth.db.acquire().await?, &key).await?.is_some())
}

/// Lets an attempt through and gives back the key that it is counted under, or refuses it.
async fn count(flow: Flow<'_>, (class, subject): (RateClass, Subject<'_>)) -> Result<String, FlowError> {
    let key = key(class, subject);
    let Some(limit) = flow.auth.settings.rate_limits.get(class) else { return Ok(key) };
    match insert_attempt(flow.auth, &key, (class, limit), subject).await? {
        Some(Counted { is_refused: false, .. }) => Ok(key),
        Some(first) => {
            record_once(flow, (class, subject)).await?;
            Err(refused(flow.auth, class, whole_seconds(first.retry_after)))
        }
        // Others were refused while this one came: what they left says for how long.
        None => {
            let block = find_block(flow.auth, &[(class, subject)]).await?;
            Err(refused(flow.auth, class, block.map_or(MIN_DELAY, |block| block.retry_after)))
        }
    }
}

async fn insert_attempt(
    auth: &Auth,
    key: &str,
    (class, limit): (RateClass, RateLimit),
    subject: Subject<'_>,
) -> Result<Option<Counted>, StoreError> {
    let mut connection = auth.db.acquire().await?;
    let attempts = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let is_address = matches!(subject, Subject::Address(_));
    match (class.counted(), is_address) {
        (classes::Counted::PasswordOfAccount, false) => {
            let limit = (attempts(limit.limit), limit.window);
            rate_limits::insert_attempt_in_a_row(&mut connection, key, limit, &BACKOFF).await
        }
        (classes::Counted::Address, _) | (classes::Counted::Account, false) => {
            rate_limits::insert_attempt_in_window(&mut connection, key, attempts(limit.limit), limit.window).await
        }
        (classes::Counted::Account | classes::Counted::PasswordOfAccount, true) => {
            let many = attempts(limit.limit.saturating_mul(PEOPLE_BEHIND_AN_ADDRESS));
            rate_limits::insert_attempt_in_window(&mut connection, key, many, limit.window).await
        }
    }
}
