//! Rates of the clients of a row, in rounds that alternate.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::bench::Effort;
use crate::bench::pinned::{Core, Server, on, output};
use crate::bench::rows::{Client, Language, Row};
use crate::bench::setup::Setup;
use crate::shell::Run;

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
    /// Latency at 50 and 99 per cent in microseconds, where the program tells it.
    latencies: Vec<[f64; 2]>,
    /// Bytes of memory per unit, where the program tells them.
    memory: Vec<f64>,
}

impl Samples {
    /// Adds what a round gave.
    pub fn push(&mut self, round: &Round) {
        self.rates.push(round.rate);
        self.costs.push(round.cost);
        self.latencies.extend(round.latencies);
        self.memory.extend(round.memory);
    }

    /// Latency at 50 and 99 per cent, in milliseconds.
    pub fn latencies(&self) -> [f64; 2] {
        let middle = |index: usize| {
            let all: Vec<f64> =
                self.latencies.iter().filter_map(|both| both.get(index).copied()).collect();
            median(&all) / 1000.0
        };
        [middle(0), middle(1)]
    }

    /// The rate in the middle.
    pub fn rate(&self) -> f64 {
        median(&self.rates)
    }

    /// Processor time per unit, in microseconds.
    pub fn cost(&self) -> f64 {
        median(&self.costs)
    }

    /// Memory per unit, in KB.
    pub fn memory(&self) -> f64 {
        median(&self.memory) / 1000.0
    }

    /// How far the rates lie apart, as a part of the one in the middle.
    pub fn spread(&self) -> f64 {
        spread(&self.rates)
    }
}

/// What one run of a client gave.
pub struct Round {
    /// Units a second.
    pub rate: f64,
    /// Microseconds of processor time per unit.
    pub cost: f64,
    /// Latency at 50 and 99 per cent in microseconds, where it is told.
    pub latencies: Option<[f64; 2]>,
    /// Bytes of memory per unit, where they are told.
    pub memory: Option<f64>,
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

impl Measured {
    /// A row of which nothing is known yet.
    pub fn of(row: &'static Row) -> Self {
        Self { row, samples: row.clients.iter().map(|_| Samples::default()).collect() }
    }

    /// One round of its clients, each told `more` words after those that all programs get.
    pub fn round(
        &mut self,
        setup: &Setup,
        server: &Server,
        time: Duration,
        more: &[&str],
    ) -> Result<()> {
        for (client, samples) in self.row.clients.iter().zip(&mut self.samples) {
            let round = one(setup, server, client, time, more)
                .with_context(|| format!("{}: {}", self.row.title, client.name))?;
            samples.push(&round);
        }
        Ok(())
    }
}

/// One round of a row against its server.
type Turn<'a> = &'a dyn Fn(&mut Measured, &Server) -> Result<()>;

/// Measures rows, whose rounds take turns.
pub fn rows(setup: &Setup, rows: &[&'static Row], effort: Effort) -> Result<Vec<Measured>> {
    in_turns(setup, rows, effort, &|row, server| row.round(setup, server, effort.time, &[]))
}

/// Measures how long whole processes take, from start to end.
pub fn starts(setup: &Setup, rows: &[&'static Row], effort: Effort) -> Result<Vec<Measured>> {
    in_turns(setup, rows, effort, &|measured, server| {
        for _ in 0..effort.starts {
            for (client, samples) in measured.row.clients.iter().zip(&mut measured.samples) {
                samples.push(&start(setup, server, client)?);
            }
        }
        Ok(())
    })
}

fn in_turns(
    setup: &Setup,
    rows: &[&'static Row],
    effort: Effort,
    turn: Turn<'_>,
) -> Result<Vec<Measured>> {
    let mut servers = BTreeMap::new();
    for row in rows {
        if !servers.contains_key(row.server) {
            servers.insert(row.server, Server::start(setup, row.server)?);
        }
    }
    let mut measured: Vec<_> = rows.iter().copied().map(Measured::of).collect();
    for round in 1..=effort.rounds {
        println!("round {round} of {}", effort.rounds);
        for row in &mut measured {
            let server = servers.get(row.row.server).context("no server")?;
            turn(row, server)?;
        }
    }
    Ok(measured)
}

/// The program of a client, which trusts the server.
fn program(setup: &Setup, server: &Server, client: &Client) -> Run {
    let run = match client.language {
        Language::Rust => setup.rust(client.program),
        Language::Python => setup.python().args([client.program]),
        Language::Node => setup.node().args([client.program]),
    };
    server.trusted(run.args(client.words).args([&server.url]))
}

/// One process from its start to its end.
fn start(setup: &Setup, server: &Server, client: &Client) -> Result<Round> {
    let mut run = on(Core::Client, program(setup, server, client));
    let started = Instant::now();
    let status = run.status().context(client.name)?;
    let seconds = started.elapsed().as_secs_f64();
    anyhow::ensure!(status.success(), "{} ended with {status}", client.name);
    Ok(Round {
        rate: 1.0 / seconds,
        cost: f64::NAN,
        latencies: Some([seconds * 1e6; 2]),
        memory: None,
    })
}

/// One run of a client.
fn one(
    setup: &Setup,
    server: &Server,
    client: &Client,
    time: Duration,
    more: &[&str],
) -> Result<Round> {
    let seconds = time.as_secs_f64().to_string();
    let run = program(setup, server, client).args([&seconds]).args([client.in_flight]).args(more);
    let told = output(on(Core::Client, run))?;
    let numbers: Vec<f64> =
        told.split_whitespace().map(str::parse).collect::<Result<_, _>>().context(told.clone())?;
    let [units, seconds, processor, more @ ..] = numbers.as_slice() else {
        anyhow::bail!("fewer than three numbers: {told}")
    };
    let (latencies, memory) = match more {
        [] => (None, None),
        [p50, p99] => (Some([*p50, *p99]), None),
        [p50, p99, memory] => (Some([*p50, *p99]), Some(*memory)),
        _ => anyhow::bail!("not two latencies, or those and memory: {told}"),
    };
    anyhow::ensure!(*units > 0.0 && *seconds > 0.0, "nothing was done: {told}");
    Ok(Round { rate: units / seconds, cost: processor / units * 1e6, latencies, memory })
}
