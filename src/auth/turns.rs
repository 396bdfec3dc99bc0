//! A few sign-ins of one client address at a time; its others wait. Those under way count as failed until they are known
//! to be right (BRUTE-04), so without this a rush of right ones would be refused; and no address fills the queue of the
//! hashing threads before everybody else.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::types::ClientIp;

use super::Busy;

/// Fewer than any default limit of failures, more than there are hashing threads.
const AT_ONCE: usize = 8;
/// Sign-ins that are under way or wait, over all addresses.
const MOST: usize = 2048;
/// Whoever waited this long has gone, or is better told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(40);

/// The queues, one an address that has somebody in it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turns {
    places: Arc<Semaphore>,
    queues: Arc<Mutex<HashMap<IpAddr, Arc<Semaphore>>>>,
}

/// One sign-in's turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    address: IpAddr,
    permit: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(MOST)), queues: Arc::default() }
    }
}

impl Turns {
    /// Waits for a turn, first come, first served.
    pub(super) async fn take(&self, ip: ClientIp) -> Result<Turn, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let address = ip.bucket();
        let mut turn = Turn { turns: self.clone(), address, permit: None, _place: place };
        let queue = turn.queue();
        let permit = timeout(LONGEST_WAIT, queue.acquire_owned()).await.map_err(|_| Busy)?;
        turn.permit = Some(permit.map_err(|_| Busy)?);
        Ok(turn)
    }
}

impl Turn {
    fn queue(&self) -> Arc<Semaphore> {
        // Nothing that holds the lock can panic half-way through a change.
        let mut queues = self.turns.queues.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(self.address).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut queues = self.turns.queues.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds or waits for a permit holds the queue too.
        if queues.get(&self.address).is_some_and(|queue| Arc::strong_count(queue) == 1) {
            queues.remove(&self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn ip(last: u8) -> ClientIp {
        ClientIp::new(Ipv4Addr::new(192, 0, 2, last).into())
    }

    #[tokio::test]
    async fn an_address_waits_for_itself_and_nobody_else() {
        let turns = Turns::default();
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(turns.take(ip(1)).await.unwrap());
        }
        let mut next = std::pin::pin!(turns.take(ip(1)));
        assert!(timeout(Duration::ZERO, &mut next).await.is_err(), "all turns are taken");
        let other = turns.take(ip(2)).await.unwrap();
        drop(taken.pop());
        let next = next.await.unwrap();
        assert_eq!(turns.queues.lock().unwrap().len(), 2);
        drop((taken, next, other));
        assert!(turns.queues.lock().unwrap().is_empty(), "nothing is kept of addresses that left");
        assert_eq!(turns.places.available_permits(), MOST);
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_leaves_nothing_behind() {
        let turns = Turns::default();
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(turns.take(ip(1)).await.unwrap());
        }
        assert!(timeout(Duration::ZERO, turns.take(ip(1))).await.is_err());
        assert_eq!(turns.places.available_permits(), MOST - AT_ONCE);
        taken.clear();
        assert!(turns.queues.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_places_are_bounded() {
        let turns = Turns { places: Arc::new(Semaphore::new(1)), ..Turns::default() };
        let _taken = turns.take(ip(1)).await.unwrap();
        assert_eq!(turns.take(ip(2)).await.err(), Some(Busy));
    }
}
