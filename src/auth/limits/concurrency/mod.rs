//! Lets a few operations with passwords of one client address run at a time; its others wait. Sign-ins under way count
//! as failed until they are known to be right (BRUTE-04), so without this a rush of right ones would be refused. Those
//! who wait are bounded for each address and in all, and an address that has many gives way to one that has few
//! (BRUTE-09).

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::auth::Client;

/// Limits the permits of an address: fewer than any default limit of failures, more than there are hashing threads.
const AT_ONCE: usize = 8;
/// Limits the operations of one address that wait. A thousand people behind one address who sign in at once are all
/// served.
const MAX_WAITING_PER_ADDRESS: usize = 1024;
/// Limits the operations that are under way or wait, over all addresses: more than a handful of addresses can have.
const MAX_IN_ALL: usize = 8192;
/// Whoever waited this long has gone, or is better told to come back.
const MAX_WAIT: Duration = Duration::from_secs(40);

/// Means that the queue is full, or the wait was too long. The response is a 503.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("too many passwords are waiting to be hashed")]
pub struct Busy;

/// Holds the queues, one for each address that has somebody in it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct ConcurrencyLimit(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    lines: HashMap<IpAddr, Line>,
    /// Counts those under way and waiting, over all lines.
    taken: usize,
}

#[derive(Debug, Default)]
struct Line {
    under_way: usize,
    waiting: VecDeque<oneshot::Sender<ConcurrencyPermit>>,
}

/// Is the permit of one operation, until it is dropped. Nothing is hashed without one.
#[derive(Debug)]
pub struct ConcurrencyPermit {
    concurrency: ConcurrencyLimit,
    address: IpAddr,
    gone: CancellationToken,
}

/// Is a place in a line. Dropping it before it gets its permit gives the place to others at once.
struct Waiting {
    concurrency: ConcurrencyLimit,
    address: IpAddr,
    granted: oneshot::Receiver<ConcurrencyPermit>,
}

impl ConcurrencyLimit {
    /// Waits for a permit, first come, first served within an address, and no longer than the client does.
    pub async fn take(&self, client: &Client) -> Result<ConcurrencyPermit, Busy> {
        let mut waiting = self.enter(client.ip.bucket())?;
        self.grant(waiting.address);
        tokio::select! {
            biased;
            // This is an error where the place went to another address.
            granted = &mut waiting.granted => {
                let permit = granted.map_err(|_| Busy)?;
                Ok(permit.for_client(client))
            }
            () = client.gone.cancelled() => Err(Busy),
            () = sleep(MAX_WAIT) => Err(Busy),
        }
    }

    /// Takes a place at the end of an address' line. Where all places are taken, the longest line loses its last one to
    /// an address that has fewer.
    fn enter(&self, address: IpAddr) -> Result<Waiting, Busy> {
        let mut state = self.lock();
        let own = state.lines.get(&address).map_or(0, |line| line.waiting.len());
        if own >= MAX_WAITING_PER_ADDRESS {
            return Err(Busy);
        }
        if state.taken >= MAX_IN_ALL {
            let longest = state.lines.values_mut().max_by_key(|line| line.waiting.len()).ok_or(Busy)?;
            if longest.waiting.len() <= own + 1 {
                return Err(Busy);
            }
            longest.waiting.pop_back();
            state.taken -= 1;
        }
        let (grant, granted) = oneshot::channel();
        state.lines.entry(address).or_default().waiting.push_back(grant);
        state.taken += 1;
        drop(state);
        Ok(Waiting { concurrency: self.clone(), address, granted })
    }

    /// Gives permits to those who have waited the longest, as many as may be under way.
    fn grant(&self, address: IpAddr) {
        loop {
            // This is not in the condition of the loop, which would hold the lock for the whole of it.
            let next = self.lock().next(address);
            let Some(next) = next else { return };
            // A permit that is not taken comes back, is dropped, and goes to the one behind.
            drop(next.send(ConcurrencyPermit { concurrency: self.clone(), address, gone: CancellationToken::new() }));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self, address: IpAddr) -> Option<oneshot::Sender<ConcurrencyPermit>> {
        let line = self.lines.get_mut(&address).filter(|line| line.under_way < AT_ONCE)?;
        let next = line.waiting.pop_front()?;
        line.under_way += 1;
        Some(next)
    }

    fn forget_empty(&mut self, address: IpAddr) {
        if self.lines.get(&address).is_some_and(|line| line.under_way == 0 && line.waiting.is_empty()) {
            self.lines.remove(&address);
        }
    }
}

impl ConcurrencyPermit {
    fn for_client(mut self, client: &Client) -> Self {
        self.gone = client.gone.clone();
        self
    }

    /// Returns the client address that holds the permit.
    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// Returns the token that is cancelled when the client has gone away.
    pub(crate) fn gone(&self) -> &CancellationToken {
        &self.gone
    }
}

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        let mut state = self.concurrency.lock();
        if let Some(line) = state.lines.get_mut(&self.address) {
            line.under_way -= 1;
            state.taken -= 1;
        }
        state.forget_empty(self.address);
        drop(state);
        self.concurrency.grant(self.address);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // A permit that was granted meanwhile is dropped with the channel, after the lock.
        self.granted.close();
        let mut state = self.concurrency.lock();
        let Some(line) = state.lines.get_mut(&self.address) else { return };
        let before = line.waiting.len();
        line.waiting.retain(|grant| !grant.is_closed());
        let left = before - line.waiting.len();
        state.taken -= left;
        state.forget_empty(self.address);
    }
}
