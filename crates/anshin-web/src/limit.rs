//! How often an address may try something: a bucket that fills again.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Addresses that are remembered; a full table lets go of buckets that are full again first.
const MOST: usize = 20_000;

/// Buckets of tries, one for each address.
pub(crate) struct Limiter {
    /// Tries that can be made at once.
    burst: u64,
    /// Seconds until one more can be made.
    seconds: u64,
    /// When the bucket of an address will be full again, as seconds of the epoch.
    full: Mutex<BTreeMap<IpAddr, u64>>,
}

impl Limiter {
    pub(crate) fn new(burst: u64, seconds: u64) -> Self {
        Self { burst, seconds, full: Mutex::default() }
    }

    /// Takes one try, or says in how many seconds there will be one.
    pub(crate) fn take(&self, from: IpAddr, now: Timestamp) -> Result<(), u64> {
        let now = u64::try_from(now.as_second()).unwrap_or(0);
        let from = network(from);
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= MOST {
            full.retain(|_, at| *at > now);
            if full.len() >= MOST {
                full.pop_first();
            }
        }
        // A clock that was set back must not lock anyone out for longer than a whole bucket.
        let longest = now + self.burst * self.seconds;
        let held = (*full.get(&from).unwrap_or(&now)).clamp(now, longest);
        let at = held + self.seconds;
        if at > longest {
            full.insert(from, held);
            return Err(at - longest);
        }
        full.insert(from, at);
        Ok(())
    }
}

/// An IPv6 subscriber has a whole network: its first 64 bits count.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limiter = Limiter::new(3, 10);
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for _ in 0..3 {
            assert_eq!(limiter.take(a, at(0)), Ok(()));
        }
        assert_eq!(limiter.take(a, at(0)), Err(10));
        assert_eq!(limiter.take(a, at(4)), Err(6));
        assert_eq!(limiter.take(b, at(4)), Ok(()), "another address has a bucket of its own");
        assert_eq!(limiter.take(a, at(10)), Ok(()));
        assert_eq!(limiter.take(a, at(10)), Err(10));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = Limiter::new(3, 10);
        let a = "192.0.2.1".parse().unwrap();
        assert_eq!(limiter.take(a, at(100_000)), Ok(()));
        assert!(limiter.take(a, at(0)).is_err_and(|seconds| seconds <= 10));
        assert_eq!(limiter.take(a, at(10)), Ok(()));
    }

    #[test]
    fn addresses_of_one_subscriber_share_a_bucket() {
        let limiter = Limiter::new(1, 10);
        assert_eq!(limiter.take("2001:db8::1".parse().unwrap(), at(0)), Ok(()));
        assert!(limiter.take("2001:db8::2".parse().unwrap(), at(0)).is_err());
        assert_eq!(limiter.take("2001:db8:0:1::2".parse().unwrap(), at(0)), Ok(()));
    }
}
