//! Rates of the clients of a row, in rounds that alternate.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::bench::Effort;
use crate::bench::pinned::{Core, Server, on, output};
use crate::bench::rows::{Client, Language, Row};
use crate::bench::setup::Setup;

/// A row with its samples.
pub struct Measured {
    pub row: &'static Row,
    /// One for each client, in their order.
    pub samples: Vec<Samples>,
}

/// What the rounds gave for one client.
#[derive(Default)]
pub struct Samples {
    /// Units a second.
    rates: Vec<f64>,
    /// Microseconds of processor time per unit.
    costs: Vec<f64>,
}

impl Samples {
    /// The rate in the middle.
    pub fn rate(&self) -> f64 {
        median(&self.rates)
    }

    /// Processor time per unit, in microseconds.
    pub fn cost(&self) -> f64 {
        median(&self.costs)
    }

    /// How far the rates lie apart, as a part of the one in the middle.
    pub fn spread(&self) -> f64 {
        spread(&self.rates)
    }
}

/// How far values lie apart, as a part of the one in the middle.
pub fn spread(values: &[f64]) -> f64 {
    let (least, most) = values
        .iter()
        .fold((f64::MAX, 0.0_f64), |(least, most), value| (least.min(*value), most.max(*value)));
    (most - least) / median(values)
}

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(middle(sorted.len() / 2), middle((sorted.len() / 2).saturating_sub(1)))
    } else {
        middle(sorted.len() / 2)
    }
}

/// Measures rows.
pub fn rows(
    setup: &Setup,
    server: &Server,
    rows: &[&'static Row],
    effort: Effort,
) -> Result<Vec<Measured>> {
    let empty = |row: &'static Row| {
        let samples = row.clients.iter().map(|_| Samples::default()).collect();
        Measured { row, samples }
    };
    let mut measured: Vec<_> = rows.iter().copied().map(empty).collect();
    for round in 1..=effort.rounds {
        println!("round {round} of {}", effort.rounds);
        for Measured { row, samples } in &mut measured {
            for (client, samples) in row.clients.iter().zip(samples) {
                let (rate, cost) = one(setup, server, client, effort.time)
                    .with_context(|| format!("{}: {}", row.title, client.name))?;
                samples.rates.push(rate);
                samples.costs.push(cost);
            }
        }
    }
    Ok(measured)
}

/// One run of a client: its rate, and processor time per unit.
fn one(setup: &Setup, server: &Server, client: &Client, time: Duration) -> Result<(f64, f64)> {
    let seconds = time.as_secs_f64().to_string();
    let run = match client.language {
        Language::Rust => setup.rust(client.program),
        Language::Python => setup.python().args([client.program]),
        Language::Node => setup.node().args([client.program]),
    };
    let run = run.args(client.words).args([&server.url, &seconds]).args([client.in_flight]);
    let told = output(on(Core::Client, run))?;
    let numbers: Vec<f64> =
        told.split_whitespace().map(str::parse).collect::<Result<_, _>>().context(told.clone())?;
    let [units, seconds, processor] = numbers.as_slice() else {
        anyhow::bail!("not three numbers: {told}")
    };
    anyhow::ensure!(*units > 0.0 && *seconds > 0.0, "nothing was done: {told}");
    Ok((units / seconds, processor / units * 1e6))
}
