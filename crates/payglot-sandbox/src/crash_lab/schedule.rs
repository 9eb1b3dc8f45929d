//! Where a program is killed: the steps of its calls, one at a time or two at random.

use std::fmt;

use crate::app::steps::Phase;

/// A step, by what it belongs to and how many like it came before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Point {
    /// `paywint-platform/payments.create`, or the name of an event.
    pub subject: String,
    pub phase: Phase,
    /// From 1.
    pub number: usize,
}

/// The points at which the program is killed, in their order. None: it is not disturbed.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    pub kills: Vec<Point>,
}

/// One schedule for each step.
pub fn each_step(steps: &[Point]) -> Vec<Schedule> {
    steps.iter().map(|point| Schedule { kills: vec![point.clone()] }).collect()
}

/// Schedules of two kills, drawn from the steps.
pub fn pairs(steps: &[Point], count: usize, seed: u64) -> Vec<Schedule> {
    let mut state = seed;
    let mut draw = || {
        // Splitmix64: the same runs for the same seed, on every machine.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let position = (mixed ^ (mixed >> 31)) % u64::try_from(steps.len()).unwrap_or(1).max(1);
        usize::try_from(position).unwrap_or_default()
    };
    let pair = |first: usize, second: usize| {
        let kills = [first, second].into_iter().filter_map(|at| steps.get(at).cloned()).collect();
        Schedule { kills }
    };
    (0..count).map(|_| pair(draw(), draw())).collect()
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.phase {
            Phase::Arrived => "lost",
            Phase::Committed => "committed",
            Phase::Responding => "in the response",
            Phase::Delivering => "before the delivery",
            Phase::Delivered => "after the delivery",
        };
        write!(f, "{} #{}, {phase}", self.subject, self.number)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, point) in self.kills.iter().enumerate() {
            if number > 0 {
                f.write_str(" + ")?;
            }
            point.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test stops the moment something is not as it should be"
    )]

    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_pairs_of_all_steps() {
        let steps: Vec<_> = (1..=5)
            .map(|number| Point { subject: "a/b.c".to_owned(), phase: Phase::Committed, number })
            .collect();
        let names =
            |seed| pairs(&steps, 40, seed).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        let all = names(1).join(" ");
        assert!(steps.iter().all(|step| all.contains(&step.to_string())));
        assert_eq!(steps.first().unwrap().to_string(), "a/b.c #1, committed");
        assert!(pairs(&[], 1, 1).iter().all(|schedule| schedule.kills.is_empty()));
    }
}
