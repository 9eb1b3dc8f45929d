//! Where a program is killed: the steps of its calls, one at a time or two at random.

use std::fmt;

use crate::app::steps::Phase;
use crate::basics::{Random, Stream};

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
    let mut random = Random::seeded(seed, Stream::Schedules);
    let mut pair =
        || [random.pick(steps), random.pick(steps)].into_iter().flatten().cloned().collect();
    (0..count).map(|_| Schedule { kills: pair() }).collect()
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
