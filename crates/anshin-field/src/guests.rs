//! Who is in at a time: so many connections, and not all of them from one address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections that are in, by their addresses.
#[derive(Debug)]
pub(crate) struct Guests {
    most: usize,
    inside: Mutex<BTreeMap<IpAddr, usize>>,
}

/// A connection that is in, as long as this is there.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<Guests>, IpAddr);

impl Guests {
    /// Room for so many; one address may take half of it.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, inside: Mutex::default() })
    }

    /// Lets one in, if there is room.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Ticket> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, own) = (inside.values().sum::<usize>(), inside.get(&address).copied().unwrap_or(0));
        if all >= self.most || own >= self.most / 2 {
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
        let guests = Guests::new(4);
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let mut inside = vec![guests.admit(one).unwrap(), guests.admit(one).unwrap()];
        assert!(guests.admit(one).is_none());
        inside.extend([guests.admit(other).unwrap(), guests.admit(other).unwrap()]);
        assert!(guests.admit("192.0.2.3".parse().unwrap()).is_none(), "there is no room at all");
        inside.truncate(1);
        assert!(guests.admit(one).is_some(), "who has gone leaves room");
    }
}
