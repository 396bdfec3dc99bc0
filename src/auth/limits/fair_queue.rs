//! Is a queue that serves client addresses in turn, so that one that sends much waits for itself and not others for it.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

/// Holds the items of each address in the order they came, and the addresses in the order they are served.
#[derive(Debug)]
pub(crate) struct FairQueue<T> {
    lines: HashMap<IpAddr, VecDeque<T>>,
    /// Holds each address that has a line once.
    order: VecDeque<IpAddr>,
    length: usize,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { lines: HashMap::new(), order: VecDeque::new(), length: 0 }
    }
}

impl<T> FairQueue<T> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn push(&mut self, address: IpAddr, item: T) {
        let line = self.lines.entry(address).or_default();
        if line.is_empty() {
            self.order.push_back(address);
        }
        line.push_back(item);
        self.length += 1;
    }

    /// Takes the oldest item of the address whose turn it is; its further items come after those of everybody else.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let address = self.order.pop_front()?;
        let line = self.lines.get_mut(&address)?;
        let item = line.pop_front()?;
        self.length -= 1;
        if line.is_empty() {
            self.lines.remove(&address);
        } else {
            self.order.push_back(address);
        }
        Some(item)
    }

    /// Takes the first item of an address that matches.
    pub(crate) fn remove(&mut self, address: IpAddr, is_it: impl FnMut(&T) -> bool) -> Option<T> {
        let line = self.lines.get_mut(&address)?;
        let item = line.iter().position(is_it).and_then(|position| line.remove(position))?;
        self.length -= 1;
        if line.is_empty() {
            self.lines.remove(&address);
            self.order.retain(|other| *other != address);
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    fn queue(items: &[(u8, u32)]) -> FairQueue<u32> {
        let mut queue = FairQueue::default();
        for &(last, item) in items {
            queue.push(address(last), item);
        }
        queue
    }

    fn drained(mut queue: FairQueue<u32>) -> Vec<u32> {
        let items = std::iter::from_fn(|| queue.pop()).collect();
        assert!(queue.lines.is_empty() && queue.order.is_empty() && queue.len() == 0, "nothing is kept: {queue:?}");
        items
    }

    #[test]
    fn addresses_are_served_in_turn() {
        let queue = queue(&[(1, 10), (1, 11), (1, 12), (2, 20), (3, 30), (3, 31)]);
        assert_eq!(queue.len(), 6);
        assert_eq!(drained(queue), [10, 20, 30, 11, 31, 12]);
    }

    #[test]
    fn what_is_removed_leaves_the_turns_of_the_others_alone() {
        let mut queue = queue(&[(1, 10), (2, 20), (2, 21), (3, 30)]);
        assert_eq!(queue.remove(address(2), |item| *item == 20), Some(20));
        assert_eq!(queue.remove(address(2), |item| *item == 20), None);
        assert_eq!(queue.remove(address(9), |_| true), None);
        assert_eq!(queue.remove(address(1), |_| true), Some(10), "the last of its address");
        queue.push(address(1), 11);
        assert_eq!(drained(queue), [21, 30, 11]);
    }
}
