//! Counts what clients have under way and what they do not take, for each connection and for all of them (DOS-10).
//!
//! When clients leave more unread than there may be, the connection that leaves most is closed; among equals the one
//! that has stood still for longest. Whoever reads, however slowly, holds little and is left alone.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Instant,
};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

/// Bounds the requests under way on one connection. Streams that a client resets no longer count as open for HTTP/2, so
/// its own bound alone would admit any number.
const MAX_CONNECTION_REQUESTS: usize = 128;
/// About as many more bytes, for each that is held for a stream of HTTP/2, lie in the queue of its library and in read
/// buffers.
const BYTES_BEHIND: usize = 3;
/// Estimates the bytes that lie here for one connection of HTTP/1.1 whose client takes nothing. It is more than its
/// buffers hold, so that such a connection goes before those that read slowly.
const STALLED: usize = 640 * 1024;

/// Counts the load of the whole process.
#[derive(Debug, Default)]
pub(crate) struct Load(Arc<All>);

#[derive(Debug, Default)]
struct All {
    /// Ends every connection at once.
    cut_off: CancellationToken,
    requests: AtomicUsize,
    unread: AtomicUsize,
    max_unread: AtomicUsize,
    next: AtomicU64,
    connections: Mutex<HashMap<u64, Weak<ConnectionLoad>>>,
}

/// Counts the load of one client connection.
#[derive(Debug)]
pub(crate) struct ConnectionLoad {
    id: u64,
    requests: AtomicUsize,
    /// Several tasks change it: bytes of HTTP/2 are held by one and let go by another.
    unread: Mutex<Option<Unread>>,
    evicted: CancellationToken,
    all: Arc<All>,
}

/// Counts what the client of one connection leaves unread; there is none of it where everything was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unread {
    bytes: NonZeroUsize,
    /// Something has been unread without a break since this time.
    since: Instant,
}

impl Load {
    /// Bounds what all clients together may leave unread from now on.
    pub(crate) fn set_max_unread(&self, bytes: usize) {
        self.0.max_unread.store(bytes, Ordering::Relaxed);
    }

    /// Ends every connection, with the requests that are under way on it.
    pub(crate) fn cut_off(&self) {
        self.0.cut_off.cancel();
    }

    /// Begins to count a connection.
    pub(crate) fn connection(&self) -> Arc<ConnectionLoad> {
        let connection = Arc::new(ConnectionLoad {
            id: self.0.next.fetch_add(1, Ordering::Relaxed),
            requests: AtomicUsize::new(0),
            unread: Mutex::default(),
            evicted: self.0.cut_off.child_token(),
            all: Arc::clone(&self.0),
        });
        self.0.connections().insert(connection.id, Arc::downgrade(&connection));
        connection
    }
}

impl All {
    fn connections(&self) -> MutexGuard<'_, HashMap<u64, Weak<ConnectionLoad>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes connections until what the others leave unread is no more than it may be.
    fn make_room(&self) {
        let max = self.max_unread.load(Ordering::Relaxed);
        let connections: Vec<Arc<ConnectionLoad>> = self.connections().values().filter_map(Weak::upgrade).collect();
        let mut holders: Vec<(Unread, Arc<ConnectionLoad>)> = connections
            .into_iter()
            .filter(|connection| !connection.evicted.is_cancelled())
            .filter_map(|connection| {
                let unread = *connection.unread();
                Some((unread?, connection))
            })
            .collect();
        let mut left: usize = holders.iter().map(|(unread, _)| unread.bytes.get()).sum();
        // What they hold is often the same but for a few pieces, so it is compared by the order of its size.
        holders.sort_by_key(|(unread, _)| (std::cmp::Reverse(unread.bytes.ilog2()), unread.since));
        for (unread, connection) in holders {
            if left <= max {
                return;
            }
            let unread = unread.bytes.get();
            tracing::warn!(unread, "clients leave too much unread; the connection that leaves most is closed");
            connection.evicted.cancel();
            left = left.saturating_sub(unread);
        }
    }
}

impl ConnectionLoad {
    /// Returns when the connection has to end, because its client leaves too much unread.
    pub(crate) async fn evicted(&self) {
        self.evicted.cancelled().await;
    }

    /// Returns what is cancelled when the connection has to end: its client leaves too much unread, or the process ends.
    pub(crate) fn evicted_token(&self) -> CancellationToken {
        self.evicted.clone()
    }

    /// Counts the bytes, which go to a stream of HTTP/2, until the connection has taken the last of them or is gone.
    pub(crate) fn hold(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        let weight = bytes.len().saturating_mul(1 + BYTES_BEHIND);
        self.add_unread(weight);
        Bytes::from_owner(Held { bytes, weight, load: Arc::clone(self) })
    }

    /// Notes that the client takes nothing of what is written to its connection.
    fn stalled(&self) {
        self.add_unread(STALLED);
    }

    /// Notes that the client takes something again.
    fn moved(&self) {
        self.remove_unread(STALLED);
    }

    fn unread(&self) -> MutexGuard<'_, Option<Unread>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_unread(&self, bytes: usize) {
        let Some(added) = NonZeroUsize::new(bytes) else { return };
        let mut unread = self.unread();
        *unread = Some(match *unread {
            Some(unread) => Unread { bytes: unread.bytes.saturating_add(bytes), ..unread },
            None => Unread { bytes: added, since: Instant::now() },
        });
        // Making room looks at every connection, this one too.
        drop(unread);
        let all = self.all.unread.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if all > self.all.max_unread.load(Ordering::Relaxed) {
            self.all.make_room();
        }
    }

    fn remove_unread(&self, bytes: usize) {
        self.all.unread.fetch_sub(bytes, Ordering::Relaxed);
        let mut unread = self.unread();
        *unread = unread.and_then(|unread| {
            let left = NonZeroUsize::new(unread.bytes.get().saturating_sub(bytes))?;
            Some(Unread { bytes: left, ..unread })
        });
    }
}

