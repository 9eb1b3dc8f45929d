//! Runs the proof in full and prints its report as Markdown.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, ensure};
use payglot_proof::{Sender, Summary, simulate};

#[tokio::main]
async fn main() -> Result<()> {
    let random_calls = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let seed = 2026;
    let started = Instant::now();
    let mut reports = Vec::new();
    for sender in Sender::ALL {
        let report = simulate(sender, random_calls, seed, 1).await?;
        for problem in report.problems.iter().take(20) {
            eprintln!("{}: {problem}", sender.name());
        }
        let problems = report.problems.len();
        ensure!(problems == 0, "{}: {problems} calls were not as they should be", sender.name());
        reports.push((sender, report));
    }
    println!("{}\n\n{}", totals(&reports), endings(&reports));
    let calls: usize = reports.iter().map(|(_, report)| report.calls).sum();
    let seconds = started.elapsed().as_secs_f64();
    println!("\n{calls} calls in {seconds:.0} seconds, seed {seed}: 0 problems.");
    Ok(())
}

/// One line for each transport.
fn totals(reports: &[(Sender, Summary)]) -> String {
    let mut lines = vec![
        "| transport | calls | requests that came whole | times the vendor acted | problems |"
            .to_owned(),
        "| --- | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    lines.extend(reports.iter().map(|(sender, report)| {
        let Summary { calls, requests, acts, problems, .. } = report;
        format!("| {} | {calls} | {requests} | {acts} | {} |", sender.name(), problems.len())
    }));
    lines.join("\n")
}

/// How calls ended: one line for each class and ending, one column for each transport.
fn endings(reports: &[(Sender, Summary)]) -> String {
    let mut counts: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (_, report) in reports {
        for ending in report.endings.keys() {
            counts.entry(ending).or_default();
        }
    }
    for (ending, row) in &mut counts {
        row.extend(reports.iter().map(|(_, report)| {
            report.endings.get(*ending).copied().unwrap_or_default().to_string()
        }));
    }
    let names: Vec<_> = reports.iter().map(|(sender, _)| sender.name()).collect();
    let mut lines = vec![
        format!("| class | how calls ended | {} |", names.join(" | ")),
        format!("| --- | --- |{}", " ---: |".repeat(names.len())),
    ];
    lines.extend(
        counts
            .iter()
            .map(|((class, end), row)| format!("| {class} | {end} | {} |", row.join(" | "))),
    );
    lines.join("\n")
}
