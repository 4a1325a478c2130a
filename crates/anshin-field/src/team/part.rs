//! Who does what in a team, as a pure function of who is there: each machine ranks the workers in an
//! order of its own, so that a worker who comes or goes moves as few machines as can be.

use std::cmp::Reverse;

/// From this beat on a worker counts as warm: it has heard what machines do for a while, and whoever
/// judges them has kept their states since it came.
pub(crate) const WARM: i64 = 10;

/// A worker that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) worker: String,
    /// This run of it.
    pub(crate) session: String,
    /// How many seconds it has been there, at least.
    pub(crate) beat: i64,
}

/// What a worker does with a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// It judges the machine.
    Judge,
    /// It judges the machine until it can hand it to this session.
    Offer(String),
    /// It is to judge the machine from now on, if nobody else is quicker.
    Take,
    /// It watches without a word, and can take over.
    StandBy,
    /// It has nothing to do with the machine.
    Away,
}

/// The part of the worker of a session, if the machine is claimed by another, or by none.
pub(crate) fn part(members: &[Member], machine: &str, claim: Option<&str>, me: &str) -> Part {
    let mut order: Vec<&Member> = members.iter().collect();
    order.sort_by_key(|member| (Reverse(rank(&member.worker, machine)), &member.worker));
    let alive = |claim: &&str| order.iter().any(|member| member.session == *claim);
    match claim.filter(alive) {
        Some(owner) if owner == me => match order.first() {
            Some(first) if first.session != me && first.beat >= WARM => Part::Offer(first.session.clone()),
            _ => Part::Judge,
        },
        Some(owner) => {
            // The next in rank stands by, and whoever is to have the machine before long.
            let is_outranked = order.first().is_some_and(|first| first.session != owner);
            let places = if is_outranked { 2 } else { 1 };
            let mut others = order.iter().filter(|member| member.session != owner).take(places);
            if others.any(|member| member.session == me) { Part::StandBy } else { Part::Away }
        }
        None => {
            // Who has stood by knows the cycle that runs; who has just come does not.
            let taker = order.iter().find(|member| member.beat >= WARM).or(order.first());
            if taker.is_some_and(|member| member.session == me) {
                Part::Take
            } else if order.iter().take(2).any(|member| member.session == me) {
                Part::StandBy
            } else {
                Part::Away
            }
        }
    }
}

/// Whether the worker of a session speaks for what belongs to no machine.
pub(crate) fn leads(members: &[Member], me: &str) -> bool {
    let first = members.iter().max_by_key(|member| (rank(&member.worker, ""), &member.worker));
    first.is_some_and(|first| first.session == me)
}

/// How high a worker ranks for a machine (rendezvous hashing; FNV-1a, then the finish of `SplitMix64`).
fn rank(worker: &str, machine: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in worker.bytes().chain([0]).chain(machine.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(names: &[&str], beat: i64) -> Vec<Member> {
        let member = |name: &&str| Member { worker: (*name).to_owned(), session: format!("{name}1"), beat };
        names.iter().map(member).collect()
    }

    fn machines() -> Vec<String> {
        (0..3_000).map(|n| format!("machine-{n}")).collect()
    }

    /// Who takes each machine that nobody has, and who stands by.
    fn taken(members: &[Member], machine: &str) -> (String, Vec<String>) {
        let (mut takes, mut waits) = (Vec::new(), Vec::new());
        for member in members {
            match part(members, machine, None, &member.session) {
                Part::Take => takes.push(member.session.clone()),
                Part::StandBy => waits.push(member.session.clone()),
                _ => {}
            }
        }
        assert_eq!(takes.len(), 1, "{takes:?}");
        (takes.remove(0), waits)
    }

    #[test]
    fn machines_are_spread_and_one_stands_by_for_each() {
        let members = team(&["a", "b", "c", "d"], WARM);
        let mut counts = [0_u32; 4];
        for machine in machines() {
            let (owner, waits) = taken(&members, &machine);
            assert_eq!(waits.len(), 1);
            let part = part(&members, &machine, Some(&owner), &waits[0]);
            assert_eq!(part, Part::StandBy);
            let at = members.iter().position(|member| member.session == owner);
            counts[at.expect("it is a member")] += 1;
        }
        assert!(counts.iter().all(|count| (600..900).contains(count)), "{counts:?}");
    }

    #[test]
    fn who_stood_by_takes_over_and_nothing_else_moves() {
        let members = team(&["a", "b", "c"], WARM);
        let (left, gone) = (&members[..2], &members[2].session);
        for machine in machines() {
            let (owner, waits) = taken(&members, &machine);
            if owner == *gone {
                assert_eq!(taken(left, &machine).0, waits[0]);
                // Back at once under its name, it does not take what another one knows better.
                let back = Member { session: "c2".to_owned(), beat: 1, ..members[2].clone() };
                let with_it = [left, &[back]].concat();
                let claimed = part(&with_it, &machine, Some(gone), &waits[0]);
                assert_eq!(claimed, Part::Take);
                assert_eq!(part(&with_it, &machine, Some(gone), "c2"), Part::StandBy);
            } else {
                assert_eq!(part(left, &machine, Some(&owner), &owner), Part::Judge);
            }
        }
    }

    #[test]
    fn a_newcomer_stands_by_before_machines_are_offered_to_it() {
        for beat in [1, WARM] {
            let mut members = team(&["a", "b"], WARM);
            members.extend(team(&["c"], beat));
            let mut offered = 0;
            for machine in machines() {
                let (owner, _) = taken(&members[..2], &machine);
                let own = part(&members, &machine, Some(&owner), &owner);
                let new = part(&members, &machine, Some(&owner), "c1");
                match own {
                    Part::Offer(to) => {
                        assert!(to == "c1" && new == Part::StandBy && beat >= WARM);
                        offered += 1;
                    }
                    own => assert_eq!(own, Part::Judge),
                }
            }
            assert_eq!((800..1_200).contains(&offered), beat >= WARM, "{offered}");
        }
    }

    #[test]
    fn one_leads() {
        let members = team(&["a", "b", "c"], 1);
        assert_eq!(members.iter().filter(|member| leads(&members, &member.session)).count(), 1);
    }
}
