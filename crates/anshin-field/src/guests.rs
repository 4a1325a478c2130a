//! Who is in at a time: so many connections, and not all of them from one address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections the doors take.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Most clients of the built-in broker at a time.
    pub clients: usize,
    /// Most connections of one address to a door; half of its room if left out. Behind a router that
    /// translates addresses, or in containers, all devices come from one.
    pub per_address: Option<usize>,
}

impl Default for Room {
    fn default() -> Self {
        Self { clients: 250, per_address: None }
    }
}

/// Connections that are in, by their addresses.
#[derive(Debug)]
pub(crate) struct Guests {
    most: usize,
    per_address: usize,
    inside: Mutex<BTreeMap<IpAddr, usize>>,
}

/// A connection that is in, as long as this is there.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<Guests>, IpAddr);

impl Guests {
    /// Room for so many, of which one address may take so many, or half.
    pub(crate) fn new(most: usize, per_address: Option<usize>) -> Arc<Self> {
        let per_address = per_address.unwrap_or(most.div_ceil(2));
        Arc::new(Self { most, per_address, inside: Mutex::default() })
    }

    /// Lets one in, if there is room.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Ticket> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own) = (inside.values().sum::<usize>(), inside.get(&address).copied().unwrap_or(0));
        if all >= self.most || own >= self.per_address {
            return None;
        }
        *inside.entry(address).or_default() += 1;
        Some(Ticket(Arc::clone(self), address))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = inside.get_mut(&self.1) {
            *own -= 1;
            if *own == 0 {
                inside.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_room_for_others() {
        let guests = Guests::new(4, None);
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let mut inside = vec![guests.admit(one).unwrap(), guests.admit(one).unwrap()];
        assert!(guests.admit(one).is_none());
        inside.extend([guests.admit(other).unwrap(), guests.admit(other).unwrap()]);
        assert!(guests.admit("192.0.2.3".parse().unwrap()).is_none(), "there is no room at all");
        inside.truncate(1);
        assert!(guests.admit(one).is_some(), "who has gone leaves room");
    }

    #[test]
    fn all_may_come_from_one_address_where_that_is_said() {
        let guests = Guests::new(4, Some(100));
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let inside: Vec<Option<Ticket>> = (0..5).map(|_| guests.admit(one)).collect();
        assert_eq!(inside.iter().flatten().count(), 4);
    }
}