impl Drop for ConnectionLoad {
    fn drop(&mut self) {
        self.all.connections().remove(&self.id);
    }
}

/// Tells the load of a connection when its client stops to take what is written, and when it goes on or is gone.
#[derive(Debug)]
pub(crate) struct StallGuard {
    load: Arc<ConnectionLoad>,
    is_stalled: bool,
}

impl StallGuard {
    pub(crate) fn new(load: Arc<ConnectionLoad>) -> Self {
        Self { load, is_stalled: false }
    }

    /// Takes note of a write; of one that has to wait, the client takes nothing.
    pub(crate) fn note_write<T>(&mut self, written: &Poll<T>) {
        self.note(written.is_pending());
    }

    fn note(&mut self, is_stalled: bool) {
        if is_stalled != self.is_stalled {
            self.is_stalled = is_stalled;
            if is_stalled { self.load.stalled() } else { self.load.moved() }
        }
    }
}

impl Drop for StallGuard {
    fn drop(&mut self) {
        self.note(false);
    }
}

/// Counts a request until it is over, however it ends.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<ConnectionLoad>);

impl UnderWay {
    pub(crate) fn begin(load: Arc<ConnectionLoad>) -> Self {
        load.requests.fetch_add(1, Ordering::Relaxed);
        load.all.requests.fetch_add(1, Ordering::Relaxed);
        Self(load)
    }

    /// Returns whether there are more requests than one connection may have under way, or than `max` in all.
    pub(crate) fn is_beyond(&self, max: usize) -> bool {
        self.0.requests.load(Ordering::Relaxed) > MAX_CONNECTION_REQUESTS
            || self.0.all.requests.load(Ordering::Relaxed) > max
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
        self.0.all.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Held {
    bytes: Bytes,
    weight: usize,
    load: Arc<ConnectionLoad>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.load.remove_unread(self.weight);
    }
}

#[cfg(test)]
mod tests {
    use crate::proxy::client::load::*;

    /// Is enough for tasks to be interrupted in the middle.
    const ROUNDS: usize = 100_000;

    #[test]
    fn requests_count_until_they_are_over_for_their_connection_and_for_all() {
        let load = Load::default();
        let (busy, other) = (load.connection(), load.connection());
        let mut requests: Vec<UnderWay> =
            (0..MAX_CONNECTION_REQUESTS).map(|_| UnderWay::begin(Arc::clone(&busy))).collect();
        assert!(requests.iter().all(|request| !request.is_beyond(1000)));
        let another = UnderWay::begin(Arc::clone(&busy));
        assert!(another.is_beyond(1000), "one more on the same connection");
        let elsewhere = UnderWay::begin(other);
        assert!(!elsewhere.is_beyond(1000), "another connection has room");
        assert!(elsewhere.is_beyond(MAX_CONNECTION_REQUESTS), "but not beyond what all may have");
        drop(another);
        requests.pop();
        assert!(!UnderWay::begin(busy).is_beyond(1000));
    }

    #[test]
    fn bytes_count_until_their_last_piece_is_gone() {
        let load = Load::default();
        load.set_max_unread(1_000_000);
        let connection = load.connection();
        let mut large = connection.hold(Bytes::from(vec![0; 200_000]));
        let rest = large.split_off(199_999);
        drop(large);
        assert_eq!(connection.unread().map(|unread| unread.bytes.get()), Some(800_000), "a piece of it is still held");
        drop(rest);
        assert_eq!(load.0.unread.load(Ordering::Relaxed), 0);
        assert_eq!(*connection.unread(), None);
    }

    /// Streams of HTTP/2 let go in one task while another one holds.
    #[test]
    fn whatever_is_left_unread_can_be_closed_however_holding_and_letting_go_met() {
        let load = Load::default();
        load.set_max_unread(usize::MAX);
        let connection = load.connection();
        let together = std::sync::Barrier::new(4);
        let hold_and_let_go = || {
            together.wait();
            let mut unseen = 0;
            for _ in 0..ROUNDS {
                connection.add_unread(1);
                unseen += usize::from(connection.unread().is_none());
                connection.remove_unread(1);
            }
            unseen
        };
        let unseen: usize = std::thread::scope(|scope| {
            let tasks: Vec<_> = (0..4).map(|_| scope.spawn(hold_and_let_go)).collect();
            tasks.into_iter().map(|task| task.join().unwrap()).sum()
        });
        assert_eq!((unseen, *connection.unread()), (0, None));
        connection.add_unread(1);
        load.set_max_unread(0);
        load.0.make_room();
        assert!(connection.evicted.is_cancelled());
    }

    #[test]
    fn whoever_leaves_most_goes_first_and_whoever_stands_still_for_longest_among_equals() {
        let load = Load::default();
        load.set_max_unread(4 * STALLED);
        let [oldest, older, greedy, newest] = [(); 4].map(|()| load.connection());
        oldest.stalled();
        older.stalled();
        let _unread = greedy.hold(Bytes::from(vec![0; STALLED / 2]));
        let is_evicted = || [&oldest, &older, &greedy, &newest].map(|connection| connection.evicted.is_cancelled());
        assert_eq!(is_evicted(), [false; 4], "as much as there may be");
        newest.stalled();
        assert_eq!(is_evicted(), [false, false, true, false]);
        load.set_max_unread(2 * STALLED);
        // It is still there, but on its way out.
        newest.moved();
        newest.stalled();
        assert_eq!(is_evicted(), [true, false, true, false]);
    }
}
