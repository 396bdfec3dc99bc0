//! Admits bodies of the auth API that are longer than usual, since a picture may be in them. They are held whole, so
//! only so many are held at a time, and only some of one client address: whoever sends them slowly keeps no others from
//! theirs.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use crate::{api::PictureBodies, types::ClientIp};

/// Limits the long bodies that are held at a time.
const MAX_IN_ALL: usize = 128;
/// Limits those of one client address.
const MAX_PER_ADDRESS: usize = 16;

/// Holds which bodies may be long, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct LongBodies {
    pictures: PictureBodies,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// Is the leave to hold one, until it is dropped.
#[derive(Debug)]
pub(crate) struct LongBodyPermit<'a> {
    bodies: &'a LongBodies,
    address: IpAddr,
}

impl LongBodies {
    /// Lets these be longer.
    pub(crate) fn new(pictures: PictureBodies) -> Self {
        Self { pictures, held: Mutex::default() }
    }

    /// Returns which bodies may be longer, where that of a request for this target is one of them.
    pub(crate) fn find(&self, target: &str) -> Option<&PictureBodies> {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        self.pictures.paths.iter().any(|known| known == path).then_some(&self.pictures)
    }

    /// Returns the leave to hold one more, unless there are too many.
    pub(crate) fn permit(&self, client: ClientIp) -> Option<LongBodyPermit<'_>> {
        let address = client.bucket();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (in_all, of_address) = (held.values().sum::<usize>(), held.get(&address).copied().unwrap_or_default());
        if in_all >= MAX_IN_ALL || of_address >= MAX_PER_ADDRESS {
            return None;
        }
        held.insert(address, of_address + 1);
        Some(LongBodyPermit { bodies: self, address })
    }
}

impl Drop for LongBodyPermit<'_> {
    fn drop(&mut self) {
        let mut held = self.bodies.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_paths_take_more() {
        let paths = vec!["/api/auth/update-user".to_owned()];
        let bodies = LongBodies::new(PictureBodies { paths, max_body: 7, max_picture: 5 });
        for (target, expected) in [
            ("/api/auth/update-user", Some(7)),
            ("/api/auth/update-user?x=1", Some(7)),
            ("/api/auth/update-user/", None),
            ("/api/auth/sign-in/email", None),
            ("/other?/api/auth/update-user", None),
        ] {
            assert_eq!(bodies.find(target).map(|pictures| pictures.max_body), expected, "{target}");
        }
    }

    #[test]
    fn an_address_holds_some_and_all_hold_no_more_than_there_may_be() {
        let bodies = LongBodies::default();
        let address = |n: u8| ClientIp::new(IpAddr::from([192, 0, 2, n]));
        let mut permits = Vec::new();
        for n in 0..9 {
            let granted: Vec<_> = (0..20).map_while(|_| bodies.permit(address(n))).collect();
            assert_eq!(granted.len(), if n < 8 { MAX_PER_ADDRESS } else { 0 }, "{n}");
            permits.extend(granted);
        }
        permits.truncate(MAX_IN_ALL - 1);
        assert!(bodies.permit(address(8)).is_some());
        drop(permits);
        assert!(bodies.held.lock().unwrap().is_empty());
    }
}
